//! Names that are the same in both versions by their text: everything that could bear on their answers is equal.

use std::collections::HashMap;

use pointsman_core::model::record::Content;
use pointsman_core::model::{AliasTarget, HealthCheck, HealthCheckKind, RecordType, RoutingPolicy};

use crate::subject::{Leads, Subject, identifier};

pub(super) struct Same<'s> {
    old: &'s Subject,
    new: &'s Subject,
    /// Whether what no single name holds is the same: the latency table, whether the zone is private, its SOA.
    frame: bool,
    known: HashMap<(usize, usize), bool>,
}

impl<'s> Same<'s> {
    pub(super) fn new(old: &'s Subject, new: &'s Subject) -> Self {
        let soa = |subject: &'s Subject| {
            let group = subject.find(&subject.zone.name, RecordType::Soa).and_then(|group| subject.group(group));
            group.and_then(|group| subject.record(*group.members.first()?)).map(|set| &set.content)
        };
        let frame = old.zone.latency_table == new.zone.latency_table
            && old.zone.private == new.zone.private
            && old.zone.name == new.zone.name
            && soa(old) == soa(new);
        Self { old, new, frame, known: HashMap::new() }
    }

    /// Whether two groups answer the same in every state, whatever their names.
    pub(super) fn is_same(&mut self, before: usize, after: usize) -> bool {
        if !self.frame {
            return false;
        }
        if let Some(known) = self.known.get(&(before, after)) {
            return *known;
        }
        let (Some(one), Some(other)) = (self.old.group(before), self.new.group(after)) else { return false };
        let same = one.record_type == other.record_type
            && one.policy == other.policy
            && one.members.len() == other.members.len()
            && one.members.iter().zip(&other.members).all(|(one, other)| self.is_same_member(*one, *other));
        self.known.insert((before, after), same);
        same
    }

    fn is_same_member(&mut self, before: usize, after: usize) -> bool {
        let (Some(one), Some(other)) = (self.old.record(before), self.new.record(after)) else { return false };
        identifier(one) == identifier(other)
            && self.is_same_part(before, after)
            && self.is_same_check(one.health_check, other.health_check)
            && match (&one.content, &other.content) {
                (Content::Values { .. }, Content::Values { .. }) => one.content == other.content,
                (Content::Alias(a), Content::Alias(b)) => self.is_same_target(a, b, before, after),
                _ => false,
            }
    }

    fn is_same_part(&self, before: usize, after: usize) -> bool {
        match (self.old.policy_part(before), self.new.policy_part(after)) {
            (Some(RoutingPolicy::IpBased(one)), Some(RoutingPolicy::IpBased(other))) => {
                let blocks = |subject: &'s Subject, collection: u32| {
                    subject.zone.cidr_collections.get(collection as usize).map(|collection| &collection.blocks)
                };
                one.location == other.location && blocks(self.old, one.collection) == blocks(self.new, other.collection)
            }
            (one, other) => one == other,
        }
    }

    fn is_same_target(&mut self, a: &AliasTarget, b: &AliasTarget, before: usize, after: usize) -> bool {
        match (a, b, self.old.leads(before), self.new.leads(after)) {
            (
                AliasTarget::InZone { name: a, .. },
                AliasTarget::InZone { name: b, .. },
                Leads::Group(one, counts),
                Leads::Group(other, also),
            ) => a == b && counts == also && self.is_same(one, other),
            (_, _, Leads::Resource(one, counts), Leads::Resource(other, also)) => {
                counts == also && self.old.zone.alias_targets.get(one) == self.new.zone.alias_targets.get(other)
            }
            (_, _, Leads::Nowhere, Leads::Nowhere) => a == b,
            _ => false,
        }
    }

    fn is_same_check(&self, one: Option<u32>, other: Option<u32>) -> bool {
        let of = |subject: &'s Subject, check: Option<u32>| {
            check.and_then(|check| subject.zone.health_checks.get(check as usize))
        };
        match (of(self.old, one), of(self.new, other)) {
            (None, None) => true,
            (Some(one), Some(other)) => {
                same_status(one, other)
                    && match (&one.kind, &other.kind) {
                        (
                            HealthCheckKind::Calculated { health_threshold: a, children: left },
                            HealthCheckKind::Calculated { health_threshold: b, children: right },
                        ) => {
                            a == b
                                && left.len() == right.len()
                                && left.iter().zip(right).all(|(a, b)| self.is_same_check(Some(*a), Some(*b)))
                        }
                        (HealthCheckKind::Calculated { .. }, _) | (_, HealthCheckKind::Calculated { .. }) => false,
                        (HealthCheckKind::CloudwatchMetric(a), HealthCheckKind::CloudwatchMetric(b)) => a == b,
                        // What is probed, and how often, changes no answer to a given status.
                        _ => true,
                    }
            }
            _ => false,
        }
    }
}

fn same_status(one: &HealthCheck, other: &HealthCheck) -> bool {
    one.id == other.id && one.inverted == other.inverted && one.disabled == other.disabled
}
