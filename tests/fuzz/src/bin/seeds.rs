//! Writes the seeds of a target into a folder, a file each, and beside it a dictionary of the words in them; without
//! arguments, lists the targets.
#![expect(clippy::print_stdout, reason = "a program's output")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use pointsman_fuzz::{TARGETS, find};

/// Words that the dictionary holds at most.
const WORDS: usize = 600;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let (Some(name), Some(folder)) = (arguments.next(), arguments.next()) else {
        for target in TARGETS {
            println!("{}\t{}", target.name, target.reads);
        }
        return Ok(());
    };
    let target = find(&name).with_context(|| format!("there is no target `{name}`"))?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let mut words = BTreeSet::new();
    for (number, seed) in (target.seeds)()?.iter().enumerate() {
        fs::write(folder.join(format!("seed-{number:04}")), seed)?;
        words.extend(String::from_utf8_lossy(seed).split('"').filter(|word| is_word(word)).map(str::to_owned));
    }
    let lines: Vec<String> = words.iter().take(WORDS).map(|word| format!("\"{word}\"\n")).collect();
    fs::write(folder.with_extension("dict"), lines.concat())?;
    println!("{}", folder.display());
    Ok(())
}

fn is_word(word: &str) -> bool {
    (2..=40).contains(&word.len())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_. :/".contains(&byte))
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}
