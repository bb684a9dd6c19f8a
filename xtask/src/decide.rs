//! `cargo xtask decide`: the bindings that only decide, from images of compiled zones. They are the full bindings without
//! their feature `documents`: no parser of documents, no validator, no explanations.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::module::{gzip_size, optimized, thousands};
use crate::plain;
use crate::process::{self, once, root, say};
use crate::toolchain::{TARGET, Toolchain, target_dir};

/// What the module may weigh, with everything that it needs.
pub(crate) const GZIP_BUDGET: usize = 40_000;
/// Small first; a decision costs the same at every level of optimisation, but for its share of instructions.
const PROFILE: &str = "wasm";

const SMALL: &[&str] = &["-Oz", "--converge", "--strip-producers", "--strip-target-features"];

/// Where the module goes.
pub(crate) fn path() -> PathBuf {
    target_wasm("pointsman_decide.wasm")
}

/// A file under target/wasm.
pub(crate) fn target_wasm(file: &str) -> PathBuf {
    root().join("target").join("wasm").join(file)
}

/// Builds the module of integers and flat bytes.
pub(crate) fn module() -> Result<()> {
    once("the module that only decides", build)
}

fn build() -> Result<()> {
    let toolchain = Toolchain::find()?;
    say(format_args!("building the module that only decides: {}", toolchain.way));
    process::run(&mut toolchain.build_to_decide(plain::PACKAGE, PROFILE))?;
    let built = target_dir().join(TARGET).join(PROFILE).join("pointsman_plain.wasm");
    let bytes = optimized(&built, SMALL)?;
    plain::exports(&bytes)?;
    write(&path(), &bytes, Some(GZIP_BUDGET))
}

/// Writes a binding, and says what it weighs.
pub(crate) fn write(path: &Path, bytes: &[u8], budget: Option<usize>) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))?;
    let gzip = gzip_size(bytes);
    let verdict = budget.map_or_else(String::new, |budget| {
        let verdict = if gzip > budget { "over its budget of" } else { "budget" };
        format!(" ({verdict} {})", thousands(budget))
    });
    say(format_args!(
        "{}: no imports, {} bytes raw, {} gzip{verdict}",
        path.strip_prefix(root()).unwrap_or(path).display(),
        thousands(bytes.len()),
        thousands(gzip)
    ));
    Ok(())
}
