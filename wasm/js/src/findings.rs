//! Findings as one JSON array: core's own line for each, with the bytes that it is about.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use pointsman_core::diagnostic::Diagnostic;
use pointsman_core::parse::Locator;

/// A text with its name, as findings speak of it.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) name: &'a str,
    pub(crate) text: &'a str,
}

/// The findings about some texts.
pub(crate) fn to_json(findings: &[Diagnostic], sources: &[Source<'_>]) -> String {
    if findings.is_empty() {
        return "[]".into();
    }
    let names: Vec<&str> = sources.iter().map(|source| source.name).collect();
    let locators: Vec<Locator> = sources.iter().map(|source| Locator::new(source.text)).collect();
    let mut array = String::new();
    for finding in findings {
        array.push(if array.is_empty() { '[' } else { ',' });
        let location = finding.place.as_ref().and_then(|place| {
            let (locator, source) = (locators.get(place.document)?, sources.get(place.document)?);
            Some((locator.locate(source.text, place), place.document))
        });
        let line = finding.to_json(&names, location.as_ref().map(|(location, _)| location));
        match (location, line.strip_suffix('}')) {
            (Some((location, document)), Some(line)) => {
                array.push_str(line);
                array.push_str(&format!(
                    ",\"source\":{document},\"start\":{},\"end\":{}}}",
                    location.start, location.end
                ));
            }
            _ => array.push_str(&line),
        }
    }
    array.push(']');
    array
}
