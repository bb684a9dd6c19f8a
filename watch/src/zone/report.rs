//! Health reports, whole and of what changed.

use pointsman_core::model::Time;
use pointsman_core::parse::RawStatus;
use serde_json::{Value, json};

use crate::change::Change;
use crate::plan::Subject;

/// Who says so, and when in its run: what lets a host tell one watch from another, and a change that it missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The watch's name.
    pub id: String,
    /// Another one for each start of a process.
    pub run: String,
    /// Grows by one with each change of the zone's report.
    pub sequence: u64,
    /// The zone, with its final dot.
    pub zone: String,
}

impl Origin {
    pub(crate) fn to_json(&self) -> Value {
        json!({"Id": self.id, "Run": self.run, "Sequence": self.sequence, "Zone": self.zone})
    }
}

/// The statuses of a report while they are gathered. What has no data is left out, as reports have no word for it.
#[derive(Default)]
pub(crate) struct Statuses {
    checks: String,
    targets: String,
}

impl Statuses {
    /// Adds a status; `key` is the subject's id as JSON.
    pub(crate) fn add(&mut self, subject: &Subject, key: &str, raw: RawStatus) {
        let value = match raw {
            RawStatus::NoData => return,
            RawStatus::Insufficient { last_known_unhealthy: true } => {
                r#"{"Status":"insufficient","LastKnown":"unhealthy"}"#
            }
            RawStatus::Insufficient { last_known_unhealthy: false } => {
                r#"{"Status":"insufficient","LastKnown":"healthy"}"#
            }
            RawStatus::Healthy => r#""healthy""#,
            RawStatus::Unhealthy => r#""unhealthy""#,
        };
        let list = match subject {
            Subject::HealthCheck(_) => &mut self.checks,
            Subject::AliasTarget(_) => &mut self.targets,
        };
        if !list.is_empty() {
            list.push(',');
        }
        list.push_str(key);
        list.push(':');
        list.push_str(value);
    }

    /// As the members of a report that hold statuses.
    pub(crate) fn into_members(self) -> String {
        format!(r#""HealthChecks":{{{}}},"AliasTargets":{{{}}}"#, self.checks, self.targets)
    }
}

/// A report from its parts; `members` are those that hold statuses.
pub(crate) fn report(time: Time, origin: &Origin, members: &str) -> String {
    format!(r#"{{"Time":"{time}","Watch":{},{members}}}"#, origin.to_json())
}

/// Changes as the health report that says no more than they do: what hosts apply to the view that they have. `None`
/// when something has no data any more, for which only a whole report will do.
#[must_use]
pub fn change_report(changes: &[Change], origin: &Origin) -> Option<String> {
    let mut statuses = Statuses::default();
    for change in changes {
        match change.raw {
            Some(RawStatus::NoData) => return None,
            Some(raw) => statuses.add(&change.subject, &Value::from(change.subject.id()).to_string(), raw),
            None => {}
        }
    }
    let time = changes.first().map_or_else(Time::default, |change| change.at);
    Some(report(time, origin, &statuses.into_members()))
}
