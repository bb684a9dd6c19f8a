//! What a question consults of a client, and what is said of one.

use std::collections::BTreeSet;

use pointsman_core::model::routing::PolicyKind;
use pointsman_core::model::{Continent, Country, Region, RoutingPolicy};
use pointsman_core::query::Client;

use crate::subject::{Leads, Subject};

/// The most combinations of facts that are tried for a question.
pub const COMBINATIONS_MAX: usize = 200_000;

/// What a question consults of a client.
#[derive(Debug, Clone, Default)]
pub(crate) struct Consults {
    pub(crate) groups: Vec<usize>,
    pub(crate) place: bool,
    pub(crate) network: bool,
    pub(crate) position: bool,
    /// The Regions of latency groups.
    pub(crate) regions: BTreeSet<Region>,
}

impl Consults {
    /// What the groups below consult.
    pub(crate) fn of(subject: &Subject, group: usize) -> Self {
        let mut found = Self::default();
        let (mut open, mut seen) = (vec![group], BTreeSet::new());
        while let Some(number) = open.pop() {
            let Some(group) = subject.group(number).filter(|_| seen.insert(number)) else { continue };
            for record in &group.members {
                if let Leads::Group(next, _) = subject.leads(*record) {
                    open.push(next);
                }
                if let Some(RoutingPolicy::Latency(region)) = subject.policy_part(*record) {
                    found.regions.insert(*region);
                }
            }
            match group.policy {
                PolicyKind::Geolocation => found.place = true,
                PolicyKind::IpBased => found.network = true,
                PolicyKind::Geoproximity => found.position = true,
                PolicyKind::Latency => {}
                _ => continue,
            }
            found.groups.push(number);
        }
        found
    }
}

/// The continent that a client is in (10.45).
#[must_use]
pub fn continent_of(client: &Client) -> Option<Continent> {
    let country = client.country.or(client.subdivision.map(|(country, _)| country));
    let country = country.or(client.vpc_region.map(Region::country));
    client.continent.or_else(|| country.and_then(Country::continent))
}
