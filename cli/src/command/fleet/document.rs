//! A zone's documents as the one that is published.

use pointsman_core::compile::compile;
use pointsman_core::diagnostic::has_errors;
use pointsman_core::model::HostedZone;
use pointsman_core::parse::parse;
use pointsman_core::validate::{Options, validate};
use serde_json::{Map, Value};

use crate::exit::Stop;
use crate::findings::Findings;
use crate::load::ZoneFacts;
use crate::source::{Reader, Source};

/// A zone, checked, and the document that is published of it.
pub(super) struct Published {
    pub(super) zone: HostedZone,
    pub(super) text: String,
}

/// Checks a zone as `check` does, and puts its documents together in one.
pub(super) fn published(facts: &ZoneFacts, files: &[String]) -> Result<Published, Stop> {
    let sources = facts.read(files, &mut Reader::default())?;
    let documents = facts.parse(&sources);
    let validated = validate(&documents, &facts.options(&sources));
    Findings { sources: &sources }.show(&validated.diagnostics);
    let refused = || Stop::cannot("the zone has errors, and is not published", "`pointsman check` says the same");
    let is_wrong = has_errors(&validated.diagnostics) || (facts.strict && !validated.diagnostics.is_empty());
    let zone = validated.zone.filter(|_| !is_wrong).ok_or_else(refused)?;
    let text = match sources.as_slice() {
        [only] => only.aws_json().to_owned(),
        several => together(several)?,
    };
    // What is published stands alone, and has to be the zone that was checked.
    let alone = zone_of(&text).ok_or_else(apart)?;
    let is_same = compile(&alone).to_image() == compile(&zone).to_image()
        && format!("{:?}", alone.health_checks) == format!("{:?}", zone.health_checks);
    if !is_same {
        return Err(apart());
    }
    Ok(Published { zone, text })
}

/// The zone of a document that was published.
pub(super) fn zone_of(text: &str) -> Option<HostedZone> {
    validate(&[parse(0, text)], &Options::default()).zone
}

fn apart() -> Stop {
    Stop::cannot(
        "these documents cannot be put together in one that means the same",
        "write them as one document: its HostedZone, ResourceRecordSets, HealthChecks and CIDR collections",
    )
}

/// One object with the lists of all, one after the other.
fn together(sources: &[Source]) -> Result<String, Stop> {
    let mut whole = Map::new();
    for source in sources {
        let Ok(Value::Object(document)) = serde_json::from_str(source.aws_json()) else { return Err(apart()) };
        for (key, value) in document {
            match (whole.get_mut(&key), value) {
                (None, value) => drop(whole.insert(key, value)),
                (Some(Value::Array(known)), Value::Array(more)) => known.extend(more),
                (Some(known), value) if *known == value => {}
                // How a listing was cut into pages says nothing of the zone.
                (Some(_), Value::Bool(_) | Value::String(_)) if !value_matters(&key) => {}
                _ => return Err(apart()),
            }
        }
    }
    Ok(Value::Object(whole).to_string())
}

fn value_matters(key: &str) -> bool {
    !matches!(key, "IsTruncated" | "MaxItems" | "Marker" | "NextMarker" | "NextToken")
}
