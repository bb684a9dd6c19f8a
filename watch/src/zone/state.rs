//! The state of a zone, and what changes it.

mod fleet;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use pointsman_core::compile::Zone;
use pointsman_core::health::{HealthView, Observation, Tracker};
use pointsman_core::parse::{AliasStatus, RawStatus};

use super::brake::{Brake, BrakeRule};
use super::check::{CheckState, Counts, Last};
use super::snapshot::{Hold, Snapshot};
use crate::change::Change;
use crate::clock::Moment;
use crate::force::{Force, ForceError, Selected, Selection};
use crate::plan::{Plan, Subject, Work};
use crate::probe::{Outcome, Verdict};
use crate::store::{KeptForce, KeptZone};

/// A checker that misses so many turns is gone, and does not vote for ever.
const SILENT_TURNS_MAX: u64 = 6;
/// Checkers of one check. Route 53 has about sixteen.
const CHECKERS_MAX: usize = 32;

/// Why a message from outside is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ObserveError {
    /// The check is not there, or takes something else.
    Unfit(String),
    /// It is there, and has enough of that.
    TooMany(String),
}

impl fmt::Display for ObserveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Unfit(message) | Self::TooMany(message)) = self;
        f.write_str(message)
    }
}

impl std::error::Error for ObserveError {}

/// The brake was pulled or let go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldChange {
    /// The report is held from now on.
    Held(Hold),
    /// It follows the tries again, for this reason.
    Released(&'static str),
}

/// The state of a zone.
pub struct ZoneState {
    now: Snapshot,
    /// Where the check of a number stands.
    place_of_check: Vec<Option<usize>>,
    /// How many checks are probed.
    probed: usize,
    brake: Option<Brake>,
    /// What the brake did since that was last asked.
    hold_change: Option<HoldChange>,
    /// Grows whenever something that a restart should know is another.
    revision: u64,
    /// A fleet decides what reports hold.
    in_fleet: bool,
}

impl ZoneState {
    /// A zone of which nothing is known yet but what was kept from an earlier run.
    #[must_use]
    pub fn new(plan: Plan, zone: Arc<Zone>, kept: &KeptZone, brake: Option<BrakeRule>, now: Moment) -> Self {
        let view = HealthView::new(zone, &Default::default()).0;
        let snapshot = Snapshot {
            plan: Arc::new(plan),
            view,
            checks: Vec::new(),
            parked: BTreeMap::new(),
            sequence: 0,
            transitions: 0,
            hold: None,
        };
        let mut state = Self {
            now: snapshot,
            place_of_check: Vec::new(),
            probed: 0,
            brake: brake.map(Brake::new),
            hold_change: None,
            revision: 0,
            in_fleet: false,
        };
        state.lay(kept, now);
        state
    }

    /// Goes on with another version of the zone: what was known of a check that is still tried the same way stays known,
    /// and forces stay, also those of what the zone does not have any more.
    pub fn replace(&mut self, plan: Plan, zone: Arc<Zone>, now: Moment) {
        let old = std::mem::take(&mut self.now.checks);
        let mut forces = std::mem::take(&mut self.now.parked);
        for check in &old {
            forces.extend(check.force.clone().map(|force| (check.item.subject.clone(), force)));
        }
        self.now.plan = Arc::new(plan);
        self.now.view = HealthView::new(zone, &Default::default()).0;
        self.lay(&KeptZone::default(), now);
        for before in &old {
            let place = self.now.plan.place(&before.item.subject);
            let Some(check) = place.and_then(|at| self.now.checks.get_mut(at)).map(Arc::make_mut) else { continue };
            if check.item.work == before.item.work {
                check.tracker = before.tracker.clone();
                check.last = before.last.clone();
                (check.counts, check.since) = (before.counts, before.since);
                check.held = before.held;
            }
            check.fleet = before.fleet;
        }
        for (subject, force) in forces {
            match self.check_mut(&subject) {
                Some(check) => check.force = Some(force),
                None => drop(self.now.parked.insert(subject, force)),
            }
        }
        let plan = Arc::clone(&self.now.plan);
        if let Some(brake) = &mut self.brake {
            brake.renumber(|at| old.get(at).and_then(|before| plan.place(&before.item.subject)));
        }
        self.evaluate_all();
        self.now.sequence = self.now.sequence.saturating_add(1);
        self.revision = self.revision.saturating_add(1);
    }

