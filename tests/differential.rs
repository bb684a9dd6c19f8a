//! The engine against the second implementation: equal answers and odds on the documented cases, on random zones and on
//! every small world; and explanations whose every step states the second implementation's facts.
//!
//! `POINTSMAN_FUZZ_CASES=5000000 cargo test --release --package pointsman-tests --test differential` asks more
//! questions than the usual hundred thousand; `POINTSMAN_FUZZ_SEED` starts elsewhere.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context as _, Result, bail, ensure};
use pointsman_core::explain::ReasonCode;
use pointsman_core::health::HealthView;
use pointsman_core::resolve::Scratch;
use pointsman_tests::case::Case;
use pointsman_tests::engine::{Engine, Refusal};
use pointsman_tests::generate::shrink::smallest;
use pointsman_tests::generate::small::worlds;
use pointsman_tests::generate::{World, view};
use pointsman_tests::judge::judge;
use pointsman_tests::oracle::{Disagreement, Oracle};
use pointsman_tests::{cases, number_of, vectors};
use serde_json::{Value, json};

/// Questions to one random zone; each is asked for its answer and for its odds.
const QUESTIONS: usize = 40;
/// Questions when nobody says how many.
const QUESTIONS_IN_ALL: u64 = 100_000;
/// Steps of explanations when nobody says how many.
const STEPS_IN_ALL: u64 = 100_000;
/// Fewer steps than an explanation has on average.
const STEPS_OF_A_QUESTION: u64 = 4;
/// Threads that share the work.
const THREADS: u64 = 2;

// ---- the documented cases ----------------------------------------------------------------------------------------------

/// The oracle as an engine to be judged. It takes every zone to be valid.
#[derive(Default)]
struct Literal(Option<Oracle>);

impl Literal {
    fn oracle(&self) -> Result<&Oracle> {
        self.0.as_ref().context("no zone is loaded")
    }
}

impl Engine for Literal {
    fn apply(&mut self, _documents: &[String], _batch: &str) -> Result<Result<String, Vec<Refusal>>> {
        bail!("the oracle applies no batches")
    }

    fn check(&mut self, _documents: &[String]) -> Result<Vec<Refusal>> {
        Ok(Vec::new())
    }

    fn load(&mut self, documents: &[String], report: &str) -> Result<()> {
        let documents: Vec<Value> =
            documents.iter().map(|text| serde_json::from_str(text)).collect::<Result<_, _>>()?;
        self.0 = Some(Oracle::new(&documents, &serde_json::from_str(report)?)?);
        Ok(())
    }

    fn resolve(&mut self, line: &str) -> Result<String> {
        Ok(self.oracle()?.answer(&serde_json::from_str(line)?)?.to_string())
    }

    fn odds(&mut self, line: &str) -> Result<String> {
        let odds = self.oracle()?.odds(&serde_json::from_str(line)?)?;
        Ok(odds.context("the odds are not exact")?.to_string())
    }
}

#[test]
fn the_oracle_answers_the_documented_cases() -> Result<()> {
    let is_question = |case: &&Case| case.expect_invalid.is_none() && case.change_batch.is_none();
    let mut judged = 0;
    for entry in std::fs::read_dir(vectors())? {
        let file = entry?.path();
        if file.extension().is_none_or(|extension| extension != "json") || file.ends_with("schema.json") {
            continue;
        }
        for case in cases(&file)?.iter().filter(is_question) {
            judge(case, &mut Literal::default()).with_context(|| format!("{} ({})", case.id, case.source))?;
            judged += 1;
        }
    }
    ensure!(judged > 100, "only {judged} cases");
    Ok(())
}

// ---- random zones and small ones ---------------------------------------------------------------------------------------

/// What was asked.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Asked {
    Answer,
    Odds,
    Steps,
}

