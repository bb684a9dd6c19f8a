//! Zones that are made up, each with its health and a question: what an engine is tested over.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use ::proptest::strategy::{NewTree, Strategy};
use ::proptest::test_runner::TestRunner;

use super::checks::{check_id, plain_check_numbers};
use super::clients::clients;
use super::counterexample::{Case, Counterexample};
use super::dice::Dice;
use super::health::{Health, Step as HealthStep, any_failures, any_report};
use super::questions::{same_query, smaller_draws};
use super::shrink::{Shrinking, Simplify, Tree};
use super::situations::Situation;
use super::zones::{SampleZone, Step as ZoneStep, Zones, zones};
use crate::compile::Zone;
use crate::model::{NameBuf, RecordType};
use crate::query::{Client, Query};

/// Worlds: a zone of any shape, any health of it, a question about it, its client and its draw.
///
/// They shrink all together: to the smallest zone, the fewest failures and the plainest client that still fail.
///
/// ```
/// use pointsman_core::proptest::worlds;
/// use proptest::prelude::*;
///
/// proptest!(|(world in worlds())| {
///     let answer = world.situation().answer();
///     // Answers come from the zone.
///     for value in &answer.values {
///         prop_assert!(world.zone().to_json().contains(&format!("{value:?}")), "{value}");
///     }
/// });
/// ```
#[must_use]
pub fn worlds() -> Worlds {
    Worlds { zones: zones(), failures: None }
}

/// Strategy of [`worlds`].
#[derive(Debug, Clone)]
pub struct Worlds {
    zones: Zones,
    failures: Option<usize>,
}

impl Worlds {
    /// Only these zones.
    pub fn zones(mut self, zones: Zones) -> Self {
        self.zones = zones;
        self
    }

    /// At most so many health checks and alias targets fail, all else is up; the default is any report at all.
    pub fn failures(mut self, max: usize) -> Self {
        self.failures = Some(max);
        self
    }

    /// The world that follows from a number, for loops that need no test runner.
    ///
    /// ```
    /// use pointsman_core::proptest::worlds;
    /// let world = worlds().seeded(7);
    /// assert_eq!(world.situation().answer(), worlds().seeded(7).situation().answer());
    /// ```
    ///
    /// # Panics
    /// If the zone is not valid, which would be this module's own fault.
    #[must_use]
    #[expect(clippy::panic, reason = "a strategy that makes what is no name must stop the test that uses it")]
    pub fn seeded(&self, seed: u64) -> World {
        match self.draft(&mut Dice::seeded(seed)) {
            Some(draft) => draft.value(),
            None => panic!("a name of the zone cannot be asked for"),
        }
    }

    fn draft(&self, dice: &mut Dice) -> Option<Draft> {
        let sample = self.zones.seeded(dice.word());
        let zone = sample.compile();
        let up = Health::all_up(&zone);
        let health = match self.failures {
            Some(max) => any_failures(&up, max, dice),
            None => any_report(&up, dice),
        };
        let keys: Vec<u16> = sample.groups.iter().map(|group| group.key).collect();
        let how = match dice.below(12) {
            0 => How::Below,
            1 => How::Type(dice.choose(&RecordType::ALL).unwrap_or(RecordType::A)),
            _ => How::Itself,
        };
        let ask = Ask { group: dice.choose(&keys)?, how };
        let client = clients(&zone).any(dice);
        let query = query(&sample, ask, client, dice.word())?;
        Some(Draft { sample, zone, health, ask, query })
    }
}

impl Strategy for Worlds {
    type Tree = Tree<World>;
    type Value = World;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let draft = self.draft(&mut Dice::new(runner)?);
        Ok(Shrinking::tree(draft.ok_or("a name of the zone cannot be asked for")?))
    }
}

/// What is asked, whatever the zone's names become.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ask {
    group: u16,
    how: How,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum How {
    /// The group's own name, or one that its wildcard stands for.
    Itself,
    /// A name below it.
    Below,
    /// Its name with another type.
    Type(RecordType),
}

