//! Clients that are sent to a dead endpoint while a live one is in reach, and names without an answer.
//!
//! A SECONDARY that can never be unhealthy is left out: it is there for when all else has failed. Whether somebody
//! watches it is a finding of its own.

use std::collections::BTreeSet;

use pointsman_core::model::HealthCheckKind;
use pointsman_core::model::routing::PolicyKind;

use super::{Case, Confirm, ENDPOINTS_IN_PAIRS, Entry, Found, Key, Severity, Symbols, is_answer};
use crate::algebra::{Algebra, Lanes, Statuses};
use crate::class::Classes;
use crate::subject::{Leads, Subject};
use crate::text::listed;
use crate::tree::{Evaluated, Towards, Tree, answers, evaluate};
use crate::world::World;

/// Examines one class over all worlds.
pub(super) fn examine(subject: &Subject, case: &Case<'_>, symbols: &mut Symbols, found: &mut Found) {
    let Some(class) = case.classes.list.get(case.number) else { return };
    let tree = &class.tree;
    let always = symbols.table.constant(true);
    let last_resorts: BTreeSet<usize> = tree
        .branches()
        .zip(&case.all.healthy)
        .filter(|((_, branch), healthy)| subject.is_secondary(branch.record) && **healthy == always)
        .map(|((_, branch), _)| branch.record)
        .collect();
    let deaths = symbols.deaths.clone();
    let evaluated = evaluate(subject, tree, &mut symbols.table, &deaths, |record| last_resorts.contains(&record));
    for (at, condition) in conditions(subject, tree, &mut symbols.table, &deaths, &evaluated) {
        if let Some(world) = symbols.smallest(subject, condition) {
            report(subject, case.question, case.number, case.classes, at, world, found);
        }
    }
    let silent = case.all.no_data;
    if let Some(world) = symbols.smallest(subject, silent) {
        report_silence(subject, case.question, case.number, case.classes, world, found);
    }
}

/// By branch: whether clients may be sent to it, dead, while something they can be sent to is alive.
fn conditions<A: Algebra>(
    subject: &Subject,
    tree: &Tree,
    algebra: &mut A,
    statuses: &Statuses<A::Value>,
    evaluated: &Evaluated<A::Value>,
) -> Vec<(usize, A::Value)> {
    let (always, never) = (algebra.constant(true), algebra.constant(false));
    let mut dead = Vec::new();
    let mut some_alive = never;
    for (at, (_, branch)) in tree.branches().enumerate() {
        let endpoints = answers(subject, branch.record);
        if !is_answer(branch.leads) || endpoints.is_empty() {
            continue;
        }
        let in_service = !subject.is_switched_off(branch.record);
        let all_dead = endpoints.iter().fold(always, |all, endpoint| {
            let dead = statuses.dead.get(*endpoint).copied().unwrap_or(never);
            algebra.and(all, dead)
        });
        if in_service {
            let alive = algebra.not(all_dead);
            some_alive = algebra.or(some_alive, alive);
        }
        dead.push((at, all_dead));
    }
    dead.into_iter()
        .map(|(at, dead)| {
            let picked = evaluated.picked.get(at).copied().unwrap_or(never);
            let sent = algebra.and(picked, dead);
            (at, algebra.and(sent, some_alive))
        })
        .collect()
}

/// Examines one class for each death and each pair of deaths: what is left when decision diagrams grow too large.
pub(super) fn examine_pairs(subject: &Subject, question: usize, number: usize, classes: &Classes, found: &mut Found) {
    let Some(class) = classes.list.get(number) else { return };
    let endpoints = class.tree.endpoints(subject);
    let single = endpoints.iter().map(|dead| vec![*dead]);
    let paired = if endpoints.len() <= ENDPOINTS_IN_PAIRS { endpoints.as_slice() } else { &[] };
    let pairs = paired
        .iter()
        .enumerate()
        .flat_map(|(at, one)| paired.iter().skip(at.saturating_add(1)).map(move |other| vec![*one, *other]));
    let worlds: Vec<World> = single.chain(pairs).map(|dead| World { dead, ..World::default() }).collect();
    let mut told = BTreeSet::new();
    for chunk in worlds.chunks(64) {
        let statuses = lanes(subject, chunk);
        let evaluated = evaluate(subject, &class.tree, &mut Lanes, &statuses, |record| subject.is_secondary(record));
        for (at, holds) in conditions(subject, &class.tree, &mut Lanes, &statuses, &evaluated) {
            let world = chunk.get(holds.trailing_zeros() as usize);
            if let Some(world) = world.filter(|_| holds != 0 && told.insert(at)) {
                report(subject, question, number, classes, at, world.clone(), found);
            }
        }
        if let Some(world) = chunk.get(evaluated.no_data.trailing_zeros() as usize) {
            report_silence(subject, question, number, classes, world.clone(), found);
        }
    }
}

