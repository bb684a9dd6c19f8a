//! `cargo xtask js`: the npm package, built into target/wasm/npm and weighed.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::node::Node;
use crate::process::{self, cargo, root, say};
use crate::toolchain::{TARGET, Toolchain, target_dir};

const PACKAGE: &str = "pointsman-js";
/// The size profile of the root manifest.
const PROFILE: &str = "wasm";

/// Where the package is written.
pub(crate) fn folder() -> PathBuf {
    root().join("target").join("wasm").join("npm")
}

/// Builds the module, binds it, and puts the package together.
pub(crate) fn package() -> Result<Node> {
    let node = Node::find()?;
    let toolchain = Toolchain::find()?;
    say(format_args!("building the module of the npm package: {}", toolchain.way));
    process::run(&mut toolchain.build(PACKAGE, PROFILE))?;
    let module = target_dir().join(TARGET).join(PROFILE).join("pointsman_js.wasm");
    let glue = root().join("target").join("wasm").join("glue");
    fs::create_dir_all(&glue).with_context(|| format!("cannot make {}", glue.display()))?;
    process::run(
        cargo()
            .args(["run", "--quiet", "--release", "--locked", "--package", "pointsman-bindgen", "--"])
            .arg(&module)
            .arg(&glue),
    )?;
    node.install("wasm/js")?;
    process::run(node.script("wasm/js", "build.mjs").arg(&glue).arg(folder()))?;
    Ok(node)
}

/// Builds the package and runs its tests.
pub(crate) fn test() -> Result<()> {
    let node = package()?;
    process::run(&mut node.tests("wasm/js"))?;
    node.install("host-examples/node")?;
    process::run(&mut node.tests("host-examples/node"))
}

/// The edge worker's tests, in the real workerd.
pub(crate) fn worker() -> Result<()> {
    let node = package()?;
    node.install("host-examples/worker")?;
    process::run(&mut node.tests("host-examples/worker"))
}

/// Installs what the conformance hosts `js`, `worker` and `browser` need besides the package.
pub(crate) fn conformance(host: &str) -> Result<()> {
    let node = package()?;
    match host {
        "worker" => node.install("host-examples/worker"),
        "browser" => {
            crate::playground::ensure_browser()?;
            node.install("host-examples/browser")
        }
        _ => Ok(()),
    }
}

/// A command with the programs of a Node installation found first.
pub(crate) fn with_path(command: &mut Command, folder: &std::path::Path) {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_path_buf()).chain(std::env::split_paths(&path));
    if let Ok(joined) = std::env::join_paths(folders) {
        command.env("PATH", joined);
    }
}
