//! What the form of documents may and may not change.

use anyhow::{Context as _, Result, ensure};
use pointsman_core::compile::compile;
use pointsman_core::diagnostic::{Diagnostic, has_errors};
use pointsman_core::health::HealthView;
use pointsman_core::parse::{HealthReport, locate, parse, parse_report};
use pointsman_core::resolve::Scratch;
use pointsman_core::validate::{Options, apply, apply_json, validate};
use pointsman_tests::generate::{Rng, World, view};
use serde_json::{Map, Value, json};

use crate::{list, on_random_worlds};

/// Lists whose order is that of the answer: values, and addresses of AWS resources (10.38).
const ORDERED: [&str; 3] = ["ResourceRecords", "A", "AAAA"];

/// The same value with its keys and lists in another order.
fn shuffled(rng: &mut Rng, value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let members: Vec<_> = map.iter().collect();
            let members = rng.some_of(&members, members.len());
            let shuffled = members.into_iter().map(|(key, value)| {
                let value = if ORDERED.contains(&key.as_str()) { value.clone() } else { shuffled(rng, value) };
                (key.clone(), value)
            });
            Value::Object(shuffled.collect())
        }
        Value::Array(list) => {
            let list: Vec<_> = list.iter().map(|value| shuffled(rng, value)).collect();
            let count = list.len();
            Value::Array(rng.some_of(&list, count))
        }
        plain => plain.clone(),
    }
}

/// The zone as several documents: its members dealt out, its record sets in two parts.
fn split(rng: &mut Rng, zone: &Value) -> Vec<String> {
    let mut documents = vec![Map::new(); 3];
    for (key, value) in zone.as_object().into_iter().flatten() {
        match value {
            Value::Array(list) if key == "ResourceRecordSets" => {
                let (first, second) = list.split_at(rng.between(0, list.len()));
                documents[0].insert(key.clone(), first.into());
                documents[1].insert(key.clone(), second.into());
            }
            _ => drop(documents[rng.below(3)].insert(key.clone(), value.clone())),
        }
    }
    let documents: Vec<_> = documents.into_iter().filter(|document| !document.is_empty()).collect();
    let count = documents.len();
    rng.some_of(&documents, count).into_iter().map(|document| Value::Object(document).to_string()).collect()
}

/// Neither the order of documents, of record sets nor of JSON keys changes a byte of an answer or of odds.
#[test]
fn order_changes_nothing() -> Result<()> {
    on_random_worlds(|seed, world, before| {
        let mut rng = Rng::new(seed);
        let zone = shuffled(&mut rng, &world.zone);
        let after = view(&split(&mut rng, &zone), &shuffled(&mut rng, &world.report))?;
        for query in &world.queries {
            let lines = [before, &after].map(|view| {
                let line = shuffled(&mut Rng::new(seed), query).to_string();
                (view.resolve_json(&line, &mut Scratch::new(view.zone())), view.odds_json(&line))
            });
            ensure!(lines[0] == lines[1], "{query}\nbefore {:?}\nafter {:?}\nzone {zone}", lines[0], lines[1]);
        }
        Ok(())
    })
}

/// Tokens that a broken document may hold.
const TOKENS: [&str; 16] = [
    "null",
    "{}",
    "[]",
    "-1",
    "1e999",
    "\"\"",
    "\"*\"",
    "true",
    "99999999999999999999",
    "\"\\u0000\"",
    "{\"a\":",
    "]",
    "}",
    "\"Weight\":",
    "\"\\ud800\"",
    "0.1",
];

