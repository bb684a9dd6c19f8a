//! Clients that are sent to a dead endpoint while a live one is in reach, record sets of which a part is dead, and names
//! without an answer.
//!
//! A SECONDARY of the name's own group that can never be unhealthy is left out: it is there for when all else has failed.
//! Whether somebody watches it is a finding of its own. Below an alias it is not: there the rest of the tree is in reach.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_core::model::RecordType;
use pointsman_core::model::routing::PolicyKind;

use super::about::About;
use super::case::{Case, called, is_answer};
use super::collect::{Collected, Entry};
use super::confirm::Confirm;
use super::drilled::ENDPOINTS_IN_PAIRS;
use super::finding::Severity;
use super::symbols::Symbols;
use super::why::{Because, Reason};
use crate::algebra::{Algebra, Constant, Constants, Lanes, Statuses};
use crate::class::Classes;
use crate::reach::Reach;
use crate::subject::Subject;
use crate::tree::{Evaluated, Towards, Tree, answers, evaluate};
use crate::world::{World, single_failures_of};

/// Examines one class over all worlds.
pub(super) fn examine(subject: &Subject, case: &Case<'_>, reach: &Reach, symbols: &mut Symbols, found: &mut Collected) {
    let Some(class) = case.class() else { return };
    let tree = &class.tree;
    let always = symbols.table.constant(true);
    let last_resorts = last_resorts(subject, tree, &case.all.healthy, always);
    let skip = |record: usize| last_resorts.contains(&record);
    let evaluated = evaluate(subject, tree, &mut symbols.table, &symbols.deaths, skip);
    let conditions = conditions(subject, tree, &mut symbols.table, &symbols.deaths, &evaluated);
    let one = One { subject, question: case.question, number: case.number, classes: case.classes };
    for (at, condition) in conditions.dead {
        if let Some(world) = symbols.smallest_of_deaths(subject, condition) {
            one.report(at, world, found);
        }
    }
    for (at, condition) in conditions.part {
        if let Some(world) = symbols.smallest_of_deaths(subject, condition) {
            one.report_part(at, world, found);
        }
    }
    if let Some(world) = symbols.smallest(subject, case.all.no_data) {
        one.report_silence(world, found);
    }
    // What a failure domain takes down besides endpoints is no death, and is not in the conditions above.
    let here =
        |world: &World| !world.failing.is_empty() && world.dead.iter().any(|dead| reach.endpoints.contains(dead));
    let domains = (0..subject.endpoints.domains.len()).map(|domain| World::of_domain(subject, domain));
    let domains: Vec<World> = domains.filter(here).collect();
    one.examine_worlds(&domains, &last_resorts, found);
}

/// The SECONDARYs of the name's own group that no world makes unhealthy.
fn last_resorts<V: PartialEq>(subject: &Subject, tree: &Tree, healthy: &[V], always: V) -> BTreeSet<usize> {
    let root = tree.nodes.len().saturating_sub(1);
    let own = tree.branches().zip(healthy).filter(|((node, _), _)| *node == root);
    own.filter(|((_, branch), healthy)| subject.is_secondary(branch.record) && **healthy == always)
        .map(|((_, branch), _)| branch.record)
        .collect()
}

/// By branch, as far as it can be.
struct Conditions<V> {
    /// Clients may be sent to it, all of it dead, while something in their reach is alive.
    dead: Vec<(usize, V)>,
    /// Clients may be sent to it, a part of it dead.
    part: Vec<(usize, V)>,
}