    fn lay(&mut self, kept: &KeptZone, now: Moment) {
        let plan = Arc::clone(&self.now.plan);
        let number_of_check: BTreeMap<String, u32> = self.now.view.check_ids().map(String::from).zip(0_u32..).collect();
        let number_of_target: BTreeMap<String, u32> =
            self.now.view.zone().alias_targets().map(|name| name.to_string()).zip(0_u32..).collect();
        self.place_of_check = vec![None; number_of_check.len()];
        self.probed = plan.items.iter().filter(|item| matches!(item.work, Work::Probe(_))).count();
        self.now.parked.clear();
        let mut checks = Vec::with_capacity(plan.items.len());
        for (at, item) in plan.items.iter().enumerate() {
            let number = match &item.subject {
                Subject::HealthCheck(id) => number_of_check.get(id),
                Subject::AliasTarget(name) => number_of_target.get(name),
            };
            let number = number.copied();
            if let (Subject::HealthCheck(_), Some(number)) = (&item.subject, number)
                && let Some(place) = self.place_of_check.get_mut(number as usize)
            {
                *place = Some(at);
            }
            let children: Arc<[u32]> = match &item.work {
                Work::Calculated { children, .. } => {
                    children.iter().map(|child| number_of_check.get(child).copied().unwrap_or(u32::MAX)).collect()
                }
                _ => Arc::from([]),
            };
            let known = kept.statuses.get(&item.subject);
            let since = known.and_then(|known| known.since).map(|since| now.steady_of(since));
            let tracker = item.tracker.map(|kind| match known {
                Some(known) => Tracker::restored(kind, known.status, since),
                None => Tracker::new(kind),
            });
            checks.push(Arc::new(CheckState {
                item: Arc::clone(item),
                number,
                children,
                tracker,
                force: None,
                held: None,
                fleet: self.fleet_of_new(),
                last: None,
                raw: RawStatus::NoData,
                healthy: true,
                since,
                counts: Counts::default(),
            }));
        }
        self.now.checks = checks;
        for (subject, force) in kept.forces.iter().map(|(subject, force)| (subject, KeptForce::to_force(force, now))) {
            match self.check_mut(subject) {
                _ if force.is_over(now.steady) => {}
                Some(check) => check.force = Some(force),
                None => drop(self.now.parked.insert(subject.clone(), force)),
            }
        }
        self.evaluate_all();
    }

    /// Works everything out afresh, without saying what changed.
    fn evaluate_all(&mut self) {
        let (mut checks, mut targets) = (Vec::new(), Vec::new());
        for check in &mut self.now.checks {
            let check = Arc::make_mut(check);
            check.raw = check.raw_now();
            note(check, &mut checks, &mut targets);
        }
        self.now.view = HealthView::new(Arc::clone(self.now.view.zone()), &Default::default()).0;
        self.now.view = self.now.view.updated_by_number(&checks, &targets).0;
        for check in &mut self.now.checks {
            let healthy = check.is_healthy(&self.now.view);
            Arc::make_mut(check).healthy = healthy;
        }
    }

    /// All there is to know at this moment; a copy of it is cheap.
    #[must_use]
    pub const fn snapshot(&self) -> &Snapshot {
        &self.now
    }

    /// A number that grows whenever something is another that [`Snapshot::kept`] holds.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// What the brake did since this was last asked.
    pub fn take_hold_change(&mut self) -> Option<HoldChange> {
        self.hold_change.take()
    }

    // ---- what comes in ---------------------------------------------------------------------------------------------

    /// The outcome of a try by this process or by another checker of that name.
    ///
    /// # Errors
    /// Nobody tries that, or enough others do already.
    pub fn tried(
        &mut self,
        subject: &Subject,
        checker: &str,
        outcome: &Outcome,
        now: Moment,
    ) -> Result<Vec<Change>, ObserveError> {
        let unfit = || ObserveError::Unfit(format!("the zone has no {subject} that checkers try"));
        let place = self.now.plan.place(subject).ok_or_else(unfit)?;
        let check = self.now.checks.get_mut(place).filter(|check| check.item.takes_results()).ok_or_else(unfit)?;
        let check = Arc::make_mut(check);
        let Some(tracker) = &mut check.tracker else { return Err(unfit()) };
        let checkers = tracker.checkers();
        if checkers.len() >= CHECKERS_MAX && !checkers.iter().any(|known| &*known.name == checker) {
            return Err(ObserveError::TooMany(format!("{subject} has {CHECKERS_MAX} checkers already")));
        }
        check.last = Some(Last {
            at: now.steady,
            verdict: outcome.verdict,
            reason: outcome.reason.clone(),
            took_ms: u64::try_from(outcome.took.as_millis()).ok(),
            parts: outcome.parts.clone(),
        });
        if outcome.verdict == Verdict::NotTried {
            check.counts.not_tried = check.counts.not_tried.saturating_add(1);
            return Ok(Vec::new());
        }
        let success = outcome.verdict == Verdict::Success;
        check.counts.tries = check.counts.tries.saturating_add(1);
        check.counts.failures = check.counts.failures.saturating_add(u64::from(!success));
        let was = tracker.status();
        let interval_ms = match &check.item.work {
            Work::Probe(probing) => u64::try_from(probing.interval.as_millis()).unwrap_or(u64::MAX),
            _ => u64::MAX,
        };
        let _ = tracker.observe(now.steady, Observation::Result { checker, success });
        tracker.forget_silent(now.steady, interval_ms.saturating_mul(SILENT_TURNS_MAX));
        let is = tracker.status();
        if was != is {
            self.revision = self.revision.saturating_add(1);
            let is_down = is == RawStatus::Unhealthy;
            if (was == RawStatus::Unhealthy) != is_down
                && check.force.is_none()
                && let Some(brake) = &mut self.brake
            {
                brake.flipped(place, is_down, now.steady);
            }
            let mut changes = self.brake(now);
            changes.extend(self.settle(&[place], now));
            return Ok(changes);
        }
        Ok(Vec::new())
    }

