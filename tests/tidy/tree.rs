//! The files of the project.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

/// A file with its path from the top of the project.
pub(crate) struct File {
    /// Such as `core/src/lib.rs`.
    pub(crate) path: String,
    /// What it holds.
    pub(crate) text: String,
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Every text file of the project with one of these endings.
pub(crate) fn files(endings: &[&str]) -> Result<Vec<File>> {
    let root = root();
    let (mut found, mut folders) = (Vec::new(), vec![String::new()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if entry.file_type()?.is_dir() {
                if !matches!(name.as_str(), ".git" | "target" | "node_modules") {
                    folders.push(path);
                }
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let text = fs::read_to_string(root.join(&path)).with_context(|| format!("cannot read {path}"))?;
                found.push(File { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    ensure!(!found.is_empty(), "no files end in {endings:?}");
    Ok(found)
}

pub(crate) fn read(path: &str) -> Result<String> {
    fs::read_to_string(root().join(path)).with_context(|| format!("cannot read {path}"))
}

/// Fails with every fault, one a line.
pub(crate) fn report(faults: &[String]) -> Result<()> {
    ensure!(faults.is_empty(), "\n{}", faults.join("\n"));
    Ok(())
}

/// A line of Rust without its comment. A `//` inside a string ends it too, which loses nothing here.
pub(crate) fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// A line of Rust from its comment on.
pub(crate) fn comment(line: &str) -> Option<&str> {
    line.split_once("//").map(|(_, comment)| comment.trim_start_matches(['/', '!']).trim())
}
