//! Whether a subject does what a case expects.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::case::{Case, Expect};
use crate::engine::{Engine, Refusal};

/// Draws that every case is resolved with besides its odds.
const DRAWS: u64 = 24;

/// Judges one case; the error says what was expected and what came.
pub fn judge(case: &Case, subject: &mut dyn Engine) -> Result<()> {
    let mut documents = case.documents();
    if let Some(batch) = &case.change_batch {
        match subject.apply(&documents, &batch.to_string())? {
            Ok(document) => documents = vec![document],
            Err(refusals) => return judge_refusal(case, &refusals),
        }
    }
    let refusals = subject.check(&documents)?;
    if case.expect_invalid.is_some() || !refusals.is_empty() {
        return judge_refusal(case, &refusals);
    }
    let expect = case.expect.as_ref().context("the case expects nothing")?;
    subject.load(&documents, &case.report())?;
    let odds: Value = serde_json::from_str(&subject.odds(&case.query_line(0))?)?;
    judge_odds(expect, case, &odds).with_context(|| format!("odds: {odds}"))?;
    for draw in 0..DRAWS {
        let line = case.query_line(draw.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let answer: Value = serde_json::from_str(&subject.resolve(&line)?)?;
        judge_answer(&odds, &answer).with_context(|| format!("answer: {answer}\nodds: {odds}"))?;
    }
    Ok(())
}

fn judge_refusal(case: &Case, refusals: &[Refusal]) -> Result<()> {
    let Some(reason) = &case.expect_invalid else {
        bail!("expected an answer, but was refused: {refusals:#?}");
    };
    ensure!(!refusals.is_empty(), "expected a refusal ({reason}), but there was none");
    let fits = |refusal: &&Refusal| {
        let error = case.error.is_none() || refusal.route53_error == case.error;
        let words = case.message_contains.as_ref().is_none_or(|part| {
            refusal.route53_message.as_ref().is_some_and(|message| message.contains(part))
                || refusal.message.contains(part)
        });
        error && words
    };
    ensure!(
        refusals.iter().any(|refusal| fits(&refusal)),
        "expected {:?} with {:?}, but got {refusals:#?}",
        case.error,
        case.message_contains
    );
    Ok(())
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(Into::into).collect()
}

fn set<'a>(values: impl IntoIterator<Item = &'a String>) -> BTreeSet<&'a str> {
    values.into_iter().map(String::as_str).collect()
}

fn judge_odds(expect: &Expect, case: &Case, odds: &Value) -> Result<()> {
    ensure!(odds.get("error").is_none(), "an error");
    if let Some(rcode) = &expect.rcode {
        ensure!(odds["rcode"] == rcode.as_str(), "expected rcode {rcode}");
    }
    let outcomes = odds["outcomes"].as_array().context("no outcomes")?;
    let wanted_type = expect.record_type.as_ref().or(case.query.as_ref().map(|query| &query.record_type));
    let mut possible: Vec<(Vec<String>, f64)> = Vec::new();
    for outcome in outcomes {
        let values = texts(&outcome["values"]);
        if let (Some(wanted), true) = (wanted_type, expect.record_type.is_some() || !values.is_empty()) {
            ensure!(outcome["type"] == wanted.as_str(), "expected type {wanted}");
        }
        if let Some(members) = outcome.get("members") {
            judge_members(expect, outcome, members)?;
            continue;
        }
        if let (Some(ttl), false) = (expect.ttl, values.is_empty()) {
            ensure!(outcome["ttl"] == ttl, "expected TTL {ttl}");
        }
        possible.push((values, outcome["probability"].as_f64().context("no probability")?));
    }
    let sets: BTreeSet<BTreeSet<&str>> = possible.iter().map(|(values, _)| set(values)).collect();
    if let Some(exactly) = &expect.exactly {
        ensure!(sets == BTreeSet::from([set(exactly)]), "expected exactly {exactly:?}");
    }
    if let Some(one_of) = &expect.one_of {
        ensure!(sets == one_of.iter().map(set).collect(), "expected one of {one_of:?}");
    }
    if let (Some(subset_of), Some(count)) = (&expect.subset_of, expect.count) {
        for (values, _) in &possible {
            ensure!(
                values.len() == count && set(values).is_subset(&set(subset_of)),
                "expected {count} of {subset_of:?}"
            );
        }
    }
    if let Some(weights) = &expect.weights {
        let mut seen: BTreeMap<BTreeSet<&str>, f64> = BTreeMap::new();
        for (values, probability) in &possible {
            *seen.entry(set(values)).or_default() += probability;
        }
        for (answer, probability) in weights {
            let values: BTreeSet<&str> = answer.split(',').map(str::trim).filter(|value| !value.is_empty()).collect();
            let got = seen.remove(&values).unwrap_or(0.0);
            ensure!((got - probability).abs() < 1e-6, "expected {answer} with probability {probability}, got {got}");
        }
        ensure!(seen.is_empty(), "expected no other answers, got {seen:?}");
    }
    let total: f64 = outcomes.iter().filter_map(|outcome| outcome["probability"].as_f64()).sum();
    ensure!((total - 1.0).abs() < 1e-9, "the probabilities sum to {total}");
    Ok(())
}

fn judge_members(expect: &Expect, outcome: &Value, members: &Value) -> Result<()> {
    let values: Vec<String> = members.as_array().into_iter().flatten().flat_map(|m| texts(&m["values"])).collect();
    let (Some(subset_of), Some(count)) = (&expect.subset_of, expect.count) else {
        bail!("expected one answer, got a choice of members");
    };
    ensure!(outcome["choose"] == count, "expected {count} members");
    ensure!(set(&values) == set(subset_of), "expected members with {subset_of:?}");
    if let Some(ttl) = expect.ttl {
        ensure!(members.as_array().into_iter().flatten().all(|member| member["ttl"] == ttl), "expected TTL {ttl}");
    }
    Ok(())
}

/// Whether an answer is one that the odds have.
fn judge_answer(odds: &Value, answer: &Value) -> Result<()> {
    ensure!(answer["rcode"] == odds["rcode"], "the rcode is not that of the odds");
    let values = texts(&answer["values"]);
    let possible = odds["outcomes"].as_array().into_iter().flatten().any(|outcome| match outcome.get("members") {
        Some(members) => {
            let all: Vec<String> = members.as_array().into_iter().flatten().flat_map(|m| texts(&m["values"])).collect();
            set(&values).is_subset(&set(&all)) && !values.is_empty()
        }
        None => {
            outcome["type"] == answer["type"]
                && outcome["ttl"] == answer["ttl"]
                && texts(&outcome["values"]) == values
                && outcome.get("alias_target") == answer.get("alias_target")
        }
    });
    ensure!(possible, "the odds do not have this answer");
    Ok(())
}