fn conditions<A: Algebra>(
    subject: &Subject,
    tree: &Tree,
    algebra: &mut A,
    statuses: &Statuses<A::Value>,
    evaluated: &Evaluated<A::Value>,
) -> Conditions<A::Value> {
    let (always, never) = (algebra.constant(true), algebra.constant(false));
    let mut dead = Vec::new();
    let mut part = Vec::new();
    let mut some_alive = never;
    for (at, (_, branch)) in tree.branches().enumerate() {
        let endpoints = answers(subject, branch.record);
        if !is_answer(branch.leads) || endpoints.is_empty() {
            continue;
        }
        let of = |endpoint: &usize| statuses.dead.get(*endpoint).copied().unwrap_or(never);
        let all_dead = endpoints.iter().rev().fold(always, |all, endpoint| algebra.and(all, of(endpoint)));
        if !subject.is_switched_off(branch.record) {
            let alive = algebra.not(all_dead);
            some_alive = algebra.or(some_alive, alive);
        }
        dead.push((at, all_dead));
        if endpoints.len() > 1 && has_addresses(subject, branch.record) {
            let any_dead = endpoints.iter().rev().fold(never, |any, endpoint| algebra.or(any, of(endpoint)));
            let not_all = algebra.not(all_dead);
            part.push((at, algebra.and(any_dead, not_all)));
        }
    }
    let picked = |at: usize| evaluated.picked.get(at).copied().unwrap_or(never);
    let dead = dead.into_iter().map(|(at, dead)| {
        let sent = algebra.and(picked(at), dead);
        (at, algebra.and(sent, some_alive))
    });
    let dead = dead.collect();
    // An unhealthy record set that is answered for want of a healthy one is noticed.
    let healthy = |at: usize| evaluated.healthy.get(at).copied().unwrap_or(never);
    let part = part.into_iter().map(|(at, part)| {
        let unnoticed = algebra.and(part, healthy(at));
        (at, algebra.and(picked(at), unnoticed))
    });
    let part = part.collect();
    Conditions { dead, part }
}

/// Whether the values of a record set are addresses, of which a client takes any. Mail and service clients go on to the
/// next value by themselves.
fn has_addresses(subject: &Subject, record: usize) -> bool {
    subject.record(record).is_some_and(|set| matches!(set.record_type, RecordType::A | RecordType::Aaaa))
}

/// Examines one class for each death and each pair of deaths: what is left when decision diagrams grow too large.
pub(super) fn examine_pairs(
    subject: &Subject,
    question: usize,
    number: usize,
    classes: &Classes,
    found: &mut Collected,
) {
    let Some(class) = classes.list.get(number) else { return };
    let reach = Reach::of(subject, question);
    let single = single_failures_of(subject, reach.endpoints.iter().copied(), std::iter::empty());
    let endpoints: Vec<usize> = reach.endpoints.iter().copied().collect();
    let paired = if endpoints.len() <= ENDPOINTS_IN_PAIRS { endpoints.as_slice() } else { &[] };
    let pairs = paired
        .iter()
        .enumerate()
        .flat_map(|(at, one)| paired.iter().skip(at.saturating_add(1)).map(move |other| vec![*one, *other]));
    let pairs = pairs.map(|dead| World { dead, ..World::default() });
    let worlds: Vec<World> = single.chain(pairs).collect();
    let unknown = || Statuses {
        dead: vec![Constant::Depends; subject.endpoints.list.len()],
        seen: BTreeMap::new(),
        healthy: vec![Constant::Depends; subject.zone.health_checks.len()],
    };
    let mut statuses = unknown();
    statuses.work_out(subject, &mut Constants, |_| Constant::Depends, reach.checks.iter().copied());
    let known = evaluate(subject, &class.tree, &mut Constants, &statuses, |_| false);
    let last_resorts = last_resorts(subject, &class.tree, &known.healthy, Constant::Always);
    One { subject, question, number, classes }.examine_worlds(&worlds, &last_resorts, found);
}

/// Up to 64 worlds as machine words.
///
/// What lies past the last failure is left out, and alive: a zone may have many more endpoints than a question.
pub(super) fn lanes(subject: &Subject, worlds: &[World], checks: &BTreeSet<usize>) -> Statuses<u64> {
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
    let last = checks.last().map_or(0, |last| last.saturating_add(1));
    let mut seen = BTreeMap::new();
    for endpoint in worlds.iter().flat_map(|world| &world.passing) {
        let passes = worlds.iter().take(64).enumerate().filter(|(_, world)| world.passing.contains(endpoint));
        let passes = passes.fold(0_u64, |all, (bit, _)| all | 1 << bit);
        seen.insert(*endpoint, dead.get(*endpoint).copied().unwrap_or(0) & !passes);
    }
    let mut statuses = Statuses { dead, seen, healthy: vec![u64::MAX; last] };
    let by_itself = |check: usize| failing.get(check).copied().unwrap_or(0);
    statuses.work_out(subject, &mut Lanes, by_itself, checks.iter().copied());
    statuses
}

/// One class of a question.
#[derive(Clone, Copy)]
struct One<'a> {
    subject: &'a Subject,
    question: usize,
    number: usize,
    classes: &'a Classes,
}

