//! `cargo xtask http`: the component behind HTTP, composed of host-examples/http and the component itself.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use wit_component::ComponentEncoder;

use crate::module::{gzip_size, optimized, thousands};
use crate::process::{self, cargo, once, root, say};
use crate::toolchain::{TARGET, Toolchain, target_dir};
use crate::wasm::{PROFILE, component};

const PACKAGE: &str = "pointsman-http";
/// The file under target/wasm.
pub(crate) const FILE: &str = "pointsman.http.wasm";

/// Builds both and composes them.
pub(crate) fn composed() -> Result<()> {
    once("the component behind HTTP", build)
}

fn build() -> Result<()> {
    let engine = component()?;
    let toolchain = Toolchain::find()?;
    say(format_args!("building {FILE}: {}", toolchain.way));
    process::run(&mut toolchain.build_with_std(PACKAGE, PROFILE))?;
    let module = target_dir().join(TARGET).join(PROFILE).join("pointsman_http.wasm");
    let http = ComponentEncoder::default()
        .validate(true)
        .module(&optimized(&module, &["-Oz"])?)
        .context("the module does not carry its worlds")?
        .encode()
        .context("the module does not fit its worlds")?;
    let half: PathBuf = module.with_extension("component.wasm");
    fs::write(&half, http).with_context(|| format!("cannot write {}", half.display()))?;
    let made = root().join("target").join("wasm").join(FILE);
    let compose = ["run", "--quiet", "--release", "--locked", "--package", "pointsman-compose", "--"];
    process::run(cargo().args(compose).arg(engine).arg(half).arg(&made))?;
    let bytes = fs::read(&made).with_context(|| format!("cannot read {}", made.display()))?;
    let (raw, gzip) = (thousands(bytes.len()), thousands(gzip_size(&bytes)));
    say(format_args!("target/wasm/{FILE}: imports wasi:http and what that needs, {raw} bytes raw, {gzip} gzip"));
    Ok(())
}
