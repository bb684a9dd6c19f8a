//! The functions of one question: a variable for everything that can fail and bears on it, and no other.

use std::collections::{BTreeMap, HashMap};

use crate::algebra::Statuses;
use crate::bdd::{Bdd, Table};
use crate::reach::Reach;
use crate::subject::Subject;
use crate::world::World;

/// What a variable stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failure {
    /// An endpoint dies.
    Death(usize),
    /// A health check fails by itself.
    Check(usize),
    /// A load balancer counts as unhealthy, and the health checks that read it pass.
    Passing(usize),
}

/// The functions of a question that stand for what can fail, in a table that questions share: two names of one shape have
/// the same functions.
pub(super) struct Symbols {
    pub(super) table: Table,
    /// Everything may fail.
    pub(super) all: Statuses<Bdd>,
    /// Endpoints may die; health checks do what they read.
    pub(super) deaths: Statuses<Bdd>,
    /// What a variable stands for, as [`Reach::order`] has it.
    order: Vec<usize>,
    nodes_max: usize,
}

impl Symbols {
    pub(super) fn new(subject: &Subject, nodes_max: usize) -> Self {
        let (endpoints, checks) = (subject.endpoints.list.len(), subject.zone.health_checks.len());
        let nothing =
            || Statuses { dead: vec![Bdd::FALSE; endpoints], seen: BTreeMap::new(), healthy: vec![Bdd::TRUE; checks] };
        Self { table: Table::new(nodes_max), all: nothing(), deaths: nothing(), order: Vec::new(), nodes_max }
    }

    /// An empty table of so many nodes.
    pub(super) fn start_over(&mut self, nodes_max: usize) {
        self.nodes_max = nodes_max;
        self.table = Table::new(nodes_max);
    }

    /// Makes the functions of a question.
    pub(super) fn enter(&mut self, subject: &Subject, reach: &Reach) {
        if self.table.is_full() || self.table.len() > self.nodes_max / 2 {
            self.start_over(self.nodes_max);
        }
        let mut failing = HashMap::new();
        for statuses in [&mut self.all, &mut self.deaths] {
            statuses.seen.clear();
        }
        for (at, failure) in (0_u32..).zip(&reach.order) {
            let variable = self.table.variable(at);
            match what(subject, *failure) {
                Failure::Check(check) => {
                    failing.insert(check, variable);
                }
                Failure::Death(endpoint) => {
                    for statuses in [&mut self.all, &mut self.deaths] {
                        if let Some(slot) = statuses.dead.get_mut(endpoint) {
                            *slot = variable;
                        }
                    }
                }
                // It stands right behind the death of the same endpoint.
                Failure::Passing(endpoint) => {
                    for statuses in [&mut self.all, &mut self.deaths] {
                        if let Some(slot) = statuses.dead.get_mut(endpoint) {
                            statuses.seen.insert(endpoint, *slot);
                            *slot = self.table.or(*slot, variable);
                        }
                    }
                }
            }
        }
        let checks = || reach.checks.iter().copied();
        let by_itself = |check: usize| failing.get(&check).copied().unwrap_or(Bdd::FALSE);
        self.all.work_out(subject, &mut self.table, by_itself, checks());
        self.deaths.work_out(subject, &mut self.table, |_| Bdd::FALSE, checks());
        self.order.clone_from(&reach.order);
    }

    /// What a variable stands for.
    pub(super) fn failure(&self, subject: &Subject, variable: usize) -> Option<Failure> {
        self.order.get(variable).map(|failure| what(subject, *failure))
    }

    /// The smallest world in which a condition on everything that can fail holds.
    pub(super) fn smallest(&mut self, subject: &Subject, condition: Bdd) -> Option<World> {
        self.smallest_with(subject, condition, |_| true)
    }

    /// The smallest world in which a condition on deaths alone holds. It says nothing of a failure domain in which health
    /// checks fail by themselves.
    pub(super) fn smallest_of_deaths(&mut self, subject: &Subject, condition: Bdd) -> Option<World> {
        self.smallest_with(subject, condition, |domain| domain.failing.is_empty())
    }

    fn smallest_with(&mut self, subject: &Subject, condition: Bdd, counts: impl Fn(&World) -> bool) -> Option<World> {
        let set = self.table.fewest_true(condition)?;
        let mut world = World::default();
        for variable in set {
            match self.failure(subject, variable as usize) {
                Some(Failure::Death(endpoint)) => world.dead.push(endpoint),
                Some(Failure::Check(check)) => world.failing.push(check),
                Some(Failure::Passing(endpoint)) => {
                    world.dead.push(endpoint);
                    world.passing.push(endpoint);
                }
                None => {}
            }
        }
        world.dead.sort_unstable();
        world.failing.sort_unstable();
        world.passing.sort_unstable();
        // A failure domain that is enough by itself says more than a list of endpoints.
        if world.size() > 1 {
            let domains = (0..subject.endpoints.domains.len()).map(|domain| World::of_domain(subject, domain));
            if let Some(domain) = { domains }.find(|domain| counts(domain) && self.holds(subject, condition, domain)) {
                return Some(domain);
            }
        }
        Some(world)
    }

    fn holds(&self, subject: &Subject, condition: Bdd, world: &World) -> bool {
        self.table.holds(condition, |variable| match self.failure(subject, variable as usize) {
            Some(Failure::Death(endpoint)) => {
                world.dead.binary_search(&endpoint).is_ok() && world.passing.binary_search(&endpoint).is_err()
            }
            Some(Failure::Check(check)) => world.failing.binary_search(&check).is_ok(),
            Some(Failure::Passing(endpoint)) => world.passing.binary_search(&endpoint).is_ok(),
            None => false,
        })
    }
}

/// What a number of [`Reach::order`] stands for.
fn what(subject: &Subject, failure: usize) -> Failure {
    let endpoints = subject.endpoints.list.len();
    match failure.checked_sub(endpoints) {
        None => Failure::Death(failure),
        Some(past) => match past.checked_sub(subject.zone.health_checks.len()) {
            None => Failure::Check(past),
            Some(endpoint) => Failure::Passing(endpoint),
        },
    }
}
