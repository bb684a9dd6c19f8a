//! What only shows over all worlds, all clients and all names: standbys that no state uses, record sets at weight 0 that
//! go live, standbys that nobody watches, health checks that decide nothing.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_core::model::routing::PolicyKind;
use pointsman_core::model::{HealthCheckKind, Name};

use super::dead::endpoint_of;
use super::{Case, Confirm, Entry, Found, Key, Severity, Symbols};
use crate::bdd::Bdd;
use crate::subject::{Leads, Subject};
use crate::text::listed;
use crate::tree::{Towards, Tree, answers};
use crate::world::World;

/// What has been seen so far.
pub(super) struct Whole {
    /// By record set: whether some state uses it for those who ask for its own name.
    used: Vec<bool>,
    /// By record set: whether its group was examined.
    examined: Vec<bool>,
    /// By variable of the present table.
    support: Vec<bool>,
    /// Functions of the present table whose variables are in `support`.
    seen: Vec<bool>,
    /// By health check: whether it decided something in tables that were given up.
    decides: Vec<bool>,
}

impl Whole {
    pub(super) fn new(subject: &Subject) -> Self {
        let records = subject.zone.record_sets.len();
        let failures = subject.endpoints.list.len().saturating_add(subject.zone.health_checks.len());
        Self {
            used: vec![false; records],
            examined: vec![false; records],
            support: vec![false; failures],
            seen: Vec::new(),
            decides: vec![false; subject.zone.health_checks.len()],
        }
    }

    /// The table is a new one; its variables are the same.
    pub(super) fn forget(&mut self) {
        self.seen.clear();
    }

    /// Says nothing about what could not be examined.
    pub(super) fn assume_used(&mut self, subject: &Subject, tree: &Tree) {
        for (_, branch) in tree.branches() {
            if let Some(used) = self.used.get_mut(branch.record) {
                *used = true;
            }
            let check = subject.record(branch.record).and_then(|set| set.health_check);
            for check in check.into_iter().flat_map(|check| subject.checks_below(check as usize)) {
                if let Some(decides) = self.decides.get_mut(check) {
                    *decides = true;
                }
            }
        }
    }

    pub(super) fn examine(&mut self, subject: &Subject, case: &Case<'_>, symbols: &mut Symbols, found: &mut Found) {
        let Some(class) = case.classes.list.get(case.number) else { return };
        for picked in &case.all.picked {
            symbols.table.add_support(*picked, &mut self.seen, &mut self.support);
        }
        let Some((root, node)) = class.tree.nodes.iter().enumerate().next_back() else { return };
        for record in subject.group(node.group).map(|group| group.members.as_slice()).unwrap_or_default() {
            if let Some(examined) = self.examined.get_mut(*record) {
                *examined = true;
            }
        }
        let own = class.tree.branches().enumerate().filter(|(_, (number, _))| *number == root);
        for (at, (_, branch)) in own {
            let picked = case.all.picked.get(at).copied().unwrap_or(Bdd::FALSE);
            if picked != Bdd::FALSE
                && let Some(used) = self.used.get_mut(branch.record)
            {
                *used = true;
            }
        }
        self.weight_zero(subject, case, symbols, found);
        self.unwatched(subject, case, symbols, found);
    }

    /// Weight 0 means last, not never (4.3.4).
    fn weight_zero(&self, subject: &Subject, case: &Case<'_>, symbols: &mut Symbols, found: &mut Found) {
        let Some(class) = case.classes.list.get(case.number) else { return };
        for (at, (node, branch)) in class.tree.branches().enumerate() {
            let Some(node) = class.tree.nodes.get(node).filter(|node| node.policy == PolicyKind::Weighted) else {
                continue;
            };
            if branch.weight > 0 || node.branches.iter().all(|branch| branch.weight == 0) {
                continue;
            }
            let picked = case.all.picked.get(at).copied().unwrap_or(Bdd::FALSE);
            let Some(world) = symbols.smallest(subject, picked) else { continue };
            let why = format!(
                "{} has weight 0, which means last and not never: it gets all traffic when every record set with a \
                 weight is unhealthy",
                subject.called(branch.record)
            );
            let entry = Entry {
                severity: Severity::Warning,
                message: format!(
                    "when {} is down, {} gets live traffic",
                    world.describe(subject),
                    match endpoint_of(subject, branch.record) {
                        empty if empty.is_empty() => subject.called(branch.record),
                        endpoint => endpoint,
                    }
                ),
                help: "remove it, or give it a health check that is Disabled and Inverted, if it must not get any"
                    .into(),
                first: Some((case.question, class.client.clone())),
                asked: BTreeMap::new(),
                also: BTreeSet::new(),
                confirm: match answers(subject, branch.record) {
                    endpoints if branch.leads == Towards::Answer && !endpoints.is_empty() => {
                        Confirm::Sent(endpoints.to_vec())
                    }
                    _ => Confirm::Nothing,
                },
                why: why.clone(),
                world,
            };
            let key = Key { code: "zero-weight-goes-live", about: branch.record, why };
            found.add(key, entry, case.question, case.number);
        }
    }

