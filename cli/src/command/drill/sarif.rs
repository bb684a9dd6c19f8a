//! The findings as SARIF 2.1.0, the format that code scanning takes.

use std::collections::BTreeSet;

use pointsman_core::diagnostic::{Place, finding_kind};
use pointsman_core::model::{Name, RecordType};
use pointsman_core::parse::Document;
use pointsman_verify::drill::{About, Drill, Finding, Severity};
use pointsman_verify::subject::Subject;
use serde_json::{Value, json};

use crate::source::Source;

/// A result for each finding, at the record set or health check that causes it. What does not count against the zone,
/// because the baseline has it or its level is too low, is a note.
pub(super) fn sarif(
    subject: &Subject,
    drill: &Drill,
    sources: &[Source],
    documents: &[Document<'_>],
    counts: impl Fn(&Finding) -> bool,
) -> String {
    let codes: BTreeSet<&str> = drill.findings.iter().map(|finding| finding.code).collect();
    let rules: Vec<Value> = codes
        .iter()
        .map(|code| {
            let (meaning, help) = finding_kind(code).map_or(("", ""), |kind| (kind.meaning, kind.help));
            json!({"id": code, "shortDescription": {"text": meaning}, "help": {"text": help}})
        })
        .collect();
    let results: Vec<Value> = drill
        .findings
        .iter()
        .map(|finding| {
            let level = match finding.severity {
                _ if !counts(finding) => "note",
                Severity::Danger => "error",
                Severity::Warning => "warning",
                Severity::Note => "note",
            };
            let down = match finding.failures.as_slice() {
                [] => String::new(),
                failures => format!(" Down: {}.", failures.join(", ")),
            };
            json!({
                "ruleId": finding.code,
                "level": level,
                "message": {"text": format!("{}.{down} Why: {}. Do: {}.", finding.message, finding.why, finding.help)},
                "partialFingerprints": {"pointsmanDrill/v1": finding.fingerprint()},
                "locations": [location(subject, finding, sources, documents)],
            })
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "pointsman drill", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "results": results,
            "properties": drill.claim.to_json(),
        }],
    });
    format!("{log:#}\n")
}

/// Where a finding's cause stands, as far as the documents tell; else the first file.
fn location(subject: &Subject, finding: &Finding, sources: &[Source], documents: &[Document<'_>]) -> Value {
    let place = match finding.cause {
        About::Record(record) => place_of_record(subject, documents, record),
        About::Check(check) => place_of_check(documents, subject.check_id(check)),
        About::Group(group) => {
            let first = subject.group(group).and_then(|group| group.members.first().copied());
            first.and_then(|record| place_of_record(subject, documents, record))
        }
        About::Endpoint(_) | About::Reason => None,
    };
    let source = match &place {
        Some(place) => sources.get(place.document),
        None => sources.first(),
    };
    let name = source.map_or("", |source| source.name.as_str());
    let region = place.as_ref().zip(source).map_or(json!({"startLine": 1}), |(place, source)| {
        let location = source.locate(place);
        json!({"startLine": location.line, "startColumn": location.column})
    });
    let words = finding.cause.in_words(subject);
    let logical = if words.is_empty() { finding.fingerprint() } else { words };
    json!({
        "physicalLocation": {"artifactLocation": {"uri": name.replace('\\', "/")}, "region": region},
        "logicalLocations": [{"fullyQualifiedName": logical}],
    })
}

fn place_of_record(subject: &Subject, documents: &[Document<'_>], record: usize) -> Option<Place> {
    let set = subject.record(record)?;
    let selector = subject.selector(record);
    let id = selector.splitn(3, '/').nth(2).unwrap_or_default();
    let mut fields = documents.iter().flat_map(|document| document.record_sets.iter().flatten());
    let found = fields.find(|fields| {
        fields.set_identifier.as_deref().unwrap_or_default() == id
            && fields.record_type.as_deref().and_then(RecordType::parse) == Some(set.record_type)
            && fields.name.as_deref().and_then(|name| Name::parse(name).ok()).as_ref() == Some(&set.name)
    })?;
    Some(found.origin.place())
}

fn place_of_check(documents: &[Document<'_>], id: &str) -> Option<Place> {
    let mut fields = documents.iter().flat_map(|document| document.health_checks.iter().flatten());
    fields.find(|fields| fields.id.as_deref() == Some(id)).map(|fields| fields.origin.place())
}
