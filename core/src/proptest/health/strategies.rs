//! Reports of any kind, and sets of failures.

use alloc::vec::Vec;

use ::proptest::strategy::{NewTree, Strategy};
use ::proptest::test_runner::TestRunner;

use super::report::{Entry, EntryKind, Health, Status};
use crate::compile::Zone;
use crate::proptest::dice::Dice;
use crate::proptest::shrink::{Shrinking, Tree};

/// Health reports over a zone: every check and alias target in any state that a report can tell, CloudWatch checks
/// without data and checkers' observations included. Calculated checks follow from their children, so that nothing is
/// reported of them.
///
/// They shrink to the smallest set that is down, told in the plainest way.
///
/// ```
/// use pointsman_core::health::HealthView;
/// use pointsman_core::parse::parse_report;
/// use pointsman_core::proptest::{health_reports, zones};
/// use proptest::prelude::*;
///
/// let zone = zones().seeded(1).compile();
/// proptest!(|(health in health_reports(&zone))| {
///     let (report, _) = parse_report(0, &health.to_json()).unwrap();
///     let (view, warnings) = HealthView::new(zone.clone(), &report);
///     prop_assert!(warnings.is_empty()); // it knows the zone
///     for id in health.down() {
///         prop_assert_ne!(view.is_check_healthy(id), Some(true));
///     }
/// });
/// ```
#[must_use]
pub fn health_reports(zone: &Zone) -> HealthReports {
    HealthReports { up: Health::all_up(zone) }
}

/// Strategy of [`health_reports`].
#[derive(Debug, Clone)]
pub struct HealthReports {
    up: Health,
}

impl Strategy for HealthReports {
    type Tree = Tree<Health>;
    type Value = Health;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        Ok(Shrinking::tree(any_report(&self.up, &mut Dice::new(runner)?)))
    }
}

/// Some of it in some other state: sometimes little, sometimes all.
pub(in crate::proptest) fn any_report(up: &Health, dice: &mut Dice) -> Health {
    let mut health = up.clone();
    let one_in = dice.choose(&[1, 2, 4, 10]).unwrap_or(2);
    for entry in &mut health.entries {
        if dice.one_in(one_in) {
            entry.status = any_status(entry, dice);
        }
    }
    health
}

pub(super) fn any_status(entry: &Entry, dice: &mut Dice) -> Status {
    let EntryKind::Check { insufficient, .. } = entry.kind else {
        return dice.choose(&[Status::Healthy, Status::Unhealthy, Status::Unhealthy]).unwrap_or(entry.status);
    };
    match dice.below(10) {
        0 => Status::NoData,
        1 | 2 => Status::Healthy,
        3 if insufficient.is_none() => {
            let checkers = dice.within(0, 16) as u8;
            Status::Observed { successes: dice.below(usize::from(checkers).saturating_add(1)) as u8, checkers }
        }
        3 | 4 if insufficient.is_some() => Status::Insufficient { last_known_unhealthy: dice.one_in(2) },
        _ => Status::Unhealthy,
    }
}

/// Sets of at most `max` failing health checks and alias targets; all else is up. An inverted check fails by being
/// reported healthy; one that is disabled cannot fail.
///
/// They shrink to the smallest set.
///
/// ```
/// use pointsman_core::proptest::{failures, zones};
/// use proptest::prelude::*;
///
/// let zone = zones().seeded(1).compile();
/// proptest!(|(health in failures(&zone, 2))| {
///     prop_assert!(health.down().len() <= 2);
/// });
/// ```
#[must_use]
pub fn failures(zone: &Zone, max: usize) -> Failures {
    Failures { up: Health::all_up(zone), max }
}

/// Strategy of [`failures`].
#[derive(Debug, Clone)]
pub struct Failures {
    up: Health,
    max: usize,
}

impl Strategy for Failures {
    type Tree = Tree<Health>;
    type Value = Health;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        Ok(Shrinking::tree(any_failures(&self.up, self.max, &mut Dice::new(runner)?)))
    }
}

/// Up to `max` failures, every number of them as likely as the next.
pub(in crate::proptest) fn any_failures(up: &Health, max: usize, dice: &mut Dice) -> Health {
    let mut health = up.clone();
    let can_fail: Vec<usize> =
        (0..).zip(&up.entries).filter(|(_, entry)| entry.kind.down().is_some()).map(|(at, _)| at).collect();
    let count = dice.below(max.min(can_fail.len()).saturating_add(1));
    for at in dice.sample(&can_fail, count) {
        if let Some(entry) = health.entries.get_mut(at) {
            entry.status = entry.kind.down().unwrap_or(entry.status);
        }
    }
    health
}