fn ask(view: &HealthView, oracle: &Oracle, query: &Value, asked: Asked) -> Result<Option<Disagreement>> {
    let line = query.to_string();
    match asked {
        Asked::Answer => oracle.disagrees_on_answer(query, &view.resolve_json(&line, &mut Scratch::new(view.zone()))),
        Asked::Odds => oracle.disagrees_on_odds(query, &view.odds_json(&line)),
        Asked::Steps => Ok(oracle.disagrees_on_steps(query, &view.explain_json(&line))?.1),
    }
}

/// Asks every question of a world; returns how many there were.
fn compare(world: &World, origin: &str) -> Result<u64> {
    let view = world.view().with_context(|| format!("{origin} is not a valid zone: {}", world.zone))?;
    let oracle = Oracle::new(std::slice::from_ref(&world.zone), &world.report)?;
    let mut count = 0;
    for query in &world.queries {
        for asked in [Asked::Answer, Asked::Odds] {
            count += 1;
            if ask(&view, &oracle, query, asked)?.is_some() {
                bail!("{}", told(world, query, asked, origin));
            }
        }
    }
    Ok(count)
}

/// Explains every question of a world; returns how many steps there were. Each kind of reason that is met is counted.
fn explain(world: &World, origin: &str, codes: &Mutex<BTreeMap<String, u64>>) -> Result<u64> {
    let view = world.view().with_context(|| format!("{origin} is not a valid zone: {}", world.zone))?;
    let oracle = Oracle::new(std::slice::from_ref(&world.zone), &world.report)?;
    let mut count = 0;
    for query in &world.queries {
        let line = view.explain_json(&query.to_string());
        let (steps, disagreement) = oracle.disagrees_on_steps(query, &line)?;
        if disagreement.is_some() {
            bail!("{}", told(world, query, Asked::Steps, origin));
        }
        count += steps as u64;
        let explanation: Value = serde_json::from_str(&line)?;
        let Ok(mut codes) = codes.lock() else { bail!("a thread panicked") };
        for step in explanation["steps"].as_array().into_iter().flatten() {
            for reason in [&step["reason"], &step["health_reason"]].into_iter().filter(|reason| reason.is_object()) {
                *codes.entry(reason["code"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
                is_registered(reason)?;
            }
        }
    }
    Ok(count)
}

/// A reason has a code of the register, and no parameter that the register does not list.
fn is_registered(reason: &Value) -> Result<()> {
    let code = ReasonCode::ALL.iter().find(|code| reason["code"] == code.as_str());
    let code = code.with_context(|| format!("{reason} has no code of the register"))?;
    for name in reason.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).filter(|name| *name != "code") {
        ensure!(
            code.parameters().contains(&name),
            "{reason} has the parameter {name}, which the register does not list"
        );
    }
    Ok(())
}

/// The smallest world with the same disagreement in it, as a ticket.
fn told(world: &World, query: &Value, asked: Asked, origin: &str) -> String {
    let again = |parts: &Value| -> Option<Disagreement> {
        let (zone, report, query) = (parts.get("zone")?, parts.get("report")?, parts.get("query")?);
        let view = view(&[zone.to_string()], report).ok()?;
        let oracle = Oracle::new(std::slice::from_ref(zone), report).ok()?;
        // A query that lost half of a fact is another matter.
        ask(&view, &oracle, query, asked).ok()?.filter(|lines| !lines.other.starts_with("{\"error\""))
    };
    let whole = json!({"zone": world.zone, "report": world.report, "query": query});
    let small = smallest(&whole, &mut |parts| again(parts).is_some());
    let lines = again(&small).unwrap_or(Disagreement { oracle: "?".into(), other: "?".into() });
    format!(
        "{origin}: {asked:?} differs\nzone    {}\nreport  {}\nquery   {}\noracle  {}\nengine  {}",
        small["zone"], small["report"], small["query"], lines.oracle, lines.other
    )
}

/// Lets threads take numbers below `count` in turn; the first error ends it.
fn in_turn(count: u64, work: impl Fn(u64) -> Result<u64> + Sync) -> Result<u64> {
    let (next, sum) = (AtomicU64::new(0), AtomicU64::new(0));
    let run = || -> Result<()> {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return Ok(());
            }
            match work(number) {
                Ok(compared) => sum.fetch_add(compared, Ordering::Relaxed),
                Err(error) => {
                    next.store(count, Ordering::Relaxed);
                    return Err(error);
                }
            };
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(run)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().unwrap_or_else(|_| bail!("a thread panicked")))
    })?;
    Ok(sum.into_inner())
}

