//! Findings as errors and as lines.

use std::fmt;

use crate::bindings::exports::pointsman::routing::routing::{Diagnostic, Severity};

/// Why documents were refused.
#[derive(Debug)]
pub struct Findings(pub Vec<Diagnostic>);

impl std::error::Error for Findings {}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, finding) in self.0.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            f.write_str(&line(finding))?;
        }
        Ok(())
    }
}

/// A finding on one line: `zone.json:12:7: error: what is wrong (what to do)`.
pub fn line(finding: &Diagnostic) -> String {
    let mut text = finding.document.clone().unwrap_or_default();
    for number in [finding.line, finding.column].into_iter().flatten() {
        text.push_str(&format!(":{number}"));
    }
    if !text.is_empty() {
        text.push_str(": ");
    }
    text.push_str(if finding.severity == Severity::Error { "error: " } else { "warning: " });
    text.push_str(&finding.message);
    if !finding.help.is_empty() {
        text.push_str(&format!(" ({})", finding.help));
    }
    text
}
