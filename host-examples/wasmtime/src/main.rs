//! Answers DNS queries by Route 53's rules: one JSON object a line in, one a line out.

use std::io::{BufRead as _, Write as _, stdin, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::prelude::*;
use pointsman_wasmtime::{Component, Document, LoadOptions, line};
use wasmtime::Result;
use wasmtime::error::Context as _;

const USAGE: &str = "usage: pointsman-wasmtime [--component FILE] -z ZONE.json [-z FILE]... [-H REPORT.json] < QUERIES";

struct Options {
    component: PathBuf,
    zone: Vec<PathBuf>,
    report: Option<PathBuf>,
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<()> {
    let mut component = Component::open(&options.component)
        .with_context(|| format!("cannot open {}; `cargo xtask wasm` builds it", options.component.display()))?;
    let documents = options.zone.iter().map(read).collect::<Result<Vec<_>>>()?;
    let report = options.report.as_ref().map(read).transpose()?;

    let zone = component.load(&documents, &LoadOptions { zone_name: None })?;
    let view = component.health(zone, report.as_ref())?;
    for finding in component.zone_findings(zone)?.iter().chain(&component.view_findings(view)?) {
        eprintln!("{}", line(finding));
    }

    let mut output = stdout().lock();
    for query in stdin().lock().lines() {
        writeln!(output, "{}", component.resolve_json(view, &query?)?)?;
    }
    Ok(())
}

fn read(path: &PathBuf) -> Result<Document> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(Document { name: path.display().to_string(), text, cidr_collection: None })
}

fn options() -> Result<Options, lexopt::Error> {
    let mut options =
        Options { component: "target/wasm/pointsman.component.wasm".into(), zone: Vec::new(), report: None };
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Short('z') => options.zone.push(parser.value()?.into()),
            Short('H') => options.report = Some(parser.value()?.into()),
            Long("component") => options.component = parser.value()?.into(),
            other => return Err(other.unexpected()),
        }
    }
    if options.zone.is_empty() { Err("no zone given".into()) } else { Ok(options) }
}
