//! Findings with the place of each in the text that it is about.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Deref;

use super::source::Source;
use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::parse::Locator;

/// What was found in some texts, in the order of the texts. As an error it is why they were refused.
///
/// It prints a line for each finding, as compilers do:
///
/// ```
/// use pointsman_core::{Source, check, validate::Options};
/// let text = "{\"HostedZone\": {\"Name\": \"example.com.\"},\n \"ResourceRecordSets\": [{\"Name\": \"example.com.\"}]}";
/// let found = check([Source::named("zone.json", text)], &Options::default());
/// assert_eq!(
///     found.to_string(),
///     "zone.json:2:25: error: the record set has no Type [type-missing]; give its Type\n\
///      zone.json:2:25: error: the record set has neither values nor an alias target [content-missing]; give TTL and \
///      ResourceRecords with at least one value, or give AliasTarget"
/// );
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Findings(Vec<Located>);

/// A [`Diagnostic`] with its document's name and its place in the text; it reads as the diagnostic.
#[derive(Debug, Clone, PartialEq)]
pub struct Located {
    /// What was found.
    pub diagnostic: Diagnostic,
    /// The name of the document, where it has one.
    pub document: Option<String>,
    /// Where in its text; `None` when the finding is about no document.
    pub location: Option<Location>,
}

impl Findings {
    /// Finds each diagnostic's place in its text.
    pub(super) fn locate(diagnostics: Vec<Diagnostic>, sources: &[Source<'_>]) -> Self {
        if diagnostics.is_empty() {
            return Self::default();
        }
        let locators: Vec<Locator> = sources.iter().map(|source| Locator::new(source.text)).collect();
        let located = diagnostics.into_iter().map(|diagnostic| {
            let place = diagnostic.place.as_ref();
            let found = place.and_then(|place| {
                let (source, locator) = (sources.get(place.document)?, locators.get(place.document)?);
                Some((source.name.map(Into::into), locator.locate(source.text, place)))
            });
            let (document, location) = found.map_or((None, None), |(name, location)| (name, Some(location)));
            Located { diagnostic, document, location }
        });
        Self(located.collect())
    }

    /// Whether any of them is an error. Those of a zone that can be evaluated are what Route 53 would refuse (10.47).
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The findings, to be taken apart.
    #[must_use]
    pub fn into_vec(self) -> Vec<Located> {
        self.0
    }
}

impl Deref for Findings {
    type Target = [Located];

    fn deref(&self) -> &[Located] {
        &self.0
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, finding) in self.0.iter().enumerate() {
            if number > 0 {
                f.write_str("\n")?;
            }
            finding.fmt(f)?;
        }
        Ok(())
    }
}

impl core::error::Error for Findings {}

impl Located {
    /// The finding as a line of JSON, the form of `pointsman check --json`.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.diagnostic.to_json_of(self.document.as_deref(), self.location.as_ref())
    }
}

impl Deref for Located {
    type Target = Diagnostic;

    fn deref(&self) -> &Diagnostic {
        &self.diagnostic
    }
}

impl fmt::Display for Located {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.document, &self.location, &self.place) {
            (Some(name), Some(Location { line, column, .. }), _) => write!(f, "{name}:{line}:{column}: ")?,
            (None, Some(Location { line, column, .. }), Some(place)) => {
                write!(f, "document {}, line {line}, column {column}: ", place.document)?;
            }
            _ => {}
        }
        write!(f, "{}", self.diagnostic)
    }
}
