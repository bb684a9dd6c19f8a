//! `cargo xtask bench`: measures what there is to measure and writes BENCHMARKS.md.
//!
//! A section writes its figures to a file under target/bench, one JSON object a line (`id`, `what`, `figure`, `unit`, and
//! where they apply `budget`, `in_the_way`, `spread`, `instructions`; see tests/bench/src/figures.rs). They are then kept,
//! with the machine, in tests/bench/figures/SECTION.json, and BENCHMARKS.md is written from those files alone: a section
//! that was not measured again keeps its figures. A new section is a line in [`SECTIONS`] and one in
//! tests/bench/src/report.rs.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::process::{Steps, cargo, root, run, say};
use crate::{bench_dns, hosts, js, module, system, wasm};

/// Measures, and writes figures to a file; only to see that it works, if so told.
type Measure = fn(&Path, bool) -> Result<()>;

const SECTIONS: &[(&str, Measure)] = &[
    ("core", core),
    ("decide", decide),
    ("component", component),
    ("verify", verify),
    ("js", js::bench),
    ("watch", watch),
    ("dns", bench_dns::bench),
    ("envoy", hosts::bench_envoy),
    ("size", size),
];

/// Measures the sections named, or all of them, and writes BENCHMARKS.md.
pub(crate) fn all(only: &[String]) -> Result<()> {
    if let Some(unknown) = only.iter().find(|name| SECTIONS.iter().all(|(section, _)| section != name)) {
        let names: Vec<&str> = SECTIONS.iter().map(|(name, _)| *name).collect();
        bail!("there is nothing to measure for `{unknown}`; there is {}", names.join(", "));
    }
    if system::has_apt() {
        // Without it there are times and no counts, which the report says.
        if let Err(error) = system::ensure_packages(&["valgrind"], "to count instructions") {
            say(format_args!("instructions will not be counted: {error:#}"));
        }
    }
    let sections = || SECTIONS.iter().filter(|(name, _)| only.is_empty() || only.iter().any(|wanted| wanted == name));
    let mut steps = Steps::new(sections().count());
    for (name, measure) in sections() {
        let lines = lines(name)?;
        steps.step(*name, || measure(&lines, false))?;
        bench(false, &["record", name], Some(&lines), false)?;
    }
    bench(false, &["report"], None, false)?;
    say(format_args!("wrote BENCHMARKS.md\n{}", steps.summary()));
    Ok(())
}

/// Every section once, on tiny zones; nothing is kept.
pub(crate) fn smoke() -> Result<()> {
    for (name, measure) in SECTIONS {
        measure(&lines(&format!("smoke-{name}"))?, true)?;
    }
    Ok(())
}

/// The file that a section writes its figures to.
fn lines(name: &str) -> Result<PathBuf> {
    let folder = root().join("target").join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder.join(format!("{name}.jsonl")))
}

fn core(lines: &Path, smoke: bool) -> Result<()> {
    bench(false, &["measure", "core"], Some(lines), smoke)
}

/// Images, native, in Node.js, and in the pools of CoreDNS.
fn decide(lines: &Path, smoke: bool) -> Result<()> {
    let node = js::package()?;
    bench(false, &["measure", "decide"], Some(lines), smoke)?;
    let folder = root().join("target").join("bench");
    bench(false, &["calls"], Some(&folder), false)?;
    node.install("wasm/js")?;
    let mut command = node.script("wasm/js", "bench/decide.mjs");
    run(command.arg("--zone").arg(folder.join("zone.json")).arg("--json").arg(lines).args(smoke.then_some("--smoke")))?;
    let pool = lines.with_extension("pool.jsonl");
    bench_dns::pool(&pool, &folder, smoke)?;
    append(lines, &pool)
}

/// Adds the figures of one file to those of another.
fn append(lines: &Path, more: &Path) -> Result<()> {
    let text = fs::read_to_string(lines)? + &fs::read_to_string(more)?;
    fs::write(lines, text).with_context(|| format!("cannot write {}", lines.display()))
}

