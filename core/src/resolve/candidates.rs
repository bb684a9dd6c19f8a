//! In which order a group would answer one client: what analyses reason with instead of rules of their own.

use alloc::vec::Vec;

use super::lookup::{Found, lookup};
use super::scratch::Scratch;
use super::walk::{Walk, region, role};
use crate::compile::{Group, NONE};
use crate::health::HealthView;
use crate::model::routing::PolicyKind;
use crate::model::{Country, NameRef, RecordType, Region};
use crate::policy::latency::Nearness;
use crate::policy::{failover, geoproximity, latency};
use crate::query::Client;

/// The members of a group that apply to a client (semantics 4), numbered from 0 in byte order of SetIdentifier.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Candidates {
    /// The group's policy.
    pub policy: PolicyKind,
    /// The first healthy one answers, or the first one when none is; weighted and multivalue groups leave it to chance,
    /// and list all members by number.
    pub members: Vec<u32>,
    /// How many members at the end stand where they do by the tie rule alone, because nothing is known of the client's
    /// latency or distance to them (10.13, 10.14); never one, which has no rival.
    pub unknown: u32,
}

impl HealthView {
    /// The members of a group that apply to a client, in the order in which they are chosen while those before them are
    /// unhealthy; health plays no part. `None` when the zone has no record sets of exactly this name and type.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pointsman_core::{compile::compile, health::HealthView, parse::{HealthReport, parse}, validate::{Options, validate}};
    /// use pointsman_core::model::{Name, RecordType};
    /// use pointsman_core::query::Client;
    /// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
    /// #   {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "1", "Failover": "SECONDARY", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
    /// #   {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "2", "Failover": "PRIMARY", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}]}"#;
    /// # let zone = Arc::new(compile(&validate(&[parse(0, zone)], &Options::default()).zone.unwrap()));
    /// # let (view, _) = HealthView::new(zone, &HealthReport::default());
    /// let name = Name::parse("a.example.com")?;
    /// let candidates = view.candidates(name.as_ref(), RecordType::A, &Client::default()).unwrap();
    /// assert_eq!(candidates.members, [1, 0]); // the primary, then the secondary
    /// # Ok::<(), pointsman_core::model::NameError>(())
    /// ```
    #[must_use]
    pub fn candidates(&self, name: NameRef<'_>, record_type: RecordType, client: &Client) -> Option<Candidates> {
        let zone = &**self.zone();
        let (_, node) = zone.find(name)?;
        let number = zone.group_of(node, record_type)?;
        let group = zone.group(number)?;
        let mut scratch = Scratch::default();
        let mut walk = Walk::new(self, client, &mut scratch);
        let records = walk.candidates(number, group);
        let members = records.into_iter().map(|record| record.saturating_sub(group.first)).collect();
        let unknown = walk.unknown(group);
        Some(Candidates { policy: group.policy, members, unknown: if unknown > 1 { unknown } else { 0 } })
    }

    /// The name and type whose record sets answer a question: those asked for, the wildcard that stands for the name,
    /// or a CNAME (2.1, 2.3). `None` when no group does: no data, no such name, a referral, or outside the zone.
    #[must_use]
    pub fn answering_group(&self, name: NameRef<'_>, record_type: RecordType) -> Option<(NameRef<'_>, RecordType)> {
        let zone = &**self.zone();
        match lookup(zone, name, record_type) {
            Found::Group { group, .. } => {
                zone.group(group).map(|group| (zone.node_name(group.node), group.record_type))
            }
            _ => None,
        }
    }
}

impl Walk<'_, '_> {
    /// The members of a group that apply to this client, as record numbers, in the order in which the policy tests
    /// them; weighted and multivalue groups have none, and list all members by number.
    pub(crate) fn candidates(&mut self, number: u32, group: &Group) -> Vec<u32> {
        let zone = self.zone;
        let record = |member: u32| group.first.saturating_add(member);
        match group.policy {
            PolicyKind::Geolocation => self.ladder(number, group).into_iter().flatten().collect(),
            PolicyKind::IpBased => {
                let default = (group.default_member != NONE).then_some(group.default_member);
                distinct(self.blocks(number, group).chain(default))
            }
            PolicyKind::Simple | PolicyKind::Weighted | PolicyKind::MultivalueAnswer => group.members().collect(),
            PolicyKind::Failover => {
                failover::order(group.count, |member| role(zone, group, member)).into_iter().map(record).collect()
            }
            PolicyKind::Latency => {
                let source = self.latency_source();
                let region = |member: u32| region(zone, group, member);
                let order = latency::order(group.count, region, |region| source.nearness(region), self.facts.country);
                order.into_iter().map(record).collect()
            }
            PolicyKind::Geoproximity => {
                geoproximity::order(group.count, self.distances(group)).into_iter().map(record).collect()
            }
        }
    }
}

impl Walk<'_, '_> {
    /// Members of which nothing is known that puts them before others.
    fn unknown(&mut self, group: &Group) -> u32 {
        match group.policy {
            PolicyKind::Latency => {
                let source = self.latency_source();
                let (zone, country) = (self.zone, self.facts.country);
                let is_unknown = |member: &u32| {
                    region(zone, group, *member).is_some_and(|region| {
                        let is_by_rule = region == Region::CN_NORTH_1 && country == Some(Country::CN);
                        !is_by_rule && source.nearness(region) == Nearness::Unknown
                    })
                };
                (0..group.count).filter(is_unknown).fold(0, |count, _| count.saturating_add(1))
            }
            PolicyKind::Geoproximity => match self.distances(group) {
                Some(_) => 0,
                None => group.count,
            },
            PolicyKind::Simple
            | PolicyKind::Failover
            | PolicyKind::Weighted
            | PolicyKind::Geolocation
            | PolicyKind::IpBased
            | PolicyKind::MultivalueAnswer => 0,
        }
    }
}

/// Each number where it stands first.
fn distinct(numbers: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut seen: Vec<u32> = Vec::new();
    for number in numbers {
        if !seen.contains(&number) {
            seen.push(number);
        }
    }
    seen
}
