//! `cargo xtask conformance --host NAME --cases FILE`: the runner of the tests crate, with its host built first.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};

use crate::host::Host;
use crate::{hosts, process};

/// Builds what the host needs and runs the runner with the arguments as given; its exit code becomes ours. The runner
/// refuses a host that is not known.
pub(crate) fn run(arguments: Vec<OsString>) -> Result<ExitCode> {
    let host = name(&arguments).and_then(|name| hosts::named(&name));
    let mut command = command(host, &arguments);
    if let Some(host) = host {
        host.build()?;
        host.conformance(&mut command)?;
        if has_wasmtime(host) {
            process::say("building the runner with wasmtime (some minutes the first time)");
        }
    }
    let status = command.status().context("cannot start cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs every vector of the project against one host, and asks each binding the fixed questions.
pub(crate) fn vectors(host: &dyn Host) -> Result<()> {
    host.build()?;
    let folder = process::root().join("tests").join("vectors");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .with_context(|| format!("cannot read {}", folder.display()))?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .filter(|path| path.file_name().is_some_and(|name| name != "schema.json"))
        .collect();
    files.sort();
    if files.is_empty() {
        bail!("there are no vectors in {}", folder.display());
    }
    let mut arguments: Vec<OsString> = vec!["--host".into(), host.name().into()];
    if host.is_asked_the_questions() {
        arguments.push("--questions".into());
    }
    for file in files {
        arguments.extend(["--cases".into(), file.into_os_string()]);
    }
    let mut command = command(Some(host), &arguments);
    host.conformance(&mut command)?;
    process::run(&mut command)
}

fn command(host: Option<&dyn Host>, arguments: &[OsString]) -> Command {
    let mut command = process::cargo();
    command.args(["run", "--quiet", "--release", "--locked", "--package", "pointsman-tests", "--bin", "conformance"]);
    if host.is_some_and(has_wasmtime) {
        // Without it the runner needs no wasmtime and is built in seconds.
        command.args(["--features", "component"]);
    }
    command.arg("--").args(arguments);
    command
}

/// Whether the host is compiled into the runner.
fn has_wasmtime(host: &dyn Host) -> bool {
    matches!(host.name(), "component" | "component-decide")
}

/// The value of `--host NAME` or `--host=NAME`.
fn name(arguments: &[OsString]) -> Option<String> {
    let mut arguments = arguments.iter().map(|argument| argument.to_string_lossy());
    while let Some(argument) = arguments.next() {
        if argument == "--host" {
            return arguments.next().map(|host| host.into_owned());
        }
        if let Some(host) = argument.strip_prefix("--host=") {
            return Some(host.to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_found_in_both_spellings() {
        assert_eq!(
            name(&["--cases".into(), "a".into(), "--host".into(), "component".into()]).as_deref(),
            Some("component")
        );
        assert_eq!(name(&["--host=native".into()]).as_deref(), Some("native"));
        assert_eq!(name(&["--cases".into(), "host".into()]), None);
    }
}
