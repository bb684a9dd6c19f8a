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
