//! What only shows over all worlds, all clients and all names: standbys that no state uses, record sets at weight 0 that
//! go live, standbys that nobody watches, health checks that decide nothing.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_core::model::RecordType;
use pointsman_core::model::routing::PolicyKind;

use super::about::About;
use super::case::{Case, called, endpoint_of};
use super::collect::{Collected, Entry};
use super::confirm::Confirm;
use super::dead_endpoints::shown_in;
use super::finding::Severity;
use super::symbols::{Failure, Symbols};
use crate::bdd::{Bdd, Seen};
use crate::subject::{Leads, Subject};
use crate::tree::{Towards, Tree, answers};

/// What has been seen so far.
pub(super) struct EveryWorld {
    /// By record set: whether some state uses it for those who ask for its own name.
    used: Vec<bool>,
    /// By record set: whether its group was examined.
    examined: Vec<bool>,
    /// By record set: whether some state makes it healthy for those who ask for its own name.
    can_be_healthy: Vec<bool>,
    /// By variable of the present question.
    support: Vec<bool>,
    /// Functions of the present question whose variables are in `support`.
    seen: Seen,
    /// By health check: whether it decided something.
    decides: Vec<bool>,
    /// By question that was examined in all worlds: whether its answers depend on anything that can fail.
    moves: BTreeMap<usize, bool>,
}

impl EveryWorld {
    pub(super) fn new(subject: &Subject) -> Self {
        let records = subject.zone.record_sets.len();
        Self {
            used: vec![false; records],
            examined: vec![false; records],
            can_be_healthy: vec![false; records],
            support: Vec::new(),
            seen: Seen::default(),
            decides: vec![false; subject.zone.health_checks.len()],
            moves: BTreeMap::new(),
        }
    }

    /// Begins a question of so many variables.
    pub(super) fn enter(&mut self, variables: usize) {
        self.seen.clear();
        self.support.clear();
        self.support.resize(variables, false);
    }

    /// Ends a question: keeps which health checks decided something.
    pub(super) fn leave(&mut self, subject: &Subject, question: usize, symbols: &Symbols) {
        self.moves.insert(question, self.support.contains(&true));
        for variable in self.support.iter().enumerate().filter(|(_, depends)| **depends).map(|(variable, _)| variable) {
            if let Some(Failure::Check(check)) = symbols.failure(subject, variable)
                && let Some(decides) = self.decides.get_mut(check)
            {
                *decides = true;
            }
        }
    }

    /// Says nothing about what could not be examined.
    pub(super) fn assume_used(&mut self, subject: &Subject, tree: &Tree) {
        for (_, branch) in tree.branches() {
            for list in [&mut self.used, &mut self.can_be_healthy] {
                if let Some(slot) = list.get_mut(branch.record) {
                    *slot = true;
                }
            }
            let check = subject.record(branch.record).and_then(|set| set.health_check);
            for check in check.into_iter().flat_map(|check| subject.checks_below(check as usize)) {
                if let Some(decides) = self.decides.get_mut(check) {
                    *decides = true;
                }
            }
        }
    }

