//! The component in wasmtime, as a Rust program embeds it.

use anyhow::Result;

use crate::host::{Host, Tests};
use crate::process::{cargo, run};
use crate::wasm;

/// wasmtime, compiled into the runner and into the Rust example.
pub(super) struct Component;

impl Host for Component {
    fn name(&self) -> &'static str {
        "component"
    }

    fn build(&self) -> Result<()> {
        wasm::component().map(drop)
    }

    fn tests(&self) -> Option<Tests> {
        Some(("wasmtime", || {
            run(cargo().args(["test", "--release", "--locked", "--package", "pointsman-wasmtime-example"]))
        }))
    }

    fn is_asked_the_questions(&self) -> bool {
        true
    }
}
