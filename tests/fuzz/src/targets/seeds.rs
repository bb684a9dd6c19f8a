//! Inputs that get far: the documented cases and the files of the examples.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use pointsman_tests::case::Case;
use pointsman_tests::{cases, vectors};

/// Each documented case.
pub(super) fn documented() -> Result<Vec<Case>> {
    let mut all = Vec::new();
    for file in files(&vectors(), "json")? {
        if !file.ends_with("schema.json") {
            all.extend(cases(&file)?);
        }
    }
    Ok(all)
}

/// The contents of the files of a folder of the project whose names end so, in order.
pub(super) fn contents(folder: &str, ending: &str) -> Result<Vec<Vec<u8>>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder);
    files(&folder, ending)?
        .iter()
        .map(|file| fs::read(file).with_context(|| format!("cannot read {}", file.display())))
        .collect()
}

fn files(folder: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    files.retain(|file| file.is_file() && file.to_string_lossy().ends_with(ending));
    files.sort();
    Ok(files)
}
