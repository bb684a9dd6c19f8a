//! Laws that hold for every zone, client, draw and state of health, tried on random ones.
//!
//! Where the differential test asks whether two implementations agree, a law needs only one, and says something that a
//! reader of the guide would put their name to. `POINTSMAN_FUZZ_CASES` asks more questions than usual,
//! `POINTSMAN_FUZZ_SEED` starts elsewhere.

#[path = "properties/answers.rs"]
mod answers;
#[path = "properties/changes.rs"]
mod changes;
#[path = "properties/documents.rs"]
mod documents;
#[path = "properties/odds.rs"]
mod odds;
#[path = "properties/path.rs"]
mod path;
#[path = "properties/scope.rs"]
mod scope;
#[path = "properties/single_group.rs"]
mod single_group;

use anyhow::{Context as _, Result};
use pointsman_core::health::HealthView;
use pointsman_core::resolve::Scratch;
use pointsman_tests::generate::World;
use pointsman_tests::number_of;
use serde_json::Value;

/// Questions to one zone.
const QUESTIONS: usize = 20;
/// Questions that a law is tried with when nobody says how many.
const QUESTIONS_IN_ALL: u64 = 20_000;

/// Tries a law on random worlds.
fn on_random_worlds(law: impl Fn(u64, &World, &HealthView) -> Result<()>) -> Result<()> {
    let questions = number_of("POINTSMAN_FUZZ_CASES", QUESTIONS_IN_ALL)?;
    let first = number_of("POINTSMAN_FUZZ_SEED", 0)?;
    for number in 0..questions.div_ceil(QUESTIONS as u64) {
        let seed = first.wrapping_add(number);
        let world = World::random(seed, QUESTIONS);
        let origin = || format!("seed {seed}\nzone {}\nreport {}", world.zone, world.report);
        let view = world.view().with_context(origin)?;
        law(seed, &world, &view).with_context(origin)?;
    }
    Ok(())
}

/// The answer to a query.
fn answer(view: &HealthView, query: &Value) -> Result<Value> {
    Ok(serde_json::from_str(&view.resolve_json(&query.to_string(), &mut Scratch::new(view.zone())))?)
}

/// The odds of a query, equally probable outcomes in an order of their own.
fn odds(view: &HealthView, query: &Value) -> Result<Value> {
    let mut odds: Value = serde_json::from_str(&view.odds_json(&query.to_string()))?;
    if let Some(Value::Array(outcomes)) = odds.get_mut("outcomes") {
        outcomes.sort_by_key(Value::to_string);
    }
    Ok(odds)
}

/// An answer without what describes the path and not the outcome.
fn outcome(mut answer: Value) -> Value {
    if let Some(answer) = answer.as_object_mut() {
        answer.remove("fail_open");
        answer.remove("scope_prefix_length");
    }
    answer
}

/// The elements of a list in a zone.
fn list<'v>(zone: &'v Value, field: &str) -> &'v [Value] {
    zone.get(field).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
