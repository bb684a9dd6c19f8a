//! `cargo xtask demo`: a Region goes down under a real zone, and the component shows who gets what before, during and after.
//!
//! The component runs in wasmtime's Python package, which installs in seconds: compiling wasmtime, as the Rust example does,
//! takes minutes. Both print the same text, and a test holds the README to it.

use anyhow::Result;

use crate::process;
use crate::{hosts, wasm};

/// Installs what is missing, builds the component and shows the outage.
pub(crate) fn run() -> Result<()> {
    let component = wasm::component()?;
    process::run(hosts::python()?.arg("outage.py").arg(component))
}
