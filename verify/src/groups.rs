//! The groups of a zone as lists: the zone in its checked and its compiled form, what can be asked, and where each record
//! set leads.

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

/// A zone by its groups.
#[derive(Debug)]
pub struct Groups {
    /// The zone.
    pub zone: HostedZone,
    /// The compiled zone while nothing is known of its health.
    pub view: HealthView,
    /// All record sets of one name and type, by name and type.
    pub groups: Vec<Group>,
    by_name: BTreeMap<(Name, RecordType), usize>,
    /// By record set: the group that its CNAME value leads to, where that is a name of the zone.
    chains: Vec<Option<usize>>,
    /// By health check: the record sets that it bears on, with the calculated check in between.
    hung: Vec<Vec<(usize, Option<usize>)>>,
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
    /// A group of the zone, and whether its health counts: an alias, or a CNAME whose value is a name of the zone.
    Group(usize, bool),
    /// A group that does not exist.
    Nowhere,
}

impl Groups {
    /// Compiles the zone and lists what can be asked.
    #[must_use]
    pub fn new(zone: HostedZone) -> Self {
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
        let mut groups = Self { zone, view, groups, by_name, chains: Vec::new(), hung: Vec::new() };
        groups.chains = groups.follow();
        groups.hung = groups.hang();
        groups
    }

    fn hang(&self) -> Vec<Vec<(usize, Option<usize>)>> {
        let mut hung = vec![Vec::new(); self.zone.health_checks.len()];
        for (record, set) in self.zone.record_sets.iter().enumerate() {
            let Some(check) = set.health_check.map(|check| check as usize) else { continue };
            for one in self.checks_below(check) {
                if let Some(list) = hung.get_mut(one) {
                    list.push((record, (one != check).then_some(check)));
                }
            }
        }
        hung
    }

    /// The record sets that a health check bears on, each with the calculated check in between, if there is one.
    #[must_use]
    pub fn record_sets_of(&self, check: usize) -> &[(usize, Option<usize>)] {
        self.hung.get(check).map(Vec::as_slice).unwrap_or_default()
    }

    /// The group that answers for a name and a type, as core has it: a CNAME or a wildcard may stand in (2.1, 2.3).
    #[must_use]
    pub fn answering(&self, name: &Name, record_type: RecordType) -> Option<usize> {
        let (name, record_type) = self.view.answering_group(name.as_ref(), record_type)?;
        self.find(&name.to_name(), record_type)
    }

    /// The group that answers for a name, of whatever type has addresses; IPv4 first.
    #[must_use]
    pub fn answering_addresses(&self, name: &Name) -> Option<usize> {
        [RecordType::A, RecordType::Aaaa].into_iter().find_map(|kind| self.answering(name, kind))
    }

    /// By record set: where its CNAME leads within the zone. A chain that comes back to itself is cut where it does.
    fn follow(&self) -> Vec<Option<usize>> {
        let target = |set: &ResourceRecordSet| match &set.content {
            Content::Values { values, .. } if set.record_type == RecordType::Cname => {
                let name = values.first().and_then(|value| Name::parse(value).ok())?;
                self.answering_addresses(&name)
            }
            _ => None,
        };
        let mut chains: Vec<Option<usize>> = self.zone.record_sets.iter().map(target).collect();
        if chains.iter().all(Option::is_none) {
            return chains;
        }
        // Aliases never loop (1.6.9); CNAMEs may. A walk from each group that has not been left yet: what leads to a
        // group that the walk is still inside of closes a loop.
        let alias = |record: usize| match self.zone.record_sets.get(record).map(|set| (&set.content, set.record_type)) {
            Some((Content::Alias(AliasTarget::InZone { name, .. }), kind)) => self.find(name, kind),
            _ => None,
        };
        #[derive(Clone, Copy, PartialEq)]
        enum Seen {
            Not,
            Inside,
            Left,
        }
        let mut seen = vec![Seen::Not; self.groups.len()];
        for start in 0..self.groups.len() {
            let mut path: Vec<(usize, usize)> = vec![(start, 0)];
            while let Some((group, at)) = path.pop() {
                if at == 0 {
                    match seen.get_mut(group) {
                        Some(state @ Seen::Not) => *state = Seen::Inside,
                        _ => continue,
                    }
                }
                let member = self.group(group).and_then(|known| known.members.get(at).copied());
                let Some(record) = member else {
                    if let Some(state) = seen.get_mut(group) {
                        *state = Seen::Left;
                    }
                    continue;
                };
                path.push((group, at.saturating_add(1)));
                let chain = chains.get(record).copied().flatten();
                let Some(next) = chain.or_else(|| alias(record)) else { continue };
                match seen.get(next) {
                    Some(Seen::Not) => path.push((next, 0)),
                    Some(Seen::Inside) => {
                        if let Some(slot) = chains.get_mut(record) {
                            *slot = None;
                        }
                    }
                    _ => {}
                }
            }
        }
        chains
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
            Content::Values { .. } => match self.chains.get(record).copied().flatten() {
                Some(group) => Leads::Group(group, false),
                None => Leads::Values,
            },
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

    /// Whether a record set is a CNAME that leads to a name of the zone.
    #[must_use]
    pub fn leads_by_cname(&self, record: usize) -> bool {
        self.chains.get(record).copied().flatten().is_some()
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

    /// Whether a health check is calculated from others.
    #[must_use]
    pub fn is_calculated(&self, check: usize) -> bool {
        let check = self.zone.health_checks.get(check);
        check.is_some_and(|check| matches!(check.kind, HealthCheckKind::Calculated { .. }))
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
