//! The package for Python with each of its engines: the component, by wasmtime's package, and the native extension.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::host::{Host, Tests, command_line};
use crate::process::{self, cargo, once, root};
use crate::toolchain::native_dir;
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

/// The package with its native extension.
pub(super) struct Native;

impl Host for Native {
    fn name(&self) -> &'static str {
        "python-native"
    }

    fn build(&self) -> Result<()> {
        VENV.python()?;
        once("the native extension for Python", extension)
    }

    /// Those of the other engine are for both.
    fn tests(&self) -> Option<Tests> {
        None
    }

    fn conformance(&self, runner: &mut Command) -> Result<()> {
        runner.env("PYTHONPATH", folder()).env("POINTSMAN_ENGINE", "native");
        Ok(())
    }

    fn is_asked_the_questions(&self) -> bool {
        true
    }
}

/// Where Python finds the extension.
fn folder() -> PathBuf {
    root().join("target").join("python-native")
}

/// Builds the extension, as a file of the name that Python loads.
fn extension() -> Result<()> {
    process::run(cargo().args(["build", "--release", "--locked", "--package", "pointsman-python"]))?;
    let built = native_dir().join("libpointsman_native.so");
    std::fs::create_dir_all(folder())?;
    let to = folder().join("pointsman_native.abi3.so");
    // A process that has the old one open keeps it.
    let _ = std::fs::remove_file(&to);
    std::fs::copy(&built, to).with_context(|| format!("cannot copy {}", built.display()))?;
    Ok(())
}

/// The example's tests with both engines, against the command line.
fn tests() -> Result<()> {
    command_line()?;
    Native.build()?;
    process::run(program()?.env("PYTHONPATH", folder()).args(["-m", "unittest", "discover", "-t", "."]))
}

/// Python in the example's folder, with the engine at hand.
pub(crate) fn program() -> Result<Command> {
    let mut command = VENV.command()?;
    command.current_dir(root().join("host-examples/python"));
    Ok(command)
}
