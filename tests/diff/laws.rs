//! Laws of a comparison: what must hold whatever the zones are.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use pointsman_core::diagnostic::has_errors;
use pointsman_core::parse::parse;
use pointsman_core::validate::{Options, validate};
use pointsman_tests::generate::{Rng, World};
use pointsman_tests::number_of;
use pointsman_verify::diff::{Change, Diff, diff, walk};
use pointsman_verify::facts::Facts;
use pointsman_verify::subject::Subject;
use serde_json::{Value, json};

use super::{brute, change, on_random_pairs, subject};

/// Pairs of zones that a law is tried with when nobody says how many.
const PAIRS: u64 = 100;

fn pairs() -> Result<u64> {
    Ok(number_of("POINTSMAN_FUZZ_CASES", PAIRS * 5)? / 5)
}

/// Questions with each pair of answers that somebody gets, either way round.
fn told(found: &Diff, mirrored: bool) -> BTreeSet<(String, String, String)> {
    let of = |change: &Change| {
        let question = change.question();
        let pairs = change.cases.iter().map(move |case| {
            let (a, b) = if mirrored { (&case.after, &case.before) } else { (&case.before, &case.after) };
            let plain = |json: &str| brute::canonical(&serde_json::from_str(json).unwrap_or_default());
            (question.clone(), plain(&a.json), plain(&b.json))
        });
        pairs.collect::<Vec<_>>()
    };
    found.changes.iter().flat_map(of).collect()
}

#[test]
fn a_zone_compared_with_itself_differs_in_nothing() -> Result<()> {
    on_random_pairs(pairs()?, |_, old, _| {
        let (Some(one), Some(same)) = (subject(old), subject(old)) else { return Ok(0) };
        let found = diff(&one, &same);
        ensure!(found.is_empty() && found.findings.is_empty() && found.claim.exact(), "{found:?}");
        Ok(1)
    })?;
    Ok(())
}

#[test]
fn a_diff_turned_round_is_its_mirror() -> Result<()> {
    let count = on_random_pairs(pairs()?, |_, old, new| {
        let (Some(before), Some(after)) = (subject(old), subject(new)) else { return Ok(0) };
        let (forth, back) = (diff(&before, &after), diff(&after, &before));
        ensure!(told(&forth, false) == told(&back, true), "{forth:?}\n{back:?}");
        ensure!(forth.appear == back.vanish && forth.vanish == back.appear, "{forth:?}\n{back:?}");
        ensure!(forth.claim == back.claim, "{}\n{}", forth.claim, back.claim);
        Ok(u64::from(!forth.is_empty()))
    })?;
    ensure!(count > pairs()? / 4, "only {count} pairs differ");
    Ok(())
}

/// What no step alters, the last version does not have; and a moment that is reported is one.
#[test]
fn the_steps_of_a_walk_hold_the_difference_of_its_ends() -> Result<()> {
    let count = on_random_pairs(pairs()?, |seed, old, new| {
        let mut rng = Rng::new(seed ^ 0x3A7);
        let mut zones = vec![old.clone(), new.clone()];
        for _ in 0..rng.between(1, 2) {
            let mut next = zones.last().cloned().unwrap_or_default();
            change::change(&mut rng, &mut next);
            zones.push(next);
        }
        let Some(versions) = zones.iter().map(subject).collect::<Option<Vec<Subject>>>() else { return Ok(0) };
        let walked = walk(&versions);
        let (Some(first), Some(last)) = (versions.first(), versions.last()) else { return Ok(0) };
        let ends = diff(first, last);
        let questions = |found: &Diff| -> BTreeSet<String> { found.changes.iter().map(Change::question).collect() };
        let steps: BTreeSet<String> = walked.steps.iter().flat_map(questions).collect();
        // Names are seen against all versions, so what stands for others may be cut finer.
        for change in &ends.changes {
            ensure!(
                steps.contains(&change.question()) || !change.scope.is_one(),
                "{} differs between the ends, and in no step: {steps:?}",
                change.question()
            );
        }
        ensure!(ends.is_empty() || walked.steps.iter().any(|step| !step.is_empty()), "{ends:?}");
        let dark = |found: &Diff| !found.findings.is_empty();
        ensure!(!(walked.is_safe() && (dark(&ends) || walked.steps.iter().any(dark))), "{walked:?}");
        for (step, pair) in walked.steps.iter().zip(versions.windows(2)) {
            if let [before, after] = pair {
                let alone = questions(&diff(before, after));
                let one: BTreeSet<String> =
                    step.changes.iter().filter(|change| change.scope.is_one()).map(Change::question).collect();
                ensure!(one.is_subset(&alone) || walked.claim != Default::default(), "{one:?} and alone {alone:?}");
            }
        }
        Ok(u64::from(!ends.is_empty()))
    })?;
    ensure!(count > pairs()? / 4, "only {count} walks differ");
    Ok(())
}

