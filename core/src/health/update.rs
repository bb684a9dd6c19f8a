//! New views from old ones, at the cost of what changed.

use alloc::collections::BinaryHeap;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cmp::Reverse;

use super::view::HealthView;
use crate::compile::{CheckKind, Zone};
use crate::diagnostic::Diagnostic;
use crate::parse::{AliasStatus, HealthReport, RawStatus};

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
        let checks = self.known_checks(changes, &mut warnings);
        let resources = match changes.alias_targets.is_empty() {
            true => Vec::new(),
            false => self.known_resources(changes, &mut warnings),
        };
        let (mut view, _) = self.with_known(&checks, &resources);
        view.keep_reports(&checks, changes);
        (view, warnings)
    }

    /// The view after some statuses changed, for a program that knows health checks and alias targets by number: the place
    /// of a check in [`check_ids`](Self::check_ids), and of an alias target in
    /// [`Zone::alias_targets`](crate::compile::Zone::alias_targets). Nothing is looked up, so that it costs what depends on
    /// the change, however many checks the zone has. Unlike a report, it can take a status back to
    /// [`RawStatus::NoData`].
    ///
    /// The second value has the numbers of the checks whose final status, after Disabled, Inverted and CALCULATED, is
    /// another one now, in ascending order. A number that the zone does not have, and the status of a calculated check,
    /// change nothing.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use pointsman_core::{compile::compile, health::HealthView, parse::{RawStatus, parse}, validate::{Options, validate}};
    /// let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [], "HealthChecks": [
    ///   {"Id": "one", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 53}},
    ///   {"Id": "all", "HealthCheckConfig": {"Type": "CALCULATED", "ChildHealthChecks": ["one"], "HealthThreshold": 1}}]}"#;
    /// let zone = Arc::new(compile(&validate(&[parse(0, zone)], &Options::default()).zone.unwrap()));
    /// let view = HealthView::new(zone, &Default::default()).0;
    /// assert_eq!(view.check_ids().collect::<Vec<_>>(), ["one", "all"]);
    /// let (view, changed) = view.updated_by_number(&[(0, RawStatus::Unhealthy)], &[]);
    /// assert_eq!(changed, [0, 1]);
    /// assert_eq!(view.is_check_number_healthy(1), Some(false));
    /// ```
    #[must_use]
    pub fn updated_by_number(
        &self,
        checks: &[(u32, RawStatus)],
        alias_targets: &[(u32, AliasStatus)],
    ) -> (Self, Vec<u32>) {
        let known = |(number, status): &(u32, RawStatus)| match self.zone.check(*number).map(|check| &check.kind) {
            None | Some(CheckKind::Calculated { .. }) => None,
            Some(CheckKind::Reported(_)) if matches!(status, RawStatus::Insufficient { .. }) => {
                Some((*number, RawStatus::NoData))
            }
            Some(_) => Some((*number, *status)),
        };
        let checks: Vec<(u32, RawStatus)> = checks.iter().filter_map(known).collect();
        let (mut view, changed) = self.with_known(&checks, alias_targets);
        // Nobody says what checkers report of the new statuses, and what they reported of the old ones is over.
        checks.iter().for_each(|(number, _)| view.reports.set(*number as usize, None));
        (view, changed)
    }

    /// The next view, and the checks whose final status changed.
    fn with_known(&self, checks: &[(u32, RawStatus)], resources: &[(u32, AliasStatus)]) -> (Self, Vec<u32>) {
        let mut view = self.clone();
        let mut work = Work::new(&self.zone);
        let mut touched = Vec::new();
        for (check, status) in checks {
            view.raw.set(*check as usize, *status);
            view.check_changed(*check, &mut work, &mut touched);
        }
        for (resource, status) in resources {
            if view.resources.set(*resource, *status == AliasStatus::Healthy) {
                self.zone.dependents().aliases_of_resource.get(*resource).iter().for_each(|alias| work.add(*alias));
            }
        }
        view.propagate(work);
        touched.sort_unstable();
        touched.dedup();
        // What went there and back within one batch did not change.
        touched.retain(|check| self.checks.get(*check) != view.checks.get(*check));
        (view, touched)
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
    fn check_changed(&mut self, check: u32, work: &mut Work, touched: &mut Vec<u32>) {
        if !self.evaluate_check(check) {
            return;
        }
        touched.push(check);
        let zone = Arc::clone(&self.zone);
        zone.dependents().records_of_check.get(check).iter().for_each(|record| work.add(*record));
        for parent in zone.dependents().parents_of_check.get(check) {
            // A calculated check has no calculated parents (6.3.3), so this goes one level deep.
            if self.evaluate_check(*parent) {
                touched.push(*parent);
                zone.dependents().records_of_check.get(*parent).iter().for_each(|record| work.add(*record));
            }
        }
    }

    /// Works out the records in turn, low groups before high ones, and what looks down upon them.
    fn propagate(&mut self, mut work: Work) {
        while let Some(record) = work.next() {
            if self.evaluate_record(record) {
                let group = work.zone.record(record).map_or(crate::compile::NONE, |record| record.group);
                let zone = Arc::clone(&work.zone);
                zone.dependents().aliases_of_group.get(group).iter().for_each(|alias| work.add(*alias));
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
