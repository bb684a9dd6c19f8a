//! `cargo xtask hosts`: the tests of the host examples, each against its real host.

use anyhow::Result;

use crate::process::{self, Steps, cargo, say};
use crate::{coredns, envoy, js, playground, python, wasm};

/// Builds the component and runs every host's tests.
pub(crate) fn run() -> Result<()> {
    let mut steps = Steps::new(9);
    steps.step("WebAssembly", wasm::component)?;
    steps.step("npm package", js::package)?;
    steps.step("host: wasmtime", wasmtime)?;
    steps.step("host: Python", python::tests)?;
    steps.step("host: Node.js", js::node)?;
    steps.step("host: edge worker", js::worker)?;
    steps.step("host: browser", playground::test)?;
    steps.step("host: CoreDNS", coredns::run)?;
    steps.step("host: Envoy", envoy::tests)?;
    say(format_args!("every host passed\n{}", steps.summary()));
    Ok(())
}

/// The Rust embedding: its tests load the component that `cargo xtask wasm` built.
pub(crate) fn wasmtime() -> Result<()> {
    process::run(cargo().args(["test", "--release", "--locked", "--package", "pointsman-wasmtime-example"]))
}
