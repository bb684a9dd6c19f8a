//! Stage 2: [`Document`]s to a [`HostedZone`], or every reason why not, in one pass (semantics 8 and the limits of 1).
//!
//! First the parts that record sets refer to (zone, health checks, CIDR collections), then each record set by itself,
//! then groups, names and alias chains, and last the lints.
//!
//! Rules that many zones have no use for are kept out of line (`inline(never)`): an engine for WebAssembly compiles a
//! function when it is first called, so what is written into the way of every document is compiled for every document.

mod alias;
mod alias_graph;
mod aws_resource;
mod batch;
mod cidr;
#[cfg(test)]
mod fixture;
mod gaps;
mod geography;
mod group;
mod group_rules;
mod health_check;
mod health_checks;
mod latency;
mod lint;
mod live;
mod names;
mod order;
mod pages;
mod record;
mod routing;
mod values;
mod zone;

use alloc::vec::Vec;

use self::alias_graph::AliasGraph;
use self::aws_resource::AwsResources;
use self::cidr::Collections;
use self::gaps::Gaps;
use self::group::Groups;
use self::health_checks::HealthChecks;
use self::record::{Reader, Records};
use self::zone::Identity;
use crate::diagnostic::{Class, Diagnostic, Path, Place, Route53Error};
use crate::limits::RECORDS_QUOTA;
use crate::model::HostedZone;
use crate::parse::{Base, Document, RecordSetFields};

pub use self::batch::{Applied, apply, apply_json};

/// What the documents do not say themselves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// The zone's name, for a zone whose documents have neither HostedZone nor an apex SOA or NS record.
    pub zone_name: Option<&'a str>,
}

/// What validation finds.
#[derive(Debug, Clone)]
pub struct Validated {
    /// The zone; `None` when some finding is of class `cannot-be-evaluated`.
    pub zone: Option<HostedZone>,
    /// Everything found, in the order of the documents.
    pub diagnostics: Vec<Diagnostic>,
}

/// Where the parts of a [`HostedZone`] stand in the documents, element by element.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    /// Of `HostedZone::record_sets`.
    pub(crate) record_sets: Vec<Base>,
    /// Of `HostedZone::health_checks`; `None` for a check that no document describes.
    pub(crate) health_checks: Vec<Option<Base>>,
}

/// Joins documents into a zone.
///
/// ```
/// use pointsman_core::{parse::parse, validate::{Options, validate}};
/// let document = parse(0, r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
///     {"Name": "example.com.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "example.net."}]}]}"#);
/// let validated = validate(&[document], &Options::default());
/// assert_eq!(validated.diagnostics[0].code, "cname-at-apex"); // Route 53 refuses it
/// assert!(validated.zone.is_some()); // yet it can be evaluated (10.47)
/// ```
#[must_use]
pub fn validate(documents: &[Document<'_>], options: &Options<'_>) -> Validated {
    let documents: Vec<&Document<'_>> = documents.iter().collect();
    let documents = documents.as_slice();
    let record_sets: Vec<_> = documents.iter().flat_map(|document| document.record_sets.iter().flatten()).collect();
    let mut validated = validate_record_sets(documents, &record_sets, options);
    for document in documents.iter().filter(|document| document.changes.is_some()) {
        let finding = Diagnostic::lint("changes-not-applied", "the change batch is not applied")
            .help("give it with `pointsman apply --batch`, or leave it out");
        finding.at(Place::new(document.number, Path::root())).add_to(&mut validated.diagnostics);
    }
    order::sort(&mut validated.diagnostics);
    validated
}

/// Joins documents into a zone whose record sets are `record_sets`, such as those after a change batch.
pub(super) fn validate_record_sets<'a>(
    documents: &'a [&'a Document<'a>],
    record_sets: &[&'a RecordSetFields<'a>],
    options: &Options<'_>,
) -> Validated {
    let mut out: Vec<Diagnostic> = Vec::new();
    let gaps = Gaps::find(documents);
    pages::check(documents, &gaps, &mut out);
    let zone = zone::identify(documents, record_sets, options, &gaps, &mut out);
    let health_checks = HealthChecks::read(documents, &gaps, &mut out);
    let collections = Collections::read(documents, &gaps, &mut out);
    let resources = AwsResources::read(documents, &mut out);
    let latency_table = latency::read(documents, &mut out);

    let parts = (health_checks, collections, resources);
    let mut reader = Reader::new(documents, &gaps, &zone, parts, record_sets.len(), out);
    for fields in record_sets {
        reader.read(fields);
    }
    let Reader { health_checks, collections, resources, records, mut out, .. } = reader;
    let health_checks = health_checks.finish(&mut out);
    together(&records, &zone, &gaps, &mut out);
    let alias_targets = resources.finish(!gaps.record_sets && !records.lost.any(), &mut out);
    if let Some(base) = records.bases.get(RECORDS_QUOTA) {
        let message = alloc::format!("the zone has {} record sets; the quota is {RECORDS_QUOTA}", records.bases.len());
        let finding = Diagnostic::refused("records-quota", Route53Error::LimitsExceeded, message);

        finding
            .help("ask AWS for a higher quota on record sets per hosted zone")
            .downgraded()
            .at(base.place())
            .add_to(&mut out);
    }

    let is_excused =
        |finding: &Diagnostic| documents.iter().any(|document| document.placeholders.excuse(finding, document.number));
    out.retain(|finding| !is_excused(finding));
    // What was found while the documents were read was found by those who know what stands for what.
    out.splice(..0, documents.iter().flat_map(|document| document.diagnostics.iter().cloned()));
    let evaluable = !out.iter().any(|finding| finding.class == Class::CannotBeEvaluated);
    let hosted_zone = zone.name.filter(|_| evaluable).map(|name| HostedZone {
        name,
        id: zone.id,
        private: zone.private,
        record_sets: records.sets,
        health_checks: health_checks.0,
        cidr_collections: collections.finish(),
        alias_targets,
        latency_table,
    });
    if let Some(hosted_zone) = &hosted_zone {
        let places = Places { record_sets: records.bases, health_checks: health_checks.1 };
        let before = out.len();
        lint::lint(hosted_zone, &places, &mut out);
        let lints = out.split_off(before);
        out.extend(lints.into_iter().filter(|finding| !is_excused(finding)));
    }
    order::sort(&mut out);
    Validated { zone: hosted_zone, diagnostics: out }
}

/// What must hold between record sets: in groups, at names, along alias chains.
fn together(records: &Records, zone: &Identity, gaps: &Gaps<'_>, out: &mut Vec<Diagnostic>) {
    let groups = Groups::of(&records.sets);
    group_rules::check(records, &groups, out);
    names::check(records, &groups, zone, out);
    AliasGraph::build(records, &groups, zone, gaps, out).find_loops(out);
}
