//! `cargo xtask test`: everything that a change must pass, quickest first, so that a mistake is found early.

use anyhow::Result;

use crate::process::{Steps, cargo, output, run, say};
use crate::{
    bare, bench, conformance, coredns, envoy, fuzz_guided, hosts, js, plain, playground, python, shapes, system, wasm,
};

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
    let mut steps = Steps::new(32).from(first);
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
            "pointsman-tests/component,pointsman-bench/component",
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
    steps.step("drill, diff, promises and recovery time", || {
        run(cargo().args(["test", "--release", "--locked", "--package", "pointsman-verify"]))
    })?;
    steps.step("what fuzzing found, and its seeds", || {
        run(cargo().args(["test", "--release", "--locked", "--package", "pointsman-fuzz"]))
    })?;
    steps.step("fuzz targets, a second each", fuzz_guided::smoke)?;
    steps.step("core without std", bare::core)?;
    steps.step("conformance: native", || conformance::vectors("native"))?;
    steps.step("conformance: component", || conformance::vectors("component"))?;
    steps.step("npm package", js::test)?;
    steps.step("conformance: js", || conformance::vectors("js"))?;
    steps.step("CoreDNS: build", || {
        plain::ensure_node()?;
        plain::module()?;
        coredns::build()
    })?;
    steps.step("conformance: plain", || conformance::vectors("plain"))?;
    steps.step("conformance: coredns", || conformance::vectors("coredns"))?;
    steps.step("benches, once and tiny", bench::smoke)?;
    steps.step("host: wasmtime", hosts::wasmtime)?;
    steps.step("host: Python", python::tests)?;
    steps.step("conformance: python", || conformance::vectors("python"))?;
    steps.step("host: Node.js", js::node)?;
    steps.step("host: edge worker", js::worker)?;
    steps.step("conformance: worker", || conformance::vectors("worker"))?;
    steps.step("host: browser", playground::test)?;
    steps.step("conformance: browser", || conformance::vectors("browser"))?;
    steps.step("host: CoreDNS", coredns::tests)?;
    steps.step("WebAssembly for Envoy", envoy::module)?;
    steps.step("conformance: Envoy", || conformance::vectors("envoy"))?;
    steps.step("host: Envoy", envoy::tests)?;
    steps.step("real API shapes", shapes::run)?;
    if first > 1 {
        say(format_args!("everything from step {first} on passed\n{}", steps.summary()));
        return Ok(());
    }
    say(format_args!("everything passed\n{}", steps.summary()));
    Ok(())
}
