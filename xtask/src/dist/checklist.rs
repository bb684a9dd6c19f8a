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
            push.split_whitespace().any(|word| word.trim_end_matches(';') == name),
            "RELEASING.md does not push {}",
            artefact.file
        );
    }
    for word in push
        .split_whitespace()
        .filter(|word| word.contains(version.as_str()) && !word.starts_with('v') && !word.contains('$'))
    {
        let made = dist.made.iter().any(|artefact| artefact.file == word);
        ensure!(made, "RELEASING.md pushes {word}, which is not made");
    }
    let readme = text(&root().join("README.md"))?;
    let install = readme.split("## Install").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap_or_default();
    for word in install.split(['`', ' ']).filter(|word| word.contains(&format!("-{version}"))) {
        let file = word.trim_start_matches("./");
        ensure!(dist.made.iter().any(|artefact| artefact.file == file), "README.md installs {word}, which is not made");
    }
    Ok(())
}
