//! What every artefact says of itself: the version, which stands in the root manifest, the semantics, and the revision.

use std::process::Command;

use anyhow::{Context as _, Result};

use super::archive::text;
use crate::process::{output, root};

/// Facts that each exist in one place, read from there.
#[derive(Debug)]
pub(crate) struct Facts {
    /// The version of the package, such as `0.1.0`.
    pub(crate) version: String,
    /// The version of the semantics (docs/semantics.md).
    pub(crate) semantics: String,
    /// The version of the plain module's ABI.
    pub(crate) abi: String,
    /// The licence as an SPDX expression.
    pub(crate) license: String,
    /// Where the project lives.
    pub(crate) repository: String,
    /// One line of what it is.
    pub(crate) description: String,
    /// The commit, or `unknown` outside of a clone.
    pub(crate) revision: String,
    /// Whether files of the clone differ from the commit.
    pub(crate) modified: bool,
    /// When the commit was made, in seconds since 1970; 0 outside of a clone.
    pub(crate) date: u64,
}

impl Facts {
    /// Reads them.
    pub(crate) fn read() -> Result<Self> {
        let manifest = text(&root().join("Cargo.toml"))?;
        let shared = manifest.split("[workspace.package]").nth(1).context("Cargo.toml has no [workspace.package]")?;
        let field = |name: &str| {
            let line = shared.lines().find_map(|line| line.strip_prefix(&format!("{name} = \"")));
            line.and_then(|line| line.strip_suffix('"'))
                .map(str::to_owned)
                .with_context(|| format!("[workspace.package] has no {name}"))
        };
        let semantics = text(&root().join("docs/semantics.md"))?;
        let semantics = between(&semantics, "**Semantics version ", ".").context("docs/semantics.md has no version")?;
        let abi = text(&root().join("host-examples/coredns/plain/engine.go"))?;
        let abi = between(&abi, "const ABIVersion = ", "\n").context("engine.go has no ABIVersion")?;
        let git = |arguments: &[&str]| {
            let output = Command::new("git").current_dir(root()).args(arguments).output().ok()?;
            output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        Ok(Self {
            version: field("version")?,
            license: field("license")?,
            repository: field("repository")?,
            description: field("description")?,
            semantics: semantics.to_owned(),
            abi: abi.to_owned(),
            revision: git(&["rev-parse", "HEAD"]).unwrap_or_else(|| "unknown".into()),
            modified: git(&["status", "--porcelain"]).is_none_or(|changes| !changes.is_empty()),
            date: git(&["log", "-1", "--format=%ct"]).and_then(|date| date.parse().ok()).unwrap_or(0),
        })
    }

    /// The target that native artefacts are for: the machine's own.
    pub(crate) fn host() -> Result<String> {
        let verbose = output("rustc", &["-vV"]).context("rustc does not run")?;
        between(&verbose, "host: ", "\n").map(str::to_owned).context("rustc names no host")
    }
}

/// What stands between two marks.
pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split(before).nth(1)?.split(after).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_are_where_they_are_looked_for() {
        let facts = Facts::read().unwrap();
        assert_eq!(facts.version, env!("CARGO_PKG_VERSION"));
        assert!(facts.semantics.parse::<u16>().is_ok() && facts.abi.parse::<u16>().is_ok(), "{facts:?}");
        assert_eq!(facts.license, env!("CARGO_PKG_LICENSE"));
    }
}
