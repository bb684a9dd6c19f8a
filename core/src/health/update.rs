//! New views from old ones, at the cost of what changed.

use alloc::collections::BinaryHeap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::view::HealthView;
use crate::compile::Zone;
use crate::diagnostic::Diagnostic;
use crate::parse::HealthReport;

/// What changed since a view was made: statuses to set, all others stay.
pub type Changes = HealthReport;

impl HealthView {
    /// The view after some statuses changed: the same as one made afresh from all statuses.
    ///
    /// It costs what depends on the changed checks and resources, plus a shared reference for every 512 numbers of 64
    /// record sets.
    #[must_use]
    pub fn updated(&self, changes: &Changes) -> (Self, Vec<Diagnostic>) {
        let mut warnings = Vec::new();
        let mut view = self.clone();
        let mut work = Work::new(&self.zone);
        let known = self.known_checks(changes, &mut warnings);
        for (check, status) in &known {
            view.raw.set(*check as usize, *status);
            view.check_changed(*check, &mut work);
        }
        view.keep_reports(&known, changes);
        if !changes.alias_targets.is_empty() {
            for (resource, status) in self.known_resources(changes, &mut warnings) {
                if view.resources.set(resource, status == crate::parse::AliasStatus::Healthy) {
                    self.zone.links().aliases_of_resource.get(resource).iter().for_each(|alias| work.add(*alias));
                }
            }
        }
        view.propagate(work);
        (view, warnings)
    }

    /// The view in which these record sets are unhealthy whatever their checks say, besides those that already were.
    pub(crate) fn without_records(&self, records: &[u32]) -> Self {
        let mut view = self.clone();
        let mut forced: Vec<u32> = self.forced.iter().chain(records).copied().collect();
        forced.sort_unstable();
        forced.dedup();
        view.forced = Arc::from(forced);
        let mut work = Work::new(&self.zone);
        records.iter().for_each(|record| work.add(*record));
        view.propagate(work);
        view
    }

    /// Follows a check to its calculated parents and its records.
    fn check_changed(&mut self, check: u32, work: &mut Work) {
        if !self.evaluate_check(check) {
            return;
        }
        let zone = Arc::clone(&self.zone);
        zone.links().records_of_check.get(check).iter().for_each(|record| work.add(*record));
        for parent in zone.links().parents_of_check.get(check) {
            // A calculated check has no calculated parents (6.3.3), so this goes one level deep.
            if self.evaluate_check(*parent) {
                zone.links().records_of_check.get(*parent).iter().for_each(|record| work.add(*record));
            }
        }
    }

    /// Works out the records in turn, low groups before high ones, and what looks down upon them.
    fn propagate(&mut self, mut work: Work) {
        while let Some(record) = work.next() {
            if self.evaluate_record(record) {
                let group = work.zone.record(record).map_or(crate::compile::NONE, |record| record.group);
                let zone = Arc::clone(&work.zone);
                zone.links().aliases_of_group.get(group).iter().for_each(|alias| work.add(*alias));
            }
        }
    }
}

/// Records to work out, by the height of their group.
struct Work {
    zone: Arc<Zone>,
    /// Height and record, lowest first; a record may be there more than once.
    records: BinaryHeap<Reverse<(u32, u32)>>,
}

impl Work {
    fn new(zone: &Arc<Zone>) -> Self {
        Self { zone: Arc::clone(zone), records: BinaryHeap::new() }
    }

    fn add(&mut self, record: u32) {
        let group = self.zone.record(record).and_then(|record| self.zone.group(record.group));
        self.records.push(Reverse((group.map_or(0, |group| group.height), record)));
    }

    /// The next record, once.
    fn next(&mut self) -> Option<u32> {
        let next = self.records.pop()?;
        while self.records.peek() == Some(&next) {
            self.records.pop();
        }
        let Reverse((_, record)) = next;
        Some(record)
    }
}
