//! Figures as they are kept in figures/SECTION.json: what was measured, where, and what it may be.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use crate::machine::Machine;

/// What one section measured in its last run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Section {
    /// Where and when.
    pub machine: Machine,
    /// What.
    pub rows: Vec<Row>,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Stable name, such as `resolve/weighted/10000`.
    pub id: String,
    /// The same for readers.
    pub what: String,
    /// The figure: the median, where it is a time.
    pub figure: f64,
    /// Its unit; empty for a ratio.
    pub unit: String,
    /// How far half of the samples lie from the median, as a part of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spread: Option<f64>,
    /// Instructions for the same work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instructions: Option<f64>,
    /// What the figure may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
    /// What stands in the way, where the budget is not met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_the_way: Option<String>,
}

/// What a figure may be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Budget {
    /// No more than this.
    AtMost(f64),
    /// No less than this.
    AtLeast(f64),
}

impl Budget {
    /// Whether a figure keeps to it.
    #[must_use]
    pub fn is_met(self, figure: f64) -> bool {
        match self {
            Self::AtMost(most) => figure <= most,
            Self::AtLeast(least) => figure >= least,
        }
    }

    /// The number.
    #[must_use]
    pub fn number(self) -> f64 {
        match self {
            Self::AtMost(number) | Self::AtLeast(number) => number,
        }
    }
}

impl Row {
    /// A figure without a budget.
    pub fn new(id: impl Into<String>, what: impl Into<String>, figure: f64, unit: &str) -> Self {
        Self {
            id: id.into(),
            what: what.into(),
            figure: rounded(figure),
            unit: unit.into(),
            spread: None,
            instructions: None,
            budget: None,
            in_the_way: None,
        }
    }

    /// Held to this; what stands in the way is named if it is not kept.
    #[must_use]
    pub fn budget(self, budget: Budget, in_the_way: &str) -> Self {
        let in_the_way = (!budget.is_met(self.figure) && !in_the_way.is_empty()).then(|| in_the_way.into());
        Self { budget: Some(budget), in_the_way, ..self }
    }
}

/// Four digits that mean something: the rest is noise, and would change in every run.
#[must_use]
pub fn rounded(figure: f64) -> f64 {
    if figure == 0.0 || !figure.is_finite() {
        return figure;
    }
    let scale = 10_f64.powf(3.0 - figure.abs().log10().floor());
    // Where the scale is below 1, dividing by its inverse keeps whole numbers whole.
    if scale >= 1.0 { (figure * scale).round() / scale } else { (figure * scale).round() * (1.0 / scale).round() }
}

/// The folder of kept figures.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("figures")
}

/// The rows that a section wrote, one JSON object a line.
pub fn read_lines(text: &str) -> Result<Vec<Row>> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| serde_json::from_str(line).with_context(|| format!("not a figure: {line}"))).collect()
}

/// The same as text.
pub fn to_lines(rows: &[Row]) -> Result<String> {
    let mut text = String::new();
    for row in rows {
        text.push_str(&serde_json::to_string(row).context("a figure is not a number")?);
        text.push('\n');
    }
    Ok(text)
}

/// The kept figures of a section, if there are any.
pub fn load(folder: &Path, section: &str) -> Result<Option<Section>> {
    let path = folder.join(format!("{section}.json"));
    if !path.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} does not hold figures", path.display())).map(Some)
}

/// Keeps the figures of a section in place of those of its last run.
pub fn save(folder: &Path, name: &str, section: &Section) -> Result<()> {
    let path = folder.join(format!("{name}.json"));
    let mut text = serde_json::to_string_pretty(section).context("a figure is not a number")?;
    text.push('\n');
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_are_kept() {
        for (exact, kept) in [(123.456, 123.5), (0.001_234_56, 0.001_235), (9_876_543.0, 9_877_000.0), (0.0, 0.0)] {
            assert!((rounded(exact) - kept).abs() < 1e-9, "{exact}");
        }
    }

    #[test]
    fn lines_come_back_as_they_were() {
        let row = Row::new("a", "b", 3.5, "ns").budget(Budget::AtMost(3.0), "because");
        assert_eq!(row.in_the_way.as_deref(), Some("because"));
        assert_eq!(read_lines(&to_lines(std::slice::from_ref(&row)).unwrap()).unwrap(), [row]);
        assert!(read_lines("{\"id\":1}").is_err());
    }

    #[test]
    fn what_stands_in_the_way_is_only_told_when_something_does() {
        assert_eq!(Row::new("a", "b", 2.0, "ns").budget(Budget::AtMost(3.0), "because").in_the_way, None);
        assert!(Budget::AtLeast(2.0).is_met(2.0) && !Budget::AtLeast(2.0).is_met(1.9));
    }
}
