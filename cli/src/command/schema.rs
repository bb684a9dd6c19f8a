//! `pointsman schema`: the JSON Schemas of what is read and printed.

use clap::Args;
use serde_json::{Map, Value};

use crate::exit::Stop;
use crate::output;

/// Print the JSON Schema of a document that is read, or of what a command prints under --json
///
/// Without a name, lists them. A schema is whole: those that it refers to are among its `$defs`.
#[derive(Debug, Args)]
pub(crate) struct Schema {
    /// Which, such as health-report
    #[arg(value_name = "NAME")]
    name: Option<String>,
}

/// What a name in `$ref` begins with.
const URN: &str = "urn:pointsman:schema:";

macro_rules! schemas {
    ($($name:literal),* $(,)?) => {
        /// Every schema, by its name.
        const SCHEMAS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../docs/schemas/", $name, ".schema.json")))),*];
    };
}

schemas!(
    "answer",
    "answer-chain",
    "baseline",
    "diff",
    "drill",
    "explanation",
    "explanation-chain",
    "explanation-code",
    "facts",
    "finding",
    "fleet",
    "fleet-change",
    "fleet-drill",
    "force",
    "health-report",
    "image",
    "message",
    "odds",
    "odds-chain",
    "promises",
    "query",
    "query-error",
    "replay",
    "rto",
    "walk",
    "watch-change",
    "watch-log",
    "watch-state",
    "watch-status",
    "watch-targets",
    "watch-zones",
    "zone",
);

impl Schema {
    pub(super) fn run(self) -> Result<(), Stop> {
        let Some(name) = self.name else {
            for (name, text) in SCHEMAS {
                let title = read(text).get("title").and_then(Value::as_str).unwrap_or_default().to_owned();
                output::line(&format!("{name:<18} {title}"))?;
            }
            return Ok(());
        };
        let Some(schema) = whole(&name) else {
            let names: Vec<&str> = SCHEMAS.iter().map(|(name, _)| *name).collect();
            return Err(Stop::cannot(
                format!("there is no schema `{name}`"),
                format!("give one of {}", names.join(", ")),
            ));
        };
        Ok(output::line(&format!("{schema:#}"))?)
    }
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// A schema with those that it refers to among its `$defs`, each under its own `$id`.
fn whole(name: &str) -> Option<Value> {
    let find = |name: &str| SCHEMAS.iter().find(|(known, _)| *known == name).map(|(_, text)| read(text));
    let mut schema = find(name)?;
    let mut added = Map::new();
    let mut open = references(&schema);
    while let Some(other) = open.pop() {
        if other != name
            && !added.contains_key(&other)
            && let Some(schema) = find(&other)
        {
            open.extend(references(&schema));
            added.insert(other, schema);
        }
    }
    if let (false, Some(members)) = (added.is_empty(), schema.as_object_mut()) {
        let definitions = members.entry("$defs").or_insert_with(|| Value::Object(Map::new()));
        definitions.as_object_mut()?.extend(added);
    }
    Some(schema)
}

/// The names of the schemas that a schema refers to.
fn references(schema: &Value) -> Vec<String> {
    match schema {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str).and_then(|reference| reference.strip_prefix(URN));
            let own = own.map(|name| name.split('#').next().unwrap_or(name).to_owned());
            own.into_iter().chain(members.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_is_json_under_its_own_name_and_whole() {
        for (name, text) in SCHEMAS {
            let schema: Value = serde_json::from_str(text).unwrap();
            assert_eq!(schema["$id"], format!("{URN}{name}"), "{name}");
            assert!(schema["title"].as_str().is_some_and(|title| !title.is_empty()), "{name} has no title");
            let whole = whole(name).unwrap();
            for reference in references(&whole) {
                let is_inside = whole["$id"] == format!("{URN}{reference}") || !whole["$defs"][&reference].is_null();
                assert!(is_inside, "{name} lacks {reference}");
            }
        }
    }
}