impl One<'_> {
    /// Examines some worlds one by one.
    fn examine_worlds(&self, worlds: &[World], last_resorts: &BTreeSet<usize>, found: &mut Collected) {
        let Some(class) = self.classes.list.get(self.number) else { return };
        let checks = self.subject.checks_of(self.question);
        let (mut dead, mut part) = (BTreeSet::new(), BTreeSet::new());
        let mut is_silent = false;
        for chunk in worlds.chunks(64) {
            let bits = u64::MAX >> 64_usize.saturating_sub(chunk.len());
            let statuses = lanes(self.subject, chunk, &checks);
            let skip = |record: usize| last_resorts.contains(&record);
            let evaluated = evaluate(self.subject, &class.tree, &mut Lanes, &statuses, skip);
            let conditions = conditions(self.subject, &class.tree, &mut Lanes, &statuses, &evaluated);
            let first = |holds: u64| chunk.get((holds & bits).trailing_zeros() as usize).cloned();
            for (at, holds) in conditions.dead {
                if let Some(world) = first(holds).filter(|_| dead.insert(at)) {
                    self.report(at, world, found);
                }
            }
            for (at, holds) in conditions.part {
                if let Some(world) = first(holds).filter(|_| part.insert(at)) {
                    self.report_part(at, world, found);
                }
            }
            let silent = match last_resorts.is_empty() {
                true => evaluated.no_data,
                false => evaluate(self.subject, &class.tree, &mut Lanes, &statuses, |_| false).no_data,
            };
            if let Some(world) = first(silent).filter(|_| !is_silent) {
                is_silent = true;
                self.report_silence(world, found);
            }
        }
    }

    fn entry(&self, severity: Severity, world: World, confirm: Confirm) -> Option<Entry> {
        let client = self.classes.list.get(self.number)?.client.clone();
        Some(Entry::new(severity, world, (self.question, client), confirm))
    }

    /// The state of this class in a world.
    fn state(&self, tree: &Tree, world: &World) -> Evaluated<u64> {
        let statuses = lanes(self.subject, std::slice::from_ref(world), &self.subject.checks_of(self.question));
        evaluate(self.subject, tree, &mut Lanes, &statuses, |_| false)
    }

    fn report(&self, at: usize, world: World, found: &mut Collected) {
        let subject = self.subject;
        let Some(class) = self.classes.list.get(self.number) else { return };
        let Some((node, branch)) = class.tree.branches().nth(at) else { return };
        let state = self.state(&class.tree, &world);
        let dead = answers(subject, branch.record);
        let alive = class.tree.branches().find(|(_, other)| {
            let endpoints = answers(subject, other.record);
            let in_service = !subject.is_switched_off(other.record);
            in_service
                && is_answer(other.leads)
                && !endpoints.is_empty()
                && !endpoints.iter().all(|one| world.dead.binary_search(one).is_ok())
        });
        let Some((_, alive)) = alive else { return };
        let living: Vec<usize> = answers(subject, alive.record)
            .iter()
            .copied()
            .filter(|endpoint| world.dead.binary_search(endpoint).is_err())
            .collect();
        let reason = Reason { subject, tree: &class.tree, state: &state, world: &world };
        let Because { why, help, cause } = reason.why(at, node, alive.record);
        let many = class.tree.nodes.get(node).is_some_and(|node| node.policy == PolicyKind::MultivalueAnswer);
        let message = match many {
            true => format!("{} {} in the answer although {} dead", called(subject, dead), stays(dead), it_is(dead)),
            false => format!(
                "clients are sent to {}, which {}, while {} {} alive",
                called(subject, dead),
                match dead.iter().all(|one| world.passing.binary_search(one).is_ok()) {
                    true => "counts as unhealthy though its health check passes".to_owned(),
                    false => format!("{} dead", is(dead)),
                },
                called(subject, &living),
                is(&living)
            ),
        };
        // OctoDNS leaves out the check of a value that its author declared to be up, whatever happens.
        let severity = if subject.is_forced_up(branch.record) { Severity::Note } else { Severity::Danger };
        let Some(entry) = self.entry(severity, world, Confirm::Sent(dead.to_vec())) else { return };
        let entry =
            Entry { shown_by: shown_by(subject, &class.tree, &state, node), needs_change: true, cause, ..entry }
                .says(message, why, help);
        found.add("dead-endpoint", About::Record(branch.record), entry, self.question, self.number);
    }

    fn report_part(&self, at: usize, world: World, found: &mut Collected) {
        let subject = self.subject;
        let Some(class) = self.classes.list.get(self.number) else { return };
        let Some((node, branch)) = class.tree.branches().nth(at) else { return };
        let (dead, alive): (Vec<usize>, Vec<usize>) =
            answers(subject, branch.record).iter().partition(|one| world.dead.binary_search(one).is_ok());
        if dead.is_empty() || alive.is_empty() {
            return;
        }
        let state = self.state(&class.tree, &world);
        let why = format!(
            "{} is one record set of {} values, which are answered together whatever becomes of each",
            subject.called(branch.record),
            dead.len().saturating_add(alive.len())
        );
        let message = format!(
            "{} {} in the answer although {} dead, beside {}",
            called(subject, &dead),
            stays(&dead),
            it_is(&dead),
            called(subject, &alive)
        );
        let help = "make it multivalue answers: a record set for each value, each with a health check of its own";
        let severity = if subject.is_forced_up(branch.record) { Severity::Note } else { Severity::Warning };
        let Some(entry) = self.entry(severity, world, Confirm::Sent(dead)) else { return };
        let entry = Entry { shown_by: shown_by(subject, &class.tree, &state, node), needs_change: true, ..entry }
            .says(message, why, help);
        found.add("part-dead", About::Record(branch.record), entry, self.question, self.number);
    }

    fn report_silence(&self, world: World, found: &mut Collected) {
        let subject = self.subject;
        let Some(class) = self.classes.list.get(self.number) else { return };
        let empty = class.tree.nodes.iter().find(|node| node.branches.is_empty());
        let name = |group| subject.group(group).map(|group| format!("`{}` {}", group.name, group.record_type));
        let (why, help) = match empty.and_then(|node| Some((name(node.group)?, node.policy))) {
            Some((name, PolicyKind::IpBased)) => (
                format!("no location of {name} holds their network, and it has no default"),
                "add a record set for the location `*`",
            ),
            Some((name, _)) => (
                format!("no place of {name} holds them, and it has no default"),
                "add a record set with CountryCode `*`",
            ),
            None => (
                "an alias on the way leads to nothing of this type".into(),
                "give AliasTargets addresses of this type, or remove the record set",
            ),
        };
        let Some(entry) = self.entry(Severity::Danger, world, Confirm::NoData) else { return };
        let state = self.state(&class.tree, &entry.world);
        let node = class.tree.nodes.iter().enumerate().position(|(number, node)| {
            let is_reached = state.reached.get(number).is_some_and(|word| word & 1 == 1);
            is_reached && (node.branches.is_empty() || node.branches.iter().any(|one| one.leads == Towards::NoData))
        });
        let shown_by = node.and_then(|node| shown_by(subject, &class.tree, &state, node));
        let entry = Entry { shown_by, needs_change: true, ..entry }.says("clients get no answer".into(), why, help);
        let about = empty.map_or(self.question, |node| node.group);
        found.add("no-answer", About::Group(about), entry, self.question, self.number);
    }
}

