//! What is known at the moment: a status for each check and alias target, and who holds it there.
//!
//! The board has no clock and no sockets: results come in with their time, and what changed by them comes out. What a
//! status is after Disabled, Inverted and CALCULATED is not decided here but by core's view of the report.

mod entry;
mod metrics;
mod report;

use std::collections::HashMap;
use std::sync::Arc;

use pointsman_core::health::{HealthView, Observation, Tracker};
use pointsman_core::model::Time;
use pointsman_core::parse::{RawStatus, parse_report};
use serde_json::{Value, json};

use self::report::Report;
pub use self::report::change_report;
use crate::force::{Force, ForceError, Selected, Selection};
use crate::plan::{Item, Plan, Subject, Work};
use crate::probe::Outcome;
use crate::store::{Kept, KeptForce};

/// What became of the last try.
#[derive(Debug, Clone, PartialEq)]
pub struct Last {
    /// When it ended.
    pub at: Time,
    /// Whether it succeeded.
    pub success: bool,
    /// In words.
    pub reason: String,
    /// How long it took, in milliseconds; `None` for what is told from outside.
    pub took_ms: Option<u64>,
    /// The parts of a deep health document.
    pub parts: Vec<(String, String)>,
}

/// Something that hosts or people want to hear of: a raw status or a final one became another.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// When.
    pub at: Time,
    /// Of what.
    pub subject: Subject,
    /// The status that reports hold now; `None` for a calculated check, which reports do not hold.
    pub raw: Option<RawStatus>,
    /// Whether it counts as healthy, after Disabled, Inverted and CALCULATED.
    pub healthy: bool,
    /// Whether it counted as healthy before.
    pub was_healthy: bool,
    /// Why, in words.
    pub reason: String,
}

struct Entry {
    item: Item,
    tracker: Option<Tracker>,
    force: Option<Force>,
    last: Option<Last>,
    /// What reports hold: the forced status, or the tracker's.
    raw: RawStatus,
    /// Final, by core's view.
    healthy: bool,
    since: Option<Time>,
    tries: u64,
    failures: u64,
}

/// The board.
pub struct Board {
    plan: Plan,
    zone: Arc<pointsman_core::compile::Zone>,
    view: HealthView,
    entries: Vec<Entry>,
    index: HashMap<Subject, usize>,
    version: u64,
    transitions: u64,
}

impl Board {
    /// A board on which nothing is known yet but what was kept from an earlier run.
    #[must_use]
    pub fn new(plan: Plan, zone: Arc<pointsman_core::compile::Zone>, kept: &Kept, now: Time) -> Self {
        let view = HealthView::new(Arc::clone(&zone), &Default::default()).0;
        let mut board =
            Self { plan, zone, view, entries: Vec::new(), index: HashMap::new(), version: 0, transitions: 0 };
        board.lay(kept, now);
        board
    }

    /// Goes on with another version of the zone: what was known of a check that is still tried the same way stays known.
    pub fn replace(&mut self, plan: Plan, zone: Arc<pointsman_core::compile::Zone>, now: Time) {
        let old = std::mem::take(&mut self.entries);
        let kept = Kept::default();
        self.plan = plan;
        self.zone = zone;
        self.lay(&kept, now);
        for before in old {
            let Some(entry) = self.index.get(&before.item.subject).and_then(|at| self.entries.get_mut(*at)) else {
                continue;
            };
            entry.force = before.force;
            if entry.item.work == before.item.work {
                entry.tracker = before.tracker;
                entry.last = before.last;
                (entry.tries, entry.failures, entry.since) = (before.tries, before.failures, before.since);
            }
        }
        self.refresh_all();
        self.version = self.version.saturating_add(1);
    }

    fn lay(&mut self, kept: &Kept, now: Time) {
        self.index.clear();
        self.entries.clear();
        for item in self.plan.items.clone() {
            let known = kept.statuses.get(&item.subject);
            let tracker = item.tracker.map(|kind| match known {
                Some(known) => Tracker::restored(kind, known.status, known.since),
                None => Tracker::new(kind),
            });
            let force = kept.forces.get(&item.subject).map(KeptForce::to_force).filter(|force| !force.is_over(now));
            self.index.insert(item.subject.clone(), self.entries.len());
            self.entries.push(Entry {
                item,
                tracker,
                force,
                last: None,
                raw: RawStatus::NoData,
                healthy: true,
                since: known.and_then(|known| known.since),
                tries: 0,
                failures: 0,
            });
        }
        self.refresh_all();
    }

