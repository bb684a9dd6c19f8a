//! Change batches: the zone after one, or why Route 53 would refuse it (semantics 8.1 - 8.4).
//!
//! Changes act in the order given on a working copy (10.31): what is there to create, change or delete, CNAME conflicts
//! and alias targets are judged at each step; all that concerns a group is judged on the result. A batch is atomic.

mod aftermath;
mod applied;
mod blame;
mod json;
mod matching;
mod steps;
mod working_copy;

use alloc::vec;
use alloc::vec::Vec;

pub use self::applied::Applied;
pub use self::json::apply_json;

use self::blame::{Before, Told, element};
use super::options::Options;
use super::record_sets::validate_record_sets;
use super::zone::plain_id;
use super::{finding_order, route53_messages};
use crate::diagnostic::{Class, Diagnostic, Path, Place, Route53Error, Severity, has_errors};
use crate::limits::{BATCH_RESOURCE_RECORDS_MAX, BATCH_VALUE_CHARACTERS_MAX};
use crate::model::HostedZone;
use crate::parse::{Change, ChangeAction, Document, RecordSetFields, SourceArray};

/// Applies a change batch to the zone that the documents describe. The batch is a document of its own, with a number
/// that no other has.
///
/// ```
/// use pointsman_core::{parse::parse, validate::{Options, apply}};
/// let zone = parse(0, r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
///     {"Name": "a.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]}"#);
/// let batch = parse(1, r#"{"Changes": [{"Action": "UPSERT", "ResourceRecordSet":
///     {"Name": "a.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}}]}"#);
/// let applied = apply(&[zone], &batch, &Options::default());
/// assert_eq!(applied.diagnostics, []);
/// assert_eq!(applied.zone.unwrap().record_sets.len(), 1);
/// assert_eq!(applied.record_sets[0].path().to_string(), "$.Changes[0].ResourceRecordSet");
/// ```
#[must_use]
pub fn apply(documents: &[Document<'_>], batch: &Document<'_>, options: &Options<'_>) -> Applied {
    let documents: Vec<&Document<'_>> = documents.iter().collect();
    let documents = documents.as_slice();
    let original: Vec<&RecordSetFields<'_>> =
        documents.iter().flat_map(|document| document.record_sets.iter().flatten()).collect();
    let before = validate_record_sets(documents, &original, options);
    let refused = |mut diagnostics: Vec<Diagnostic>| {
        finding_order::sort(&mut diagnostics);
        Applied { zone: None, diagnostics, record_sets: original.iter().map(|fields| fields.origin).collect() }
    };
    let Some(changes) = batch.changes.as_deref().filter(|changes| !changes.is_empty()) else {
        return refused(without_changes(batch));
    };

    let mut findings = not_applied(documents);
    check_sizes(batch, changes, &mut findings);
    let all: Vec<&Document<'_>> = documents.iter().copied().chain([batch]).collect();
    check_zone(batch, before.zone.as_ref(), &mut findings);
    let steps::Outcome { record_sets, not_deleted } = steps::run(&all, changes, &original, options, &mut findings);
    tell_malformed(&all, &not_deleted, options, &mut findings);
    let after = validate_record_sets(&all, &record_sets, options);
    let known = Before::of(&before.diagnostics, documents);
    let told = Told::of(&findings);
    let news = after.diagnostics.into_iter().filter(|finding| !told.has(finding));
    let mut news: Vec<_> = news.filter_map(|finding| known.judge(finding, batch, documents)).collect();
    let is_refused = has_errors(&findings) || has_errors(&news);
    if is_refused {
        // What would be lived with afterwards does not come about.
        let is_in_batch = |finding: &Diagnostic| finding.place.as_ref().is_some_and(|at| at.document == batch.number);
        news.retain(|finding| finding.class != Class::Lint || is_in_batch(finding));
    }
    findings.append(&mut news);
    if is_refused {
        return refused(findings);
    }
    finding_order::sort(&mut findings);
    Applied {
        zone: after.zone,
        diagnostics: findings,
        record_sets: record_sets.iter().map(|fields| fields.origin).collect(),
    }
}

/// A batch as `--cli-input-json` takes it says which zone it is for.
fn check_zone(batch: &Document<'_>, zone: Option<&HostedZone>, out: &mut Vec<Diagnostic>) {
    let own = zone.and_then(|zone| zone.id.as_deref());
    let (Some(own), Some(meant)) = (own, batch.hosted_zone_id.as_deref()) else { return };
    if plain_id(meant) != own {
        let meant = route53_messages::Shown(plain_id(meant));
        let message = format_args!("the batch is for the hosted zone `{meant}`, and this zone is `{own}`");
        let finding = Diagnostic::cannot("batch-for-another-zone", message)
            .help("give the documents of the zone that the batch is for, or correct HostedZoneId");
        finding.at(Place::new(batch.number, Path::root().key("HostedZoneId"))).add_to(out);
    }
}

/// A DELETE that finds nothing because it is malformed itself is reported as malformed, as a CREATE would be (8.2).
fn tell_malformed(
    documents: &[&Document<'_>],
    not_deleted: &[&RecordSetFields<'_>],
    options: &Options<'_>,
    findings: &mut Vec<Diagnostic>,
) {
    if not_deleted.is_empty() {
        return;
    }
    let mut malformed = validate_record_sets(documents, not_deleted, options).diagnostics;
    malformed.retain(|finding| {
        let is_it = |(document, index)| {
            not_deleted
                .iter()
                .any(|fields| (fields.origin.document as usize, fields.origin.index as usize) == (document, index))
        };
        let is_shape = finding.route53_error == Some(Route53Error::InvalidInput)
            || matches!(finding.code, "name-malformed" | "name-not-punycode");
        let is_shape = is_shape && finding.severity == Severity::Error;
        is_shape && element(finding).is_some_and(is_it)
    });
    findings.retain(|finding| malformed.iter().all(|shape| element(shape) != element(finding)));
    findings.append(&mut malformed);
}

/// Why a document is no batch.
fn without_changes(batch: &Document<'_>) -> Vec<Diagnostic> {
    let mut findings = batch.diagnostics.clone();
    let root = Place::new(batch.number, Path::root());
    if batch.changes.is_some() {
        let finding = Diagnostic::cannot("batch-empty", "the batch has no changes")
            .help("give at least one change with Action and ResourceRecordSet")
            .error(Route53Error::InvalidInput)
            .says(route53_messages::incomplete("Changes", "Change"));
        finding.at(root).add_to(&mut findings);
    } else if !has_errors(&findings) {
        let finding = Diagnostic::cannot("batch-missing", "the document has no Changes")
            .help("give what change-resource-record-sets takes as --change-batch: {\"Changes\": [...]}")
            .error(Route53Error::InvalidInput);
        finding.at(root).add_to(&mut findings);
    }
    findings
}

/// Batches among the documents of the zone itself.
fn not_applied(documents: &[&Document<'_>]) -> Vec<Diagnostic> {
    let finding = |document: &&Document<'_>| {
        Diagnostic::lint("changes-not-applied", "this change batch is not applied")
            .help("give it as the batch, or leave it out")
            .at(Place::new(document.number, Path::root()))
    };
    documents.iter().filter(|document| document.changes.is_some()).map(finding).collect()
}

/// What one request may hold (1.7); an UPSERT counts twice.
fn check_sizes(batch: &Document<'_>, changes: &[Change<'_>], out: &mut Vec<Diagnostic>) {
    let (mut values, mut characters) = (0_usize, 0_usize);
    for change in changes {
        let times = if change.action == Some(ChangeAction::Upsert) { 2 } else { 1 };
        let given = change.record_set.iter().flat_map(|fields| fields.resource_records.iter().flatten());
        for value in given {
            values = values.saturating_add(times);
            characters = characters.saturating_add(value.chars().count().saturating_mul(times));
        }
    }
    let sizes = [
        ("batch-too-many-values", "ResourceRecord elements", "Number of records", values, BATCH_RESOURCE_RECORDS_MAX),
        (
            "batch-too-many-characters",
            "characters of values",
            "RDATA character",
            characters,
            BATCH_VALUE_CHARACTERS_MAX,
        ),
    ];
    for (code, what, live, count, most) in sizes {
        if count > most {
            let message =
                format_args!("one batch holds at most {most} {what}; this one has {count}, each UPSERT counted twice");
            let finding = Diagnostic::refused(code, Route53Error::InvalidChangeBatch, message)
                .help("split the batch, or delete and create instead of UPSERT")
                .says(format_args!("{live} limit of {most} exceeded."));
            finding.at(changes_place(batch, changes)).add_to(out);
        }
    }
}

/// The place of the list of changes.
fn changes_place(batch: &Document<'_>, changes: &[Change<'_>]) -> Place {
    let nested = changes.first().is_some_and(|change| change.origin.array == SourceArray::ChangeBatchChanges);
    let keys = if nested { vec!["ChangeBatch", "Changes"] } else { vec!["Changes"] };
    Place::new(batch.number, keys.into_iter().fold(Path::root(), |path, key| path.key(key)))
}