/// Up to 64 worlds as machine words.
///
/// What lies past the last failure is left out, and alive: a zone may have many more endpoints than a question.
pub(super) fn lanes(subject: &Subject, worlds: &[World]) -> Statuses<u64> {
    let length =
        |lists: &mut dyn Iterator<Item = &Vec<usize>>| lists.flatten().max().map_or(0, |last| last.saturating_add(1));
    let mut dead = vec![0_u64; length(&mut worlds.iter().map(|world| &world.dead))];
    let mut failing = vec![0_u64; length(&mut worlds.iter().map(|world| &world.failing))];
    for (bit, world) in worlds.iter().take(64).enumerate() {
        for (list, lanes) in [(&world.dead, &mut dead), (&world.failing, &mut failing)] {
            for number in list {
                if let Some(lane) = lanes.get_mut(*number) {
                    *lane |= 1_u64 << bit;
                }
            }
        }
    }
    Statuses::new(subject, &mut Lanes, dead, &failing)
}

fn report(
    subject: &Subject,
    question: usize,
    number: usize,
    classes: &Classes,
    at: usize,
    world: World,
    found: &mut Found,
) {
    let Some(class) = classes.list.get(number) else { return };
    let Some((node, branch)) = class.tree.branches().nth(at) else { return };
    let statuses = lanes(subject, std::slice::from_ref(&world));
    let state = evaluate(subject, &class.tree, &mut Lanes, &statuses, |_| false);
    let dead = answers(subject, branch.record);
    let alive = class.tree.branches().find(|(_, other)| {
        let endpoints = answers(subject, other.record);
        let in_service = !subject.is_switched_off(other.record);
        in_service
            && is_answer(other.leads)
            && !endpoints.is_empty()
            && !endpoints.iter().all(|one| world.dead.contains(one))
    });
    let Some((_, alive)) = alive else { return };
    let reason = Reason { subject, tree: &class.tree, state: &state };
    let (why, help) = reason.why(at, node, alive.record);
    let labels: Vec<&str> = dead
        .iter()
        .filter_map(|endpoint| subject.endpoints.list.get(*endpoint))
        .map(|endpoint| endpoint.label.as_str())
        .collect();
    let many = class.tree.nodes.get(node).is_some_and(|node| node.policy == PolicyKind::MultivalueAnswer);
    let message = match many {
        true => format!("{} stays in the answer although it is dead", listed(&labels, 3)),
        false => format!(
            "clients are sent to {}, which is dead, while {} is alive",
            listed(&labels, 3),
            endpoint_of(subject, alive.record)
        ),
    };
    // OctoDNS leaves out the check of a value that its author declared to be up, whatever happens.
    let severity = if subject.is_forced_up(branch.record) { Severity::Note } else { Severity::Danger };
    let entry = Entry {
        severity,
        world,
        message,
        help,
        first: Some((question, class.client.clone())),
        asked: Default::default(),
        also: Default::default(),
        confirm: Confirm::Sent(dead.to_vec()),
        why: why.clone(),
    };
    let key = Key { code: "dead-endpoint", about: branch.record, why };
    found.add(key, entry, question, number);
}

fn report_silence(
    subject: &Subject,
    question: usize,
    number: usize,
    classes: &Classes,
    world: World,
    found: &mut Found,
) {
    let Some(class) = classes.list.get(number) else { return };
    let empty = class.tree.nodes.iter().find(|node| node.branches.is_empty());
    let name = |group| subject.group(group).map(|group| format!("`{}` {}", group.name, group.record_type));
    let (why, help) = match empty.and_then(|node| Some((name(node.group)?, node.policy))) {
        Some((name, PolicyKind::IpBased)) => (
            format!("no location of {name} holds their network, and it has no default"),
            "add a record set for the location `*`",
        ),
        Some((name, _)) => {
            (format!("no place of {name} holds them, and it has no default"), "add a record set with CountryCode `*`")
        }
        None => (
            "an alias on the way leads to nothing of this type".into(),
            "give AliasTargets addresses of this type, or remove the record set",
        ),
    };
    let entry = Entry {
        severity: Severity::Danger,
        message: "clients get no answer".into(),
        help: help.into(),
        first: Some((question, class.client.clone())),
        asked: Default::default(),
        also: Default::default(),
        confirm: Confirm::NoData,
        why: why.clone(),
        world,
    };
    let about = empty.map_or(question, |node| node.group);
    found.add(Key { code: "no-answer", about, why }, entry, question, number);
}

/// The endpoints of a record set in words.
pub(super) fn endpoint_of(subject: &Subject, record: usize) -> String {
    let endpoints = answers(subject, record).iter().filter_map(|endpoint| subject.endpoints.list.get(*endpoint));
    listed(&endpoints.map(|endpoint| endpoint.label.as_str()).collect::<Vec<_>>(), 3)
}

/// Every spelling of some endpoints in answers.
pub(crate) fn labels(subject: &Subject, endpoints: &[usize]) -> BTreeSet<String> {
    let mut labels = BTreeSet::new();
    for endpoint in endpoints.iter().filter_map(|endpoint| subject.endpoints.list.get(*endpoint)) {
        labels.insert(endpoint.label.clone());
        let resource = endpoint.resource.and_then(|resource| subject.zone.alias_targets.get(resource));
        if let Some(resource) = resource {
            let addresses = [&resource.a, &resource.aaaa].into_iter().flatten().flatten();
            labels.extend(addresses.map(|address| address.to_string()));
        }
    }
    let records = endpoints.iter().filter_map(|endpoint| subject.endpoints.records.get(*endpoint)).flatten();
    for set in records.filter_map(|record| subject.record(*record)) {
        if let pointsman_core::model::record::Content::Values { values, .. } = &set.content {
            labels.extend(values.iter().map(|value| value.to_string()));
        }
    }
    labels
}

