//! The zone that some record sets make with the rest of their documents: the order in which everything is checked.

use alloc::vec::Vec;

use super::alias_graph::AliasGraph;
use super::aws_resource::AwsResources;
use super::cidr::Collections;
use super::gaps::Gaps;
use super::group::Groups;
use super::health_checks::HealthChecks;
use super::options::Options;
use super::places::Places;
use super::record::{Reader, Records};
use super::zone::{self, Identity};
use super::{cname_loops, finding_order, group_rules, latency, lint, names, pages, quarantine};
use crate::diagnostic::{Diagnostic, Route53Error};
use crate::limits::RECORDS_QUOTA;
use crate::model::HostedZone;
use crate::parse::{Document, RecordSetFields};

/// What validation finds.
#[derive(Debug, Clone)]
pub struct Validated {
    /// The zone; `None` when a finding of class `cannot-be-evaluated` is about more than record sets. Record sets that
    /// cannot be evaluated are kept out, and named in [`HostedZone::quarantined`] (10.51).
    pub zone: Option<HostedZone>,
    /// Everything found, in the order of the documents.
    pub diagnostics: Vec<Diagnostic>,
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
    let Reader { health_checks, collections, resources, mut records, mut out, .. } = reader;
    let health_checks = health_checks.finish(&mut out);
    let (looped, twins) = check_between_record_sets(&records, &zone, &gaps, &mut out);
    let alias_targets = resources.finish(!gaps.record_sets && !records.lost.any(), &mut out);
    if let Some(base) = records.origins.get(RECORDS_QUOTA) {
        let message =
            alloc::format!("the zone has {} record sets; the quota is {RECORDS_QUOTA}", records.origins.len());
        let finding = Diagnostic::refused("records-quota", Route53Error::LimitsExceeded, message);

        finding
            .help("ask AWS for a higher quota on record sets per hosted zone")
            .downgraded()
            .at(base.place())
            .add_to(&mut out);
    }

    let is_accounted_for = |finding: &Diagnostic| {
        documents.iter().any(|document| document.placeholders.account_for(finding, document.number))
    };
    out.retain(|finding| !is_accounted_for(finding));
    // What was found while the documents were read was found by those who know what stands for what.
    out.splice(..0, documents.iter().flat_map(|document| document.diagnostics.iter().cloned()));
    let checks = (&*health_checks.0, &*health_checks.1);
    let quarantined = if zone.is_foreign {
        None
    } else {
        quarantine::take_out(&out, record_sets, (&looped, &twins), checks, &mut records)
    };
    let hosted_zone = zone.name.zip(quarantined).map(|(name, quarantined)| HostedZone {
        name,
        id: zone.id,
        private: zone.private,
        record_sets: records.sets,
        quarantined,
        health_checks: health_checks.0,
        cidr_collections: collections.finish(),
        alias_targets,
        latency_table,
    });
    if let Some(hosted_zone) = &hosted_zone {
        let places = Places { record_sets: records.origins, health_checks: health_checks.1 };
        let before = out.len();
        lint::lint(hosted_zone, &places, &mut out);
        let lints = out.split_off(before);
        out.extend(lints.into_iter().filter(|finding| !is_accounted_for(finding)));
    }
    finding_order::sort(&mut out);
    Validated { zone: hosted_zone, diagnostics: out }
}

/// What must hold between record sets: in groups, at names, along alias chains. Returns the numbers of one record set of
/// each group on a loop, and of those that repeat another one to the letter.
fn check_between_record_sets(
    records: &Records,
    zone: &Identity,
    gaps: &Gaps<'_>,
    out: &mut Vec<Diagnostic>,
) -> (Vec<u32>, Vec<u32>) {
    let groups = Groups::of(&records.sets);
    let twins = group_rules::check(records, &groups, out);
    names::check(records, &groups, zone, out);
    cname_loops::check(records, &groups, out);
    (AliasGraph::build(records, &groups, zone, gaps, out).find_loops(out), twins)
}
