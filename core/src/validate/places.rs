//! Where the parts of a zone stand in its documents, for the lints.

use alloc::vec::Vec;

use crate::parse::Origin;

/// Where the parts of a [`HostedZone`] stand in the documents, element by element.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    /// Of `HostedZone::record_sets`.
    pub(crate) record_sets: Vec<Origin>,
    /// Of `HostedZone::health_checks`; `None` for a check that no document describes.
    pub(crate) health_checks: Vec<Option<Origin>>,
}
