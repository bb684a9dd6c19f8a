//! Health over time: a report, and what changed after it, again and again.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use ::proptest::strategy::{NewTree, Strategy};
use ::proptest::test_runner::TestRunner;

use super::report::{self, Entry, EntryText, Health, Status, json, read};
use super::strategies::{any_report, any_status};
use crate::compile::Zone;
use crate::health::Changes;
use crate::proptest::dice::Dice;
use crate::proptest::shrink::{Shrinking, Simplify, Tree, pieces};

/// Health histories over a zone: a report and up to eight changes, each to a few checks and alias targets.
///
/// They shrink to fewer changes to fewer checks.
///
/// ```
/// use pointsman_core::health::HealthView;
/// use pointsman_core::proptest::{histories, zones};
/// use proptest::prelude::*;
///
/// let zone = zones().seeded(1).compile();
/// proptest!(|(history in histories(&zone).max_changes(5))| {
///     // A view brought up to date change by change is the one made afresh from the last report.
///     let mut view = history.start().view(&zone);
///     for change in history.changes() {
///         view = view.updated(&change).0;
///     }
///     let afresh = history.end().view(&zone);
///     for id in zone.health_check_ids() {
///         prop_assert_eq!(view.is_check_healthy(id), afresh.is_check_healthy(id));
///     }
/// });
/// ```
#[must_use]
pub fn histories(zone: &Zone) -> Histories {
    Histories { up: Health::all_up(zone), max_changes: 8 }
}

/// Strategy of [`histories`].
#[derive(Debug, Clone)]
pub struct Histories {
    up: Health,
    max_changes: usize,
}

impl Histories {
    /// At most so many changes; the default is 8.
    pub fn max_changes(mut self, changes: usize) -> Self {
        self.max_changes = changes;
        self
    }
}

impl Strategy for Histories {
    type Tree = Tree<History>;
    type Value = History;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let mut dice = Dice::new(runner)?;
        let start = any_report(&self.up, &mut dice);
        let numbers: Vec<usize> = (0..start.entries.len()).collect();
        let mut changes = Vec::new();
        for _ in 0..dice.below(self.max_changes.saturating_add(1)) {
            let count = dice.below(3).saturating_add(1);
            let changed = dice.sample(&numbers, count).into_iter();
            let change = changed.filter_map(|at| Some((at, any_status(start.entries.get(at)?, &mut dice))));
            changes.push(change.collect());
        }
        Ok(Shrinking::tree(History { start, changes }))
    }
}

/// Health over time, made by [`histories`]. [`Debug`](fmt::Debug) prints the start, then a line a change.
#[derive(Clone, PartialEq)]
pub struct History {
    start: Health,
    /// Number of the entry, and its new status.
    changes: Vec<Vec<(usize, Status)>>,
}

impl History {
    /// The health at the beginning.
    #[must_use]
    pub fn start(&self) -> &Health {
        &self.start
    }

    /// The health at the end.
    #[must_use]
    pub fn end(&self) -> Health {
        self.reports().pop().unwrap_or_else(|| self.start.clone())
    }

    /// The health at the beginning and after each change.
    #[must_use]
    pub fn reports(&self) -> Vec<Health> {
        let mut reports = alloc::vec![self.start.clone()];
        let mut now = self.start.clone();
        for change in &self.changes {
            for (at, status) in change {
                if let Some(entry) = now.entries.get_mut(*at) {
                    entry.status = *status;
                }
            }
            reports.push(now.clone());
        }
        reports
    }

    /// What changed each time, as [`HealthView::updated`](crate::health::HealthView::updated) takes it.
    #[must_use]
    pub fn changes(&self) -> Vec<Changes> {
        self.to_json().iter().skip(1).map(|text| read(text)).collect()
    }

    /// The first report, then a report of what changed each time.
    #[must_use]
    pub fn to_json(&self) -> Vec<String> {
        let changes = (0..self.changes.len()).map(|number| json(self.changed(number).iter()).line());
        core::iter::once(self.start.to_json()).chain(changes).collect()
    }

    /// The entries of a change.
    fn changed(&self, number: usize) -> Vec<Entry> {
        let change = self.changes.get(number).map_or(&[][..], Vec::as_slice);
        let entry = |(at, status): &(usize, Status)| {
            let entry = self.start.entries.get(*at)?;
            Some(Entry { status: *status, ..entry.clone() })
        };
        change.iter().filter_map(entry).collect()
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at first {:?}", self.start)?;
        for number in 0..self.changes.len() {
            for (at, entry) in self.changed(number).iter().enumerate() {
                f.write_str(if at == 0 { "\nthen " } else { ", " })?;
                if entry.is_down() { write!(f, "{} down", EntryText(entry))? } else { write!(f, "{} up", entry.id)? }
            }
        }
        Ok(())
    }
}

pub(in crate::proptest) enum Step {
    Start(report::Step),
    /// Leave changes out.
    Changes(Range<usize>),
    /// Leave entries of a change out.
    Within(usize, Range<usize>),
    /// The plain way to be as a change says.
    Plain(usize, usize),
}

impl Simplify for History {
    type Value = Self;
    type Step = Step;

    fn value(&self) -> Self {
        self.clone()
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = pieces(self.changes.len()).into_iter().map(Step::Changes).collect();
        steps.extend(self.start.steps().into_iter().map(Step::Start));
        for (number, change) in self.changes.iter().enumerate() {
            steps.extend(pieces(change.len()).into_iter().map(|piece| Step::Within(number, piece)));
            steps.extend((0..change.len()).map(|at| Step::Plain(number, at)));
        }
        steps
    }

    fn after(&self, step: &Step) -> Option<Self> {
        let mut history = self.clone();
        match step {
            Step::Start(step) => history.start = history.start.after(step)?,
            Step::Changes(piece) => {
                history.changes.drain(piece.clone());
            }
            Step::Within(number, piece) => {
                history.changes.get_mut(*number)?.drain(piece.clone());
                history.changes.retain(|change| !change.is_empty());
            }
            Step::Plain(number, at) => {
                let entry = self.changed(*number).into_iter().nth(*at)?;
                let plain = if entry.is_down() { entry.kind.down()? } else { entry.kind.up() };
                history.changes.get_mut(*number)?.get_mut(*at)?.1 = plain;
            }
        }
        Some(history)
    }
}
