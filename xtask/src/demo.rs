//! `cargo xtask demo`: a Region goes down under a real zone, and the component in wasmtime answers before, during, after.

use anyhow::Result;

use crate::process::{self, cargo, say};
use crate::wasm;

/// Installs what is missing, builds the component and the example host, and shows the outage.
pub(crate) fn run() -> Result<()> {
    let carrier = wasm::component()?;
    say("building the host: wasmtime (some minutes the first time)");
    process::run(cargo().args(["build", "--release", "--locked", "--package", "pointsman-wasmtime-example"]))?;
    process::run(
        cargo()
            .args([
                "run",
                "--quiet",
                "--release",
                "--locked",
                "--package",
                "pointsman-wasmtime-example",
                "--bin",
                "outage",
                "--",
            ])
            .arg(carrier.path)
            .arg("host-examples/zones"),
    )
}