    /// A SECONDARY that answers when the primary is down, and whose own death nothing would tell.
    fn unwatched(&self, subject: &Subject, case: &Case<'_>, symbols: &mut Symbols, found: &mut Found) {
        let Some(class) = case.classes.list.get(case.number) else { return };
        let Some((root, node)) = class.tree.nodes.iter().enumerate().next_back() else { return };
        if node.policy != PolicyKind::Failover {
            return;
        }
        let own = class.tree.branches().enumerate().filter(|(_, (number, _))| *number == root);
        for (at, (_, branch)) in own.filter(|(_, (_, branch))| subject.is_secondary(branch.record)) {
            let healthy = case.all.healthy.get(at).copied().unwrap_or(Bdd::FALSE);
            if healthy != Bdd::TRUE || branch.leads != Towards::Answer || !should_be_watched(subject, branch.record) {
                continue;
            }
            let endpoints = answers(subject, branch.record);
            let is_read = |endpoint: &usize| subject.endpoints.reads.iter().any(|reads| reads.any.contains(endpoint));
            let picked = case.all.picked.get(at).copied().unwrap_or(Bdd::FALSE);
            if endpoints.is_empty() || endpoints.iter().any(is_read) {
                continue;
            }
            let Some(needed) = symbols.smallest(subject, picked) else { continue };
            let mut world = World { domain: None, ..needed.clone() };
            world.dead.extend(endpoints);
            world.dead.sort_unstable();
            world.dead.dedup();
            let why = format!("{} counts as healthy whatever happens to it", subject.called(branch.record));
            let entry = Entry {
                severity: Severity::Warning,
                message: format!(
                    "when {} is down, clients are sent to the standby {}, and nothing tells whether that is alive",
                    needed.describe(subject),
                    endpoint_of(subject, branch.record)
                ),
                help: match subject.leads(branch.record) {
                    Leads::Resource(..) => "set EvaluateTargetHealth to true: the load balancer knows its own health",
                    _ => "give it a health check, so that a dead standby is known before it is needed",
                }
                .into(),
                first: Some((case.question, class.client.clone())),
                asked: BTreeMap::new(),
                also: BTreeSet::new(),
                confirm: Confirm::Sent(endpoints.to_vec()),
                why: why.clone(),
                world,
            };
            let key = Key { code: "unwatched-standby", about: branch.record, why };
            found.add(key, entry, case.question, case.number);
        }
    }

    /// Tells what no state used, and what no state asked.
    pub(super) fn finish(mut self, subject: &Subject, symbols: &Symbols, found: &mut Found) {
        for (variable, depends) in self.support.iter().enumerate() {
            let check = symbols.order.get(variable).and_then(|f| f.checked_sub(subject.endpoints.list.len()));
            if let (true, Some(check)) = (*depends, check)
                && let Some(decides) = self.decides.get_mut(check)
            {
                *decides = true;
            }
        }
        for (record, set) in subject.zone.record_sets.iter().enumerate() {
            let group = subject.group_of(record).and_then(|group| subject.group(group));
            let Some(group) = group.filter(|group| group.members.len() > 1) else { continue };
            let examined = self.examined.get(record) == Some(&true) && self.used.get(record) == Some(&false);
            if !examined || group.policy == PolicyKind::Geoproximity {
                continue;
            }
            let (why, help) = why_never(subject, record, group.policy);
            // A pool of OctoDNS whose value is declared to be up never needs its fallback.
            let by_octodns = set.name.as_ref().labels().next().is_some_and(|label| label.starts_with(b"_octodns-"));
            let entry = whole(
                if by_octodns { Severity::Note } else { Severity::Warning },
                format!("{} answers nobody in any state", subject.called(record)),
                why.clone(),
                help,
                group_number(subject, &set.name, set.record_type),
            );
            found.add_whole(Key { code: "never-used", about: record, why }, entry);
        }
        self.idle_checks(subject, found);
    }