#[test]
fn the_engine_and_the_oracle_agree_on_random_zones() -> Result<()> {
    let questions = number_of("POINTSMAN_FUZZ_CASES", QUESTIONS_IN_ALL)?;
    let first = number_of("POINTSMAN_FUZZ_SEED", 0)?;
    let zones = questions.div_ceil(QUESTIONS as u64);
    let compared = in_turn(zones, |number| {
        let seed = first.wrapping_add(number);
        compare(&World::random(seed, QUESTIONS), &format!("seed {seed}"))
    })?;
    println!("{compared} answers and odds of {zones} random zones agree");
    Ok(())
}

#[test]
fn the_engine_and_the_oracle_agree_on_every_small_world() -> Result<()> {
    let all: Vec<World> = worlds().collect();
    let compared = in_turn(all.len() as u64, |number| {
        let world = all.get(number as usize).context("there are so many worlds")?;
        compare(world, &format!("small world {number}"))
    })?;
    ensure!(compared > 500_000, "only {compared} answers and odds");
    println!("{compared} answers and odds of {} small zones agree", all.len());
    Ok(())
}

// ---- explanations ------------------------------------------------------------------------------------------------------

/// Reasons that no random zone and no small world gives: of a view in which something was taken down by request, of an
/// explanation that grew too long, of an alias to a group that does not exist, which no valid zone has, and of record sets
/// that cannot be evaluated.
const NOT_MET: [&str; 5] =
    ["group-quarantined", "left-out", "not-evaluated", "taken-down", "target-without-record-sets"];

#[test]
fn every_step_of_an_explanation_states_the_oracles_facts() -> Result<()> {
    let wanted = number_of("POINTSMAN_FUZZ_CASES", STEPS_IN_ALL)?;
    let first = number_of("POINTSMAN_FUZZ_SEED", 0)?;
    let zones = wanted.div_ceil(QUESTIONS as u64 * STEPS_OF_A_QUESTION);
    let codes = Mutex::default();
    let compared = in_turn(zones, |number| {
        let seed = first.wrapping_add(number);
        explain(&World::random(seed, QUESTIONS), &format!("seed {seed}"), &codes)
    })?;
    ensure!(compared >= wanted, "only {compared} steps");
    println!("{compared} steps of explanations of {zones} random zones agree");
    Ok(())
}

#[test]
fn every_step_of_every_small_world_states_the_oracles_facts() -> Result<()> {
    let all: Vec<World> = worlds().collect();
    let codes = Mutex::default();
    let compared = in_turn(all.len() as u64, |number| {
        let world = all.get(number as usize).context("there are so many worlds")?;
        explain(world, &format!("small world {number}"), &codes)
    })?;
    // What small worlds lack, random ones have: together they give every reason that there is.
    in_turn(200, |seed| explain(&World::random(seed, QUESTIONS), &format!("seed {seed}"), &codes))?;
    println!("{compared} steps of explanations of {} small zones agree", all.len());
    let codes = codes.into_inner().unwrap_or_default();
    let missing: Vec<&str> = ReasonCode::ALL
        .iter()
        .map(|code| code.as_str())
        .filter(|code| !codes.contains_key(*code) && !NOT_MET.contains(code))
        .collect();
    ensure!(missing.is_empty(), "no explanation gave {}", missing.join(", "));
    Ok(())
}
