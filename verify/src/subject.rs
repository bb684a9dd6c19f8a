//! The zone that is analysed: its checked form, its compiled form, and its groups as lists.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pointsman_core::compile::compile;
use pointsman_core::health::HealthView;
use pointsman_core::model::record::{Content, Routing};
use pointsman_core::model::routing::PolicyKind;
use pointsman_core::model::{
    AliasTarget, EvaluateTargetHealth, Failover, HealthCheckKind, HostedZone, Name, RecordType, ResourceRecordSet,
    RoutingPolicy,
};
use pointsman_core::parse::HealthReport;

use crate::endpoint::Endpoints;
use crate::facts::Facts;

/// A zone ready to be analysed.
///
/// ```
/// use pointsman_core::{parse::parse, validate::{Options, validate}};
/// use pointsman_verify::{facts::Facts, subject::Subject};
/// let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
///     {"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]}"#;
/// let subject = Subject::new(validate(&[parse(0, zone)], &Options::default()).zone.unwrap(), Facts::default());
/// assert_eq!(subject.questions().count(), 1);
/// ```
#[derive(Debug)]
pub struct Subject {
    /// The zone.
    pub zone: HostedZone,
    /// The compiled zone while nothing is known of its health.
    pub view: HealthView,
    /// What the zone does not say.
    pub facts: Facts,
    /// All record sets of one name and type, by name and type.
    pub groups: Vec<Group>,
    /// What can die.
    pub endpoints: Endpoints,
    by_name: BTreeMap<(Name, RecordType), usize>,
}

/// All record sets of one name and type (semantics 1.3.1).
#[derive(Debug)]
pub struct Group {
    /// The name.
    pub name: Name,
    /// The type.
    pub record_type: RecordType,
    /// The policy.
    pub policy: PolicyKind,
    /// Indices of the record sets, in byte order of SetIdentifier.
    pub members: Vec<usize>,
    /// Whether the question is answered by this group, and not by a referral to another zone (2.4).
    pub is_asked: bool,
}

/// Where a record set leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leads {
    /// Its own values are the answer.
    Values,
    /// An AWS resource, and whether its health counts (3.2).
    Resource(usize, bool),
    /// A group of the zone, and whether its health counts.
    Group(usize, bool),
    /// A group that does not exist.
    Nowhere,
}

impl Subject {
    /// Compiles the zone and lists what can be asked and what can die.
    #[must_use]
    pub fn new(zone: HostedZone, facts: Facts) -> Self {
        let compiled = Arc::new(compile(&zone));
        let (view, _) = HealthView::new(compiled, &HealthReport::default());
        let mut members: BTreeMap<(Name, RecordType), Vec<usize>> = BTreeMap::new();
        for (number, set) in zone.record_sets.iter().enumerate() {
            members.entry((set.name.clone(), set.record_type)).or_default().push(number);
        }
        let mut groups = Vec::with_capacity(members.len());
        let mut by_name = BTreeMap::new();
        for ((name, record_type), mut members) in members {
            members.sort_by_key(|number| zone.record_sets.get(*number).map(identifier).unwrap_or_default());
            let policy = view
                .candidates(name.as_ref(), record_type, &pointsman_core::query::Client::default())
                .map_or(PolicyKind::Simple, |candidates| candidates.policy);
            let is_asked = view.answering_group(name.as_ref(), record_type) == Some((name.as_ref(), record_type));
            by_name.insert((name.clone(), record_type), groups.len());
            groups.push(Group { name, record_type, policy, members, is_asked });
        }
        let mut subject = Self { zone, view, facts, groups, endpoints: Endpoints::default(), by_name };
        subject.endpoints = Endpoints::of(&subject);
        subject
    }

    /// The groups that can be asked, with their numbers, in order of names.
    pub fn questions(&self) -> impl Iterator<Item = (usize, &Group)> {
        self.groups.iter().enumerate().filter(|(_, group)| group.is_asked)
    }

    /// A record set.
    #[must_use]
    pub fn record(&self, number: usize) -> Option<&ResourceRecordSet> {
        self.zone.record_sets.get(number)
    }

    /// A group.
    #[must_use]
    pub fn group(&self, number: usize) -> Option<&Group> {
        self.groups.get(number)
    }

    /// The group of a name and type.
    #[must_use]
    pub fn find(&self, name: &Name, record_type: RecordType) -> Option<usize> {
        self.by_name.get(&(name.clone(), record_type)).copied()
    }

    /// The group that a record set is a member of.
    #[must_use]
    pub fn group_of(&self, record: usize) -> Option<usize> {
        let set = self.record(record)?;
        self.find(&set.name, set.record_type)
    }

