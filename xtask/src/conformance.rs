//! `cargo xtask conformance --host NAME --cases FILE`: the runner of the tests crate, with its host built first.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};

use crate::node::Node;
use crate::{coredns, envoy, js, plain, process, python, wasm};

/// Builds what the host needs and runs the runner with the arguments as given; its exit code becomes ours.
pub(crate) fn run(arguments: Vec<OsString>) -> Result<ExitCode> {
    if is_component(&arguments) {
        wasm::component()?;
        process::say("building the runner with wasmtime (some minutes the first time)");
    }
    let mut command = command(&arguments);
    match host(&arguments).as_deref() {
        Some(name @ ("js" | "worker" | "browser")) => js::conformance(name)?.put_first(&mut command),
        Some("plain" | "coredns") => {
            plain::ensure_node()?;
            plain::module()?;
            coredns::build()?;
        }
        Some("envoy") => {
            command.env("ENVOY", envoy::ready()?);
        }
        Some("python") => {
            wasm::component()?;
            python::ready()?;
        }
        _ => {}
    }
    let status = command.status().context("cannot start cargo")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs every vector of the project against one host, which has been built, and asks each binding the fixed questions.
pub(crate) fn vectors(host: &str) -> Result<()> {
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
    let mut arguments: Vec<OsString> = vec!["--host".into(), host.into()];
    // CoreDNS draws by itself, so that its answers are judged by what is possible and not byte by byte. A worker, a
    // browser and Python run the bytes that Node.js and wasmtime were asked with; cases show that they are reached.
    if !["coredns", "envoy", "worker", "browser", "python"].contains(&host) {
        arguments.push("--questions".into());
    }
    for file in files {
        arguments.extend(["--cases".into(), file.into_os_string()]);
    }
    let mut command = command(&arguments);
    match host {
        "js" | "worker" | "browser" => Node::find()?.put_first(&mut command),
        "envoy" => {
            command.env("ENVOY", envoy::binary()?);
        }
        "python" => python::ready()?,
        _ => {}
    }
    process::run(&mut command)
}

fn command(arguments: &[OsString]) -> Command {
    let mut command = process::cargo();
    command.args(["run", "--quiet", "--release", "--locked", "--package", "pointsman-tests", "--bin", "conformance"]);
    if is_component(arguments) {
        // Without it the runner needs no wasmtime and is built in seconds.
        command.args(["--features", "component"]);
    }
    command.arg("--").args(arguments);
    command
}

fn is_component(arguments: &[OsString]) -> bool {
    host(arguments).is_some_and(|host| host == "component")
}

/// The value of `--host NAME` or `--host=NAME`.
fn host(arguments: &[OsString]) -> Option<String> {
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
            host(&["--cases".into(), "a".into(), "--host".into(), "component".into()]).as_deref(),
            Some("component")
        );
        assert_eq!(host(&["--host=native".into()]).as_deref(), Some("native"));
        assert_eq!(host(&["--cases".into(), "host".into()]), None);
    }
}
