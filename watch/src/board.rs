//! What is known at the moment: a status for each check and alias target, and who holds it there.
//!
//! The board has no clock and no sockets: results come in with their time, and what changed by them comes out. What a
//! status is after Disabled, Inverted and CALCULATED is not decided here but by core's view of the report.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use pointsman_core::health::{HealthView, Observation, Tracker};
use pointsman_core::model::Time;
use pointsman_core::parse::{RawStatus, parse_report};
use serde_json::{Map, Value, json};

use crate::force::{Force, ForceError, Selection};
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
    ) -> Result<(Vec<Subject>, Vec<Change>), ForceError> {
        let mut subjects = selection.subjects(&self.plan)?;
        if *selection == Selection::All {
            subjects.retain(|subject| self.entry(subject).is_some_and(|entry| entry.force.is_some()));
        }
        for subject in &subjects {
            if let Some(entry) = self.entry(subject) {
                entry.force = force.cloned();
            }
        }
        Ok((subjects, self.settle(now)))
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

    /// The board's figures in Prometheus' text format.
    #[must_use]
    pub fn metrics(&self, now: Time) -> String {
        let mut text = String::new();
        let mut family = |name: &str, kind: &str, help: &str, value: &dyn Fn(&Entry) -> Option<String>| {
            let _ = writeln!(text, "# HELP pointsman_watch_{name} {help}\n# TYPE pointsman_watch_{name} {kind}");
            for entry in &self.entries {
                let Some(value) = value(entry) else { continue };
                let (subject, kind) = (&entry.item.subject, &entry.item.kind);
                let label = if subject.list() == "HealthChecks" { "check" } else { "alias_target" };
                let id = escaped(subject.id());
                let _ = writeln!(text, "pointsman_watch_{name}{{{label}=\"{id}\",type=\"{}\"}} {value}", escaped(kind));
            }
        };
        let bit = |value: bool| Some(u8::from(value).to_string());
        family("healthy", "gauge", "1 when it counts as healthy, after Disabled, Inverted and CALCULATED.", &|entry| {
            bit(entry.healthy)
        });
        family("forced", "gauge", "1 when an operator holds it where it is.", &|entry| bit(entry.force.is_some()));
        let probed = |entry: &Entry| matches!(entry.item.work, Work::Probe(_));
        family("tries_total", "counter", "How often the endpoint was tried.", &|entry| {
            probed(entry).then(|| entry.tries.to_string())
        });
        family("failures_total", "counter", "How many of the tries failed.", &|entry| {
            probed(entry).then(|| entry.failures.to_string())
        });
        family("last_try_seconds", "gauge", "How long the last try took.", &|entry| {
            let ms = entry.last.as_ref()?.took_ms?;
            Some(format!("{}.{:03}", ms / 1000, ms % 1000))
        });
        family("last_result_age_seconds", "gauge", "How long ago the last result came in.", &|entry| {
            Some(format!("{}", now.ms_since(entry.last.as_ref()?.at) / 1000))
        });
        let _ = writeln!(
            text,
            "# HELP pointsman_watch_transitions_total How often anything became healthy or unhealthy.\n\
             # TYPE pointsman_watch_transitions_total counter\npointsman_watch_transitions_total {}",
            self.transitions
        );
        text
    }
}

impl Entry {
    /// What reports hold: forced, so that it counts as wanted after Inverted, or as tracked.
    fn raw_now(&self) -> RawStatus {
        match (&self.force, &self.tracker) {
            (Some(force), _) if force.up != self.item.inverted => RawStatus::Healthy,
            (Some(_), _) => RawStatus::Unhealthy,
            (None, Some(tracker)) => tracker.status(),
            (None, None) => RawStatus::NoData,
        }
    }

