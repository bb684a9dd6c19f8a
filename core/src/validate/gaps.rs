//! What may be missing because a document is damaged, so that one fault is one finding.

use crate::map::Set;

use crate::diagnostic::{Class, Diagnostic, Place, Step};
use crate::parse::Document;

/// What the documents' own findings leave unknown.
#[derive(Debug, Default)]
pub(super) struct Gaps<'a> {
    /// Record sets may be missing.
    pub(super) record_sets: bool,
    /// Health checks may be missing.
    pub(super) health_checks: bool,
    /// CIDR collections or their blocks may be missing.
    pub(super) collections: bool,
    /// The zone's name may be missing.
    pub(super) hosted_zone: bool,
    /// Array elements of which some field could not be read.
    damaged: Set<(usize, &'a str, usize)>,
}

impl<'a> Gaps<'a> {
    pub(super) fn find(documents: &'a [&'a Document<'a>]) -> Self {
        let mut gaps = Self::default();
        let cannot = |finding: &&Diagnostic| finding.class == Class::CannotBeEvaluated;
        for finding in documents.iter().flat_map(|document| &document.diagnostics).filter(cannot) {
            let Some(place) = &finding.place else { continue };
            match place.path.0.as_slice() {
                [] => gaps.everything(),
                [Step::Key(key)] => gaps.part(key),
                [Step::Key(key), _] => {
                    gaps.part(key);
                    gaps.damaged.extend(element(place));
                }
                _ => gaps.damaged.extend(element(place)),
            }
        }
        gaps
    }

    fn everything(&mut self) {
        self.record_sets = true;
        self.health_checks = true;
        self.collections = true;
        self.hosted_zone = true;
    }

    fn part(&mut self, key: &str) {
        match key {
            "ResourceRecordSets" | "Changes" | "ChangeBatch" => self.record_sets = true,
            "HealthChecks" => self.health_checks = true,
            "CidrCollections" | "CidrBlocks" => self.collections = true,
            "HostedZone" => self.hosted_zone = true,
            _ => {}
        }
    }

    /// Whether a field of the array element at `place` could not be read.
    pub(super) fn damages(&self, place: &Place) -> bool {
        element(place).is_some_and(|element| self.damaged.contains(&element))
    }
}

fn element(place: &Place) -> Option<(usize, &str, usize)> {
    match place.path.0.as_slice() {
        [Step::Key(key), Step::Index(index), ..] => Some((place.document, key, *index)),
        _ => None,
    }
}
