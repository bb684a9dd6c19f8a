//! What the fleet says, put in force in this watch: reports, states from outside, and forces.

use std::collections::BTreeMap;

use pointsman_fleet::{Compare, Key, Put, Role, Subject, Transaction};

use super::engine::Engine as _;
use super::member::{Done, Ends, Running};
use crate::clock::Moment;
use crate::force::Force;

impl Running {
    pub(super) fn apply_all(&mut self) {
        for zone in self.hub.zones().iter() {
            let name = zone.name().to_owned();
            self.apply_report(&name);
            self.apply_forces(&name);
        }
        self.fetch_all();
    }

    pub(super) fn apply(&mut self, touched: &[Key]) {
        for key in touched {
            match key {
                Key::Report(zone) => self.apply_report(zone),
                Key::Force { zone, .. } => self.apply_forces(zone),
                Key::Told { zone, subject } => self.apply_told(zone, subject),
                Key::Current(_) => self.fetch_all(),
                _ => {}
            }
        }
    }

    pub(super) fn apply_report(&self, name: &str) {
        let Some(zone) = self.hub.zone(name) else { return };
        let Some(report) = self.node.mirror().and_then(|mirror| mirror.report(name)) else { return };
        self.hub.change(&zone, |state, now| ((), state.follow_fleet(Some(&report.statuses), now)));
    }

    /// Shows who was told what; the status comes with the report.
    pub(super) fn apply_told(&self, name: &str, subject: &Subject) {
        let (Some(zone), Some(mirror)) = (self.hub.zone(name), self.node.mirror()) else { return };
        let Some((_, told)) = mirror.told(name).find(|(own, _)| *own == subject) else { return };
        self.hub.change(&zone, |state, now| {
            // A state that does not fit this location's version of the zone is no fault of anybody's.
            ((), state.reported(subject, &told.state, now).unwrap_or_default())
        });
    }

    pub(super) fn apply_forces(&mut self, name: &str) {
        let (Some(zone), Some(mirror)) = (self.hub.zone(name), self.node.mirror()) else { return };
        let steady = Moment::now().steady;
        let mut forces = BTreeMap::new();
        let mut over = Vec::new();
        let mut unknown = Vec::new();
        let mut keys = Vec::new();
        for (subject, force, entry) in mirror.forces(name) {
            let key = Key::Force { zone: name.to_owned(), subject: subject.clone() };
            let is_known = self.forces.get(&key).is_some_and(|ends| ends.modified == entry.modified);
            if !is_known {
                let until = force.for_ms.map(|ms| steady.plus_ms(ms));
                self.forces.insert(key.clone(), Ends { modified: entry.modified, since: steady, until });
                if entry.lease != 0 {
                    unknown.push((key.clone(), entry.modified, entry.lease));
                }
            }
            if let Some(ends) = self.forces.get(&key) {
                let own = Force { up: force.up, why: force.why.clone(), until: ends.until, since: ends.since };
                match own.is_over(steady) {
                    true => over.push((key.clone(), entry.modified)),
                    false => drop(forces.insert(subject.clone(), own)),
                }
            }
            keys.push(key);
        }
        let is_of_zone = |key: &Key| matches!(key, Key::Force { zone, .. } if zone == name);
        self.forces.retain(|key, _| !is_of_zone(key) || keys.contains(key));
        let ends = self.forces.iter().map(|(key, ends)| (key.clone(), (ends.modified, ends.until)));
        self.fleet.known().ends = ends.collect();
        self.hub.change(&zone, |state, now| ((), state.follow_forces(&forces, now)));
        for (key, modified, lease) in unknown {
            // How long it has left, as it may have been there for a while.
            let (etcd, done) = (self.fleet.etcd.clone(), self.done.clone());
            tokio::spawn(async move {
                let remaining = etcd.remaining(lease).await;
                let _ = done.send(Done::Ends(key, modified, remaining));
            });
        }
        if self.role == Some(Role::Leader) {
            // A lease begins anew with each leader of etcd; the force is over all the same.
            for (key, modified) in over {
                let compare = vec![Compare::Modified(key.clone(), modified)];
                let (etcd, transaction) =
                    (self.fleet.etcd.clone(), Transaction { compare, then: vec![Put::Delete(key)] });
                tokio::spawn(async move { etcd.submit(&transaction).await });
            }
        }
    }
}
