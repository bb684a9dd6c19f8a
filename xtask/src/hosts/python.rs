//! The component in Python, by wasmtime's package.

use std::process::Command;

use anyhow::Result;

use crate::host::{Host, Tests, command_line};
use crate::process;
use crate::venv::Venv;
use crate::wasm;

/// The engine that the example runs the component with.
const VENV: Venv =
    Venv { folder: "venv-python", requirements: "host-examples/python/requirements.txt", what: "wasmtime for Python" };

/// Python with wasmtime, in an environment of its own.
pub(super) struct Python;

impl Host for Python {
    fn name(&self) -> &'static str {
        "python"
    }

    fn build(&self) -> Result<()> {
        wasm::component()?;
        VENV.python().map(drop)
    }

    fn tests(&self) -> Option<Tests> {
        Some(("Python", tests))
    }

    fn is_asked_the_questions(&self) -> bool {
        false
    }
}

/// The example's tests, with the component that has been built, against the command line.
fn tests() -> Result<()> {
    command_line()?;
    process::run(program()?.args(["-m", "unittest", "discover", "-t", "."]))
}

/// Python in the example's folder, with the engine at hand.
pub(crate) fn program() -> Result<Command> {
    let mut command = VENV.command()?;
    command.current_dir(process::root().join("host-examples/python"));
    Ok(command)
}