    fn idle_checks(&self, subject: &Subject, found: &mut Found) {
        for (number, check) in subject.zone.health_checks.iter().enumerate() {
            let records: Vec<usize> = subject
                .zone
                .record_sets
                .iter()
                .enumerate()
                .filter(|(_, set)| set.health_check.map(|check| check as usize) == Some(number))
                .map(|(record, _)| record)
                .collect();
            let parents: Vec<usize> = (0..subject.zone.health_checks.len())
                .filter(|parent| *parent != number && subject.checks_below(*parent).any(|child| child == number))
                .collect();
            // A Disabled check is switched off on purpose; a calculated one speaks through its children.
            let is_calculated = matches!(check.kind, HealthCheckKind::Calculated { .. });
            let decides = match is_calculated {
                true => {
                    subject.checks_below(number).skip(1).any(|child| self.decides.get(child) == Some(&true))
                        && !records.is_empty()
                }
                false => self.decides.get(number) == Some(&true),
            };
            if decides || check.disabled {
                continue;
            }
            let why = match (records.as_slice(), parents.as_slice()) {
                ([], []) => "no record set and no calculated health check names it".into(),
                ([], parents) => {
                    let ids: Vec<&str> = parents.iter().map(|parent| subject.check_id(*parent)).collect();
                    format!(
                        "it only counts in {}, whose status it cannot turn or which decides nothing",
                        listed(&ids, 3)
                    )
                }
                (records, _) => {
                    let called: Vec<String> = records.iter().map(|record| subject.called(*record)).collect();
                    format!("{} would be chosen, or not, just the same", listed(&called, 3))
                }
            };
            let questions = records.iter().filter_map(|record| subject.group_of(*record)).collect::<BTreeSet<_>>();
            // It would decide something if the alias above asked: then it is not the check that should go.
            let deaf: Vec<String> = deaf_aliases(subject, &questions).map(|alias| subject.called(alias)).collect();
            let entry = whole(
                Severity::Warning,
                format!("health check `{}` decides nothing: no answer depends on it in any state", check.id),
                match deaf.is_empty() {
                    true => why.clone(),
                    false => format!("{why}: EvaluateTargetHealth is false on {}, which leads there", listed(&deaf, 3)),
                },
                match deaf.is_empty() {
                    true => "give it to the record sets that it was made for, or delete it".into(),
                    false => format!("set EvaluateTargetHealth to true on {}", listed(&deaf, 3)),
                },
                questions,
            );
            found.add_whole(Key { code: "idle-check", about: number, why }, entry);
        }
    }
}

/// Aliases with a choice beside them that lead to one of these groups and do not ask for its health.
fn deaf_aliases<'s>(subject: &'s Subject, groups: &'s BTreeSet<usize>) -> impl Iterator<Item = usize> + 's {
    let lead_there = |record: &usize| {
        let has_choice =
            subject.group_of(*record).and_then(|group| subject.group(group)).is_some_and(|g| g.members.len() > 1);
        has_choice && matches!(subject.leads(*record), Leads::Group(next, false) if groups.contains(&next))
    };
    (0..subject.zone.record_sets.len()).filter(lead_there)
}

fn group_number(subject: &Subject, name: &Name, record_type: pointsman_core::model::RecordType) -> BTreeSet<usize> {
    subject.find(name, record_type).into_iter().collect()
}

/// A finding about all worlds.
fn whole(severity: Severity, message: String, why: String, help: String, questions: BTreeSet<usize>) -> Entry {
    Entry {
        severity,
        message,
        why,
        help,
        first: None,
        also: BTreeSet::new(),
        asked: questions.into_iter().map(|question| (question, (BTreeSet::new(), "every client".into()))).collect(),
        confirm: Confirm::Nothing,
        world: World::default(),
    }
}

/// Why a record set is never chosen, as its policy has it.
fn why_never(subject: &Subject, record: usize, policy: PolicyKind) -> (String, String) {
    let check = subject.record(record).and_then(|set| set.health_check);
    let shared = subject.group_of(record).and_then(|group| subject.group(group)).is_some_and(|group| {
        let others = group.members.iter().filter(|other| **other != record);
        check.is_some() && { others }.any(|other| subject.record(*other).and_then(|set| set.health_check) == check)
    });
    if shared {
        return (
            "it shares its health check with the record set that it stands by for: when that is unhealthy, so is it"
                .into(),
            "give each a health check of its own endpoint".into(),
        );
    }
    let why = match policy {
        PolicyKind::Failover => "the PRIMARY can never be unhealthy while this one is healthy",
        PolicyKind::Weighted => "it has weight 0, and a record set with a weight can never be unhealthy",
        PolicyKind::Geolocation => {
            "every client that it is for is answered by a smaller place that can never be unhealthy"
        }
        PolicyKind::IpBased => "no client network comes to it: its location has no blocks, or others hold them",
        PolicyKind::Latency => "for every client a nearer Region can never be unhealthy",
        _ => "something else is always preferred",
    };
    let help = "give what is preferred a health check or EvaluateTargetHealth, or remove this record set";
    (why.into(), help.into())
}

/// Whether a record set without a check leads to something that fails like any server: no static site (3.5).
fn should_be_watched(subject: &Subject, record: usize) -> bool {
    use pointsman_core::model::record::Content;
    let is_static = |name: &str| {
        name.split('.').any(|label| label.starts_with("s3-website") || label.eq_ignore_ascii_case("cloudfront"))
    };
    match (subject.record(record).map(|set| &set.content), subject.leads(record)) {
        (Some(Content::Values { values, .. }), _) => !values.iter().any(|value| is_static(value)),
        (_, Leads::Resource(_, false)) => endpoint_of(subject, record).split('.').any(|label| label == "elb"),
        _ => false,
    }
}