/// The group to ask to see what a node answers, when a CNAME lies on the way: what the last of them leads to.
pub(super) fn shown_by(subject: &Subject, tree: &Tree, state: &Evaluated<u64>, node: usize) -> Option<usize> {
    let mut at = node;
    loop {
        let into = |leads: Towards| matches!(leads, Towards::Node(next, _) if next == at);
        let mut ways = tree.branches().zip(&state.picked);
        let ((above, branch), _) = ways.find(|((_, branch), picked)| into(branch.leads) && *picked & 1 == 1)?;
        if subject.leads_by_cname(branch.record) {
            return tree.nodes.get(at).map(|node| node.group);
        }
        at = above;
    }
}

/// Where a CNAME on the way makes another group show it.
pub(super) fn shown_in(subject: &Subject, tree: &Tree, world: &World, node: usize, question: usize) -> Option<usize> {
    let statuses = lanes(subject, std::slice::from_ref(world), &subject.checks_of(question));
    let state = evaluate(subject, tree, &mut Lanes, &statuses, |_| false);
    shown_by(subject, tree, &state, node)
}

fn is(endpoints: &[usize]) -> &'static str {
    if endpoints.len() == 1 { "is" } else { "are" }
}

fn it_is(endpoints: &[usize]) -> &'static str {
    if endpoints.len() == 1 { "it is" } else { "they are" }
}

fn stays(endpoints: &[usize]) -> &'static str {
    if endpoints.len() == 1 { "stays" } else { "stay" }
}
