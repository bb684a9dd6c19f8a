//! Stage 2: [`Document`]s to a [`HostedZone`], or every reason why not, in one pass (semantics 8 and the limits of 1).
//!
//! First the parts that record sets refer to (zone, health checks, CIDR collections), then each record set by itself,
//! then groups, names and alias chains, and last the lints.
//!
//! Rules that many zones have no use for are kept out of line (`inline(never)`): an engine for WebAssembly compiles a
//! function when it is first called, so what is written into the way of every document is compiled for every document.

mod alias;
mod alias_graph;
mod alias_zone;
mod aws_resource;
mod batch;
mod cidr;
mod cname_loops;
mod context;
mod finding_order;
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
mod names;
mod options;
mod pages;
mod places;
mod quarantine;
mod record;
mod record_sets;
mod route53_messages;
mod routing;
mod values;
mod zone;

use alloc::vec::Vec;

use self::record_sets::validate_record_sets;
use crate::diagnostic::{Diagnostic, Path, Place};
use crate::parse::Document;

pub use self::batch::{Applied, apply, apply_json};
pub use self::options::Options;
pub use self::record_sets::Validated;

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
            .help("apply it as a change batch, or leave it out");
        finding.at(Place::new(document.number, Path::root())).add_to(&mut validated.diagnostics);
    }
    finding_order::sort(&mut validated.diagnostics);
    validated
}