fn query(sample: &SampleZone, ask: Ask, client: Client, draw: u64) -> Option<Query> {
    let group = sample.group(ask.group)?;
    let own = sample.full_name(&group.name);
    let name = match (ask.how, own.strip_prefix("*.")) {
        (_, Some(parent)) => format!("any.{parent}"),
        (How::Below, None) => format!("below.{own}"),
        (How::Itself | How::Type(_), None) => own,
    };
    let record_type = match ask.how {
        How::Type(other) => other,
        How::Itself | How::Below => group.record_type,
    };
    Some(Query { name: NameBuf::parse(&name).ok()?, record_type, client, draw })
}

/// A world while it shrinks.
#[derive(Clone)]
struct Draft {
    sample: SampleZone,
    zone: Arc<Zone>,
    health: Health,
    ask: Ask,
    query: Query,
}

impl PartialEq for Draft {
    fn eq(&self, other: &Self) -> bool {
        self.sample == other.sample && self.health == other.health && same_query(&self.query, &other.query)
    }
}

/// The same health of the same checks under other ids.
fn renumbered(health: &Health, numbers: &[(u16, u16)]) -> Health {
    let mut health = health.clone();
    for entry in &mut health.entries {
        if let Some((_, new)) = numbers.iter().find(|(old, _)| check_id(*old) == entry.id) {
            entry.id = check_id(*new);
        }
    }
    health
}

enum Step {
    Zone(ZoneStep),
    Health(HealthStep),
    Ask(Ask),
    By(Box<Client>),
    Draw(u64),
}

impl Simplify for Draft {
    type Value = World;
    type Step = Step;

    fn value(&self) -> World {
        let situation = Situation::new(&self.zone, self.health.clone(), self.query.clone());
        World { zone: self.sample.clone(), situation }
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps: Vec<Step> = self.sample.steps().into_iter().map(Step::Zone).collect();
        steps.extend(self.health.steps().into_iter().map(Step::Health));
        let itself = Ask { how: How::Itself, ..self.ask };
        steps.extend((self.ask != itself).then_some(Step::Ask(itself)));
        let clients = clients(&self.zone).simpler(&self.query.client);
        steps.extend(clients.into_iter().map(|client| Step::By(Box::new(client))));
        steps.extend(smaller_draws(self.query.draw).map(Step::Draw));
        steps
    }

    fn after(&self, step: &Step) -> Option<Self> {
        let mut draft = self.clone();
        match step {
            Step::Zone(step) => {
                draft.sample = self.sample.after(step)?;
                draft.zone = draft.sample.compile();
                draft.health = match step {
                    ZoneStep::PlainNumbers => renumbered(&self.health, &plain_check_numbers(&self.sample.checks)),
                    _ => self.health.for_zone(&draft.zone),
                };
                // What was asked may be gone; then what stands first is asked.
                if draft.sample.group(draft.ask.group).is_none() {
                    draft.ask.group = draft.sample.groups.first()?.key;
                }
            }
            Step::Health(step) => draft.health = self.health.after(step)?,
            Step::Ask(ask) => draft.ask = *ask,
            Step::By(client) => draft.query.client = (**client).clone(),
            Step::Draw(draw) => draft.query.draw = *draw,
        }
        draft.query = query(&draft.sample, draft.ask, draft.query.client, draft.query.draw)?;
        Some(draft)
    }
}

/// A zone that was made up, with its health and a question, made by [`worlds`]. It prints all of them.
#[derive(Clone)]
pub struct World {
    zone: SampleZone,
    situation: Situation,
}

impl World {
    /// The zone.
    #[must_use]
    pub fn zone(&self) -> &SampleZone {
        &self.zone
    }

    /// The health and the question.
    #[must_use]
    pub fn situation(&self) -> &Situation {
        &self.situation
    }
}

impl Case for World {
    fn breaks(&self, rule: &str, found: &str) -> Counterexample {
        self.situation.breaks(rule, found).with_zone(&self.zone.to_string())
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}\n{:?}", self.zone, self.situation)
    }
}
