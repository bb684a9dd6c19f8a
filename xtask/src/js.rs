//! `cargo xtask js`: the npm package, built into target/wasm/npm and weighed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::node::Node;
use crate::process::{self, cargo, root, say};
use crate::toolchain::{TARGET, Toolchain, target_dir};

const PACKAGE: &str = "pointsman-js";
/// The size profile of the root manifest.
const PROFILE: &str = "wasm-small";

/// Where the package is written.
pub(crate) fn folder() -> PathBuf {
    root().join("target").join("wasm").join("npm")
}

/// Builds the module, binds it, and puts the package together. There is no wasm-opt in between: of what travels it saves a
/// hundredth, and after binding version 108 mixes up the module's two tables.
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
    crate::foresight::modules()?;
    node.install("wasm/js")?;
    process::run(node.script("wasm/js", "build.mjs").arg(&glue).arg(folder()))?;
    Ok(node)
}

/// Builds the package and runs its tests.
pub(crate) fn test() -> Result<()> {
    let node = package()?;
    // The analyses are held against the command line's.
    process::run(cargo().args(["build", "--release", "--locked", "--package", "pointsman"]))?;
    process::run(node.tests("wasm/js").env("POINTSMAN", command()))
}

/// `cargo xtask bench --only js`: decisions beside other rule engines, start and size, as figures in a file.
pub(crate) fn bench(lines: &Path, smoke: bool) -> Result<()> {
    let node = if smoke { Node::find()? } else { package()? };
    node.install("wasm/js")?;
    process::run(node.script("wasm/js", "bench/bench.mjs").arg("--json").arg(lines).args(smoke.then_some("--smoke")))
}

/// The Node.js example: the package, and the component through jco in Node.js and in Chromium. Both have been built.
pub(crate) fn node() -> Result<()> {
    crate::system::ensure_browser()?;
    let node = Node::find()?;
    node.install("host-examples/node")?;
    process::run(&mut node.tests("host-examples/node"))
}

/// The edge worker's tests, in the real workerd and behind the real `pointsman watch`, with the package that has been
/// built.
pub(crate) fn worker() -> Result<()> {
    let node = Node::find()?;
    node.install("host-examples/worker")?;
    process::run(cargo().args(["build", "--release", "--locked", "--package", "pointsman"]))?;
    process::run(node.tests("host-examples/worker").env("POINTSMAN", command()))
}

/// The command line, as the release profile builds it.
fn command() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("release").join("pointsman")
}

/// Builds and installs what the conformance hosts `js`, `worker` and `browser` need.
pub(crate) fn conformance(host: &str) -> Result<Node> {
    let node = package()?;
    match host {
        "worker" => node.install("host-examples/worker")?,
        "browser" => {
            crate::system::ensure_browser()?;
            node.install("host-examples/browser")?;
        }
        _ => {}
    }
    Ok(node)
}
