//! `cargo xtask test`: everything that a change must pass, quickest first, so that a mistake is found early.

use anyhow::Result;

use crate::process::{Steps, cargo, output, run, say};
use crate::{bare, bench, conformance, dist, fleet, fuzz_guided, hosts, js, shapes, system, wasm};

/// The native tests of core and the command line, in seconds.
pub(crate) fn quick() -> Result<()> {
    native()?;
    say("--quick: without lints, WebAssembly, conformance, hosts and real API shapes");
    Ok(())
}

fn native() -> Result<()> {
    // The guide's three terminals start their endpoints with it.
    if output("python3", &["--version"]).is_none() {
        system::ensure_packages(&["python3"], "to follow the guide")?;
    }
    let packages = ["pointsman-core", "pointsman-import", "pointsman"].map(|name| ["--package", name]);
    run(cargo().args(["test", "--release", "--locked"]).args(packages.as_flattened()))
}

/// Everything, or what is left of it from the step with this number.
pub(crate) fn all(first: usize) -> Result<()> {
    // Sixteen steps that are no host's, and those of each host.
    let total = hosts::ALL.len().saturating_add(hosts::tested().count()).saturating_add(16);
    let mut steps = Steps::new(total).from(first);
    steps.step("format", || run(cargo().args(["fmt", "--all", "--check"])))?;
    steps.step("native tests", native)?;
    steps.step("lints", || {
        run(cargo().args([
            "clippy",
            "--release",
            "--locked",
            "--workspace",
            "--all-targets",
            "--features",
            "pointsman-tests/component,pointsman-bench/component,pointsman/etcd-tests",
            "--",
            "-D",
            "warnings",
        ]))
    })?;
    steps.step("WebAssembly", wasm::component)?;
    steps.step("tests of the project", || {
        run(cargo().args([
            "test",
            "--release",
            "--locked",
            "--package",
            "xtask",
            "--package",
            "pointsman-tests",
            "--package",
            "pointsman-bench",
        ]))
    })?;
    steps.step("the kit for users' own rules", || {
        run(cargo().args(["test", "--release", "--locked", "--package", "pointsman-proptest-example"]))?;
        run(cargo()
            .args(["test", "--release", "--locked", "--package", "pointsman-core", "--features", "proptest"])
            .args(["--test", "proptest_kit"]))
    })?;
    steps.step("prober", || run(cargo().args(["test", "--release", "--locked", "--package", "pointsman-watch"])))?;
    steps.step("fleet", fleet::tests)?;
    steps.step("drill, diff, promises and recovery time", || {
        run(cargo().args(["test", "--release", "--locked", "--package", "pointsman-verify"]))
    })?;
    steps.step("what fuzzing found, and its seeds", || {
        run(cargo().args(["test", "--release", "--locked", "--package", "pointsman-fuzz"]))
    })?;
    steps.step("fuzz targets, a second each", fuzz_guided::smoke)?;
    steps.step("core without std", bare::core)?;
    steps.step("npm package", js::test)?;
    for host in hosts::ALL {
        steps.step(format!("conformance: {}", host.name()), || conformance::vectors(host))?;
    }
    steps.step("benches, once and tiny", bench::smoke)?;
    hosts::add_tests(&mut steps)?;
    steps.step("real API shapes", shapes::run)?;
    steps.step("what people install", dist::step)?;
    if first > 1 {
        say(format_args!("everything from step {first} on passed\n{}", steps.summary()));
        return Ok(());
    }
    say(format_args!("everything passed\n{}", steps.summary()));
    Ok(())
}
