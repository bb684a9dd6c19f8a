//! Drill, diff and recovery times.

use pointsman_core::diagnostic::has_errors;
use pointsman_core::model::{Name, RecordType};
use pointsman_core::parse::parse;
use pointsman_core::validate::{apply, apply_json};
use pointsman_verify::diff::{Walk, diff, walk};
use pointsman_verify::drill::{self, drill};
use pointsman_verify::facts::Facts;
use pointsman_verify::rto::{self, Recovery, Wanted, recovery};
use pointsman_verify::subject::Subject;
use serde_json::{Value, json};

use crate::documents::Sources;
use crate::progress::goes_on;
use crate::refusal::refused;
use crate::request::{Request, Text, Version};

/// The percentile of clients that have to have moved in time, unless the request gives another.
const PERCENTILE: f64 = 99.0;

/// The result of a request.
pub(crate) fn answer(request: Request) -> Result<Value, String> {
    Ok(match request {
        #[cfg(feature = "formats")]
        Request::Read { .. } => return Err(refused("request", "this is no analysis", "")),
        Request::Drill { version, facts, depth, only } => {
            let subject = subject(&version, facts)?;
            let only = only.iter().map(|word| known_name(&subject, word)).collect::<Result<_, _>>()?;
            let options = drill::Options { depth, only, ..drill::Options::default() };
            let mut result = drill(&subject, &options, &mut goes_on);
            for finding in &result.unconfirmed {
                result.claim.add_unconfirmed(finding.clone());
            }
            let mut object = result.to_json(&subject.zone.name.to_string());
            object.insert("unknown_facts".into(), result.unknown.clone().into());
            Value::Object(object)
        }
        Request::Diff { old, new } => {
            let step = diff(&subject(&old, Facts::default())?, &subject(&new, Facts::default())?);
            with_markdown(step.to_json(), step.to_markdown())
        }
        Request::Walk { old, batches } => {
            let walk = walk(&versions(&old, &batches)?);
            let markdown = in_markdown(&walk, &batches);
            with_markdown(walk.to_json(), markdown)
        }
        Request::Rto { version, facts, name, record_type, down, want, percentile, seed } => {
            let subject = subject(&version, facts)?;
            let unknown = |unknown: rto::Unknown| refused("unknown-name", &unknown.message, &unknown.help);
            let name = parse_name(&name)?;
            let record_type = RecordType::parse(&record_type).ok_or_else(|| {
                refused("invalid-query", &format!("`{record_type}` is not a record type that Route 53 has"), "")
            })?;
            let question = rto::question(&subject, &name, record_type).map_err(unknown)?;
            let worlds = rto::failures(&subject, question, &down).map_err(unknown)?;
            let defaults = rto::Options::default();
            let mut options = rto::Options { seed: seed.unwrap_or(defaults.seed), ..defaults };
            if !subject.facts.resolvers.is_empty() {
                options.resolvers.clone_from(&subject.facts.resolvers);
            }
            let wanted = want.map(|seconds| Wanted { seconds, percentile: percentile.unwrap_or(PERCENTILE) });
            let mut recoveries: Vec<Recovery> = Vec::new();
            for (done, world) in worlds.iter().enumerate() {
                if !goes_on(done, worlds.len()) {
                    break;
                }
                recoveries.extend(recovery(&subject, question, world, &options));
            }
            let all: Vec<Value> = recoveries.iter().map(|one| one.to_json_with(wanted)).collect();
            let chart = rto::chart(&format!("{name} {record_type}: clients on a dead endpoint"), &recoveries);
            json!({"name": name.to_string(), "type": record_type.as_str(), "recoveries": all, "svg": chart})
        }
    })
}

fn subject(version: &Version, facts: Facts) -> Result<Subject, String> {
    let facts = facts.checked().map_err(|message| refused("invalid-facts", &message, ""))?;
    Ok(Subject::new(Sources(version).zone()?, facts))
}

fn parse_name(word: &str) -> Result<Name, String> {
    Name::parse(word).map_err(|error| refused("invalid-query", &format!("`{word}`: {error}"), ""))
}

/// A name that the zone has record sets at.
fn known_name(subject: &Subject, word: &str) -> Result<String, String> {
    let name = parse_name(word)?;
    match subject.questions().any(|(_, group)| group.name == name) {
        true => Ok(name.to_string()),
        false => {
            Err(refused("unknown-name", &format!("the zone has no record sets at `{name}`"), "give a name that it has"))
        }
    }
}

/// The zone, and the zone after each batch.
fn versions(old: &Version, batches: &[Text]) -> Result<Vec<Subject>, String> {
    let sources = Sources(old);
    let mut versions = vec![Subject::new(sources.zone()?, Facts::default())];
    let mut after: Option<Version> = None;
    for batch in batches {
        let text = match &after {
            None => applied(&sources, batch)?,
            Some(version) => applied(&Sources(version), batch)?,
        };
        let name = format!("the zone after {}", batch.name);
        let text = Text { name, text, cidr_collection: None };
        let version = Version { documents: vec![text], zone_name: old.zone_name.clone() };
        versions.push(subject(&version, Facts::default())?);
        after = Some(version);
    }
    Ok(versions)
}

/// The zone's document after a batch.
fn applied(sources: &Sources<'_>, batch: &Text) -> Result<String, String> {
    let documents = sources.documents();
    let parsed = parse(documents.len(), &batch.text);
    let applied = apply(&documents, &parsed, &sources.options());
    if applied.zone.is_none() || has_errors(&applied.diagnostics) {
        let message = format!("{} does not apply", batch.name);
        return Err(sources.refusal(&message, &applied.diagnostics, Some(batch)));
    }
    Ok(apply_json(&documents, &sources.texts(), &batch.text, &applied))
}

fn with_markdown(mut value: Value, markdown: String) -> Value {
    if let Some(object) = value.as_object_mut() {
        object.insert("markdown".into(), markdown.into());
    }
    value
}

/// Every step under its batch, then the moments between them.
fn in_markdown(walk: &Walk, batches: &[Text]) -> String {
    let mut text = String::new();
    for (number, (step, batch)) in (1..).zip(walk.steps.iter().zip(batches)) {
        text.push_str(&format!("### Batch {number}: {}\n\n{}\n", batch.name, step.to_markdown()));
    }
    for hazard in &walk.hazards {
        text.push_str(&format!("> **After batch {}**: {} {}\n", hazard.after, hazard.asked, hazard.message));
    }
    text
}