/// The same zone in other words: SetIdentifiers renamed, record sets shuffled, values turned round, documents split.
fn retold(rng: &mut Rng, zone: &Value) -> Vec<Value> {
    let mut zone = zone.clone();
    if let Some(sets) = zone["ResourceRecordSets"].as_array_mut() {
        *sets = rng.some_of(sets, sets.len());
        for set in sets.iter_mut() {
            // Of two members equally far away the first SetIdentifier answers (10.17), so theirs keep their order.
            let keeps_order = set.get("GeoProximityLocation").is_some();
            if let Some(id) = set["SetIdentifier"].as_str() {
                let turned: String = id.chars().rev().collect();
                set["SetIdentifier"] = if keeps_order { format!("x{id}") } else { format!("{turned}-new") }.into();
            }
            if let Some(values) = set["ResourceRecords"].as_array_mut() {
                values.reverse();
            }
        }
    }
    for field in ["HealthChecks", "CidrCollections"] {
        if let Some(list) = zone.get_mut(field).and_then(Value::as_array_mut) {
            list.reverse();
        }
    }
    // Each part in a document of its own, the record sets in two.
    let Some(parts) = zone.as_object() else { return vec![zone] };
    let mut documents: Vec<Value> = Vec::new();
    for (field, value) in parts {
        match value.as_array().filter(|_| field == "ResourceRecordSets") {
            Some(sets) => {
                let (one, other) = sets.split_at(sets.len() / 2);
                documents.extend([one, other].map(|sets| json!({ field: sets })));
            }
            None => documents.push(json!({ field: value })),
        }
    }
    documents
}

#[test]
fn other_words_for_the_same_zone_are_no_difference() -> Result<()> {
    let first = number_of("POINTSMAN_FUZZ_SEED", 0)?;
    let mut compared = 0;
    for seed in (0..pairs()?).map(|number| first.wrapping_add(number)) {
        let zone = World::random(seed, 0).zone;
        let Some(old) = subject(&zone) else { continue };
        let documents: Vec<String> = retold(&mut Rng::new(seed), &zone).iter().map(ToString::to_string).collect();
        let parsed: Vec<_> = documents.iter().enumerate().map(|(number, text)| parse(number, text)).collect();
        let validated = validate(&parsed, &Options::default());
        ensure!(!has_errors(&validated.diagnostics), "seed {seed}: {documents:?}");
        let new = Subject::new(validated.zone.context("a zone")?, Facts::default());
        let found = diff(&old, &new);
        ensure!(found.is_empty(), "seed {seed}: {zone}\n{documents:?}\n{found:?}");
        compared += 1;
    }
    ensure!(compared > pairs()? / 2, "only {compared} zones");
    Ok(())
}

#[test]
fn the_oracle_gives_the_answers_of_a_diff() -> Result<()> {
    let count = on_random_pairs(pairs()?, |_, old, new| {
        let (Some(before), Some(after)) = (subject(old), subject(new)) else { return Ok(0) };
        brute::hold_against_oracle(old, new, &diff(&before, &after))
    })?;
    ensure!(count > pairs()?, "only {count} answers");
    Ok(())
}
