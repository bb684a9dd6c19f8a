//! Load that lands on what is left, and standbys that one failure takes down with what they stand by for.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_core::model::routing::PolicyKind;

use super::about::About;
use super::collect::{Collected, Entry};
use super::confirm::Confirm;
use super::finding::Severity;
use crate::class::{Class, Classes};
use crate::subject::Subject;
use crate::text::percent;
use crate::traffic::shares;
use crate::tree::Evaluated;
use crate::world::World;

/// A load is worth a note from so many times the load without failures.
pub const LOAD_FACTOR: f64 = 1.5;
/// Names of more endpoints are not asked who carries whose load.
pub(super) const LOADS_OF: usize = 500;

/// A question's traffic by endpoint, and for each the failure that loads it most.
#[derive(Debug, Default)]
pub(super) struct Loads {
    pub(super) calm: BTreeMap<usize, f64>,
    worst: BTreeMap<usize, (f64, World)>,
    /// By endpoint whose capacity is known: the failure, or none, that loads it most, and that load.
    fullest: BTreeMap<usize, (f64, World)>,
}

/// Adds a class's traffic by endpoint in one of 64 worlds.
pub(super) fn add_shares(
    subject: &Subject,
    class: &Class,
    state: &Evaluated<u64>,
    bit: usize,
    loads: &mut BTreeMap<usize, f64>,
) {
    let Some(traffic) = class.traffic.filter(|traffic| *traffic > 0.0) else { return };
    for (endpoint, share) in shares(subject, &class.tree, state, bit) {
        *loads.entry(endpoint).or_default() += share * traffic;
    }
}

impl Loads {
    /// Keeps a world where it is the worst for an endpoint. Of two that load it alike, a death says more than a check.
    pub(super) fn look(&mut self, subject: &Subject, loads: &BTreeMap<usize, f64>, world: &World) {
        self.fill(subject, loads, world);
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

    /// Keeps a world where it loads an endpoint past its capacity, and more than any other does.
    fn fill(&mut self, subject: &Subject, loads: &BTreeMap<usize, f64>, world: &World) {
        for (endpoint, load) in loads.iter().filter(|(endpoint, _)| !world.dead.contains(endpoint)) {
            let capacity = subject.endpoints.list.get(*endpoint).and_then(|known| known.capacity);
            let is_past = capacity.is_some_and(|capacity| *load > capacity + 1e-9);
            // One failure before another that loads it alike; none before any.
            if is_past && self.fullest.get(endpoint).is_none_or(|(known, _)| *load > known + 1e-9) {
                self.fullest.insert(*endpoint, (*load, world.clone()));
            }
        }
    }

    /// Looks at the traffic without any failure.
    pub(super) fn look_at_calm(&mut self, subject: &Subject) {
        let calm = self.calm.clone();
        self.fill(subject, &calm, &World::default());
    }

    fn report_full(&self, subject: &Subject, question: usize, classes: &Classes, found: &mut Collected) {
        let unit = |share: f64| {
            let value = share * subject.facts.all_traffic();
            format!("{}", (value * 10.0).round() / 10.0)
        };
        for (endpoint, (load, world)) in &self.fullest {
            let Some(known) = subject.endpoints.list.get(*endpoint) else { continue };
            let Some((capacity, class)) = known.capacity.zip(classes.list.first()) else { continue };
            let message = match world.size() {
                0 => format!("{} gets more than it can carry although nothing is down", known.label),
                _ => format!("when {} is down, {} gets more than it can carry", world.describe(subject), known.label),
            };
            let why = format!("it gets {} of a capacity of {}", unit(*load), unit(capacity));
            let first = (question, class.client.clone());
            let entry = Entry::new(Severity::Danger, world.clone(), first, Confirm::Nothing).says(
                message,
                why,
                "give it more capacity, or spread the load over more endpoints",
            );
            for class in 0..classes.list.len() {
                found.add("load-shift", About::Endpoint(*endpoint), entry.clone(), question, class);
            }
        }
    }

    pub(super) fn report(&self, subject: &Subject, question: usize, classes: &Classes, found: &mut Collected) {
        self.report_full(subject, question, classes, found);
        for (endpoint, (factor, world)) in self.worst.iter().filter(|(one, _)| !self.fullest.contains_key(one)) {
            let Some(before) = self.calm.get(endpoint) else { continue };
            let Some(known) = subject.endpoints.list.get(*endpoint) else { continue };
            let place = known.region.filter(|region| !known.label.contains(region.as_str()));
            let place = place.map(|region| format!(" in {region}")).unwrap_or_default();
            let why = format!("{} of the traffic before, {} after", percent(*before), percent(before * factor));
            let message = format!(
                "when {} is down, {}{place} gets {} times its load",
                world.describe(subject),
                known.label,
                (factor * 10.0).round() / 10.0
            );
            let Some(class) = classes.list.first() else { continue };
            let first = (question, class.client.clone());
            let entry = Entry::new(Severity::Note, world.clone(), first, Confirm::Nothing).says(
                message,
                why,
                "make sure that it can carry that, or spread the load over more endpoints",
            );
            for class in 0..classes.list.len() {
                found.add("load-shift", About::Endpoint(*endpoint), entry.clone(), question, class);
            }
        }
    }
}

/// A failover pair whose two sides are in one failure domain.
pub(super) fn standby_shares_domain(subject: &Subject, question: usize, classes: &Classes, found: &mut Collected) {
    let Some(group) = subject.group(question).filter(|group| group.policy == PolicyKind::Failover) else { return };
    let sides: Vec<BTreeSet<usize>> =
        group.members.iter().map(|record| subject.endpoints.below_record(subject, *record)).collect();
    let [one, other] = sides.as_slice() else { return };
    if one.is_empty() || other.is_empty() || one == other {
        return;
    }
    for (number, domain) in subject.endpoints.domains.iter().enumerate() {
        if !one.iter().chain(other).all(|endpoint| domain.endpoints.contains(endpoint)) {
            continue;
        }
        let why = format!("all endpoints of both are in {}", domain.name);
        let message = format!("one failure, {}, takes the primary and the standby down together", domain.name);
        let Some(class) = classes.list.first() else { continue };
        let first = (question, class.client.clone());
        let entry = Entry::new(Severity::Warning, World::of_domain(subject, number), first, Confirm::Nothing);
        let entry = entry.says(message, why, "move the standby to another failure domain");
        for class in 0..classes.list.len() {
            found.add("standby-in-same-domain", About::Group(question), entry.clone(), question, class);
        }
    }
}
