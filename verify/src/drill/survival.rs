//! Whether one failure is survived by health checks alone, or lasts until somebody changes record sets.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::case::is_answer;
use crate::class::{Class, Classes};
use crate::subject::Subject;
use crate::tree::{Evaluated, answers};
use crate::world::World;

/// What one failure alone does, once health checks have noticed what they notice.
#[derive(Debug, Clone, PartialEq)]
pub struct Survival {
    /// The endpoint or failure domain.
    pub failure: String,
    /// How many names and types it bears on.
    pub questions: usize,
    /// Those of them of which clients are sent to what is dead, or get no data, until somebody changes record sets
    /// or the failure ends.
    pub hit: Vec<String>,
    /// The share of clients that this is, of the name where it is most.
    pub share: f64,
}

impl Survival {
    /// Whether health checks alone do not end it: only ChangeResourceRecordSets does.
    #[must_use]
    pub fn needs_change(&self) -> bool {
        !self.hit.is_empty()
    }

    /// The failure as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({"failure": self.failure, "questions": self.questions, "needs_change": self.needs_change(),
            "hit": self.hit, "share": self.share})
    }
}

/// By failure: the names that it bears on, and the share of each one's clients that it hits.
#[derive(Debug, Default)]
pub(super) struct Survived {
    by_world: BTreeMap<World, BTreeMap<usize, f64>>,
}

impl Survived {
    /// Looks at a class in one of 64 worlds.
    pub(super) fn look(
        &mut self,
        subject: &Subject,
        (question, classes): (usize, &Classes),
        (class, calm, state, bit): (&Class, &Evaluated<u64>, &Evaluated<u64>, usize),
        world: &World,
    ) {
        if world.dead.is_empty() {
            return;
        }
        let even = 1.0 / classes.list.len().max(1) as f64;
        let is_dead = |endpoint: &usize| world.dead.binary_search(endpoint).is_ok();
        let mut picked = class.tree.branches().zip(&state.picked).filter(|(_, picked)| *picked >> bit & 1 == 1);
        let is_sent = { &mut picked }
            .any(|((_, branch), _)| is_answer(branch.leads) && answers(subject, branch.record).iter().any(is_dead));
        let is_silent = state.no_data >> bit & 1 == 1 && calm.no_data & 1 == 0;
        let share = if is_sent || is_silent { class.traffic.unwrap_or(even) } else { 0.0 };
        let hit = self.by_world.entry(world.clone()).or_default().entry(question).or_insert(0.0);
        *hit += share;
        // A class without traffic is hit as well.
        if (is_sent || is_silent) && *hit == 0.0 {
            *hit = f64::MIN_POSITIVE;
        }
    }

    /// What hits most names first.
    pub(super) fn finish(self, subject: &Subject) -> Vec<Survival> {
        let of = |(world, questions): (World, BTreeMap<usize, f64>)| {
            let called = |question: usize| {
                subject.group(question).map(|group| format!("{} {}", group.name, group.record_type)).unwrap_or_default()
            };
            let hit = || questions.iter().filter(|(_, share)| **share > 0.0);
            Survival {
                failure: world.describe(subject),
                questions: questions.len(),
                hit: hit().map(|(question, _)| called(*question)).collect(),
                share: hit().map(|(_, share)| share.min(1.0)).fold(0.0, f64::max),
            }
        };
        let mut all: Vec<Survival> = self.by_world.into_iter().map(of).collect();
        all.sort_by_cached_key(|one| (std::cmp::Reverse(one.hit.len()), one.failure.clone()));
        all
    }
}
