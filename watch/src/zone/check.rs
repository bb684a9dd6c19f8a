//! What is known of one check or alias target, why, and how people see it.

use std::sync::Arc;

use pointsman_core::health::{HealthView, Tracker};
use pointsman_core::model::Time;
use pointsman_core::parse::RawStatus;
use serde_json::{Map, Value, json};

use crate::clock::Moment;
use crate::force::Force;
use crate::plan::{Item, Plan, Subject, Work};
use crate::probe::Verdict;

/// What became of the last try. Its time is steady ([`Moment`]).
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Last {
    /// When it ended.
    pub(super) at: Time,
    pub(super) verdict: Verdict,
    /// In words.
    pub(super) reason: String,
    /// How long it took, in milliseconds; `None` for what comes from outside.
    pub(super) took_ms: Option<u64>,
    /// The parts of a deep health document.
    pub(super) parts: Vec<(String, String)>,
}

/// How often what happened.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) tries: u64,
    pub(super) failures: u64,
    /// Tries that could not be made.
    pub(super) not_tried: u64,
    /// Times that it became healthy or unhealthy.
    pub(super) flaps: u64,
}

/// One check or alias target.
#[derive(Debug, Clone)]
pub(super) struct CheckState {
    pub(super) item: Arc<Item>,
    /// Its number in core's view: of the health check, or of the alias target.
    pub(super) number: Option<u32>,
    /// The numbers of a calculated check's children.
    pub(super) children: Arc<[u32]>,
    pub(super) tracker: Option<Tracker>,
    pub(super) force: Option<Force>,
    /// What the brake holds it at.
    pub(super) held: Option<RawStatus>,
    /// What a fleet decided.
    pub(super) fleet: Option<RawStatus>,
    pub(super) last: Option<Last>,
    /// What reports hold: the forced status, the held one, or the tracker's.
    pub(super) raw: RawStatus,
    /// Final, by core's view.
    pub(super) healthy: bool,
    /// Since when, in steady time.
    pub(super) since: Option<Time>,
    pub(super) counts: Counts,
}

impl CheckState {
    /// What reports should hold now.
    pub(super) fn raw_now(&self) -> RawStatus {
        match &self.force {
            // So that it counts as wanted after Inverted.
            Some(force) if force.up != self.item.inverted => RawStatus::Healthy,
            Some(_) => RawStatus::Unhealthy,
            None => self.fleet.or(self.held).unwrap_or_else(|| self.tracked()),
        }
    }

    /// What tries and messages from outside say.
    pub(super) fn tracked(&self) -> RawStatus {
        self.tracker.as_ref().map_or(RawStatus::NoData, Tracker::status)
    }

    /// Whether the final status follows from core's view, or from the raw one.
    pub(super) fn is_healthy(&self, view: &HealthView) -> bool {
        match (&self.item.subject, self.number) {
            (Subject::HealthCheck(_), Some(number)) => view.is_check_number_healthy(number).unwrap_or(true),
            (Subject::HealthCheck(_), None) => true,
            (Subject::AliasTarget(_), _) => self.raw != RawStatus::Unhealthy,
        }
    }

    pub(super) fn reason(&self, view: &HealthView, now: Moment) -> String {
        if let Some(force) = &self.force {
            return force.in_words(now);
        }
        if let Some(fleet) = self.fleet.filter(|fleet| *fleet != self.tracked()) {
            let own = self.last.as_ref().map_or("nothing is known yet", |last| last.reason.as_str());
            return format!("{} by the fleet's probers together; here: {own}", fleet.as_str());
        }
        match (&self.item.work, &self.last) {
            (Work::Calculated { threshold, children }, _) => {
                let is_sick = |number: &u32| view.is_check_number_healthy(*number) == Some(false);
                let pairs = self.children.iter().zip(children);
                let sick: Vec<&str> =
                    pairs.filter(|(number, _)| is_sick(number)).map(|(_, child)| child.as_str()).collect();
                let (healthy, all) = (children.len().saturating_sub(sick.len()), children.len());
                let which = match sick.len() {
                    0 => String::new(),
                    1..=10 => format!("; unhealthy: {}", sick.join(", ")),
                    more => {
                        let shown = sick.get(..10).unwrap_or_default().join(", ");
                        format!("; unhealthy: {shown} and {} more", more.saturating_sub(10))
                    }
                };
                format!("{healthy} of {all} children healthy, {threshold} needed{which}")
            }
            (_, Some(last)) if last.verdict == Verdict::NotTried => format!("could not be tried: {}", last.reason),
            (_, Some(last)) => last.reason.clone(),
            (Work::Nothing(reason), None) => reason.clone(),
            (_, None) => "nothing is known yet".into(),
        }
    }

    pub(super) fn to_json(&self, view: &HealthView, now: Moment) -> Value {
        let mut object = Map::new();
        let mut put = |key: &str, value: Value| object.insert(key.into(), value);
        put("Id", self.item.subject.id().into());
        put("Type", self.item.kind.as_str().into());
        put("Status", if self.healthy { "healthy" } else { "unhealthy" }.into());
        if Plan::is_reported(&self.item) {
            put("Raw", self.raw.as_str().into());
        }
        put("Reason", self.reason(view, now).into());
        if let Some(since) = self.since {
            put("Since", now.shown(since).to_string().into());
        }
        if !self.item.endpoint.is_empty() {
            put("Endpoint", self.item.endpoint.as_str().into());
        }
        if let Work::Probe(probing) = &self.item.work {
            put("RequestInterval", probing.interval.as_secs_f64().into());
            put("FailureThreshold", probing.failure_threshold.into());
            put("NotTried", self.counts.not_tried.into());
        }
        put("Flaps", self.counts.flaps.into());
        for (key, value) in [("Inverted", self.item.inverted), ("Disabled", self.item.disabled)] {
            if value {
                put(key, true.into());
            }
        }
        if let Some(held) = self.held.filter(|held| *held != self.tracked()) {
            put("Held", json!({"Raw": held.as_str(), "Tracked": self.tracked().as_str()}));
        }
        if let Some(last) = &self.last {
            // A try that could not be made neither succeeded nor failed.
            let success = (last.verdict != Verdict::NotTried).then_some(last.verdict == Verdict::Success);
            let mut result = json!({"Time": now.shown(last.at).to_string(), "Success": success, "Reason": last.reason});
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
            put("Forced", force.to_json(now));
        }
        Value::Object(object)
    }
}
