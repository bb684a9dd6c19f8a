//! What all probers find together: a function of the keys at one revision, and of nothing else.

use std::collections::BTreeMap;

use pointsman_core::health::{HealthyAbove, Votes};
use pointsman_core::parse::RawStatus;

use crate::mirror::Mirror;
use crate::statuses::{Statuses, Subject};

/// What all probers find together in one zone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Verdict {
    /// Raw statuses; what has no data is not in it.
    pub statuses: Statuses,
    /// How many probers have a table of the zone.
    pub live: u64,
    /// How many have to.
    pub quorum: u64,
}

impl Verdict {
    /// Whether too few probers live for any of it to change.
    #[must_use]
    pub const fn is_frozen(&self) -> bool {
        self.live < self.quorum
    }
}

/// Counts the votes on each endpoint of a zone.
#[must_use]
pub fn votes(mirror: &Mirror, zone: &str) -> BTreeMap<Subject, Votes> {
    let mut all: BTreeMap<&Subject, Votes> = BTreeMap::new();
    for (_, table) in mirror.tables(zone) {
        for (subject, status) in &table.statuses.0 {
            all.entry(subject).or_default().add(*status);
        }
    }
    all.into_iter().map(|(subject, votes)| (subject.clone(), votes)).collect()
}

/// What the probers of a fleet find together in a zone (semantics 6.2.2), by the rules that the fleet keeps.
///
/// Below the quorum the statuses are those of the report before. An endpoint that fewer than the quorum try, as while a
/// version of a zone is rolled out, stays what it was. One that nobody tries is in the report only while there are too few
/// to say so. A status from outside counts as it was last reported.
#[must_use]
pub fn verdict(mirror: &Mirror, zone: &str) -> Verdict {
    let rules = mirror.rules();
    let above = rules.map_or_else(HealthyAbove::default, |rules| rules.healthy_above);
    let live = mirror.tables(zone).count() as u64;
    let half = (mirror.seen() as u64).div_ceil(2);
    let quorum = rules.and_then(|rules| rules.quorum).map_or(half, u64::from).max(1);
    let before = |subject: &Subject| mirror.report(zone).and_then(|report| report.statuses.0.get(subject).copied());
    let mut statuses = BTreeMap::new();
    if live < quorum {
        statuses.extend(mirror.report(zone).into_iter().flat_map(|report| report.statuses.0.clone()));
    } else {
        for (subject, votes) in votes(mirror, zone) {
            let status = votes.status(above, quorum, before(&subject).unwrap_or_default());
            statuses.insert(subject, status);
        }
    }
    for (subject, told) in mirror.told(zone) {
        statuses.insert(subject.clone(), told.status);
    }
    statuses.retain(|_, status| *status != RawStatus::NoData);
    Verdict { statuses: Statuses(statuses), live, quorum }
}
