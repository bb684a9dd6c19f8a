//! A zone at one moment: cheap to take, so that nobody who writes it out keeps anybody waiting who changes it.

use std::collections::BTreeMap;
use std::sync::Arc;

use pointsman_core::health::HealthView;
use pointsman_core::model::Time;
use pointsman_core::parse::RawStatus;
use serde_json::{Value, json};

use super::check::CheckState;
use super::report::Statuses;
use crate::clock::Moment;
use crate::force::Force;
use crate::plan::{Plan, Subject};
use crate::store::{KeptForce, KeptZone};

/// Why and since when the brake holds a zone's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Since when, in steady time.
    pub since: Time,
    /// How many checks flipped, and of how many.
    pub reason: String,
}

/// What is known of a zone at one moment. A copy shares everything until the original changes.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(super) plan: Arc<Plan>,
    pub(super) view: HealthView,
    pub(super) checks: Vec<Arc<CheckState>>,
    /// Forces of subjects that the zone does not have at the moment.
    pub(super) parked: BTreeMap<Subject, Force>,
    pub(super) sequence: u64,
    pub(super) transitions: u64,
    pub(super) hold: Option<Hold>,
}

/// What the health report holds at one moment: less than a [`Snapshot`], and so quick to take that it delays nobody who
/// changes a status, nor makes the next change of one copy what is known of it.
#[derive(Debug, Clone)]
pub struct Reported {
    sequence: u64,
    plan: Arc<Plan>,
    /// The raw statuses, in the plan's order.
    statuses: Vec<RawStatus>,
}

impl Reported {
    /// The number of the report.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// The members of the health report that hold statuses.
    #[must_use]
    pub fn members(&self) -> String {
        let mut statuses = Statuses::default();
        for (item, raw) in self.plan.items.iter().zip(&self.statuses).filter(|(item, _)| Plan::is_reported(item)) {
            statuses.add(&item.subject, &item.key, *raw);
        }
        statuses.into_members()
    }
}

impl Snapshot {
    /// What there is to watch.
    #[must_use]
    pub fn plan(&self) -> &Arc<Plan> {
        &self.plan
    }

    /// A number that grows by one whenever the report reads otherwise.
    #[must_use]
    pub const fn sequence(&self) -> u64 {
        self.sequence
    }

    /// Whether the brake holds the report, and why.
    #[must_use]
    pub const fn hold(&self) -> Option<&Hold> {
        self.hold.as_ref()
    }

    /// What is forced though the zone does not have it.
    pub fn parked(&self) -> impl Iterator<Item = &Subject> {
        self.parked.keys()
    }

    /// What the health report holds.
    #[must_use]
    pub fn reported(&self) -> Reported {
        Reported {
            sequence: self.sequence,
            plan: Arc::clone(&self.plan),
            statuses: self.checks.iter().map(|check| check.raw).collect(),
        }
    }

    /// What a person wants to know of each check.
    #[must_use]
    pub fn status(&self, now: Moment) -> Value {
        let list = |key: &str| -> Vec<Value> {
            let of_list = self.checks.iter().filter(|check| check.item.subject.list() == key);
            of_list.map(|check| check.to_json(&self.view, now)).collect()
        };
        let hold = self.hold.as_ref();
        let parked = self.parked.iter().map(|(subject, force)| {
            let mut force = force.to_json(now);
            if let Some(force) = force.as_object_mut() {
                force.insert("List".into(), subject.list().into());
                force.insert("Id".into(), subject.id().into());
            }
            force
        });
        json!({
            "Time": now.wall.to_string(),
            "Zone": self.plan.zone,
            "Version": self.sequence,
            "HealthChecks": list("HealthChecks"),
            "AliasTargets": list("AliasTargets"),
            "ForcedWithoutSubject": parked.collect::<Value>(),
            "Hold": hold.map(|hold| json!({"Since": now.shown(hold.since).to_string(), "Reason": hold.reason})),
        })
    }

    /// What is known, to be kept for the next run.
    #[must_use]
    pub fn kept(&self, now: Moment) -> KeptZone {
        let mut kept = KeptZone::default();
        for check in &self.checks {
            let subject = &check.item.subject;
            if check.tracker.is_some() {
                // A restart while the brake holds begins with what was reported.
                kept.add(
                    subject,
                    check.fleet.or(check.held).unwrap_or_else(|| check.tracked()),
                    check.since.map(|since| now.shown(since)),
                );
            }
            if let Some(force) = &check.force {
                kept.forces.insert(subject.clone(), KeptForce::of(force, now));
            }
        }
        for (subject, force) in &self.parked {
            kept.forces.insert(subject.clone(), KeptForce::of(force, now));
        }
        kept
    }
}
