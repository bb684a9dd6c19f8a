//! What one failure does: names that fail open, traffic that changes continents, load that lands on what is left.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_core::model::Continent;
use pointsman_core::model::routing::PolicyKind;

use super::dead::lanes;
use super::{Confirm, Entry, Found, Key, Severity, is_answer};
use crate::algebra::Lanes;
use crate::class::{Class, Classes};
use crate::endpoint::Domain;
use crate::subject::Subject;
use crate::text::listed;
use crate::traffic::shares;
use crate::tree::{Evaluated, answers, evaluate};
use crate::world::{World, single_failures_of};

/// A load is worth a note from so many times the load without failures.
pub const LOAD_FACTOR: f64 = 1.5;
/// Names of more endpoints are not asked who carries whose load.
const LOADS_OF: usize = 500;

/// Examines a question.
pub(super) fn examine(subject: &Subject, question: usize, classes: &Classes, found: &mut Found) {
    let calm_world = [World::default()];
    let calm_statuses = lanes(subject, &calm_world);
    let calm: Vec<Evaluated<u64>> = classes
        .list
        .iter()
        .map(|class| evaluate(subject, &class.tree, &mut Lanes, &calm_statuses, |_| false))
        .collect();
    let endpoints: Vec<Vec<usize>> = classes.list.iter().map(|class| class.tree.endpoints(subject)).collect();
    // Past this many endpoints a single one carries too little to be told of.
    let tells_loads = classes.has_traffic() && endpoints.iter().all(|list| list.len() <= LOADS_OF);
    let mut loads = Loads::default();
    if tells_loads {
        for (class, state) in classes.list.iter().zip(&calm) {
            add_shares(subject, class, state, 0, &mut loads.calm);
        }
    }
    for chunk in relevant(subject, question).chunks(64) {
        let statuses = lanes(subject, chunk);
        let states: Vec<Evaluated<u64>> =
            classes.list.iter().map(|class| evaluate(subject, &class.tree, &mut Lanes, &statuses, |_| false)).collect();
        for (bit, world) in chunk.iter().enumerate() {
            let mut here = BTreeMap::new();
            for (number, class) in classes.list.iter().enumerate() {
                let (Some(state), Some(calm), Some(endpoints)) =
                    (states.get(number), calm.get(number), endpoints.get(number))
                else {
                    continue;
                };
                if tells_loads {
                    add_shares(subject, class, state, bit, &mut here);
                }
                let one = One { subject, question, number, class, endpoints, state, bit, world };
                one.fails_open(found);
                one.leaves_the_continent(calm, found);
            }
            loads.look(&here, world);
        }
    }
    loads.report(subject, question, classes, found);
    standby_shares_domain(subject, question, classes, found);
}

/// The single failures that a question can notice. A check that reads something is left to what it reads.
fn relevant(subject: &Subject, question: usize) -> Vec<World> {
    let endpoints = subject.endpoints.below(subject, question);
    let checks = subject.checks_of(question);
    // A domain of which the question has one endpoint is that endpoint.
    let is_here = |domain: &Domain| {
        let dead = endpoints.iter().filter(|endpoint| domain.endpoints.binary_search(endpoint).is_ok()).count();
        dead.saturating_add(domain.checks.iter().filter(|check| checks.contains(check)).count()) > 1
    };
    let domains = subject.endpoints.domains.iter().enumerate().filter(|(_, domain)| is_here(domain));
    let domains = domains.map(|(number, _)| World::of_domain(subject, number));
    single_failures_of(subject, endpoints.iter().copied(), checks.iter().copied()).chain(domains).collect()
}

struct One<'a> {
    subject: &'a Subject,
    question: usize,
    number: usize,
    class: &'a Class,
    endpoints: &'a [usize],
    state: &'a Evaluated<u64>,
    bit: usize,
    world: &'a World,
}

