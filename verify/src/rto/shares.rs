//! The share of clients that are sent to dead endpoints while health checks and alias targets turn one by one.

use super::levers::{Lever, What};
use crate::algebra::{Lanes, Statuses};
use crate::class::Class;
use crate::subject::Subject;
use crate::traffic::shares;
use crate::tree::evaluate;
use crate::world::World;

/// By set of levers that have turned, one bit each: the share on dead endpoints.
#[derive(Debug)]
pub(super) struct Shares {
    levers: usize,
    on_dead: Vec<f64>,
}

impl Shares {
    pub(super) fn new(subject: &Subject, people: &[(&Class, f64)], world: &World, levers: &[Lever]) -> Self {
        let sets = 1_u32.checked_shl(levers.len() as u32).unwrap_or(1);
        let mut on_dead = vec![0.0; sets as usize];
        for (set, slot) in on_dead.iter_mut().enumerate() {
            let statuses = turned(subject, levers, set as u32);
            for (class, weight) in people.iter().filter(|(_, weight)| *weight > 0.0) {
                let state = evaluate(subject, &class.tree, &mut Lanes, &statuses, |_| false);
                let of = shares(subject, &class.tree, &state, 0);
                *slot +=
                    of.iter().filter(|(one, _)| world.dead.contains(one)).map(|(_, share)| share).sum::<f64>() * weight;
            }
        }
        Self { levers: levers.len(), on_dead }
    }

    /// The share on dead endpoints when these levers have turned.
    pub(super) fn on_dead(&self, set: u32) -> f64 {
        self.on_dead.get(set as usize).copied().unwrap_or(0.0)
    }

    /// All levers.
    pub(super) fn every(&self) -> u32 {
        1_u32.checked_shl(self.levers as u32).unwrap_or(0).wrapping_sub(1)
    }
}

/// The statuses when some levers have turned. What a turned check reads is left alive: its status is what counts.
fn turned(subject: &Subject, levers: &[Lever], set: u32) -> Statuses<u64> {
    let mut dead = vec![0_u64; subject.endpoints.list.len()];
    let mut failing = vec![0_u64; subject.zone.health_checks.len()];
    let is_on = |bit: usize| set >> bit & 1 == 1;
    for (_, lever) in levers.iter().enumerate().filter(|(bit, _)| is_on(*bit)) {
        let slot = match lever.what {
            What::Check(check) => failing.get_mut(check),
            What::Resource(_) => None,
        };
        if let Some(slot) = slot {
            *slot = u64::MAX;
        }
    }
    let mut statuses = Statuses::new(subject, &mut Lanes, dead.clone(), &failing);
    // Resources are looked at only for their own health, so they turn after the checks were worked out.
    for (_, lever) in levers.iter().enumerate().filter(|(bit, _)| is_on(*bit)) {
        if let What::Resource(endpoint) = lever.what
            && let Some(slot) = dead.get_mut(endpoint)
        {
            *slot = u64::MAX;
        }
    }
    statuses.dead = dead;
    statuses
}