/// Why a dead endpoint is answered in a world.
struct Reason<'a> {
    subject: &'a Subject,
    tree: &'a Tree,
    state: &'a Evaluated<u64>,
}

impl Reason<'_> {
    /// Why, and what to do.
    fn why(&self, at: usize, node: usize, alive: usize) -> (String, String) {
        let Some((_, branch)) = self.tree.branches().nth(at) else { return Default::default() };
        if self.is(&self.state.healthy, at) {
            return self.why_healthy(branch.record);
        }
        // It is unhealthy, and answered as a last resort: somebody above did not hear of it, or all are unhealthy.
        let mut lower = node;
        while let Some((above, alias, at)) = self.way_into(lower) {
            if self.is(&self.state.healthy, at) {
                let called = self.subject.called(alias);
                let check = self.subject.record(alias).and_then(|set| set.health_check);
                let only = match check {
                    Some(check) => format!(" and health check `{}` is healthy", self.subject.check_id(check as usize)),
                    None => String::new(),
                };
                return (
                    format!(
                        "EvaluateTargetHealth is false on {called}{only}, so that nothing above it hears that all below \
                         are unhealthy"
                    ),
                    format!("set EvaluateTargetHealth to true on {called}"),
                );
            }
            lower = above;
        }
        let other = self.subject.called(alive);
        let check = self.subject.record(alive).and_then(|set| set.health_check);
        let (why, help) = match check {
            Some(check) => {
                let id = self.subject.check_id(check as usize);
                (
                    format!(
                        "nothing is healthy, so that all count as healthy: {other} is alive, but its health check `{id}` \
                         fails as well"
                    ),
                    format!("give {other} a health check of its own endpoint"),
                )
            }
            None => (
                format!("nothing healthy is left for these clients, so that all count as healthy, {other} among them"),
                format!("look at why {other} is not preferred: `pointsman explain` shows each step"),
            ),
        };
        (why, help)
    }

    fn is(&self, list: &[u64], at: usize) -> bool {
        list.get(at).is_some_and(|word| word & 1 == 1)
    }

    /// The alias that leads into a node in this world: its node, its record set, its place among the branches.
    fn way_into(&self, node: usize) -> Option<(usize, usize, usize)> {
        let mut branches = self.tree.branches().enumerate();
        let into = |leads: Towards| matches!(leads, Towards::Node(next, _) if next == node);
        let (at, (above, branch)) =
            branches.find(|(at, (_, branch))| into(branch.leads) && self.is(&self.state.picked, *at))?;
        Some((above, branch.record, at))
    }

    /// Why a record set counts as healthy although its endpoint is dead.
    fn why_healthy(&self, record: usize) -> (String, String) {
        let subject = self.subject;
        let called = subject.called(record);
        let Some(check) = subject.record(record).and_then(|set| set.health_check).map(|check| check as usize) else {
            return match subject.leads(record) {
                Leads::Resource(..) => (
                    format!("{called} has EvaluateTargetHealth false and no health check"),
                    "set EvaluateTargetHealth to true: the load balancer knows its own health".into(),
                ),
                _ => (
                    format!("{called} has no health check, and counts as healthy whatever happens"),
                    "give it a HealthCheckId of its own endpoint".into(),
                ),
            };
        };
        let id = subject.check_id(check);
        let Some(known) = subject.zone.health_checks.get(check) else { return Default::default() };
        let reads = subject.endpoints.reads.get(check);
        match &known.kind {
            _ if known.disabled && !known.inverted => (
                format!("health check `{id}` of {called} is Disabled, and counts as healthy whatever happens"),
                format!("enable health check `{id}`; to take a record set out, Disabled and Inverted together do it"),
            ),
            _ if known.inverted => (
                format!("health check `{id}` of {called} is Inverted: what it reads is dead, so it is healthy"),
                format!("set Inverted to false on health check `{id}`"),
            ),
            HealthCheckKind::Calculated { health_threshold, children } => (
                format!(
                    "health check `{id}` of {called} is content with {health_threshold} of its {} children",
                    children.len()
                ),
                format!("raise HealthThreshold of `{id}`, or give the record set a check of its own endpoint"),
            ),
            _ => {
                let reads: Vec<&str> = reads
                    .iter()
                    .flat_map(|reads| &reads.any)
                    .filter_map(|endpoint| subject.endpoints.list.get(*endpoint))
                    .map(|endpoint| endpoint.label.as_str())
                    .collect();
                (
                    format!("health check `{id}` of {called} reads {}, not this endpoint", listed(&reads, 3)),
                    format!("let `{id}` check the endpoint of the record set that names it"),
                )
            }
        }
    }
}
