//! What the tests of validation share.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Options, Validated, validate};
use crate::diagnostic::{Class, Diagnostic, Severity};
use crate::parse::parse;

/// A zone `example.com.` with id Z1, and the health check `hc`.
pub(super) const ZONE: &str = r#"{"HostedZone": {"Id": "/hostedzone/Z1", "Name": "example.com."}, "HealthChecks": [
    {"Id": "hc", "HealthCheckConfig": {"Type": "TCP", "FullyQualifiedDomainName": "hc.example.net", "Port": 443}}]}"#;

/// Validates documents.
pub(super) fn of(texts: &[&str]) -> Validated {
    let documents: Vec<_> = texts.iter().enumerate().map(|(number, text)| parse(number, text)).collect();
    validate(&documents, &Options::default())
}

/// Validates [`ZONE`] with these record sets, `|` between them. In each, `@NAME` stands for a name in the zone and type
/// A, `$` for a TTL with a value.
pub(super) fn zone(records: &str) -> Validated {
    of(&[ZONE, &records_document(records)])
}

/// A ResourceRecordSets document as [`zone`] writes it.
pub(super) fn records_document(records: &str) -> String {
    let record = |text: &str| {
        let text = text.trim().replace('$', r#""TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]"#);
        match text.strip_prefix('@').map(|rest| rest.split_once(' ').unwrap_or((rest, ""))) {
            Some((name, "")) => format!(r#"{{"Name": "{name}.example.com.", "Type": "A"}}"#),
            Some((name, rest)) => format!(r#"{{"Name": "{name}.example.com.", "Type": "A", {rest}}}"#),
            None => format!("{{{text}}}"),
        }
    };
    let records: Vec<_> = records.split('|').filter(|text| !text.trim().is_empty()).map(record).collect();
    format!("{{\"ResourceRecordSets\": [{}]}}", records.join(", "))
}

/// `code CLASS path` of every finding but lints; a warning has a `?` behind its class.
pub(super) fn refusals(validated: &Validated) -> Vec<String> {
    let of_interest = validated.diagnostics.iter().filter(|finding| finding.class != Class::Lint);
    of_interest.map(line).collect()
}

/// `code path` of every lint.
pub(super) fn lints(validated: &Validated) -> Vec<String> {
    let lints = validated.diagnostics.iter().filter(|finding| finding.class == Class::Lint);
    lints.map(|finding| format!("{} {}", finding.code, path(finding))).collect()
}

fn line(finding: &Diagnostic) -> String {
    assert!(!finding.help.is_empty() && !finding.message.ends_with('.'), "{finding:?}");
    let class = match finding.class {
        Class::CannotBeEvaluated => "cannot",
        Class::RefusedByApi => "refused",
        Class::Lint => "lint",
    };
    let mark = if finding.severity == Severity::Warning { "?" } else { "" };
    format!("{} {class}{mark} {}", finding.code, path(finding))
}

fn path(finding: &Diagnostic) -> String {
    finding.place.as_ref().map(|place| format!("{}", place.path)).unwrap_or_default()
}

/// What the live service would say to the first fault.
pub(super) fn says(validated: &Validated) -> String {
    validated.diagnostics.iter().find_map(|finding| finding.route53_message.clone()).unwrap_or_default()
}

/// Checks a table of record sets and the findings that they give, with the common start of all paths left out.
#[track_caller]
pub(super) fn check_table(table: &[(&str, &[&str])]) {
    for (records, wanted) in table {
        let found: Vec<_> =
            refusals(&zone(records)).iter().map(|line| line.replace("$.ResourceRecordSets", "")).collect();
        assert_eq!(found, *wanted, "{records}");
    }
}
