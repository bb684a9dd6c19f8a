//! Stage 2: [`Document`]s to a [`HostedZone`], or every reason why not, in one pass (semantics 8 and the limits of 1).

use alloc::vec::Vec;

use crate::diagnostic::Diagnostic;
use crate::model::HostedZone;
use crate::parse::{Base, Document};

/// What the documents do not say themselves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// The zone's name, for a zone whose documents have neither HostedZone nor an apex SOA or NS record.
    pub zone_name: Option<&'a str>,
}

/// What validation finds.
#[derive(Debug, Clone)]
pub struct Validated {
    /// The zone; `None` when some finding is of class `cannot-be-evaluated`.
    pub zone: Option<HostedZone>,
    /// Everything found, in the order of the documents.
    pub diagnostics: Vec<Diagnostic>,
}

/// Where the parts of a [`HostedZone`] stand in the documents, element by element.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    /// Of `HostedZone::record_sets`.
    pub(crate) record_sets: Vec<Base>,
    /// Of `HostedZone::health_checks`; `None` for a check that no document describes.
    pub(crate) health_checks: Vec<Option<Base>>,
}

/// Joins documents into a zone.
#[must_use]
pub fn validate(documents: &[Document<'_>], options: &Options<'_>) -> Validated {
    let _ = (documents, options);
    Validated { zone: None, diagnostics: Vec::new() }
}
