//! What became another, for everybody who wants to know.

use pointsman_core::model::Time;
use pointsman_core::parse::RawStatus;
use serde_json::{Value, json};

use crate::plan::Subject;

/// Something that hosts or people want to know: a raw status or a final one became another.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// When, by the time of day.
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

impl Change {
    /// Whether hosts may answer otherwise by it.
    #[must_use]
    pub const fn is_transition(&self) -> bool {
        self.healthy != self.was_healthy
    }

    /// As a notification.
    #[must_use]
    pub fn to_json(&self, zone: &str) -> Value {
        let kind = if self.subject.list() == "HealthChecks" { "HealthCheck" } else { "AliasTarget" };
        let mut object = json!({
            "Time": self.at.to_string(), "Zone": zone, "Status": word(self.healthy), "Was": word(self.was_healthy),
            "Reason": self.reason,
        });
        if let Some(object) = object.as_object_mut() {
            object.insert(kind.into(), self.subject.id().into());
        }
        object
    }

    /// As a line of the log: its event, and its pairs.
    #[must_use]
    pub fn log_line(&self) -> (&'static str, Vec<(&'static str, &str)>) {
        let key = match &self.subject {
            Subject::HealthCheck(_) => "check",
            Subject::AliasTarget(_) => "alias_target",
        };
        let mut pairs = vec![(key, self.subject.id()), ("status", word(self.healthy)), ("was", word(self.was_healthy))];
        pairs.extend(self.raw.map(|raw| ("raw", RawStatus::as_str(raw))));
        pairs.push(("reason", &self.reason));
        (if self.is_transition() { "transition" } else { "raw-change" }, pairs)
    }
}

const fn word(healthy: bool) -> &'static str {
    if healthy { "healthy" } else { "unhealthy" }
}
