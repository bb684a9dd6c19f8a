//! What this watch finds by its own tries alone, for a fleet to put together with what others find.

use pointsman_core::health::Tracker;
use pointsman_core::parse::RawStatus;
use pointsman_fleet::Statuses;

use super::snapshot::Snapshot;
use crate::force::{ForceError, Selected, Selection};
use crate::plan::{Subject, Work};

impl Snapshot {
    /// What this watch holds each endpoint for that it tries, or that other checkers report to it.
    #[must_use]
    pub fn found(&self) -> Statuses {
        let tried = self.checks.iter().filter(|check| check.item.takes_results());
        let found = tried.filter_map(|check| {
            let status = check.tracker.as_ref().map_or(RawStatus::NoData, Tracker::status);
            let is_tried = matches!(check.item.work, Work::Probe(_)) || status != RawStatus::NoData;
            is_tried.then(|| (check.item.subject.clone(), status))
        });
        Statuses(found.collect())
    }

    /// What a force would be about.
    pub(crate) fn selected(&self, selection: &Selection) -> Result<Selected, ForceError> {
        selection.selected(&self.plan, &self.view)
    }

    /// Whether a state from outside is one that a subject takes; why not, in words.
    pub(crate) fn takes_state(&self, subject: &Subject, state: &str) -> Result<(), String> {
        let item = self.plan.item(subject).ok_or_else(|| format!("the zone has no {subject}"))?;
        match (&item.work, state) {
            (Work::Alarm, "OK" | "ALARM" | "INSUFFICIENT_DATA") | (Work::Control, "On" | "Off") => Ok(()),
            (Work::Alarm, _) => Err(format!("{subject} takes the states of an alarm: OK, ALARM or INSUFFICIENT_DATA")),
            (Work::Control, _) => Err(format!("{subject} takes the states of a routing control: On or Off")),
            _ => Err(format!("{subject} takes no state from outside")),
        }
    }
}