    /// A state from outside: `OK`, `ALARM`, `INSUFFICIENT_DATA`, `On`, `Off`.
    ///
    /// # Errors
    /// What this check takes instead.
    pub fn reported(&mut self, subject: &Subject, state: &str, now: Moment) -> Result<Vec<Change>, ObserveError> {
        let unfit = |message: String| ObserveError::Unfit(message);
        let observation = match state {
            "OK" => Observation::Alarm(Some(true)),
            "ALARM" => Observation::Alarm(Some(false)),
            "INSUFFICIENT_DATA" => Observation::Alarm(None),
            "On" => Observation::Control(true),
            "Off" => Observation::Control(false),
            other => {
                let other: String = other.chars().take(40).collect();
                return Err(unfit(format!("`{other}` is not a state; use OK, ALARM, INSUFFICIENT_DATA, On or Off")));
            }
        };
        let place = self.now.plan.place(subject).ok_or_else(|| unfit(format!("the zone has no {subject}")))?;
        let Some(check) = self.check_mut(subject) else { return Ok(Vec::new()) };
        let Some(tracker) = &mut check.tracker else {
            return Err(unfit(format!("{subject} is calculated from others and takes no state")));
        };
        tracker.observe(now.steady, observation).map_err(|error| unfit(format!("{subject}: {error}")))?;
        let verdict = if tracker.status() == RawStatus::Unhealthy { Verdict::Failure } else { Verdict::Success };
        let reason = format!("reported: {state}");
        check.last = Some(Last { at: now.steady, verdict, reason, took_ms: None, parts: Vec::new() });
        self.revision = self.revision.saturating_add(1);
        Ok(self.settle(&[place], now))
    }

    /// Forces what is selected, or lets go of it; returns what that was and what changed.
    ///
    /// # Errors
    /// Nothing of the kind, or something that cannot be forced.
    pub fn force(
        &mut self,
        selection: &Selection,
        force: Option<&Force>,
        now: Moment,
    ) -> Result<(Selected, Vec<Change>), ForceError> {
        let mut selected = match (force, selection.parked(&self.now.parked)) {
            (None, Some(subject)) => Selected { subjects: vec![subject], out_of_reach: Vec::new() },
            _ => selection.selected(&self.now.plan, &self.now.view)?,
        };
        if force.is_none() {
            if *selection == Selection::All {
                selected.subjects.extend(self.now.parked.keys().cloned());
            }
            let is_forced = |subject: &Subject| {
                let check = self.now.plan.place(subject).and_then(|at| self.now.checks.get(at));
                check.is_some_and(|check| check.force.is_some()) || self.now.parked.contains_key(subject)
            };
            selected.subjects.retain(is_forced);
        }
        if force.is_none_or(|force| force.up) {
            selected.out_of_reach.clear();
        }
        let mut places = Vec::new();
        for subject in &selected.subjects {
            self.now.parked.remove(subject);
            places.extend(self.now.plan.place(subject));
            if let Some(check) = self.check_mut(subject) {
                check.force = force.cloned();
            }
        }
        self.revision = self.revision.saturating_add(1);
        Ok((selected, self.settle(&places, now)))
    }

    /// Lets go of forces whose time is over, and of the report if the brake lets go; returns the ids of what was forced,
    /// and what changed. To be called about once a second.
    pub fn pass_time(&mut self, now: Moment) -> (Vec<String>, Vec<Change>) {
        let mut over = Vec::new();
        let mut places = Vec::new();
        for (at, check) in self.now.checks.iter_mut().enumerate() {
            if check.force.as_ref().is_some_and(|force| force.is_over(now.steady)) {
                let check = Arc::make_mut(check);
                check.force = None;
                over.push(check.item.subject.id().to_owned());
                places.push(at);
            }
        }
        self.now.parked.retain(|subject, force| {
            let is_over = force.is_over(now.steady);
            over.extend(is_over.then(|| subject.id().to_owned()));
            !is_over
        });
        if !over.is_empty() {
            self.revision = self.revision.saturating_add(1);
        }
        let mut changes = self.settle(&places, now);
        changes.extend(self.brake(now));
        (over, changes)
    }

