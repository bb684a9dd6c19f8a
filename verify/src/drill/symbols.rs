//! The functions of one question: a variable for everything that can fail and bears on it, and no other.

use std::collections::HashMap;

use crate::algebra::Statuses;
use crate::bdd::{Bdd, Table};
use crate::reach::Reach;
use crate::subject::Subject;
use crate::world::World;

/// The functions of a question that stand for what can fail, in a table that questions share: two names of one shape have
/// the same functions.
pub(super) struct Symbols {
    pub(super) table: Table,
    /// Everything may fail.
    pub(super) all: Statuses<Bdd>,
    /// Endpoints may die; health checks do what they read.
    pub(super) deaths: Statuses<Bdd>,
    /// What a variable stands for: an endpoint, or a health check past them.
    order: Vec<usize>,
    nodes_max: usize,
}

impl Symbols {
    pub(super) fn new(subject: &Subject, nodes_max: usize) -> Self {
        let (endpoints, checks) = (subject.endpoints.list.len(), subject.zone.health_checks.len());
        let nothing = || Statuses { dead: vec![Bdd::FALSE; endpoints], healthy: vec![Bdd::TRUE; checks] };
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
        let endpoints = subject.endpoints.list.len();
        let mut failing = HashMap::new();
        for (at, failure) in (0_u32..).zip(&reach.order) {
            let variable = self.table.variable(at);
            match failure.checked_sub(endpoints) {
                Some(check) => {
                    failing.insert(check, variable);
                }
                None => {
                    for statuses in [&mut self.all, &mut self.deaths] {
                        if let Some(slot) = statuses.dead.get_mut(*failure) {
                            *slot = variable;
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

    /// What a variable stands for: an endpoint, or else a health check.
    pub(super) fn failure(&self, subject: &Subject, variable: usize) -> Option<Result<usize, usize>> {
        let failure = self.order.get(variable)?;
        Some(failure.checked_sub(subject.endpoints.list.len()).map_or(Ok(*failure), Err))
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
                Some(Ok(endpoint)) => world.dead.push(endpoint),
                Some(Err(check)) => world.failing.push(check),
                None => {}
            }
        }
        world.dead.sort_unstable();
        world.failing.sort_unstable();
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
            Some(Ok(endpoint)) => world.dead.binary_search(&endpoint).is_ok(),
            Some(Err(check)) => world.failing.binary_search(&check).is_ok(),
            None => false,
        })
    }
}
