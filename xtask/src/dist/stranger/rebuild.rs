//! Who trusts nobody and builds it again: the WebAssembly modules from a clone in another folder, which are the same bytes.

use anyhow::{Context as _, Result, ensure};

use super::folder::{Folder, prints};
use crate::dist::archive::read;
use crate::dist::made::Dist;
use crate::process::{root, run, say};

/// What `cargo xtask wasm` writes, below target/wasm.
const MODULES: [&str; 4] =
    ["pointsman.component.wasm", "pointsman_plain.wasm", "pointsman_envoy.wasm", "npm/pointsman.wasm"];

/// Builds the commit in a clone with a target folder of its own, and compares. A clone with changes is left alone, since the
/// commit is not what was packed.
pub(super) fn compares(dist: &Dist) -> Result<()> {
    if dist.facts.modified || dist.facts.revision == "unknown" {
        say("not built again: files differ from the commit, or there is none");
        return Ok(());
    }
    let folder = Folder::new("rebuild")?;
    let clone = folder.0.join("another clone");
    prints(folder.command("git").args(["clone", "--quiet", "--no-hardlinks"]).arg(root()).arg(&clone))?;
    prints(folder.command("git").current_dir(&clone).args(["checkout", "--quiet", &dist.facts.revision]))?;
    run(folder.command("cargo").current_dir(&clone).args(["xtask", "wasm"]).env_remove("CARGO_TARGET_DIR"))?;
    for module in MODULES {
        let (here, there) = (root().join("target/wasm").join(module), clone.join("target/wasm").join(module));
        let (here, there) = (read(&here)?, read(&there).with_context(|| format!("the clone built no {module}"))?);
        let at = here.iter().zip(&there).position(|(one, other)| one != other).unwrap_or(here.len().min(there.len()));
        ensure!(here == there, "{module} is not the same in another folder: it differs from byte {at} on");
    }
    Ok(())
}
