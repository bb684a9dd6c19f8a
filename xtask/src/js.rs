//! `cargo xtask js`: the npm package, built into target/wasm/npm and weighed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::node::Node;
use crate::process::{self, cargo, once, root, say};
use crate::toolchain::{TARGET, Toolchain, native_dir, target_dir};

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
    once("the npm package", || build(&node))?;
    Ok(node)
}

fn build(node: &Node) -> Result<()> {
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
    crate::decide::module()?;
    node.install("wasm/js")?;
    process::run(node.script("wasm/js", "build.mjs").arg(&glue).arg(folder()))
}

/// Builds the package and runs its tests.
pub(crate) fn test() -> Result<()> {
    let node = package()?;
    // The analyses are held against the command line's.
    process::run(cargo().args(["build", "--release", "--locked", "--package", "pointsman"]))?;
    process::run(node.tests("wasm/js").env("POINTSMAN", native_dir().join("pointsman")))
}

/// `cargo xtask bench --only js`: decisions beside other rule engines, start and size, as figures in a file.
pub(crate) fn bench(lines: &Path, smoke: bool) -> Result<()> {
    let node = if smoke { Node::find()? } else { package()? };
    node.install("wasm/js")?;
    process::run(node.script("wasm/js", "bench/bench.mjs").arg("--json").arg(lines).args(smoke.then_some("--smoke")))
}
