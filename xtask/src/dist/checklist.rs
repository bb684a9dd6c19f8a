//! RELEASING.md and README.md against what is made: a page of commands that nobody runs must not grow old.

use super::archive::text;
use super::made::Dist;
use crate::process::root;

use anyhow::{Result, ensure};

/// Refuses an artefact that RELEASING.md does not push, and a page that pushes what is not made.
pub(crate) fn check(dist: &Dist) -> Result<()> {
    let version = &dist.facts.version;
    let releasing = text(&root().join("RELEASING.md"))?;
    let push = releasing.split("## Push").nth(1).and_then(|rest| rest.split("```").nth(1)).unwrap_or_default();
    for artefact in &dist.made {
        let name = artefact.file.strip_suffix(&format!("-{version}.crate")).unwrap_or(&artefact.file);
        ensure!(
            push.split_whitespace().any(|word| plain(word) == name),
            "RELEASING.md does not push {}",
            artefact.file
        );
    }
    let pushed = push.split_whitespace().map(plain);
    for word in pushed.filter(|word| word.starts_with("pointsman-") && word.contains(version.as_str())) {
        let made = dist.made.iter().any(|artefact| artefact.file == word);
        ensure!(made, "RELEASING.md pushes {word}, which is not made");
    }
    let wkg = text(&root().join("wasm/wit/wkg.toml"))?;
    for fact in [&dist.facts.license, &dist.facts.repository] {
        ensure!(wkg.contains(&format!("\"{fact}\"")), "wasm/wit/wkg.toml does not say {fact}");
    }
    let readme = text(&root().join("README.md"))?;
    let install = readme.split("## Install").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap_or_default();
    for word in install.split(['`', ' ']).filter(|word| word.contains(&format!("-{version}"))) {
        let file = plain(word.trim_start_matches("./"));
        ensure!(dist.made.iter().any(|artefact| artefact.file == file), "README.md installs {word}, which is not made");
    }
    Ok(())
}

/// A word of a command without what the shell or a registry puts after a file's name.
fn plain(word: &str) -> &str {
    word.trim_end_matches(';').split(':').next().unwrap_or_default()
}
