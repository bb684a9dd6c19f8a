//! `cargo xtask hosts`: the tests of the host examples, each against its real host.

use anyhow::Result;

use crate::process::{self, Steps, cargo, say};
use crate::{envoy, wasm};

/// Builds the component and runs every host's tests.
pub(crate) fn run() -> Result<()> {
    let mut steps = Steps::new(3);
    steps.step("WebAssembly", wasm::component)?;
    steps.step("host: wasmtime", wasmtime)?;
    steps.step("host: Envoy", envoy::tests)?;
    say(format_args!("every host passed\n{}", steps.summary()));
    Ok(())
}

/// The Rust embedding: its tests load the component that `cargo xtask wasm` built.
pub(crate) fn wasmtime() -> Result<()> {
    process::run(cargo().args(["test", "--release", "--locked", "--package", "pointsman-wasmtime-example"]))
}