    pub(super) fn examine(&mut self, subject: &Subject, case: &Case<'_>, symbols: &mut Symbols, found: &mut Collected) {
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
            let healthy = case.all.healthy.get(at).copied().unwrap_or(Bdd::FALSE);
            if healthy != Bdd::FALSE
                && let Some(slot) = self.can_be_healthy.get_mut(branch.record)
            {
                *slot = true;
            }
        }
        self.weight_zero(subject, case, symbols, found);
        self.unwatched(subject, case, symbols, found);
    }

    /// Weight 0 means last, not never (4.3.4).
    fn weight_zero(&self, subject: &Subject, case: &Case<'_>, symbols: &mut Symbols, found: &mut Collected) {
        let Some(class) = case.classes.list.get(case.number) else { return };
        for (at, (node, branch)) in class.tree.branches().enumerate() {
            let (number, Some(node)) =
                (node, class.tree.nodes.get(node).filter(|node| node.policy == PolicyKind::Weighted))
            else {
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
            let message = format!(
                "when {} is down, {} gets live traffic",
                world.describe(subject),
                match endpoint_of(subject, branch.record) {
                    empty if empty.is_empty() => subject.called(branch.record),
                    endpoint => endpoint,
                }
            );
            let confirm = match answers(subject, branch.record) {
                endpoints if branch.leads == Towards::Answer && !endpoints.is_empty() => {
                    Confirm::Sent(endpoints.to_vec())
                }
                _ => Confirm::Nothing,
            };
            let shown_by = shown_in(subject, &class.tree, &world, number, case.question);
            let entry = Entry::new(Severity::Warning, world, (case.question, class.client.clone()), confirm);
            let help = "remove it, or give it a health check that is Disabled and Inverted, if it must not get any";
            let entry = Entry { shown_by, ..entry }.says(message, why, help);
            found.add("zero-weight-goes-live", About::Record(branch.record), entry, case.question, case.number);
        }
    }

    /// A SECONDARY that answers when the primary is down, that counts as healthy whatever happens, and whose endpoint
    /// nothing reads that could tell.
    fn unwatched(&self, subject: &Subject, case: &Case<'_>, symbols: &mut Symbols, found: &mut Collected) {
        let Some(class) = case.class() else { return };
        let root = class.tree.nodes.len().saturating_sub(1);
        for (first, node) in class.tree.with_places() {
            // Other groups are asked by their own names.
            let is_own = class.tree.nodes.get(root).is_some_and(|root| std::ptr::eq(root, node));
            let is_asked = subject.group(node.group).is_some_and(|group| group.is_asked);
            if node.policy != PolicyKind::Failover || (!is_own && is_asked) {
                continue;
            }
            for (at, branch) in (first..).zip(&node.branches) {
                let healthy = case.all.healthy.get(at).copied().unwrap_or(Bdd::FALSE);
                if !subject.is_secondary(branch.record) || healthy != Bdd::TRUE {
                    continue;
                }
                let picked = case.all.picked.get(at).copied().unwrap_or(Bdd::FALSE);
                let leaves = leaves_below(subject, case, at);
                let unwatched: Vec<usize> =
                    leaves.into_iter().filter(|leaf| is_unwatched(subject, case, *leaf)).collect();
                self.unwatched_below(subject, case, branch.record, picked, &unwatched, symbols, found);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "what a finding is about, and where it goes")]
    fn unwatched_below(
        &self,
        subject: &Subject,
        case: &Case<'_>,
        standby: usize,
        picked: Bdd,
        leaves: &[usize],
        symbols: &mut Symbols,
        found: &mut Collected,
    ) {
        let Some(class) = case.class() else { return };
        for leaf in leaves {
            let Some((node, branch)) = class.tree.branches().nth(*leaf) else { continue };
            let sent = case.all.picked.get(*leaf).copied().unwrap_or(Bdd::FALSE);
            let endpoints = answers(subject, branch.record);
            // The standby in use, and dead: what else has to fail for that is what the message is about.
            let mut condition = symbols.table.and(picked, sent);
            for endpoint in endpoints {
                let dead = symbols.all.dead.get(*endpoint).copied().unwrap_or(Bdd::FALSE);
                condition = symbols.table.and(condition, dead);
            }
            let Some(world) = symbols.smallest(subject, condition) else { continue };
            let mut needed = world.clone();
            if needed.domain.is_none() {
                needed.dead.retain(|dead| !endpoints.contains(dead));
            }
            let why = match branch.record == standby {
                true => format!("{} counts as healthy whatever happens to it", subject.called(standby)),
                false => format!(
                    "{} counts as healthy whatever happens to {}, which it leads to",
                    subject.called(standby),
                    subject.called(branch.record)
                ),
            };
            let when = match needed.size() {
                0 => String::new(),
                _ => format!("when {} is down, ", needed.describe(subject)),
            };
            let message = format!(
                "{when}clients are sent to the standby {}, and nothing checks whether that is alive",
                called(subject, endpoints)
            );
            let help = match subject.leads(branch.record) {
                Leads::Resource(..) => "set EvaluateTargetHealth to true: the load balancer knows its own health",
                _ => "give it a health check, so that a dead standby is known before it is needed",
            };
            let shown_by = shown_in(subject, &class.tree, &world, node, case.question);
            let first = (case.question, class.client.clone());
            // OctoDNS leaves out the check of a value that its author declared to be up, whatever happens.
            let severity = if subject.is_forced_up(branch.record) { Severity::Note } else { Severity::Warning };
            let entry = Entry::new(severity, world, first, Confirm::Sent(endpoints.to_vec()));
            let cause = match subject.record(branch.record).and_then(|set| set.health_check) {
                Some(check) => About::Check(check as usize),
                None => About::Record(branch.record),
            };
            let entry = Entry { shown_by, needs_change: true, cause, ..entry }.says(message, why, help);
            found.add("unwatched-standby", About::Record(standby), entry, case.question, case.number);
        }
    }

    /// Reports what no state used.
    pub(super) fn finish(&self, subject: &Subject, found: &mut Collected) {
        for (record, set) in subject.zone.record_sets.iter().enumerate() {
            let number = subject.group_of(record);
            let Some(group) = number.and_then(|group| subject.group(group)).filter(|group| group.members.len() > 1)
            else {
                continue;
            };
            let examined = self.examined.get(record) == Some(&true) && self.used.get(record) == Some(&false);
            if !examined || group.policy == PolicyKind::Geoproximity {
                continue;
            }
            let can_be_healthy = self.can_be_healthy.get(record) == Some(&true);
            let (cause, why, help) = why_never(subject, record, group.policy, can_be_healthy);
            // A pool of OctoDNS whose value is declared to be up never needs its fallback.
            let by_octodns = set.name.as_ref().labels().next().is_some_and(|label| label.starts_with(b"_octodns-"));
            let severity = if by_octodns { Severity::Note } else { Severity::Warning };
            let message = format!("{} answers nobody in any state", subject.called(record));
            let entry = Entry { cause, ..Entry::whole(severity, number) }.says(message, why, help);
            found.add_whole("never-used", About::Record(record), entry);
        }
        super::idle::examine(subject, &self.decides, found);
        self.families(subject, found);
    }

    /// Of one name, one family of addresses follows health and the other does not.
    fn families(&self, subject: &Subject, found: &mut Collected) {
        for (number, group) in subject.questions().filter(|(_, group)| group.record_type == RecordType::A) {
            let Some(other) = subject.find(&group.name, RecordType::Aaaa) else { continue };
            let (Some(a), Some(aaaa)) = (self.moves.get(&number), self.moves.get(&other)) else { continue };
            let (moves, stays, still) = match (a, aaaa) {
                (true, false) => (RecordType::A, RecordType::Aaaa, other),
                (false, true) => (RecordType::Aaaa, RecordType::A, number),
                _ => continue,
            };
            let message = format!("`{}` {moves} follows health, and its {stays} never does", group.name);
            let why = format!("whatever fails, {stays} gets the same answer, and clients that prefer it stay with it");
            let help = format!("give {stays} the same record sets, health checks and aliases as {moves}");
            let entry = Entry::whole(Severity::Warning, [still]).says(message, why, help);
            found.add_whole("family-falls-behind", About::Group(still), entry);
        }
    }
}

/// The branches that answer below a branch, or that branch itself; by their places among all.
fn leaves_below(subject: &Subject, case: &Case<'_>, at: usize) -> Vec<usize> {
    let Some(class) = case.class() else { return Vec::new() };
    let places: Vec<(usize, usize)> =
        class.tree.with_places().map(|(first, node)| (first, node.branches.len())).collect();
    let (mut leaves, mut seen, mut open) = (Vec::new(), BTreeSet::new(), vec![at]);
    while let Some(at) = open.pop() {
        let Some((_, branch)) = class.tree.branches().nth(at) else { continue };
        match branch.leads {
            Towards::Answer if !answers(subject, branch.record).is_empty() => leaves.push(at),
            Towards::Node(next, _) if seen.insert(next) => {
                let (first, count) = places.get(next).copied().unwrap_or_default();
                open.extend(first..first.saturating_add(count));
            }
            _ => {}
        }
    }
    leaves.sort_unstable();
    leaves
}

/// Whether a branch that answers counts as healthy whatever happens, and should not.
fn is_unwatched(subject: &Subject, case: &Case<'_>, at: usize) -> bool {
    let branch = case.class().and_then(|class| class.tree.branches().nth(at));
    let healthy = case.all.healthy.get(at).copied().unwrap_or(Bdd::FALSE);
    healthy == Bdd::TRUE && branch.is_some_and(|(_, branch)| should_be_watched(subject, branch.record))
}

/// Why a record set is never chosen, as its policy has it.
fn why_never(subject: &Subject, record: usize, policy: PolicyKind, can_be_healthy: bool) -> (About, String, String) {
    let check = subject.record(record).and_then(|set| set.health_check);
    let of_check = check.map_or(About::Record(record), |check| About::Check(check as usize));
    if !can_be_healthy {
        return (
            of_check,
            "it can never be healthy, and another candidate can".into(),
            "look at its health check: Disabled and Inverted together, or a HealthThreshold above the number of children, \
             keep it unhealthy for ever"
                .into(),
        );
    }
    let shared = subject.group_of(record).and_then(|group| subject.group(group)).is_some_and(|group| {
        let others = group.members.iter().filter(|other| **other != record);
        check.is_some() && { others }.any(|other| subject.record(*other).and_then(|set| set.health_check) == check)
    });
    if shared {
        return (
            of_check,
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
    (About::Record(record), why.into(), help.into())
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