    /// Works everything out afresh, without telling changes.
    fn refresh_all(&mut self) {
        for entry in &mut self.entries {
            entry.raw = entry.raw_now();
        }
        let report = self.report(Time::default());
        if let Ok((report, _)) = parse_report(0, &report) {
            self.view = HealthView::new(Arc::clone(&self.zone), &report).0;
        }
        for entry in &mut self.entries {
            entry.healthy = is_healthy(&self.view, &entry.item.subject, entry.raw);
        }
    }

    /// The plan that the board was laid for.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// A number that grows whenever a report would read otherwise.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }

    // ---- what comes in ---------------------------------------------------------------------------------------------

    /// The outcome of a try by a checker of that name.
    pub fn tried(&mut self, subject: &Subject, checker: &str, outcome: &Outcome, now: Time) -> Vec<Change> {
        let Some(entry) = self.entry(subject) else { return Vec::new() };
        entry.tries = entry.tries.saturating_add(1);
        entry.failures = entry.failures.saturating_add(u64::from(!outcome.success));
        entry.last = Some(Last {
            at: now,
            success: outcome.success,
            reason: outcome.reason.clone(),
            took_ms: u64::try_from(outcome.took.as_millis()).ok(),
            parts: outcome.parts.clone(),
        });
        let observation = Observation::Result { checker, success: outcome.success };
        if let Some(tracker) = &mut entry.tracker {
            // A checker that misses so many turns is gone and does not vote for ever.
            let silence = match &entry.item.work {
                Work::Probe(probing) => u64::try_from(probing.interval.as_millis()).unwrap_or(u64::MAX),
                _ => u64::MAX,
            };
            let _ = tracker.observe(now, observation);
            tracker.forget_silent(now, silence.saturating_mul(6));
        }
        self.settle(now)
    }

    /// What was told from outside: `OK`, `ALARM`, `INSUFFICIENT_DATA`, `On`, `Off`.
    ///
    /// # Errors
    /// What this check takes instead.
    pub fn told(&mut self, subject: &Subject, state: &str, now: Time) -> Result<Vec<Change>, String> {
        let observation = match state {
            "OK" => Observation::Alarm(Some(true)),
            "ALARM" => Observation::Alarm(Some(false)),
            "INSUFFICIENT_DATA" => Observation::Alarm(None),
            "On" => Observation::Control(true),
            "Off" => Observation::Control(false),
            other => return Err(format!("`{other}` is not a state; use OK, ALARM, INSUFFICIENT_DATA, On or Off")),
        };
        let entry = self.entry(subject).ok_or_else(|| format!("the zone has no {subject}"))?;
        let Some(tracker) = &mut entry.tracker else {
            return Err(format!("{subject} is calculated from others and is told nothing"));
        };
        tracker.observe(now, observation).map_err(|unfit| format!("{subject}: {unfit}"))?;
        let success = tracker.status() != RawStatus::Unhealthy;
        entry.last =
            Some(Last { at: now, success, reason: format!("told: {state}"), took_ms: None, parts: Vec::new() });
        Ok(self.settle(now))
    }

    /// Forces what is selected, or lets go of it; answers what that was and what changed.
    ///
    /// # Errors
    /// Nothing of the kind, or something that cannot be forced.
    pub fn force(
        &mut self,
        selection: &Selection,
        force: Option<&Force>,
        now: Time,
    ) -> Result<(Selected, Vec<Change>), ForceError> {
        let mut selected = selection.selected(&self.plan, &self.view)?;
        if force.is_none() {
            selected.subjects.retain(|subject| self.entry(subject).is_some_and(|entry| entry.force.is_some()));
        }
        if force.is_none_or(|force| force.up) {
            selected.out_of_reach.clear();
        }
        for subject in &selected.subjects {
            if let Some(entry) = self.entry(subject) {
                entry.force = force.cloned();
            }
        }
        Ok((selected, self.settle(now)))
    }

    /// What is forced for a time that is over, and will be let go of next.
    #[must_use]
    pub fn forces_over(&self, now: Time) -> Vec<&str> {
        let is_over = |entry: &&Entry| entry.force.as_ref().is_some_and(|force| force.is_over(now));
        self.entries.iter().filter(is_over).map(|entry| entry.item.subject.id()).collect()
    }