    fn reason(&self, view: &HealthView) -> String {
        if let Some(force) = &self.force {
            return force.in_words();
        }
        match (&self.item.work, &self.last) {
            (Work::Calculated { threshold, children }, _) => {
                let sick: Vec<&str> = children
                    .iter()
                    .map(String::as_str)
                    .filter(|child| view.is_check_healthy(child) == Some(false))
                    .collect();
                let (healthy, all) = (children.len().saturating_sub(sick.len()), children.len());
                let which = if sick.is_empty() { String::new() } else { format!("; unhealthy: {}", sick.join(", ")) };
                format!("{healthy} of {all} children healthy, {threshold} needed{which}")
            }
            (_, Some(last)) => last.reason.clone(),
            (Work::Nothing(reason), None) => reason.clone(),
            (_, None) => "nothing is known yet".into(),
        }
    }

    fn to_json(&self, view: &HealthView) -> Value {
        let mut object = Map::new();
        let mut put = |key: &str, value: Value| object.insert(key.into(), value);
        put("Id", self.item.subject.id().into());
        put("Type", self.item.kind.as_str().into());
        put("Status", if self.healthy { "healthy" } else { "unhealthy" }.into());
        if Plan::is_reported(&self.item) {
            put("Raw", self.raw.as_str().into());
        }
        put("Reason", self.reason(view).into());
        if let Some(since) = self.since {
            put("Since", since.to_string().into());
        }
        if !self.item.endpoint.is_empty() {
            put("Endpoint", self.item.endpoint.as_str().into());
        }
        if let Work::Probe(probing) = &self.item.work {
            put("RequestInterval", probing.interval.as_secs_f64().into());
            put("FailureThreshold", probing.failure_threshold.into());
        }
        for (key, value) in [("Inverted", self.item.inverted), ("Disabled", self.item.disabled)] {
            if value {
                put(key, true.into());
            }
        }
        if let Some(last) = &self.last {
            let mut result = json!({"Time": last.at.to_string(), "Success": last.success, "Reason": last.reason});
            if let (Some(ms), Some(result)) = (last.took_ms, result.as_object_mut()) {
                result.insert("Milliseconds".into(), ms.into());
            }
            put("Last", result);
            if !last.parts.is_empty() {
                let parts = last.parts.iter().map(|(name, status)| json!({"Name": name, "Status": status}));
                put("Parts", parts.collect());
            }
        }
        let checkers = self.tracker.as_ref().map(Tracker::checkers).unwrap_or_default();
        if !checkers.is_empty() {
            let checkers = checkers.iter().map(|checker| {
                json!({"Name": &*checker.name, "Success": checker.latest, "Consecutive": checker.consecutive})
            });
            put("Checkers", checkers.collect());
        }
        if let Some(force) = &self.force {
            put("Forced", force.to_json());
        }
        Value::Object(object)
    }
}

