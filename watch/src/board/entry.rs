//! One line of the board: what it holds, why, and how people see it.

use pointsman_core::health::{HealthView, Tracker};
use pointsman_core::parse::RawStatus;
use serde_json::{Map, Value, json};

use super::Entry;
use crate::plan::{Plan, Work};

impl Entry {
    /// What reports hold: forced, so that it counts as wanted after Inverted, or as tracked.
    pub(super) fn raw_now(&self) -> RawStatus {
        match (&self.force, &self.tracker) {
            (Some(force), _) if force.up != self.item.inverted => RawStatus::Healthy,
            (Some(_), _) => RawStatus::Unhealthy,
            (None, Some(tracker)) => tracker.status(),
            (None, None) => RawStatus::NoData,
        }
    }

    pub(super) fn reason(&self, view: &HealthView) -> String {
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

    pub(super) fn to_json(&self, view: &HealthView) -> Value {
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
