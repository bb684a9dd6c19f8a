//! What is answered, and what never is.

use anyhow::{Result, ensure};
use pointsman_tests::generate::{Rng, load};
use serde_json::Value;

use crate::path::{is_for_anyone, is_own_check_healthy, plain_name, stands_alone, steps};
use crate::{answer, list, odds, on_random_worlds, outcome};

/// Values of record sets of a type, and of the resources that aliases lead to.
fn values_of<'w>(zone: &'w Value, kind: &str) -> Vec<&'w Value> {
    let sets = list(zone, "ResourceRecordSets").iter().filter(|set| set["Type"] == kind);
    let values = sets.flat_map(|set| list(set, "ResourceRecords")).map(|record| &record["Value"]);
    let resources = zone.get("AliasTargets").and_then(Value::as_object).into_iter().flatten();
    values.chain(resources.flat_map(|(_, resource)| list(resource, kind))).collect()
}

/// Nothing is made up (5.1).
#[test]
fn answers_come_from_the_zone() -> Result<()> {
    on_random_worlds(|_, world, view| {
        for query in &world.queries {
            let answer = answer(view, query)?;
            let kind = answer["type"].as_str().unwrap_or_default();
            let (known, sets) = (values_of(&world.zone, kind), list(&world.zone, "ResourceRecordSets"));
            for value in list(&answer, "values") {
                ensure!(known.contains(&value), "{value} is not in the zone: {query} -> {answer}");
            }
            for identifier in list(&answer, "set_identifiers") {
                let is_known = sets.iter().any(|set| set["Type"] == kind && set["SetIdentifier"] == *identifier);
                ensure!(is_known, "{identifier} is not in the zone: {query} -> {answer}");
            }
        }
        Ok(())
    })
}

/// Without failing open everything on the way is healthy; where something is not, no member that could have been
/// taken is (3.7, 4).
#[test]
fn nothing_unhealthy_is_answered_while_a_healthy_candidate_is_there() -> Result<()> {
    let (mut healthy, mut failed_open) = (0_u32, 0_u32);
    let counted = std::cell::RefCell::new((&mut healthy, &mut failed_open));
    on_random_worlds(|_, world, view| {
        for query in &world.queries {
            let answer = answer(view, query)?;
            for step in steps(&world.zone, query, &answer)? {
                let mut all_healthy = true;
                for set in &step.chosen {
                    all_healthy &= is_own_check_healthy(view, set)?;
                }
                if all_healthy {
                    *counted.borrow_mut().0 += 1;
                    continue;
                }
                *counted.borrow_mut().1 += 1;
                ensure!(answer["fail_open"] == true, "unhealthy, yet not fail open: {query} -> {answer}");
                for set in step.group {
                    let could_be = is_for_anyone(set) && stands_alone(set);
                    ensure!(!(could_be && is_own_check_healthy(view, set)?), "{set} is healthy: {query} -> {answer}");
                }
            }
        }
        Ok(())
    })?;
    ensure!(healthy > 1000 && failed_open > 100, "only {healthy} healthy steps, {failed_open} that failed open");
    Ok(())
}

/// When all candidates are unhealthy, the answer is as if all were healthy (3.7).
#[test]
fn failing_open_is_answering_as_if_all_were_healthy() -> Result<()> {
    let tried = std::cell::Cell::new(0_u32);
    on_random_worlds(|_, world, view| {
        for query in &world.queries {
            let before = answer(view, query)?;
            let steps = steps(&world.zone, query, &before)?;
            let Some(top) = steps.first() else { continue };
            let mut is_unhealthy = false;
            for set in &top.chosen {
                is_unhealthy |= !is_own_check_healthy(view, set)?;
            }
            if !is_unhealthy {
                continue;
            }
            tried.set(tried.get() + 1);
            let mut zone = world.zone.clone();
            for set in zone["ResourceRecordSets"].as_array_mut().into_iter().flatten() {
                if top.group.contains(&&*set) {
                    set.as_object_mut().and_then(|set| set.remove("HealthCheckId"));
                    if let Some(alias) = set.get_mut("AliasTarget") {
                        alias["EvaluateTargetHealth"] = false.into();
                    }
                }
            }
            let after = answer(&load(&[zone.to_string()], &world.report)?, query)?;
            ensure!(
                outcome(before.clone()) == outcome(after.clone()),
                "{query}\nfails open {before}\nall healthy {after}"
            );
        }
        Ok(())
    })?;
    ensure!(tried.get() > 100, "only {} groups failed open", tried.get());
    Ok(())
}

/// An unhealthy member may as well not be there, as long as another is healthy (3.7, 4.3.1).
#[test]
fn removing_an_unhealthy_member_changes_nothing_while_another_is_healthy() -> Result<()> {
    let tried = std::cell::Cell::new(0_u32);
    on_random_worlds(|seed, world, view| {
        let sets = list(&world.zone, "ResourceRecordSets");
        let mut rng = Rng::new(seed);
        let mut candidates = Vec::new();
        for (place, set) in sets.iter().enumerate() {
            let is_beside = |other: &&Value| {
                let names =
                    [&other["Name"], &set["Name"]].map(|name| plain_name(name.as_str().unwrap_or_default()).ok());
                names[0] == names[1] && other["Type"] == set["Type"]
            };
            let mut has_healthy_neighbour = false;
            for other in sets.iter().filter(is_beside) {
                has_healthy_neighbour |=
                    is_for_anyone(other) && stands_alone(other) && is_own_check_healthy(view, other)?;
            }
            if has_healthy_neighbour && !is_own_check_healthy(view, set)? {
                candidates.push(place);
            }
        }
        if candidates.is_empty() {
            return Ok(());
        }
        let place = *rng.one_of(&candidates);
        let mut zone = world.zone.clone();
        zone["ResourceRecordSets"].as_array_mut().map(|sets| sets.remove(place));
        let without = load(&[zone.to_string()], &world.report)?;
        for query in &world.queries {
            let (with, without) = (odds(view, query)?, odds(&without, query)?);
            ensure!(with == without, "without {}\n{query}\nwith {with}\nwithout {without}", sets[place]);
        }
        tried.set(tried.get() + 1);
        Ok(())
    })?;
    ensure!(tried.get() > 100, "only {} members removed", tried.get());
    Ok(())
}
