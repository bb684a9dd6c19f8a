//! Envoy: its filter, a venv with the real proxy, and what is run against it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use wasmparser::{Parser, Payload};

use crate::module::{gzip_size, optimized};
use crate::process::{self, cargo, output, root, say};
use crate::system;
use crate::toolchain::{TARGET, Toolchain, target_dir};
use crate::venv::Venv;

const PACKAGE: &str = "pointsman-envoy";
/// Filters to compare with: one that does nothing, one that reads a header and sets one, one that traps.
const BASELINE: &str = "pointsman-envoy-baseline";
/// The profile of the root manifest for bindings that answer one query a call.
const PROFILE: &str = "wasm-quick";
/// How wasm-opt treats it. Measured side by side, profile and level for size take a quarter off the module and add half a
/// microsecond to each request; this level takes a tenth off for nothing.
const PASSES: &[&str] = &["-O3"];
const VENV: Venv = Venv { folder: "venv-envoy", requirements: "host-examples/envoy/requirements.txt", what: "Envoy" };
/// Whom a proxy-wasm module may ask: Envoy, and the one function for random bytes of WASI that Envoy has.
const IMPORTS: [&str; 2] = ["env", "wasi_snapshot_preview1"];

/// Builds the filter into target/wasm.
pub(crate) fn module() -> Result<PathBuf> {
    build(PACKAGE, "pointsman_envoy.wasm")
}

/// Builds the filters to compare with.
pub(crate) fn baseline() -> Result<PathBuf> {
    build(BASELINE, "pointsman_envoy_baseline.wasm")
}

/// `cargo xtask envoy build`: the filter, the filters to compare with, and Envoy itself.
pub(crate) fn build_all() -> Result<()> {
    module()?;
    baseline()?;
    say(format_args!("Envoy is {}", binary()?.display()));
    Ok(())
}

fn build(package: &str, file: &str) -> Result<PathBuf> {
    let toolchain = Toolchain::find()?;
    say(format_args!("building {package}: {}", toolchain.way));
    process::run(&mut toolchain.build_with_std(package, PROFILE))?;
    let built = target_dir().join(TARGET).join(PROFILE).join(file);
    let bytes = optimized(&built, PASSES)?;
    let imports = imports(&bytes)?;
    let path = root().join("target").join("wasm").join(file);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
    say(format_args!("target/wasm/{file}: {imports} imports, {} bytes, {} gzip", bytes.len(), gzip_size(&bytes)));
    Ok(path)
}

/// How many functions of the host a module uses; an error when one is of no proxy-wasm host.
fn imports(module: &[u8]) -> Result<usize> {
    let mut count = 0_usize;
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::ImportSection(section) = payload? {
            for import in section.into_imports() {
                let import = import?;
                if !IMPORTS.contains(&import.module) {
                    bail!("the module imports {} from {}, which Envoy does not offer", import.name, import.module);
                }
                count = count.saturating_add(1);
            }
        }
    }
    Ok(count)
}

/// `cargo xtask envoy`: builds the filter and runs the tests of host-examples/envoy against the real Envoy.
pub(crate) fn tests() -> Result<()> {
    module()?;
    baseline()?;
    process::run(cargo().args(["build", "--release", "--locked", "--package", "pointsman"]))?;
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
    module()?;
    baseline()?;
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
pub(crate) fn binary() -> Result<PathBuf> {
    let python = VENV.python()?;
    let question = "import envoy, pathlib; print(pathlib.Path(envoy.__file__).parent / '_bin' / 'envoy')";
    let path = output(&python, &["-c", question]).map(PathBuf::from).filter(|path| path.is_file());
    path.with_context(|| {
        format!("{} brought no Envoy; remove target/venv-envoy and run the same again", VENV.requirements)
    })
}

/// The environment's Python, told where everything is.
fn python() -> Result<Command> {
    let mut command = VENV.command()?;
    command.env("ENVOY", binary()?);
    Ok(command)
}

/// Builds the filter, and returns where Envoy is: what the conformance runner needs.
pub(crate) fn ready() -> Result<PathBuf> {
    module()?;
    binary()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_that_asks_somebody_else_is_refused() {
        assert_eq!(imports(b"\0asm\x01\0\0\0").unwrap(), 0);
        // One type `() -> ()`, and one function of it imported as `a` `b`.
        let importing = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x07\x01\x01a\x01b\0\0";
        assert!(imports(importing).unwrap_err().to_string().contains("does not offer"));
    }
}
