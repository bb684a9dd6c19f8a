//! `cargo xtask fuzz --guided`: every reader of foreign bytes under libFuzzer, which keeps what reaches new code and varies
//! that; the feed's events, which only the Go plugin reads, under Go's own fuzzer.
//!
//! The stable compiler's LLVM pass counts the edges; g++ builds libFuzzer. docs/fuzzing.md says what the targets are.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use crate::process::{cargo, output, root, run, say};

use crate::{hosts, plain, system};

/// The targets of tests/fuzz; a test there holds this list to theirs.
const TARGETS: [&str; 11] =
    ["documents", "batches", "imports", "reports", "queries", "plain", "probe", "state", "envoy", "cel", "image"];
/// The target that Go fuzzes.
const EVENTS: &str = "events";
/// Counts every edge, and gives comparisons away: what `cargo fuzz` asks of the compiler, without a sanitizer.
const FLAGS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Cdebuginfo=1 --cfg fuzzing";
/// Where counters make sense; with it named, build scripts and macros are built without.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";
/// One input may take so long, and the process so many megabytes.
const LIMITS: [&str; 3] = ["-timeout=20", "-rss_limit_mb=2048", "-max_len=65536"];

/// What to fuzz, and how long.
pub(crate) struct Options {
    /// One target; all of them when it is none.
    pub(crate) target: Option<String>,
    /// How long each.
    pub(crate) time: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { target: None, time: Duration::from_secs(600) }
    }
}

/// A time such as `10m`, `90s` or `2h`.
pub(crate) fn time(text: &str) -> Result<Duration> {
    let number = [('s', 1), ('m', 60), ('h', 3600)]
        .into_iter()
        .find_map(|(unit, seconds)| text.strip_suffix(unit)?.parse::<u64>().ok()?.checked_mul(seconds));
    number.map(Duration::from_secs).with_context(|| format!("`{text}` is not a time such as 10m, 90s or 2h"))
}

/// Fuzzes one target after the other. The first input that breaks one ends it, and is kept.
pub(crate) fn guided(options: &Options) -> Result<()> {
    let is_chosen = |name: &&str| options.target.as_deref().is_none_or(|target| target == *name);
    let all: Vec<&str> = TARGETS.into_iter().chain([EVENTS]).filter(is_chosen).collect();
    ensure!(!all.is_empty(), "there is no such target; there are {} and {EVENTS}", TARGETS.join(", "));
    let mut table = String::new();
    let program = if all.iter().all(|name| *name == EVENTS) { None } else { Some(build()?) };
    for name in all {
        let seconds = options.time.as_secs();
        say(format_args!("fuzzing {name} for {seconds} s"));
        let said = match &program {
            Some(program) if name != EVENTS => with_libfuzzer(program, name, seconds)?,
            _ => with_go(seconds)?,
        };
        let _ = write!(table, "\n    {name:<10} {said}");
    }
    say(format_args!("nothing found\n    target     executions{table}"));
    Ok(())
}

/// A second of each target that Rust has: the targets build, begin, and get past their seeds.
pub(crate) fn smoke() -> Result<()> {
    let program = build()?;
    for name in TARGETS {
        let said = with_libfuzzer(&program, name, 1)?;
        say(format_args!("{name}: {said}"));
    }
    Ok(())
}

fn build() -> Result<PathBuf> {
    if output("c++", &["--version"]).is_none() {
        system::ensure_packages(&["g++"], "to build libFuzzer")?;
    }
    say("building the fuzz targets with counters (minutes the first time)");
    let target = root().join("target").join("fuzz");
    run(cargo()
        .args(["build", "--release", "--locked", "--package", "pointsman-fuzz", "--features", "guided"])
        .args(["--bin", "guided", "--target", PLATFORM])
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", FLAGS))?;
    Ok(target.join(PLATFORM).join("release").join("guided"))
}

/// Runs libFuzzer over a corpus that begins with the seeds; returns executions and edges.
fn with_libfuzzer(program: &PathBuf, name: &str, seconds: u64) -> Result<String> {
    let folder = root().join("target").join("fuzz");
    let (corpus, found) = (folder.join("corpus").join(name), folder.join("found"));
    fs::create_dir_all(&found)?;
    fs::create_dir_all(&corpus)?;
    run(Command::new(program).env("POINTSMAN_FUZZ_TARGET", name).env("POINTSMAN_FUZZ_SEEDS", &corpus))
        .context("the seeds cannot be written")?;
    let log = folder.join(format!("{name}.log"));
    let status = Command::new(program)
        .args(LIMITS)
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-dict={}", corpus.with_extension("dict").display()))
        .arg(format!("-artifact_prefix={}/{name}-", found.display()))
        .arg("-print_final_stats=1")
        .arg(&corpus)
        .env("POINTSMAN_FUZZ_TARGET", name)
        .stderr(fs::File::create(&log)?)
        .stdout(Stdio::null())
        .status()?;
    let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    if !status.success() {
        let end = text.lines().filter(|line| line.contains("panicked") || line.contains("ERROR")).collect::<Vec<_>>();
        bail!(
            "{name} fails: {}\nthe input is in {}, all that was said in {}; once it is mended, the input goes to \
             tests/fuzz/regressions/{name}",
            end.join("\n"),
            found.display(),
            log.display()
        );
    }
    Ok(statistics(&text))
}

/// `1200000, 4711 edges`, of what libFuzzer says.
fn statistics(log: &str) -> String {
    let word = |line: &str, key: &str| Some(line.split_once(key)?.1.split_whitespace().next()?.to_owned());
    let executions = log.lines().rev().find_map(|line| word(line, "stat::number_of_executed_units:"));
    let edges = log.lines().rev().find_map(|line| word(line, " cov: "));
    format!("{}, {} edges", executions.unwrap_or_else(|| "?".into()), edges.unwrap_or_else(|| "?".into()))
}

fn with_go(seconds: u64) -> Result<String> {
    plain::module()?;
    let log = hosts::fuzz_events(seconds)?;
    let last = log.lines().rev().find(|line| line.contains("execs:")).unwrap_or_default();
    Ok(last.split_once("elapsed:").map_or(last, |(_, rest)| rest).trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        for (text, seconds) in [("10m", 600), ("90s", 90), ("2h", 7_200)] {
            assert_eq!(time(text).ok(), Some(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "10", "m", "-1m", "10 m", "99999999999999999999h", "1\u{e4}"] {
            assert!(time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn statistics_are_read() {
        let log =
            "#5\tDONE   cov: 4085 ft: 6422 corp: 4/187b\nstat::number_of_executed_units: 120\nstat::peak_rss_mb: 9";
        assert_eq!(statistics(log), "120, 4085 edges");
    }

    #[test]
    fn every_target_is_listed() {
        let text = fs::read_to_string(root().join("tests/fuzz/src/targets/mod.rs")).unwrap_or_default();
        let named: Vec<&str> = text.lines().filter_map(|line| line.trim().strip_suffix("::TARGET,")).collect();
        assert_eq!(named, TARGETS);
    }
}
