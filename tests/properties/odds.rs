//! What odds are.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::{answer, list, odds, on_random_worlds};

fn greatest_common_divisor(left: u128, right: u128) -> u128 {
    if right == 0 { left } else { greatest_common_divisor(right, left % right) }
}

/// `1/4` as two numbers.
fn fraction(outcome: &Value) -> Result<(u128, u128)> {
    let text = outcome["ratio"].as_str().with_context(|| format!("no ratio in {outcome}"))?;
    let (over, under) = text.split_once('/').context("a fraction")?;
    Ok((over.parse()?, under.parse()?))
}

/// Exact odds sum to one, no outcome is there twice, and none is impossible (5.8, 10.40).
#[test]
fn exact_odds_sum_to_one() -> Result<()> {
    on_random_worlds(|_, world, view| {
        for query in &world.queries {
            let odds = odds(view, query)?;
            ensure!(odds.get("exact") != Some(&json!(false)), "not exact: {query} -> {odds}");
            let (mut over, mut under) = (0_u128, 1_u128);
            let mut outcomes = Vec::new();
            for outcome in list(&odds, "outcomes") {
                let (part, whole) = fraction(outcome)?;
                ensure!(part > 0 && greatest_common_divisor(part, whole) == 1, "{outcome}");
                let probability = outcome["probability"].as_f64().context("no probability")?;
                ensure!((probability - part as f64 / whole as f64).abs() < 1e-15, "{outcome}");
                over = over * whole + part * under;
                under *= whole;
                let divisor = greatest_common_divisor(over, under);
                (over, under) = (over / divisor, under / divisor);
                let plain = [
                    &outcome["type"],
                    &outcome["ttl"],
                    &outcome["values"],
                    &outcome["members"],
                    &outcome["alias_target"],
                ];
                ensure!(!outcomes.contains(&plain), "the same outcome twice: {odds}");
                outcomes.push(plain);
            }
            ensure!((over, under) == (1, 1), "{query}: the sum is {over}/{under} in {odds}");
        }
        Ok(())
    })
}

/// Many draws come out as the odds say: each outcome as often as its probability has it, and no other (5.8).
#[test]
fn many_draws_come_out_as_the_odds_say() -> Result<()> {
    const DRAWS: u64 = 4000;
    let tried = std::cell::Cell::new(0_u32);
    on_random_worlds(|seed, world, view| {
        // A few worlds stand for all: this law is slow.
        for query in world.queries.iter().filter(|_| seed % 8 == 0) {
            let odds = odds(view, query)?;
            let outcomes = list(&odds, "outcomes");
            if outcomes.len() < 2 || outcomes.iter().any(|outcome| outcome.get("choose").is_some()) {
                continue;
            }
            tried.set(tried.get() + 1);
            let mut seen: BTreeMap<String, u32> = BTreeMap::new();
            let mut query = query.clone();
            for number in 0..DRAWS {
                query["draw"] = (seed.wrapping_add(number).wrapping_mul(0x2545_F491_4F6C_DD1D)).to_string().into();
                let answer = answer(view, &query)?;
                *seen.entry(told(&answer)).or_default() += 1;
            }
            for outcome in outcomes {
                let probability = outcome["probability"].as_f64().context("no probability")?;
                let count = f64::from(seen.remove(&told(outcome)).unwrap_or(0));
                let expected = probability * DRAWS as f64;
                // Six standard deviations, and a little for what is rare.
                let allowed = 6.0 * (expected * (1.0 - probability)).sqrt() + 3.0;
                ensure!((count - expected).abs() <= allowed, "{query}: {count} times, expected {expected}: {outcome}");
            }
            ensure!(seen.is_empty(), "{query}: the odds do not have {seen:?}");
        }
        Ok(())
    })?;
    ensure!(tried.get() > 20, "only {} questions with a choice", tried.get());
    Ok(())
}

fn told(outcome: &Value) -> String {
    format!("{} {} {} {}", outcome["type"], outcome["ttl"], outcome["values"], outcome["alias_target"])
}

/// More than eight members come in eights, each member as often as any other (4.8.1).
#[test]
fn eight_of_many_are_chosen_evenly() -> Result<()> {
    const DRAWS: u32 = 4000;
    let sets: Vec<Value> = (0..12)
        .map(|number| {
            json!({"Name": "www.example.com.", "Type": "A", "SetIdentifier": format!("{number:02}"), "TTL": 60,
                "MultiValueAnswer": true, "ResourceRecords": [{"Value": format!("192.0.2.{number}")}]})
        })
        .collect();
    let zone = json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": sets});
    let view = pointsman_tests::generate::view(&[zone.to_string()], &json!({}))?;
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for draw in 0..DRAWS {
        let answer = answer(&view, &json!({"name": "www.example.com", "type": "A", "draw": draw}))?;
        let identifiers = list(&answer, "set_identifiers");
        ensure!(identifiers.len() == 8 && identifiers.is_sorted_by_key(|id| id.to_string()), "{answer}");
        for identifier in identifiers {
            *seen.entry(identifier.to_string()).or_default() += 1;
        }
    }
    let expected = DRAWS * 8 / 12;
    ensure!(seen.len() == 12 && seen.values().all(|count| count.abs_diff(expected) < 200), "{seen:?}");
    Ok(())
}