    /// Where a record set leads.
    #[must_use]
    pub fn leads(&self, record: usize) -> Leads {
        let Some(set) = self.record(record) else { return Leads::Nowhere };
        let counts = |evaluate: &EvaluateTargetHealth| *evaluate == EvaluateTargetHealth::Yes;
        match &set.content {
            Content::Values { .. } => Leads::Values,
            Content::Alias(AliasTarget::AwsResource { resource, evaluate_target_health }) => {
                Leads::Resource(*resource as usize, counts(evaluate_target_health))
            }
            Content::Alias(AliasTarget::InZone { name, evaluate_target_health }) => {
                match self.find(name, set.record_type) {
                    Some(group) => Leads::Group(group, counts(evaluate_target_health)),
                    None => Leads::Nowhere,
                }
            }
        }
    }

    /// A member's weight; 0 for members of other groups than weighted ones.
    #[must_use]
    pub fn weight(&self, record: usize) -> u8 {
        match self.policy_part(record) {
            Some(RoutingPolicy::Weighted(weight)) => *weight,
            _ => 0,
        }
    }

    /// Whether a record set is the SECONDARY of its group.
    #[must_use]
    pub fn is_secondary(&self, record: usize) -> bool {
        self.policy_part(record) == Some(&RoutingPolicy::Failover(Failover::Secondary))
    }

    /// A member's policy with its part in it; `None` for simple routing.
    #[must_use]
    pub fn policy_part(&self, record: usize) -> Option<&RoutingPolicy> {
        match &self.record(record)?.routing {
            Routing::Member { policy, .. } => Some(policy),
            Routing::Simple => None,
        }
    }

    /// The record set as `--down` takes it: `NAME/TYPE/SetIdentifier`.
    #[must_use]
    pub fn selector(&self, record: usize) -> String {
        let Some(set) = self.record(record) else { return String::new() };
        match identifier(set) {
            "" => format!("{}/{}", set.name, set.record_type),
            identifier => format!("{}/{}/{identifier}", set.name, set.record_type),
        }
    }

    /// The record set in running text: its SetIdentifier, or its name and type.
    #[must_use]
    pub fn called(&self, record: usize) -> String {
        let Some(set) = self.record(record) else { return String::new() };
        match identifier(set) {
            "" => format!("`{}` {}", set.name, set.record_type),
            identifier => format!("`{identifier}` of `{}` {}", set.name, set.record_type),
        }
    }

    /// Whether a record set is out of service for good: its check is Disabled and Inverted (6.6).
    #[must_use]
    pub fn is_switched_off(&self, record: usize) -> bool {
        let check = self.record(record).and_then(|set| set.health_check);
        let check = check.and_then(|check| self.zone.health_checks.get(check as usize));
        check.is_some_and(|check| check.disabled && check.inverted)
    }

    /// Whether OctoDNS wrote a record set without a health check, because its author declared it to be up.
    #[must_use]
    pub fn is_forced_up(&self, record: usize) -> bool {
        self.record(record).is_some_and(|set| {
            let first = set.name.as_ref().labels().next().unwrap_or_default();
            set.health_check.is_none() && first.starts_with(b"_octodns-")
        })
    }

    /// A health check and, when it is calculated, its children.
    pub fn checks_below(&self, check: usize) -> impl Iterator<Item = usize> + '_ {
        let children: &[u32] = match self.zone.health_checks.get(check).map(|check| &check.kind) {
            Some(HealthCheckKind::Calculated { children, .. }) => children,
            _ => &[],
        };
        std::iter::once(check).chain(children.iter().map(|child| *child as usize))
    }

    /// The health checks that bear on a group's answers.
    #[must_use]
    pub fn checks_of(&self, group: usize) -> BTreeSet<usize> {
        let (mut found, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![group]);
        while let Some(number) = open.pop() {
            let Some(group) = self.group(number).filter(|_| seen.insert(number)) else { continue };
            for record in &group.members {
                let check = self.record(*record).and_then(|set| set.health_check);
                found.extend(check.into_iter().flat_map(|check| self.checks_below(check as usize)));
                if let Leads::Group(next, _) = self.leads(*record) {
                    open.push(next);
                }
            }
        }
        found
    }

    /// The id of a health check.
    #[must_use]
    pub fn check_id(&self, check: usize) -> &str {
        self.zone.health_checks.get(check).map_or("", |check| &check.id)
    }
}

/// The SetIdentifier; empty for simple routing.
pub(crate) fn identifier(set: &ResourceRecordSet) -> &str {
    match &set.routing {
        Routing::Member { set_identifier, .. } => set_identifier,
        Routing::Simple => "",
    }
}