    /// Lets go of forces whose time is over.
    pub fn expire(&mut self, now: Time) -> Vec<Change> {
        let mut any = false;
        for entry in &mut self.entries {
            if entry.force.as_ref().is_some_and(|force| force.is_over(now)) {
                entry.force = None;
                any = true;
            }
        }
        if any { self.settle(now) } else { Vec::new() }
    }

    fn entry(&mut self, subject: &Subject) -> Option<&mut Entry> {
        let at = *self.index.get(subject)?;
        self.entries.get_mut(at)
    }

    /// Finds what reads otherwise than before, and makes the next view of it.
    fn settle(&mut self, now: Time) -> Vec<Change> {
        let mut report = Report::default();
        let mut raw_changed = Vec::new();
        for (at, entry) in self.entries.iter_mut().enumerate() {
            let raw = entry.raw_now();
            if raw != entry.raw {
                entry.raw = raw;
                raw_changed.push(at);
                report.add(&entry.item.subject, raw);
            }
        }
        if raw_changed.is_empty() {
            return Vec::new();
        }
        self.version = self.version.saturating_add(1);
        // A report has no word for "no data any more", so that the view is then made afresh.
        let lost =
            raw_changed.iter().filter_map(|at| self.entries.get(*at)).any(|entry| entry.raw == RawStatus::NoData);
        let text = if lost { self.report(now) } else { report.to_json(now) };
        if let Ok((report, _)) = parse_report(0, &text) {
            self.view = match lost {
                true => HealthView::new(Arc::clone(&self.zone), &report).0,
                false => self.view.updated(&report).0,
            };
        }
        let mut changes = Vec::new();
        for (at, entry) in self.entries.iter_mut().enumerate() {
            let healthy = is_healthy(&self.view, &entry.item.subject, entry.raw);
            let was_healthy = std::mem::replace(&mut entry.healthy, healthy);
            if healthy != was_healthy {
                entry.since = Some(now);
                self.transitions = self.transitions.saturating_add(1);
            }
            if healthy != was_healthy || raw_changed.contains(&at) {
                let raw = Plan::is_reported(&entry.item).then_some(entry.raw);
                let subject = entry.item.subject.clone();
                changes.push(Change { at: now, subject, raw, healthy, was_healthy, reason: entry.reason(&self.view) });
            }
        }
        changes
    }

    // ---- what goes out ---------------------------------------------------------------------------------------------

    /// The health report of now, for hosts.
    #[must_use]
    pub fn report(&self, now: Time) -> String {
        let mut report = Report::default();
        for entry in self.entries.iter().filter(|entry| Plan::is_reported(&entry.item)) {
            report.add(&entry.item.subject, entry.raw);
        }
        report.to_json(now)
    }

    /// What a person wants to know of each check.
    #[must_use]
    pub fn status(&self, now: Time, problem: Option<&str>) -> Value {
        let list = |key: &str| -> Vec<Value> {
            self.entries
                .iter()
                .filter(|entry| entry.item.subject.list() == key)
                .map(|entry| entry.to_json(&self.view))
                .collect()
        };
        json!({
            "Time": now.to_string(),
            "Zone": self.plan.zone,
            "Version": self.version,
            "Problem": problem,
            "HealthChecks": list("HealthChecks"),
            "AliasTargets": list("AliasTargets"),
        })
    }

    /// What is known, to be kept for the next run.
    #[must_use]
    pub fn kept(&self) -> Kept {
        let mut kept = Kept::default();
        for entry in &self.entries {
            let subject = &entry.item.subject;
            if let Some(tracker) = &entry.tracker {
                kept.add(subject, tracker.status(), entry.since);
            }
            if let Some(force) = &entry.force {
                kept.forces.insert(subject.clone(), KeptForce::of(force));
            }
        }
        kept
    }
}

fn is_healthy(view: &HealthView, subject: &Subject, raw: RawStatus) -> bool {
    match subject {
        Subject::HealthCheck(id) => view.is_check_healthy(id).unwrap_or(true),
        Subject::AliasTarget(_) => raw != RawStatus::Unhealthy,
    }
}

#[cfg(test)]
mod tests;
