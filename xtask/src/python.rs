//! The Python example: its environment, its tests, and its part in conformance.

use std::process::Command;

use anyhow::Result;

use crate::process::{self, cargo};
use crate::venv::Venv;

/// The engine that the example runs the component with.
const VENV: Venv =
    Venv { folder: "venv-python", requirements: "host-examples/python/requirements.txt", what: "wasmtime for Python" };

/// Installs what the conformance host `python` needs. The component has been built.
pub(crate) fn ready() -> Result<()> {
    VENV.python().map(drop)
}

/// The example's tests, with the component that has been built, against the command line.
pub(crate) fn tests() -> Result<()> {
    process::run(cargo().args(["build", "--release", "--locked", "--package", "pointsman"]))?;
    process::run(program()?.args(["-m", "unittest", "discover", "-t", "."]))
}

/// Python in the example's folder, with the engine at hand.
pub(crate) fn program() -> Result<Command> {
    let mut command = VENV.command()?;
    command.current_dir(process::root().join("host-examples/python"));
    Ok(command)
}