/// Beside the component, one with the same types that does nothing.
fn component(lines: &Path, smoke: bool) -> Result<()> {
    if !smoke {
        wasm::component()?;
    }
    wasm::empty()?;
    bench(true, &["measure", "component"], Some(lines), smoke)
}

/// Answers, drills and diffs of large zones, on one core.
fn verify(lines: &Path, smoke: bool) -> Result<()> {
    let mut command = cargo();
    command.args(["bench", "--quiet", "--locked", "--package", "pointsman-verify", "--bench", "verify", "--"]);
    run(command.arg("--json").arg(lines).args(smoke.then_some("--smoke")))
}

/// 2,000 health checks that are really run, for two minutes; then 10,000 of which all but 50 die at once.
fn watch(lines: &Path, smoke: bool) -> Result<()> {
    let mut command = cargo();
    command.args(["bench", "--quiet", "--locked", "--package", "pointsman-watch", "--bench", "many_checks", "--"]);
    run(command.arg("--json").arg(lines).args(smoke.then_some("--smoke")))?;
    if smoke {
        // Its short form is a test of its own.
        return Ok(());
    }
    let figures = lines.with_extension("outage.jsonl");
    let mut command = cargo();
    command.args([
        "test",
        "--quiet",
        "--release",
        "--locked",
        "--package",
        "pointsman",
        "--test",
        "watch_outage",
        "--",
    ]);
    command.args(["--nocapture", "--exact", "most_endpoints_die_at_once_and_no_bystander_changes"]);
    run(command.env("POINTSMAN_OUTAGE_CHECKS", "10000").env("POINTSMAN_OUTAGE_FIGURES", &figures))?;
    append(lines, &figures)
}

/// What the component weighs, against its budgets.
fn size(lines: &Path, _: bool) -> Result<()> {
    let path = root().join("target").join("wasm").join("pointsman.component.wasm");
    let bytes =
        fs::read(&path).with_context(|| format!("cannot read {}; `cargo xtask wasm` builds it", path.display()))?;
    let mut text = String::new();
    for (form, weight, budget) in
        [("raw", bytes.len(), wasm::RAW_BUDGET), ("gzip", module::gzip_size(&bytes), wasm::GZIP_BUDGET)]
    {
        let reason = if weight > budget { SIZE_IN_THE_WAY } else { "" };
        text.push_str(&format!(
            r#"{{"id":"component/{form}","what":"{form}","figure":{weight},"unit":"bytes","budget":{{"at_most":{budget}}}{reason}}}"#
        ));
        text.push('\n');
    }
    fs::write(lines, text).with_context(|| format!("cannot write {}", lines.display()))
}

/// Told if it is more than its budget.
const SIZE_IN_THE_WAY: &str = concat!(
    r#","in_the_way":"Exports taken out of the built module and put back in turn (2026-11-21), about, in gzip: asking with "#,
    r#"the memory and number code under it 46 KB, then reading documents and reports with every finding about them 102 KB, "#,
    r#"views of views 6, odds 11, explanations 12, change batches 15; texts and tables are 24 more. Asking and loading alone "#,
    r#"are over the budget. At opt-level z it weighs a tenth less, but in Node, on a busy machine, the plain module at z "#,
    r#"took 1.5 to 3 times as long for an answer as at s.""#
);

/// Runs the measuring program.
fn bench(with_component: bool, words: &[&str], lines: Option<&Path>, smoke: bool) -> Result<()> {
    let mut command = cargo();
    command.args(["run", "--quiet", "--release", "--locked", "--package", "pointsman-bench"]);
    if with_component {
        command.args(["--features", "component"]);
    }
    command.arg("--").args(words).args(lines).args(smoke.then_some("--smoke"));
    run(&mut command)
}