impl One<'_> {
    fn is(&self, word: Option<&u64>) -> bool {
        word.is_some_and(|word| word >> self.bit & 1 == 1)
    }

    /// One failure, and some group on the way has nothing healthy, though the clients have several endpoints.
    fn fails_open(&self, found: &mut Found) {
        let tree = &self.class.tree;
        let alive = self.endpoints.iter().filter(|endpoint| !self.world.dead.contains(endpoint)).count();
        if self.endpoints.len() < 2 || alive == 0 {
            return;
        }
        let open = tree.nodes.iter().enumerate().find(|(number, node)| {
            let reached = self.is(self.state.reached.get(*number));
            reached && !node.branches.is_empty() && !self.is(self.state.live.get(*number))
        });
        let Some((_, node)) = open else { return };
        let Some(group) = self.subject.group(node.group) else { return };
        // A group of one is returned whatever its health (3.8); what is switched off is not there.
        let in_service = node.branches.iter().filter(|branch| !self.subject.is_switched_off(branch.record)).count();
        if in_service < 2 {
            return;
        }
        let why = format!(
            "the health of all {} candidates of `{}` {} depends on it",
            in_service, group.name, group.record_type
        );
        let entry = Entry {
            severity: Severity::Warning,
            message: format!(
                "one failure, {}, leaves nothing healthy: all candidates count as healthy, dead or alive",
                self.world.describe(self.subject)
            ),
            help: "give each candidate a health check of its own endpoint".into(),
            first: Some((self.question, self.class.client.clone())),
            asked: BTreeMap::new(),
            also: BTreeSet::new(),
            confirm: Confirm::Nothing,
            why: why.clone(),
            world: self.world.clone(),
        };
        let key = Key { code: "fails-open", about: node.group, why };
        found.add(key, entry, self.question, self.number);
    }

    /// Where the answers of this bit lie.
    fn continents(&self, state: &Evaluated<u64>, bit: usize) -> Option<BTreeSet<Continent>> {
        let mut continents = BTreeSet::new();
        for ((_, branch), picked) in self.class.tree.branches().zip(&state.picked) {
            if picked >> bit & 1 == 1 && is_answer(branch.leads) {
                for endpoint in answers(self.subject, branch.record) {
                    continents.insert(continent(self.subject, *endpoint)?);
                }
            }
        }
        Some(continents)
    }

    fn leaves_the_continent(&self, calm: &Evaluated<u64>, found: &mut Found) {
        let reads = self.world.failing.iter().filter_map(|check| self.subject.endpoints.reads.get(*check));
        if self.world.domain.is_none() && { reads }.any(|reads| !reads.any.is_empty() || !reads.all.is_empty()) {
            return;
        }
        let (Some(before), Some(after)) = (self.continents(calm, 0), self.continents(self.state, self.bit)) else {
            return;
        };
        let new: Vec<&Continent> = after.difference(&before).collect();
        if before.is_empty() || new.is_empty() {
            return;
        }
        let nearer = self.endpoints.iter().find(|endpoint| {
            !self.world.dead.contains(endpoint)
                && continent(self.subject, **endpoint).is_some_and(|here| before.contains(&here))
                && self.class.continent() == continent(self.subject, **endpoint)
        });
        let names = |continents: &mut dyn Iterator<Item = &Continent>| {
            listed(&continents.map(|continent| continent.name()).collect::<Vec<_>>(), 7)
        };
        let (from, to) = (names(&mut before.iter()), names(&mut new.into_iter()));
        let arrived: Vec<usize> = self
            .class
            .tree
            .branches()
            .zip(&self.state.picked)
            .filter(|((_, branch), picked)| *picked >> self.bit & 1 == 1 && is_answer(branch.leads))
            .flat_map(|((_, branch), _)| answers(self.subject, branch.record))
            .copied()
            .filter(|endpoint| continent(self.subject, *endpoint).is_some_and(|there| !before.contains(&there)))
            .collect();
        let places: BTreeSet<String> = self
            .class
            .tree
            .branches()
            .zip(&self.state.picked)
            .filter(|((_, branch), picked)| *picked >> self.bit & 1 == 1 && is_answer(branch.leads))
            .flat_map(|((_, branch), _)| answers(self.subject, branch.record))
            .filter_map(|endpoint| self.subject.endpoints.list.get(*endpoint)?.region)
            .map(|region| region.to_string())
            .collect();
        let places = listed(&places.iter().collect::<Vec<_>>(), 3);
        let when = self.world.describe(self.subject);
        let (severity, why, help) = match nearer.and_then(|nearer| self.subject.endpoints.list.get(*nearer)) {
            Some(nearer) => (
                Severity::Warning,
                format!("{} is alive and in {from}, and is not preferred", nearer.label),
                "look at latencies, places and roles: `pointsman explain` shows who was passed over".to_owned(),
            ),
            None => (
                Severity::Note,
                format!("no endpoint in {from} is left for these clients"),
                "nothing, if the data may leave and the distance is bearable; else add an endpoint there".to_owned(),
            ),
        };
        let entry = Entry {
            severity,
            message: format!(
                "when {when} is down, clients that were answered from {from} are answered from {places} in {to}"
            ),
            help,
            first: Some((self.question, self.class.client.clone())),
            asked: BTreeMap::new(),
            also: BTreeSet::new(),
            confirm: Confirm::Sent(arrived),
            why: why.clone(),
            world: self.world.clone(),
        };
        let key = Key { code: "leaves-continent", about: 0, why: format!("{when} {to} {why}") };
        found.add(key, entry, self.question, self.number);
    }
}

