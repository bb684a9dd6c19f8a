//! The filter for Envoy, and those that it is compared with: built, weighed, and held to what Envoy offers.

use std::fs;

use anyhow::{Context as _, Result, bail};
use wasmparser::{Parser, Payload};

use crate::module::{gzip_size, optimized};
use crate::process::{self, once, root, say};
use crate::toolchain::{TARGET, Toolchain, target_dir};

const PACKAGE: &str = "pointsman-envoy";
/// Filters to compare with: one that does nothing, one that reads a header and sets one, one that traps.
const BASELINE: &str = "pointsman-envoy-baseline";
/// The profile of the root manifest for bindings that answer one query a call.
const PROFILE: &str = "wasm-quick";
/// How wasm-opt treats it. Measured side by side, profile and level for size take a quarter off the module and add half a
/// microsecond to each request; this level takes a tenth off for nothing.
const PASSES: &[&str] = &["-O3"];
/// Whom a proxy-wasm module may ask: Envoy, and the one function for random bytes of WASI that Envoy has.
const IMPORTS: [&str; 2] = ["env", "wasi_snapshot_preview1"];

/// Builds the filter into target/wasm.
pub(crate) fn module() -> Result<()> {
    once("the filter for Envoy", || build(PACKAGE, "pointsman_envoy.wasm"))
}

/// Builds the filters to compare with.
pub(crate) fn baseline() -> Result<()> {
    once("the filters to compare with", || build(BASELINE, "pointsman_envoy_baseline.wasm"))
}

fn build(package: &str, file: &str) -> Result<()> {
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
    Ok(())
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
