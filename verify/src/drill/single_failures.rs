//! What one failure does: groups that fail open, traffic that changes continents.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_core::model::Continent;

use super::about::About;
use super::case::is_answer;
use super::collect::{Collected, Entry};
use super::confirm::Confirm;
use super::dead_endpoints::{lanes, shown_by};
use super::finding::Severity;
use super::loads::{LOADS_OF, Loads, add_shares};
use super::survival::Survived;
use crate::algebra::Lanes;
use crate::class::{Class, Classes};
use crate::endpoint::Domain;
use crate::reach::Reach;
use crate::subject::Subject;
use crate::text::listed;
use crate::tree::{Evaluated, answers, evaluate};
use crate::world::{World, single_failures_of};

/// Examines a question.
pub(super) fn examine(
    subject: &Subject,
    question: usize,
    reach: &Reach,
    classes: &Classes,
    survived: &mut Survived,
    found: &mut Collected,
) {
    let calm_world = [World::default()];
    let calm_statuses = lanes(subject, &calm_world, &reach.checks);
    let calm: Vec<Evaluated<u64>> = classes
        .list
        .iter()
        .map(|class| evaluate(subject, &class.tree, &mut Lanes, &calm_statuses, |_| false))
        .collect();
    let endpoints: Vec<Vec<usize>> = classes.list.iter().map(|class| class.tree.in_reach(subject)).collect();
    // Past this many endpoints a single one carries too little to be reported.
    let tells_loads = classes.has_traffic() && endpoints.iter().all(|list| list.len() <= LOADS_OF);
    let mut loads = Loads::default();
    if tells_loads {
        for (class, state) in classes.list.iter().zip(&calm) {
            add_shares(subject, class, state, 0, &mut loads.calm);
        }
        loads.look_at_calm(subject);
    }
    for chunk in relevant(subject, reach).chunks(64) {
        let statuses = lanes(subject, chunk, &reach.checks);
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
                survived.look(subject, (question, classes), (class, calm, state, bit), world);
                one.fails_open(found);
                one.leaves_the_continent(calm, found);
            }
            loads.look(subject, &here, world);
        }
    }
    loads.report(subject, question, classes, found);
}

/// The single failures that a question can notice: of what it leads to, and of what its health checks read elsewhere.
fn relevant(subject: &Subject, reach: &Reach) -> Vec<World> {
    // A domain of which the question has one thing is that thing.
    let is_here = |domain: &Domain| {
        let dead = domain.endpoints.iter().filter(|endpoint| reach.endpoints.contains(endpoint)).count();
        let checks = domain.checks.iter().filter(|check| reach.checks.contains(check)).count();
        dead.saturating_add(checks) > 1
    };
    let domains = subject.endpoints.domains.iter().enumerate().filter(|(_, domain)| is_here(domain));
    let domains = domains.map(|(number, _)| World::of_domain(subject, number));
    single_failures_of(subject, reach.endpoints.iter().copied(), reach.checks.iter().copied()).chain(domains).collect()
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

    fn entry(&self, severity: Severity, confirm: Confirm) -> Entry {
        Entry::new(severity, self.world.clone(), (self.question, self.class.client.clone()), confirm)
    }

    /// One failure, and some group of several on the way has nothing healthy, though something in reach is alive.
    fn fails_open(&self, found: &mut Collected) {
        let alive = self.endpoints.iter().filter(|endpoint| self.world.dead.binary_search(endpoint).is_err()).count();
        if self.endpoints.len() < 2 || alive == 0 {
            return;
        }
        for (number, node) in self.class.tree.nodes.iter().enumerate() {
            let is_open = self.is(self.state.reached.get(number)) && !self.is(self.state.live.get(number));
            // A group of one is returned whatever its health (3.8); what is switched off is not there.
            let in_service = node.branches.iter().filter(|branch| !self.subject.is_switched_off(branch.record)).count();
            let Some(group) = self.subject.group(node.group).filter(|_| is_open && in_service > 1) else { continue };
            let why = format!(
                "the health of all {in_service} candidates of `{}` {} depends on it",
                group.name, group.record_type
            );
            let message = format!(
                "one failure, {}, leaves nothing healthy: all candidates count as healthy, dead or alive",
                self.world.describe(self.subject)
            );
            let help = "give each candidate a health check of its own endpoint";
            let state = self.state_of(self.state);
            // One health check that all of them share is what to mend, not the name.
            let check = |record: usize| self.subject.record(record).and_then(|set| set.health_check);
            let checks: BTreeSet<Option<u32>> = node.branches.iter().map(|branch| check(branch.record)).collect();
            let cause = match checks.first() {
                Some(Some(shared)) if checks.len() == 1 => About::Check(*shared as usize),
                _ => About::Group(node.group),
            };
            let entry = Entry {
                cause,
                shown_by: shown_by(self.subject, &self.class.tree, &state, number),
                ..self.entry(Severity::Warning, Confirm::FailsOpen)
            };
            found.add(
                "fails-open",
                About::Group(node.group),
                entry.says(message, why, help),
                self.question,
                self.number,
            );
        }
    }

    /// The state in this world alone, as bit 0.
    fn state_of(&self, state: &Evaluated<u64>) -> Evaluated<u64> {
        let shifted = |list: &[u64]| list.iter().map(|word| word >> self.bit).collect();
        Evaluated {
            healthy: shifted(&state.healthy),
            picked: shifted(&state.picked),
            reached: shifted(&state.reached),
            live: shifted(&state.live),
            no_data: state.no_data >> self.bit,
        }
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

    fn leaves_the_continent(&self, calm: &Evaluated<u64>, found: &mut Collected) {
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
            self.world.dead.binary_search(endpoint).is_err()
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
        let message =
            format!("when {when} is down, clients that were answered from {from} are answered from {places} in {to}");
        let node = self.class.tree.branches().zip(&self.state.picked).find_map(|((node, branch), picked)| {
            let is_there = answers(self.subject, branch.record).iter().any(|one| arrived.contains(one));
            (picked >> self.bit & 1 == 1 && is_answer(branch.leads) && is_there).then_some(node)
        });
        let state = self.state_of(self.state);
        let entry = Entry {
            shown_by: node.and_then(|node| shown_by(self.subject, &self.class.tree, &state, node)),
            ..self.entry(severity, Confirm::SentToSome(arrived))
        };
        let entry = entry.says(message, why, help);
        found.add("leaves-continent", About::Reason, entry, self.question, self.number);
    }
}

fn continent(subject: &Subject, endpoint: usize) -> Option<Continent> {
    subject.endpoints.list.get(endpoint)?.continent()
}
