//! Seeds as libFuzzer takes them: a folder of files, and a dictionary of the words in them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::targets::Target;

/// Words that the dictionary holds at most.
const WORDS: usize = 600;

/// The folder of what was found: a folder a target, a file an input.
#[must_use]
pub fn regressions() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions")
}

/// Writes the seeds of a target and what was found before into a folder, a file each, and beside it the dictionary, under
/// the folder's name with the ending `dict`.
///
/// # Errors
/// A file cannot be read or written.
pub fn write_seeds(target: &Target, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let mut words = BTreeSet::new();
    for (number, seed) in (target.seeds)()?.iter().enumerate() {
        fs::write(folder.join(format!("seed-{number:04}")), seed)?;
        words.extend(String::from_utf8_lossy(seed).split('"').filter(|word| is_word(word)).map(str::to_owned));
    }
    let found = regressions().join(target.name);
    if found.is_dir() {
        for file in fs::read_dir(found)? {
            let file = file?;
            fs::copy(file.path(), folder.join(file.file_name()))?;
        }
    }
    let lines: Vec<String> = words.iter().take(WORDS).map(|word| format!("\"{word}\"\n")).collect();
    // A dictionary without a word is an error to libFuzzer.
    let words = if lines.is_empty() { "\"example\"\n".to_owned() } else { lines.concat() };
    fs::write(folder.with_extension("dict"), words)?;
    Ok(())
}

fn is_word(word: &str) -> bool {
    (2..=40).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_. :/".contains(&byte))
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}