fn is_healthy(view: &HealthView, subject: &Subject, raw: RawStatus) -> bool {
    match subject {
        Subject::HealthCheck(id) => view.is_check_healthy(id).unwrap_or(true),
        Subject::AliasTarget(_) => raw != RawStatus::Unhealthy,
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// A health report while it is made. What has no data is left out, as reports have no word for it.
#[derive(Default)]
struct Report {
    lists: [Map<String, Value>; 2],
}

impl Report {
    fn add(&mut self, subject: &Subject, raw: RawStatus) {
        let value = match raw {
            RawStatus::NoData => return,
            RawStatus::Insufficient { last_known_unhealthy } => {
                let last_known = if last_known_unhealthy { "unhealthy" } else { "healthy" };
                json!({"Status": "insufficient", "LastKnown": last_known})
            }
            plain => plain.as_str().into(),
        };
        let [checks, targets] = &mut self.lists;
        let list = if subject.list() == "HealthChecks" { checks } else { targets };
        list.insert(subject.id().into(), value);
    }

    fn to_json(&self, now: Time) -> String {
        let [checks, targets] = &self.lists;
        json!({"Time": now.to_string(), "HealthChecks": checks, "AliasTargets": targets}).to_string()
    }
}

/// Changes as the health report that says no more than they do: what hosts apply to the view that they have. `None`
/// when something has no data any more, for which only a whole report will do.
#[must_use]
pub fn change_report(changes: &[Change], now: Time) -> Option<String> {
    let mut report = Report::default();
    for change in changes {
        match change.raw {
            Some(RawStatus::NoData) => return None,
            Some(raw) => report.add(&change.subject, raw),
            None => {}
        }
    }
    Some(report.to_json(now))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Rules;
    use pointsman_core::compile::compile;
    use pointsman_core::parse::parse;
    use pointsman_core::validate::{Options, validate};

    const ZONE: &str = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
        {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "1", "Region": "us-east-1", "HealthCheckId": "one",
         "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
        {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "2", "Region": "eu-west-1", "HealthCheckId": "not",
         "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]},
        {"Name": "b.example.com.", "Type": "A", "AliasTarget": {"HostedZoneId": "Z35SXDOTRQ7X7K",
         "DNSName": "lb-1.us-east-1.elb.amazonaws.com", "EvaluateTargetHealth": true}}],
      "HealthChecks": [
        {"Id": "one", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 443, "FailureThreshold": 2}},
        {"Id": "not", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.4.4", "Port": 443, "Inverted": true,
         "FailureThreshold": 1}},
        {"Id": "off", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.4.4", "Port": 443, "Disabled": true}},
        {"Id": "all", "HealthCheckConfig": {"Type": "CALCULATED", "ChildHealthChecks": ["one", "not"],
         "HealthThreshold": 2}},
        {"Id": "alarm", "HealthCheckConfig": {"Type": "CLOUDWATCH_METRIC", "InsufficientDataHealthStatus": "Healthy",
         "AlarmIdentifier": {"Region": "us-east-1", "Name": "errors"}}}]}"#;

    fn board(kept: &Kept) -> Board {
        let zone = validate(&[parse(0, ZONE)], &Options::default()).zone.unwrap();
        let rules = Rules::parse(r#"{"lb-1.us-east-1.elb.amazonaws.com": "tcp://127.0.0.1:1"}"#).unwrap();
        Board::new(Plan::of(&zone, &rules, false), Arc::new(compile(&zone)), kept, at(0))
    }

    fn at(second: u64) -> Time {
        Time::from_unix_ms(second * 1000)
    }

    fn check(id: &str) -> Subject {
        Subject::HealthCheck(id.into())
    }

    fn outcome(success: bool) -> Outcome {
        Outcome { success, reason: "tried".into(), took: Default::default(), parts: Vec::new() }
    }

    fn told(changes: &[Change]) -> Vec<(&str, bool, bool)> {
        changes.iter().map(|change| (change.subject.id(), change.was_healthy, change.healthy)).collect()
    }

    #[test]
    fn inverted_and_calculated_follow_and_are_told() {
        let mut board = board(&Kept::default());
        // Without data an inverted check is unhealthy (6.2.3), and so is what needs it.
        assert!(board.tried(&check("one"), "here", &outcome(true), at(1)).is_empty());
        assert_eq!(told(&board.tried(&check("one"), "here", &outcome(true), at(2))), [("one", true, true)]);
        let changes = board.tried(&check("not"), "here", &outcome(false), at(3));
        assert_eq!(told(&changes), [("not", false, true), ("all", false, true)]);
        assert_eq!(changes[1].raw, None);
        assert_eq!(changes[1].reason, "2 of 2 children healthy, 2 needed");
        let report = change_report(&changes, at(3)).unwrap();
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report["HealthChecks"], json!({"not": "unhealthy"}));
        assert_eq!(report["Time"], "1970-01-01T00:00:03.000Z");
    }

    #[test]
    fn a_force_counts_after_inverted_and_ends_in_its_time() {
        let mut board = board(&Kept::default());
        let force = Force { up: true, why: "drill".into(), until: Some(at(10)), since: at(1) };
        let eu = Selection::Region("eu-west-1".into());
        let (subjects, changes) = board.force(&eu, Some(&force), at(1)).unwrap();
        assert_eq!(subjects, [check("not")]);
        assert_eq!(told(&changes), [("not", false, true), ("all", false, true)]);
        assert_eq!(changes[0].raw, Some(RawStatus::Unhealthy));
        assert!(board.tried(&check("not"), "here", &outcome(true), at(2)).is_empty(), "what tries say waits");
        assert!(board.expire(at(9)).is_empty());
        assert_eq!(told(&board.expire(at(10))), [("not", true, false), ("all", true, false)]);
        assert_eq!(board.status(at(11), None)["HealthChecks"][1].get("Forced"), None);
    }

    #[test]
    fn what_lost_its_data_wants_a_whole_report() {
        let mut board = board(&Kept::default());
        let down = Force { up: false, why: "drill".into(), until: None, since: at(1) };
        let us = Selection::Region("us-east-1".into());
        let (subjects, changes) = board.force(&us, Some(&down), at(1)).unwrap();
        assert_eq!(subjects.len(), 2, "the check and the alias target");
        assert_eq!(told(&changes)[0], ("one", true, false));
        let (cleared, changes) = board.force(&Selection::All, None, at(2)).unwrap();
        assert_eq!(cleared, subjects);
        assert_eq!(told(&changes)[0], ("one", false, true));
        assert_eq!(change_report(&changes, at(2)), None);
        assert!(!board.report(at(2)).contains("one"));
    }

    #[test]
    fn what_cannot_be_forced_says_why() {
        let mut board = board(&Kept::default());
        let down = Force { up: false, why: "drill".into(), until: None, since: at(1) };
        for (selection, word) in [
            (Selection::HealthCheck("all".into()), "calculated"),
            (Selection::HealthCheck("off".into()), "Disabled"),
            (Selection::HealthCheck("who".into()), "no health check who"),
            (Selection::AliasTarget("x..y".into()), "x..y"),
            (Selection::Region("ap-south-1".into()), "eu-west-1, us-east-1"),
        ] {
            let error = board.force(&selection, Some(&down), at(1)).unwrap_err();
            assert!(error.to_string().contains(word), "{error}");
        }
    }

    #[test]
    fn a_restart_begins_with_what_was_known() {
        let mut first = board(&Kept::default());
        for second in 1..3 {
            let _ = first.tried(&check("one"), "here", &outcome(false), at(second));
        }
        let _ = first.told(&check("alarm"), "ALARM", at(3)).unwrap();
        let down = Force { up: false, why: "drill".into(), until: Some(at(60)), since: at(4) };
        let _ = first.force(&Selection::HealthCheck("not".into()), Some(&down), at(4)).unwrap();
        let second = board(&first.kept());
        assert_eq!(first.report(at(9)), second.report(at(9)));
        assert_eq!(second.status(at(9), None)["HealthChecks"][1]["Forced"]["Why"], "drill");
    }

    #[test]
    fn another_version_of_the_zone_keeps_what_is_tried_the_same_way() {
        let mut board = board(&Kept::default());
        for second in 1..3 {
            let _ = board.tried(&check("one"), "here", &outcome(false), at(second));
        }
        let before = board.version();
        let text = ZONE.replace("8.8.4.4", "8.8.4.5");
        let zone = validate(&[parse(0, &text)], &Options::default()).zone.unwrap();
        let plan = Plan::of(&zone, &Rules::default(), false);
        board.replace(plan, Arc::new(compile(&zone)), at(5));
        assert!(board.version() > before);
        let report: Value = serde_json::from_str(&board.report(at(5))).unwrap();
        assert_eq!(report["HealthChecks"], json!({"one": "unhealthy"}));
    }

    #[test]
    fn what_a_check_is_not_told_is_refused() {
        let mut board = board(&Kept::default());
        for (id, state, word) in [
            ("one", "OK", "checkers"),
            ("all", "OK", "calculated"),
            ("alarm", "On", "alarm"),
            ("alarm", "ok", "ALARM"),
            ("x", "OK", "no health check"),
        ] {
            let error = board.told(&check(id), state, at(1)).unwrap_err();
            assert!(error.contains(word), "{id} {state}: {error}");
        }
    }
}
