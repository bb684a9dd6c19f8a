//! Findings as lines of JSON.

use alloc::string::String;
use alloc::vec::Vec;

use pointsman_core::diagnostic::Diagnostic;
use pointsman_core::parse::Locator;

/// A line for each finding, placed in the text that it is about: name and text of each document.
pub(crate) fn lines(findings: &[Diagnostic], documents: &[(&str, &str)]) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = documents.iter().map(|document| document.0).collect();
    let locators: Vec<Locator> = documents.iter().map(|document| Locator::new(document.1)).collect();
    let mut lines = String::new();
    for finding in findings {
        let location = finding.place.as_ref().and_then(|place| {
            let document = documents.get(place.document)?;
            Some(locators.get(place.document)?.locate(document.1, place))
        });
        lines.push_str(&finding.to_json(&names, location.as_ref()));
        lines.push('\n');
    }
    lines
}
