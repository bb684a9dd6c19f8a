//! `pointsman-bench WORD`: the measuring half of `cargo xtask bench`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use lexopt::prelude::*;
use pointsman_bench::figures::{self, Section};
use pointsman_bench::machine::{Machine, load_average};
use pointsman_bench::section::{self, Plan};
use pointsman_bench::{calls, images, native, report};

const HELP: &str = "\
Measures; `cargo xtask bench` builds what it needs and calls it.

Usage: pointsman-bench WORD [--smoke]

Words:
  measure SECTION LINES   measure a section (core, decide, component) and write its figures to the file LINES, a JSON object each
  count SECTION           do once what measure times, under callgrind; prints what
  record SECTION LINES    keep the figures in LINES, with this machine, in tests/bench/figures/SECTION.json
  calls FOLDER            write a zone and questions for other bindings into a folder; prints what a native answer takes
  report                  write BENCHMARKS.md from tests/bench/figures

  --smoke                 tiny zones, once: only to see that it works
";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let (mut words, mut smoke) = (Vec::new(), false);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Value(word) => words.push(word.string()?),
            Long("smoke") => smoke = true,
            Short('h') | Long("help") => {
                print!("{HELP}");
                return Ok(());
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["measure", section, lines] => measure(section, Path::new(lines), smoke),
        ["count", section] => section::count(plan(section)?, smoke),
        ["record", section, lines] => record(section, Path::new(lines)),
        ["calls", folder] => {
            println!("{}", calls::write(Path::new(folder))?);
            Ok(())
        }
        ["report"] => {
            let path = report::file();
            fs::write(&path, report::render(&figures::folder())?)
                .with_context(|| format!("cannot write {}", path.display()))
        }
        _ => bail!("that is no word of this program\n\n{HELP}"),
    }
}

fn plan(name: &str) -> Result<&'static Plan> {
    match name {
        "core" => Ok(&native::PLAN),
        "decide" => Ok(&images::PLAN),
        #[cfg(feature = "component")]
        "component" => Ok(&pointsman_bench::component::PLAN),
        _ => bail!("there is nothing to measure for `{name}` in this build"),
    }
}

/// The load average from before the measuring is kept beside its lines, because the measuring is itself a load.
fn measure(name: &str, lines: &Path, smoke: bool) -> Result<()> {
    let folder = lines.parent().map(Path::to_path_buf).unwrap_or_default();
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let load = load_file(lines);
    fs::write(&load, load_average()).with_context(|| format!("cannot write {}", load.display()))?;
    let rows = section::measure(plan(name)?, smoke, &folder)?;
    fs::write(lines, figures::to_lines(&rows)?).with_context(|| format!("cannot write {}", lines.display()))
}

fn record(name: &str, lines: &Path) -> Result<()> {
    let text = fs::read_to_string(lines).with_context(|| format!("cannot read {}", lines.display()))?;
    let mut machine = Machine::here();
    if let Ok(load) = fs::read_to_string(load_file(lines)) {
        machine.load_average = load;
    }
    figures::save(&figures::folder(), name, &Section { machine, rows: figures::read_lines(&text)? })
}

fn load_file(lines: &Path) -> PathBuf {
    lines.with_extension("load")
}
