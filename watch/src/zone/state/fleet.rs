//! A zone in a fleet: what reports hold is decided by all probers together, and what operators hold is held everywhere.

use std::collections::BTreeMap;
use std::sync::Arc;

use pointsman_core::parse::RawStatus;
use pointsman_fleet::Statuses;

use super::ZoneState;
use crate::change::Change;
use crate::clock::Moment;
use crate::force::Force;
use crate::plan::{Plan, Subject};

impl ZoneState {
    /// From now on the fleet decides; until it is heard of, what was known last stays.
    pub fn join_fleet(&mut self) {
        self.in_fleet = true;
        for check in self.now.checks.iter_mut().filter(|check| Plan::is_reported(&check.item)) {
            let check = Arc::make_mut(check);
            check.fleet = Some(check.tracked());
        }
    }

    /// Takes over what the fleet decided; `None`: this watch decides by its own tries.
    pub fn follow_fleet(&mut self, statuses: Option<&Statuses>, now: Moment) -> Vec<Change> {
        self.in_fleet = statuses.is_some();
        let mut places = Vec::new();
        for (at, check) in self.now.checks.iter_mut().enumerate().filter(|(_, check)| Plan::is_reported(&check.item)) {
            let decided = statuses.map(|statuses| statuses.0.get(&check.item.subject).copied().unwrap_or_default());
            if check.fleet != decided {
                Arc::make_mut(check).fleet = decided;
                places.push(at);
            }
        }
        if !places.is_empty() {
            self.revision = self.revision.saturating_add(1);
        }
        self.settle(&places, now)
    }

    /// Takes over all that operators of the fleet hold, and lets go of what they do not.
    pub fn follow_forces(&mut self, forces: &BTreeMap<Subject, Force>, now: Moment) -> Vec<Change> {
        let mut places = Vec::new();
        for (at, check) in self.now.checks.iter_mut().enumerate() {
            let force =
                forces.get(&check.item.subject).filter(|_| Plan::is_reported(&check.item) && !check.item.disabled);
            if check.force.as_ref() != force {
                Arc::make_mut(check).force = force.cloned();
                places.push(at);
            }
        }
        let plan = Arc::clone(&self.now.plan);
        self.now.parked = forces
            .iter()
            .filter(|(subject, _)| plan.item(subject).is_none())
            .map(|(subject, force)| (subject.clone(), force.clone()))
            .collect();
        if !places.is_empty() {
            self.revision = self.revision.saturating_add(1);
        }
        self.settle(&places, now)
    }

    /// What a check is held at that the zone has only now.
    pub(super) const fn fleet_of_new(&self) -> Option<RawStatus> {
        if self.in_fleet { Some(RawStatus::NoData) } else { None }
    }
}
