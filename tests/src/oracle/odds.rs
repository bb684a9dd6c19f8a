//! The exact distribution of the answers to a query over all draws (5.8, 10.40).

use serde_json::{Map, Value, json};

use super::answer::{SEVERAL, ended, leaf, merged_answer, no_data};
use super::fraction::Fraction;
use super::health::World;
use super::lookup::Found;
use super::name::Name;
use super::policy::Choice;
use super::zone::{Content, Record};

/// What may be answered.
#[derive(Debug, Default)]
struct Outcomes {
    /// With their probabilities; equal outcomes are one.
    list: Vec<(Map<String, Value>, Fraction)>,
    /// Some group on some way knew too little of the client (10.13, 10.14).
    undetermined: bool,
}

/// The odds as core writes them; `None` when the fractions do not fit.
pub(super) fn odds(world: &World<'_>, name: &Name, kind: &str) -> Option<Value> {
    let mut outcomes = Outcomes::default();
    let rcode = match world.zone.find(name, kind) {
        Found::Group { name, kind } => {
            descend(world, &world.zone.group(&name, &kind), &kind, Fraction::ONE, &mut outcomes)?;
            "NOERROR"
        }
        found => {
            let (rcode, outcome) = ended(world, &found, kind);
            outcomes.list.push((outcome, Fraction::ONE));
            rcode
        }
    };
    let list: Vec<_> = outcomes
        .list
        .into_iter()
        .map(|(mut outcome, probability)| {
            outcome.insert("probability".into(), probability.as_f64().into());
            outcome.insert("ratio".into(), probability.ratio().into());
            Value::Object(outcome)
        })
        .collect();
    let mut odds = json!({"rcode": rcode, "outcomes": list});
    if outcomes.undetermined {
        odds["undetermined"] = true.into();
    }
    Some(odds)
}

/// Probabilities multiply on the way down, and add where ways meet (5.8).
fn descend(
    world: &World<'_>,
    group: &[&Record],
    kind: &str,
    probability: Fraction,
    outcomes: &mut Outcomes,
) -> Option<()> {
    let decision = world.choose(group, None);
    outcomes.undetermined |= decision.undetermined;
    match decision.choice {
        Choice::Nothing => add(outcomes, no_data(world, kind), probability),
        Choice::One(member) => follow(world, member, kind, probability, outcomes),
        Choice::Weighted(pool) => {
            let all: u64 = pool.iter().map(|(_, weight)| weight).sum();
            for (member, weight) in pool {
                let share = Fraction::new(weight.into(), all.into());
                follow(world, member, kind, probability.times(share)?, outcomes)?;
            }
            Some(())
        }
        Choice::Several(pool) if pool.len() > SEVERAL => {
            let members: Vec<_> = pool.iter().map(|member| described(member)).collect();
            let mut outcome = Map::new();
            outcome.insert("type".into(), kind.into());
            outcome.insert("choose".into(), SEVERAL.into());
            outcome.insert("members".into(), members.into());
            add(outcomes, outcome, probability)
        }
        Choice::Several(pool) => add(outcomes, merged_answer(&pool, kind), probability),
    }
}

fn follow(
    world: &World<'_>,
    member: &Record,
    kind: &str,
    probability: Fraction,
    outcomes: &mut Outcomes,
) -> Option<()> {
    match &member.content {
        Content::InZone { target, .. } => descend(world, &world.zone.group(target, kind), kind, probability, outcomes),
        _ => add(outcomes, leaf(world, member, kind), probability),
    }
}

/// A member that may be among the eight.
fn described(member: &Record) -> Value {
    match &member.content {
        Content::Values { ttl, values } => json!({"set_identifier": member.id, "ttl": ttl, "values": values}),
        _ => Value::Null,
    }
}

fn add(outcomes: &mut Outcomes, outcome: Map<String, Value>, probability: Fraction) -> Option<()> {
    match outcomes.list.iter_mut().find(|(known, _)| *known == outcome) {
        Some((_, sum)) => *sum = sum.plus(probability)?,
        None => outcomes.list.push((outcome, Fraction::ZERO.plus(probability)?)),
    }
    Some(())
}
