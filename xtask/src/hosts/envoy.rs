//! The filter in Envoy: the real proxy in an environment of Python packages, and what is run against it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::host::{Host, Tests, command_line};
use crate::process::{self, output, say};
use crate::venv::Venv;
use crate::{filter, system};

const VENV: Venv = Venv { folder: "venv-envoy", requirements: "host-examples/envoy/requirements.txt", what: "Envoy" };

/// Envoy with the proxy-wasm filter.
pub(super) struct Envoy;

impl Host for Envoy {
    fn name(&self) -> &'static str {
        "envoy"
    }

    /// The filter, the filters to compare with, and Envoy itself.
    fn build(&self) -> Result<()> {
        filter::module()?;
        filter::baseline()?;
        say(format_args!("Envoy is {}", binary()?.display()));
        Ok(())
    }

    fn tests(&self) -> Option<Tests> {
        Some(("Envoy", tests))
    }

    fn conformance(&self, runner: &mut Command) -> Result<()> {
        runner.env("ENVOY", binary()?);
        Ok(())
    }

    fn is_asked_the_questions(&self) -> bool {
        false
    }
}

/// The tests of host-examples/envoy against the real Envoy.
fn tests() -> Result<()> {
    command_line()?;
    let mut python = python()?;
    process::run(python.args([
        "-m",
        "unittest",
        "discover",
        "--verbose",
        "--start-directory",
        "host-examples/envoy/tests",
    ]))
}

/// `cargo xtask bench --only envoy`: CPU a request of plain Envoy, other filters and this one, as figures in a file.
pub(crate) fn bench(lines: &Path, smoke: bool) -> Result<()> {
    filter::module()?;
    filter::baseline()?;
    if system::has_apt() {
        system::ensure_packages(&["wrk"], "to load Envoy")?;
    }
    let mut python = python()?;
    if smoke {
        python.env("ROUNDS", "1").env("SECONDS", "1");
    }
    process::run(python.arg("tests/envoy/bench.py").arg(lines).stdout(std::process::Stdio::null()))
}

/// Where the tests and the conformance runner find Envoy.
fn binary() -> Result<PathBuf> {
    let python = VENV.python()?;
    let question = "import envoy, pathlib; print(pathlib.Path(envoy.__file__).parent / '_bin' / 'envoy')";
    let path = output(&python, &["-c", question]).map(PathBuf::from).filter(|path| path.is_file());
    path.with_context(|| {
        format!("{} brought no Envoy; remove target/venv-envoy and run the same again", VENV.requirements)
    })
}

/// The environment's Python, which finds Envoy by a variable.
fn python() -> Result<Command> {
    let mut command = VENV.command()?;
    command.env("ENVOY", binary()?);
    Ok(command)
}
