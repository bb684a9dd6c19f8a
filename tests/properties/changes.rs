//! Zones and health that change.

use anyhow::{Result, ensure};
use pointsman_core::parse::parse;
use pointsman_core::resolve::Scratch;
use pointsman_core::validate::{Options, apply, apply_json, validate};
use pointsman_tests::generate::{Rng, World, errors, read_report, view};
use serde_json::{Value, json};

use crate::{list, on_random_worlds};

/// A view that was updated step by step answers as one that is made afresh.
#[test]
fn an_updated_view_is_a_fresh_one() -> Result<()> {
    on_random_worlds(|seed, world, before| {
        let mut report = world.report.clone();
        let mut updated = before.clone();
        for number in 1..4 {
            let changes = World::another_report(seed, number);
            for field in ["HealthChecks", "AliasTargets"] {
                for (key, status) in changes[field].as_object().into_iter().flatten() {
                    report[field][key] = status.clone();
                }
            }
            updated = updated.updated(&read_report(&changes)?).0;
            let fresh = view(&[world.zone.to_string()], &report)?;
            for query in &world.queries {
                let line = query.to_string();
                let lines = [&updated, &fresh]
                    .map(|view| (view.resolve_json(&line, &mut Scratch::new(view.zone())), view.odds_json(&line)));
                ensure!(lines[0] == lines[1], "{query}\nupdated {:?}\nfresh {:?}\n{changes}", lines[0], lines[1]);
            }
        }
        Ok(())
    })
}

/// Some change to a record set of a zone, or to one of another zone of that name.
fn change(rng: &mut Rng, sets: &[Value], strangers: &[Value]) -> Value {
    let (mut set, action) = match rng.below(6) {
        0 => (rng.one_of(sets).clone(), "DELETE"),
        1 if !strangers.is_empty() => (rng.one_of(strangers).clone(), "CREATE"),
        2 if !strangers.is_empty() => (rng.one_of(strangers).clone(), "UPSERT"),
        3 => (rng.one_of(sets).clone(), "CREATE"),
        _ => (rng.one_of(sets).clone(), "UPSERT"),
    };
    if action == "DELETE" && rng.percent(90) {
        return json!({"Action": action, "ResourceRecordSet": set});
    }
    for _ in 0..rng.between(0, 2) {
        match rng.below(7) {
            0 => set["SetIdentifier"] = json!(*rng.one_of(&["a", "new", "b"])),
            1 => set["HealthCheckId"] = json!(*rng.one_of(&["hc-0", "hc-1", "hc-none"])),
            2 if set.get("TTL").is_some() => set["TTL"] = json!(*rng.one_of(&[0, 60, 300])),
            3 if set.get("Weight").is_some() => set["Weight"] = json!(*rng.one_of(&[0, 7, 255])),
            4 => drop(set.as_object_mut().and_then(|set| set.remove("HealthCheckId"))),
            5 if set.get("AliasTarget").is_some() => {
                set["AliasTarget"]["EvaluateTargetHealth"] = json!(rng.percent(50))
            }
            6 => set["Name"] = rng.one_of(sets)["Name"].clone(),
            _ => {}
        }
    }
    json!({"Action": action, "ResourceRecordSet": set})
}

/// What `apply` accepts, `check` has nothing against: no batch leads from a valid zone to an invalid one (8).
#[test]
fn what_is_applied_is_valid() -> Result<()> {
    let (applied_batches, refused_batches) = (std::cell::Cell::new(0_u32), std::cell::Cell::new(0_u32));
    on_random_worlds(|seed, world, _| {
        let mut rng = Rng::new(seed);
        let sets = list(&world.zone, "ResourceRecordSets");
        if sets.is_empty() {
            return Ok(());
        }
        let other = World::random(seed.wrapping_add(1 << 40), 0);
        let text = world.zone.to_string();
        for _ in 0..8 {
            let count = rng.between(1, 4);
            let changes: Vec<_> =
                (0..count).map(|_| change(&mut rng, sets, list(&other.zone, "ResourceRecordSets"))).collect();
            let batch = json!({"Changes": changes}).to_string();
            let documents = [parse(0, &text)];
            let applied = apply(&documents, &parse(1, &batch), &Options::default());
            if !errors(&applied.diagnostics).is_empty() {
                refused_batches.set(refused_batches.get() + 1);
                ensure!(applied.record_sets.len() == sets.len(), "a refused batch changed something: {batch}");
                continue;
            }
            applied_batches.set(applied_batches.get() + 1);
            let after = apply_json(&documents, &[&text], &batch, &applied);
            let found = errors(&validate(&[parse(0, &after)], &Options::default()).diagnostics);
            ensure!(found.is_empty(), "{batch}\nwas applied, and then: {found:?}");
            ensure!(applied.zone.is_some(), "{batch}\nwas applied, but there is no zone");
        }
        Ok(())
    })?;
    let (applied, refused) = (applied_batches.get(), refused_batches.get());
    ensure!(applied > 500 && refused > 500, "{applied} applied, {refused} refused");
    Ok(())
}
