//! What the tests share: the documented cases, the engines under test, the judge, and a second implementation.

mod base64;
pub mod case;
#[cfg(feature = "component")]
pub mod component;
#[cfg(feature = "component")]
pub mod component_decide;
pub mod coredns;
pub mod decide;
pub mod engine;
pub mod envoy;
pub mod generate;
pub mod judge;
pub mod lines;
pub mod oracle;
pub mod plain;
pub mod questions;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use case::Case;

/// The folder of the documented cases.
#[must_use]
pub fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// The cases of one file.
pub fn cases(file: &Path) -> anyhow::Result<Vec<Case>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not a list of cases", file.display()))
}

/// A number that an environment variable sets, or another when it is not there.
pub fn number_of(variable: &str, otherwise: u64) -> anyhow::Result<u64> {
    match std::env::var(variable) {
        Ok(text) => text.parse().with_context(|| format!("{variable} is a number, not `{text}`")),
        Err(_) => Ok(otherwise),
    }
}