/// A text with some of its bytes changed, lost, or put twice.
fn broken(rng: &mut Rng, text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..rng.between(1, 6) {
        if bytes.is_empty() {
            break;
        }
        let at = rng.below(bytes.len());
        let end = (at + rng.between(1, 40)).min(bytes.len());
        match rng.below(6) {
            0 => bytes[at] = rng.number() as u8,
            1 => drop(bytes.drain(at..end)),
            2 => bytes.truncate(at),
            3 => {
                let twice = bytes[at..end].to_vec();
                bytes.splice(at..at, twice);
            }
            4 => {
                // In the place of a value.
                if let Some(colon) = bytes[at..].iter().position(|byte| *byte == b':') {
                    let from = at + colon + 1;
                    let length = bytes[from..].iter().position(|byte| b",}]".contains(byte)).unwrap_or(0);
                    bytes.splice(from..from + length, rng.one_of(&TOKENS).bytes());
                }
            }
            _ => drop(bytes.splice(at..at, rng.one_of(&TOKENS).bytes())),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A batch of a few changes to record sets of a zone.
fn batch(rng: &mut Rng, zone: &Value) -> Value {
    let sets = list(zone, "ResourceRecordSets");
    let count = if sets.is_empty() { 0 } else { rng.between(1, 3) };
    let changes = (0..count)
        .map(|_| json!({"Action": rng.one_of(&["CREATE", "UPSERT", "DELETE"]), "ResourceRecordSet": rng.one_of(sets)}));
    json!({"Changes": changes.collect::<Vec<_>>()})
}

/// Findings are about a place that is there, and say something.
fn findings_are_sound(documents: &[&str], findings: &[Diagnostic]) -> Result<()> {
    for finding in findings {
        ensure!(!finding.message.is_empty(), "{finding:?} says nothing");
        let Some(place) = &finding.place else { continue };
        let text = documents.get(place.document).with_context(|| format!("{finding:?} is about no document"))?;
        let span = locate(text, place);
        ensure!(span.start <= span.end && span.end <= text.len(), "{finding:?} is outside its document");
    }
    Ok(())
}

/// Whatever the bytes, nothing panics; what can be evaluated is evaluated, and asked.
#[test]
fn arbitrary_bytes_are_no_accident() -> Result<()> {
    let plans = ["plan.json", "state.json", "two_zones.json"]
        .map(|file| std::fs::read_to_string(format!("{}/shapes/terraform/{file}", env!("CARGO_MANIFEST_DIR"))));
    let plans = plans.into_iter().collect::<std::io::Result<Vec<_>>>()?;
    on_random_worlds(|seed, world, _| {
        let mut rng = Rng::new(seed);
        let World { zone, report, queries } = world;
        for (number, query) in queries.iter().take(8).enumerate() {
            let whole = if number == 0 { rng.one_of(&plans).clone() } else { zone.to_string() };
            let (document, changes) = (broken(&mut rng, &whole), batch(&mut rng, zone).to_string());
            let changes = if rng.percent(50) { broken(&mut rng, &changes) } else { changes };
            let imported = pointsman_import::read(&document, &pointsman_import::Options::default());
            let parsed = [imported.as_ref().map_or_else(|| parse(0, &document), |imported| imported.document(0))];
            let document = imported.as_ref().map_or(document.as_str(), |imported| imported.json());
            let validated = validate(&parsed, &Options::default());
            findings_are_sound(&[document], &validated.diagnostics)?;
            let applied = apply(&parsed, &parse(1, &changes), &Options::default());
            findings_are_sound(&[document, &changes], &applied.diagnostics)?;
            // What stands in for a value that only Terraform's apply can tell is no value of Route 53's.
            let stand_in = |finding: &Diagnostic| finding.code == "known-after-apply";
            let sound = !has_errors(&validated.diagnostics) && !validated.diagnostics.iter().any(stand_in);
            if sound && !has_errors(&applied.diagnostics) {
                let after = apply_json(&parsed, &[document], &changes, &applied);
                let again = validate(&[parse(0, &after)], &Options::default());
                ensure!(!has_errors(&again.diagnostics), "{document}\n{changes}\n{after}\n{:?}", again.diagnostics);
            }
            let Some(zone) = validated.zone else { continue };
            let report = broken(&mut rng, &report.to_string());
            let report = parse_report(2, &report).map_or_else(|_| HealthReport::default(), |(report, _)| report);
            let (view, _) = HealthView::new(compile(&zone).into(), &report);
            for line in [query.to_string(), broken(&mut rng, &query.to_string())] {
                let lines = [
                    view.resolve_json(&line, &mut Scratch::new(view.zone())),
                    view.odds_json(&line),
                    view.explain_json(&line),
                ];
                for line in lines {
                    ensure!(serde_json::from_str::<Value>(&line).is_ok(), "not JSON: {line}");
                }
            }
        }
        Ok(())
    })
}
