//! Health reports, whole and of what changed.

use pointsman_core::model::Time;
use pointsman_core::parse::RawStatus;
use serde_json::{Map, Value, json};

use super::Change;
use crate::plan::Subject;

/// A health report while it is made. What has no data is left out, as reports have no word for it.
#[derive(Default)]
pub(super) struct Report {
    lists: [Map<String, Value>; 2],
}

impl Report {
    pub(super) fn add(&mut self, subject: &Subject, raw: RawStatus) {
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

    pub(super) fn to_json(&self, now: Time) -> String {
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
