//! `cargo xtask wasm`, the plain binding: a core module for runtimes without components, which must import nothing.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use wasmparser::{ExternalKind, Parser, Payload};

use crate::process::{self, once, root, say};
use crate::toolchain::{TARGET, Toolchain, target_dir};

pub(crate) const PACKAGE: &str = "pointsman-plain";
/// The profile of the root manifest for bindings that answer one query a call.
const PROFILE: &str = "wasm-quick";

/// Where the module goes.
pub(crate) fn path() -> PathBuf {
    root().join("target").join("wasm").join("pointsman_plain.wasm")
}

/// Builds the module.
pub(crate) fn module() -> Result<()> {
    once("the plain module", build)
}

fn build() -> Result<()> {
    let toolchain = Toolchain::find()?;
    say(format_args!("building the plain module: {}", toolchain.way));
    process::run(&mut toolchain.build(PACKAGE, PROFILE))?;

    let built = target_dir().join(TARGET).join(PROFILE).join("pointsman_plain.wasm");
    let bytes = fs::read(&built).with_context(|| format!("cannot read {}", built.display()))?;
    let exports = exports(&bytes)?;
    if !exports.iter().any(|name| name == "pointsman_abi_version") {
        bail!("the module does not export pointsman_abi_version");
    }
    let path = path();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(&path, &bytes).with_context(|| format!("cannot write {}", path.display()))?;
    say(format_args!("target/wasm/pointsman_plain.wasm: no imports, {} bytes, {} exports", bytes.len(), exports.len()));
    Ok(())
}

/// The names that a module exports. One that imports anything is refused.
pub(crate) fn exports(module: &[u8]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(section) if section.count() > 0 => {
                bail!("the plain module must import nothing, and it imports {} things", section.count());
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if matches!(export.kind, ExternalKind::Func | ExternalKind::Memory) {
                        names.push(export.name.to_owned());
                    }
                }
            }
            _ => {}
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_that_imports_is_refused() {
        assert_eq!(exports(b"\0asm\x01\0\0\0").unwrap(), Vec::<String>::new());
        // One type `() -> ()`, and one function of it imported as `a` `b`.
        let importing = b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x02\x07\x01\x01a\x01b\0\0";
        assert!(exports(importing).unwrap_err().to_string().contains("import nothing"));
    }
}
