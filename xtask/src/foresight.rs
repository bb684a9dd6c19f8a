//! `cargo xtask wasm`, the analyses and the reader of other formats, as core modules for the npm package.

use std::fs;

use anyhow::{Context as _, Result, bail};
use wasmparser::{Parser, Payload};

use crate::module::{gzip_size, optimized};
use crate::process::{self, root, say};
use crate::toolchain::{TARGET, Toolchain, target_dir};

const PACKAGE: &str = "pointsman-verify-wasm";
/// Small first: it travels to a page.
const PROFILE: &str = "wasm-small";
const PASSES: &[&str] = &["-Oz"];
/// The one thing that they import: how far it is, and whether to go on.
const IMPORT: (&str, &str) = ("pointsman", "progress");

/// A module: the feature of the crate that it is, and its file under target/wasm.
struct Module {
    feature: &'static str,
    file: &'static str,
    gzip_budget: usize,
}

const MODULES: [Module; 2] = [
    Module { feature: "analyses", file: "pointsman_verify.wasm", gzip_budget: 300_000 },
    Module { feature: "formats", file: "pointsman_import.wasm", gzip_budget: 300_000 },
];

/// Builds and weighs the modules.
pub(crate) fn modules() -> Result<()> {
    MODULES.iter().try_for_each(build)
}

fn build(module: &Module) -> Result<()> {
    let toolchain = Toolchain::find()?;
    let Module { feature, file, gzip_budget } = module;
    say(format_args!("building {file}: {}", toolchain.way));
    process::run(toolchain.build_with_std(PACKAGE, PROFILE).args(["--features", feature]))?;

    let built = target_dir().join(TARGET).join(PROFILE).join("pointsman_verify_wasm.wasm");
    let bytes = optimized(&built, PASSES)?;
    for payload in Parser::new(0).parse_all(&bytes) {
        if let Payload::ImportSection(section) = payload? {
            for import in section.into_imports() {
                let import = import?;
                if (import.module, import.name) != IMPORT {
                    bail!("{file} imports {}.{}", import.module, import.name);
                }
            }
        }
    }
    let folder = root().join("target").join("wasm");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let path = folder.join(file);
    fs::write(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
    let gzip = gzip_size(&bytes);
    let verdict = if gzip > *gzip_budget { "over its budget of" } else { "budget" };
    say(format_args!("target/wasm/{file}: {} bytes raw, {gzip} gzip ({verdict} {gzip_budget})", bytes.len()));
    Ok(())
}
