//! What comes of a change batch.

use alloc::vec::Vec;

use crate::diagnostic::Diagnostic;
use crate::model::HostedZone;
use crate::parse::Origin;

/// What a change batch does to a zone.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The zone after the batch; `None` when the batch is refused or the zone cannot be evaluated.
    pub zone: Option<HostedZone>,
    /// Why the batch is refused, what it brings about, and errors that the zone had before. Warnings that the zone had
    /// before are left out: [`validate`](crate::validate::validate) tells them.
    pub diagnostics: Vec<Diagnostic>,
    /// The record sets after the batch, each by where it stands: first those of the documents in their order, a changed
    /// one in its old place, then the created ones. As before when the batch is refused.
    pub record_sets: Vec<Origin>,
}
