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

/// Seconds since 1970 as RFC 3339 has them.
pub(crate) fn date(seconds: u64) -> Result<String> {
    let days = i64::try_from(seconds / 86_400)?;
    // Days since 1 March of the year 0, in eras of 400 years.
    let shifted = days.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    Ok(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
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

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_796_083_200, "2026-12-01T00:00:00Z"),
        ] {
            assert_eq!(date(seconds).unwrap(), text);
        }
    }
}