    /// Lets the report follow the tries again, whatever the brake says; `None` when it does not hold.
    pub fn release(&mut self, now: Moment) -> Option<Vec<Change>> {
        self.now.hold.as_ref()?;
        if let Some(brake) = &mut self.brake {
            brake.release();
        }
        Some(self.let_go("an operator released it", now))
    }

    /// Pulls the brake or lets go of it, as its rule says.
    fn brake(&mut self, now: Moment) -> Vec<Change> {
        let Some(brake) = &mut self.brake else { return Vec::new() };
        let holds = brake.holds(self.probed, now.steady);
        match (holds, self.now.hold.is_some()) {
            (true, false) => {
                let reason = format!(
                    "{} of {} endpoints flipped; --hold-when-flips allows {}",
                    brake.unsettled(),
                    self.probed,
                    brake.rule()
                );
                let hold = Hold { since: now.steady, reason };
                for check in &mut self.now.checks {
                    if matches!(check.item.work, Work::Probe(_)) {
                        let check = Arc::make_mut(check);
                        // What is forced is held at what it would be in without.
                        check.held = Some(if check.force.is_some() { check.tracked() } else { check.raw });
                    }
                }
                self.now.hold = Some(hold.clone());
                self.hold_change = Some(HoldChange::Held(hold));
                Vec::new()
            }
            (false, true) => self.let_go("the share of endpoints that flipped recovered", now),
            _ => Vec::new(),
        }
    }

    fn let_go(&mut self, why: &'static str, now: Moment) -> Vec<Change> {
        self.now.hold = None;
        self.hold_change = Some(HoldChange::Released(why));
        let mut places = Vec::new();
        for (at, check) in self.now.checks.iter_mut().enumerate() {
            if check.held.is_some() {
                Arc::make_mut(check).held = None;
                places.push(at);
            }
        }
        self.settle(&places, now)
    }

    fn check_mut(&mut self, subject: &Subject) -> Option<&mut CheckState> {
        let place = self.now.plan.place(subject)?;
        self.now.checks.get_mut(place).map(Arc::make_mut)
    }

    /// Finds which of these read otherwise than before, and makes the next view of them: it costs what depends on them.
    fn settle(&mut self, places: &[usize], now: Moment) -> Vec<Change> {
        let (mut checks, mut targets) = (Vec::new(), Vec::new());
        let mut touched = Vec::new();
        for at in places {
            let Some(check) = self.now.checks.get_mut(*at).filter(|check| check.raw_now() != check.raw) else {
                continue;
            };
            let check = Arc::make_mut(check);
            check.raw = check.raw_now();
            note(check, &mut checks, &mut targets);
            touched.push(*at);
        }
        if touched.is_empty() {
            return Vec::new();
        }
        self.now.sequence = self.now.sequence.saturating_add(1);
        let (view, changed) = self.now.view.updated_by_number(&checks, &targets);
        self.now.view = view;
        touched
            .extend(changed.iter().filter_map(|number| self.place_of_check.get(*number as usize).copied().flatten()));
        touched.sort_unstable();
        touched.dedup();
        touched.into_iter().filter_map(|at| self.changed(at, now)).collect()
    }

    /// What became of one check that was touched.
    fn changed(&mut self, at: usize, now: Moment) -> Option<Change> {
        let check = self.now.checks.get_mut(at)?;
        let healthy = check.is_healthy(&self.now.view);
        let check = Arc::make_mut(check);
        let was_healthy = std::mem::replace(&mut check.healthy, healthy);
        if healthy != was_healthy {
            check.since = Some(now.steady);
            check.counts.flaps = check.counts.flaps.saturating_add(1);
            self.now.transitions = self.now.transitions.saturating_add(1);
        }
        let raw = Plan::is_reported(&check.item).then_some(check.raw);
        let (subject, reason) = (check.item.subject.clone(), check.reason(&self.now.view, now));
        Some(Change { at: now.wall, subject, raw, healthy, was_healthy, reason })
    }
}

/// Notes a raw status for core's view.
fn note(check: &CheckState, checks: &mut Vec<(u32, RawStatus)>, targets: &mut Vec<(u32, AliasStatus)>) {
    let Some(number) = check.number else { return };
    match &check.item.subject {
        Subject::HealthCheck(_) => checks.push((number, check.raw)),
        Subject::AliasTarget(_) => {
            let status = if check.raw == RawStatus::Unhealthy { AliasStatus::Unhealthy } else { AliasStatus::Healthy };
            targets.push((number, status));
        }
    }
}
