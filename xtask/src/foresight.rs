//! `cargo xtask wasm`, the analyses: drill, diff and recovery times as a core module for the npm package.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use wasmparser::{Parser, Payload};

use crate::module::{gzip_size, optimized};
use crate::process::{self, root, say};
use crate::toolchain::{TARGET, Toolchain, target_dir};

const PACKAGE: &str = "pointsman-verify-wasm";
/// Small first: it travels to a page.
const PROFILE: &str = "wasm-small";
const PASSES: &[&str] = &["-Oz"];
/// What the module may weigh in a gzip file, in bytes.
const GZIP_BUDGET: usize = 300_000;
/// The one thing that it imports: how far it is, and whether to go on.
const IMPORT: (&str, &str) = ("pointsman", "progress");

/// Builds and weighs the module.
pub(crate) fn module() -> Result<PathBuf> {
    let toolchain = Toolchain::find()?;
    say(format_args!("building the module of the analyses: {}", toolchain.way));
    process::run(&mut toolchain.build_with_std(PACKAGE, PROFILE))?;

    let built = target_dir().join(TARGET).join(PROFILE).join("pointsman_verify_wasm.wasm");
    let bytes = optimized(&built, PASSES)?;
    for payload in Parser::new(0).parse_all(&bytes) {
        if let Payload::ImportSection(section) = payload? {
            for import in section.into_imports() {
                let import = import?;
                if (import.module, import.name) != IMPORT {
                    bail!("the module of the analyses imports {}.{}", import.module, import.name);
                }
            }
        }
    }
    let path = root().join("target").join("wasm").join("pointsman_verify.wasm");
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
    let gzip = gzip_size(&bytes);
    let verdict = if gzip > GZIP_BUDGET { "over its budget of" } else { "budget" };
    say(format_args!("target/wasm/pointsman_verify.wasm: {} bytes raw, {gzip} gzip ({verdict} {GZIP_BUDGET})", bytes.len()));
    Ok(path)
}
