//! Whether the other implementation says the same.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// What two implementations say to one query where they do not agree.
#[derive(Debug, Clone)]
pub struct Disagreement {
    /// The oracle's line.
    pub oracle: String,
    /// The other's line.
    pub other: String,
}

/// Compares the steps of an explanation with those of the other implementation.
pub(super) fn compare_steps(mine: &[Value], line: &str) -> Result<(usize, Option<Disagreement>)> {
    let other: Value = serde_json::from_str(line).with_context(|| line.to_owned())?;
    let other = other.get("steps").and_then(Value::as_array).context("no steps")?;
    for number in 0..mine.len().max(other.len()) {
        let (oracle, other) = (mine.get(number), other.get(number));
        if other.and_then(|step| step.pointer("/reason/code")) == Some(&Value::from("left-out")) {
            return Ok((number, None));
        }
        if oracle.map(facts) != other.map(facts) {
            let line =
                |step: Option<&Value>| step.map_or_else(|| "no such step".into(), |step| facts(step).to_string());
            let disagreement = Disagreement { oracle: line(oracle), other: line(other) };
            return Ok((number, Some(disagreement)));
        }
    }
    Ok((mine.len(), None))
}

/// A step without its words.
fn facts(step: &Value) -> Value {
    let mut step = step.clone();
    if let Value::Object(fields) = &mut step {
        fields.shift_remove("text");
        fields.shift_remove("part");
    }
    with_sorted_keys(&step)
}

/// Compares a line of the oracle with one of the other implementation.
pub(super) fn compare(mine: Value, line: &str) -> Result<Option<Disagreement>> {
    let other: Value = serde_json::from_str(line).with_context(|| line.to_owned())?;
    let (oracle, other) = (plain(mine), plain(other));
    Ok((oracle != other).then(|| Disagreement { oracle: oracle.to_string(), other: other.to_string() }))
}

/// A line without what may differ: the order of keys and of outcomes, and the words of `undetermined`.
fn plain(mut line: Value) -> Value {
    if let Some(reason) = line.get_mut("undetermined") {
        *reason = true.into();
    }
    if let Some(Value::Array(outcomes)) = line.get_mut("outcomes") {
        *outcomes = outcomes.iter().map(with_sorted_keys).collect();
        outcomes.sort_by_key(Value::to_string);
    }
    with_sorted_keys(&line)
}

fn with_sorted_keys(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<_, _> =
                map.iter().map(|(key, value)| (key.clone(), with_sorted_keys(value))).collect();
            Value::Object(sorted.into_iter().collect())
        }
        Value::Array(list) => Value::Array(list.iter().map(with_sorted_keys).collect()),
        plain => plain.clone(),
    }
}