fn continent(subject: &Subject, endpoint: usize) -> Option<Continent> {
    subject.endpoints.list.get(endpoint)?.continent()
}

/// A question's traffic by endpoint, and for each the failure that loads it most.
#[derive(Debug, Default)]
struct Loads {
    calm: BTreeMap<usize, f64>,
    worst: BTreeMap<usize, (f64, World)>,
}

/// Adds a class's traffic by endpoint in one of 64 worlds.
fn add_shares(subject: &Subject, class: &Class, state: &Evaluated<u64>, bit: usize, loads: &mut BTreeMap<usize, f64>) {
    let Some(traffic) = class.traffic.filter(|traffic| *traffic > 0.0) else { return };
    for (endpoint, share) in shares(subject, &class.tree, state, bit) {
        *loads.entry(endpoint).or_default() += share * traffic;
    }
}

impl Loads {
    /// Keeps a world where it is the worst for an endpoint. Of two that load it alike, a death says more than a check.
    fn look(&mut self, loads: &BTreeMap<usize, f64>, world: &World) {
        for (endpoint, before) in self.calm.iter().filter(|(_, before)| **before > 0.0) {
            let factor = loads.get(endpoint).copied().unwrap_or(0.0) / before;
            let is_worse = self.worst.get(endpoint).is_none_or(|(known, of)| {
                factor > known + 1e-9 || ((factor - known).abs() < 1e-9 && of.dead.is_empty() && !world.dead.is_empty())
            });
            if factor >= LOAD_FACTOR && !world.dead.contains(endpoint) && is_worse {
                self.worst.insert(*endpoint, (factor, world.clone()));
            }
        }
    }

    fn report(&self, subject: &Subject, question: usize, classes: &Classes, found: &mut Found) {
        for (endpoint, (factor, world)) in &self.worst {
            let Some(before) = self.calm.get(endpoint) else { continue };
            let Some(known) = subject.endpoints.list.get(*endpoint) else { continue };
            let place = known.region.filter(|region| !known.label.contains(region.as_str()));
            let place = place.map(|region| format!(" in {region}")).unwrap_or_default();
            let why = format!("{} of the traffic before, {} after", percent(*before), percent(before * factor));
            let entry = Entry {
                severity: Severity::Note,
                message: format!(
                    "when {} is down, {}{place} gets {} times its load",
                    world.describe(subject),
                    known.label,
                    (factor * 10.0).round() / 10.0
                ),
                help: "make sure that it can carry that, or spread the load over more endpoints".into(),
                first: classes.list.first().map(|class| (question, class.client.clone())),
                asked: BTreeMap::new(),
                also: BTreeSet::new(),
                confirm: Confirm::Nothing,
                why: why.clone(),
                world: world.clone(),
            };
            let key = Key { code: "load-shift", about: *endpoint, why: format!("{} {why}", world.describe(subject)) };
            for class in 0..classes.list.len() {
                found.add(key.clone(), entry.clone(), question, class);
            }
        }
    }
}

fn percent(share: f64) -> String {
    crate::text::percent(share)
}

/// A failover pair whose two sides are in one failure domain.
fn standby_shares_domain(subject: &Subject, question: usize, classes: &Classes, found: &mut Found) {
    let Some(group) = subject.group(question).filter(|group| group.policy == PolicyKind::Failover) else { return };
    let sides: Vec<BTreeSet<usize>> = group
        .members
        .iter()
        .map(|record| match subject.leads(*record) {
            crate::subject::Leads::Group(next, _) => subject.endpoints.below(subject, next),
            _ => answers(subject, *record).iter().copied().collect(),
        })
        .collect();
    let [one, other] = sides.as_slice() else { return };
    if one.is_empty() || other.is_empty() || one == other {
        return;
    }
    for (number, domain) in subject.endpoints.domains.iter().enumerate() {
        if !one.iter().chain(other).all(|endpoint| domain.endpoints.contains(endpoint)) {
            continue;
        }
        let why = format!("all endpoints of both are in {}", domain.name);
        let entry = Entry {
            severity: Severity::Warning,
            message: format!("one failure, {}, takes the primary and the standby down together", domain.name),
            help: "move the standby to another failure domain".into(),
            first: classes.list.first().map(|class| (question, class.client.clone())),
            asked: BTreeMap::new(),
            also: BTreeSet::new(),
            confirm: Confirm::Nothing,
            why: why.clone(),
            world: World::of_domain(subject, number),
        };
        let key = Key { code: "standby-in-same-domain", about: question, why };
        for class in 0..classes.list.len() {
            found.add(key.clone(), entry.clone(), question, class);
        }
    }
}
