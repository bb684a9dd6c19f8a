//! `cargo xtask calls`: what a call of the component costs.

use anyhow::Result;

use crate::{process, wasm};

/// Builds the component and the empty one, and measures both beside native.
pub(crate) fn run() -> Result<()> {
    wasm::component()?;
    wasm::empty()?;
    let arguments = ["run", "--release", "--package", "pointsman-tests", "--features", "component", "--bin", "calls"];
    process::run(process::cargo().args(arguments))
}
