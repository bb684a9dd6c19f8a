//! The same commit once more, in a folder of another name and another depth: which artefacts are byte for byte equal.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::archive::{empty, text};
use super::made::Dist;
use crate::process::{root, run, say};

/// What another folder changes. RELEASING.md says why; an artefact that is in this list and equal is an error, too.
const UNEQUAL: [&str; 0] = [];

/// Builds everything again from a clone, and compares the digests of the manifests.
pub(crate) fn compare(dist: &Dist) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("pointsman-second-build-{}", std::process::id()));
    empty(&folder)?;
    let clone = folder.join("a/deeper/clone");
    copy(&clone)?;
    let mut again = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    again.current_dir(&clone).env_remove("CARGO_TARGET_DIR").stdout(std::io::stderr());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_MANIFEST_")) {
        again.env_remove(name);
    }
    run(again.args(["run", "--quiet", "--release", "--locked", "--package", "xtask", "--", "dist"]))?;

    let (first, second) = (digests(&dist.folder)?, digests(&clone.join("target/dist"))?);
    ensure!(first.keys().eq(second.keys()), "the second build makes other artefacts");
    let differ: Vec<&str> = first
        .iter()
        .filter(|(file, digest)| second.get(*file) != Some(*digest))
        .map(|(file, _)| file.as_str())
        .collect();
    if differ != UNEQUAL {
        let place = folder.display();
        bail!(
            "built in another folder, {differ:?} differ, and those of the list are {UNEQUAL:?}; the second build is in {place}"
        );
    }
    std::fs::remove_dir_all(&folder)?;
    say(format_args!(
        "{} artefacts, built in two folders: {} are byte for byte equal",
        first.len(),
        first.len() - differ.len()
    ));
    Ok(())
}

/// A clone with the changes that are not committed, too.
fn copy(to: &Path) -> Result<()> {
    run(Command::new("git").args(["clone", "--quiet", "--no-hardlinks"]).arg(root()).arg(to))?;
    let list = Command::new("git")
        .current_dir(root())
        .args(["ls-files", "--modified", "--others", "--deleted", "--exclude-standard"])
        .output()
        .context("git does not run")?;
    for file in String::from_utf8_lossy(&list.stdout).lines() {
        let (from, to) = (root().join(file), to.join(file));
        if from.is_file() {
            if let Some(folder) = to.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::copy(from, to)?;
        } else {
            let _ = std::fs::remove_file(to);
        }
    }
    Ok(())
}

/// The digests of a manifest by the artefacts' names.
fn digests(folder: &Path) -> Result<BTreeMap<String, String>> {
    let manifest: Value = serde_json::from_str(&text(&folder.join("manifest.json"))?)?;
    let artefacts = manifest.get("artefacts").and_then(Value::as_array).context("the manifest has no artefacts")?;
    let pair = |artefact: &Value| {
        let field = |name: &str| artefact.get(name).and_then(Value::as_str).map(str::to_owned);
        Some((field("file")?, field("sha256")?))
    };
    artefacts.iter().map(|artefact| pair(artefact).context("the manifest names no digest")).collect()
}
