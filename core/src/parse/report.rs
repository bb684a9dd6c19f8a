//! The health report: raw statuses from outside, before Disabled and Inverted.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::fields::{Members, array, object, text, unknown};
use super::node::{Node, NodePath, Problems, read};
use super::status::{AliasStatus, CheckerReport, HealthReport, RawStatus};
use crate::diagnostic::{Class, Diagnostic, Place, Severity};
use crate::model::Time;

/// Reads a health report.
///
/// # Errors
/// Every finding, when one of them is an error; a report with warnings only is returned with them.
///
/// ```
/// use pointsman_core::parse::{RawStatus, parse_report};
/// let (report, warnings) = parse_report(0, r#"{"HealthChecks": {"hc-1": "unhealthy"}}"#).unwrap();
/// assert_eq!(report.health_checks[0].1, RawStatus::Unhealthy);
/// assert!(warnings.is_empty());
/// assert_eq!(parse_report(0, r#"{"HealthChecks": {"hc-1": "down"}}"#).unwrap_err()[0].code, "unknown-status");
/// ```
pub fn parse_report(number: usize, text: &str) -> Result<(HealthReport, Vec<Diagnostic>), Vec<Diagnostic>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut problems = Problems::new(number);
    let node = read(text, &mut problems).map_err(|problem| alloc::vec![problem])?;
    let mut report = HealthReport::default();
    let problems_in = &mut problems;
    let members = object(node, &NodePath::ROOT, problems_in);
    let says_health =
        |key: &str| matches!(key, "HealthChecks" | "AliasTargets" | "ResourceRecordSets" | "healthChecks");
    if members.as_ref().is_some_and(|members| !members.iter().any(|(key, _)| says_health(key))) {
        no_health(problems_in);
    }
    for (key, value) in members.unwrap_or_default() {
        let at = NodePath::ROOT.key(&key);
        match &*key {
            "HealthChecks" if matches!(value, Node::Array(_)) => zone_as_report(&at, problems_in),
            "HealthChecks" => {
                for (id, value) in object(value, &at, problems_in).unwrap_or_default() {
                    let here = at.key(&id);
                    let place = Place::new(number, here.path());
                    let mut reports = Vec::new();
                    let status = raw_status(value, &here, problems_in, &mut reports);
                    if !reports.is_empty() {
                        report.observations.push(((*id).into(), reports.into()));
                    }
                    report.health_checks.extend(status.map(|status| ((*id).into(), status, place)));
                }
            }
            "AliasTargets" => {
                for (name, value) in object(value, &at, problems_in).unwrap_or_default() {
                    let here = at.key(&name);
                    let place = Place::new(number, here.path());
                    let status = alias_status(value, &here, problems_in);
                    report.alias_targets.extend(status.map(|status| ((*name).into(), status, place)));
                }
            }
            "healthChecks" => region_switch(value, &at, &mut report, problems_in),
            "nextToken" => more_pages(&value, &at, problems_in),
            "Time" => report.time = time(value, &at, problems_in),
            // Which watch wrote it, and when in its run: for hosts that follow a feed; it decides no answer.
            "Watch" => {}
            "ResourceRecordSets" => zone_as_report(&at, problems_in),
            _ => unknown(&key, &NodePath::ROOT, problems_in),
        }
    }
    if crate::diagnostic::has_errors(&problems.list) { Err(problems.list) } else { Ok((report, problems.list)) }
}

/// A text that says nothing of health would pass for "no check has data", which counts as healthy (6.2.3).
fn no_health(problems: &mut Problems) {
    let message = "this says nothing of health: it has neither HealthChecks nor AliasTargets";
    let help = "give {\"HealthChecks\": {\"ID\": \"healthy\" or \"unhealthy\"}}; {\"HealthChecks\": {}} says that no check has data";
    problems.push(&NodePath::ROOT, Diagnostic::cannot("no-health-in-report", message).help(help));
}

/// What `aws arc-region-switch list-route53-health-checks` prints: a list of health checks with the Region and the record
/// that each belongs to.
fn region_switch(node: Node<'_>, at: &NodePath<'_>, report: &mut HealthReport, problems: &mut Problems) {
    for (index, element) in array(node, at, problems).unwrap_or_default().into_iter().enumerate() {
        let here = at.index(index);
        let (mut id, mut status) = (None, None);
        for (key, value) in object(element, &here, problems).unwrap_or_default() {
            let there = here.key(&key);
            match &*key {
                "healthCheckId" => id = text(value, &there, problems),
                "status" => {
                    status = text(value, &there, problems).and_then(|word| match &*word {
                        "healthy" => Some(RawStatus::Healthy),
                        "unhealthy" => Some(RawStatus::Unhealthy),
                        "unknown" => Some(RawStatus::NoData),
                        _ => {
                            unknown_status(&word, "`healthy`, `unhealthy` or `unknown`", &there, problems);
                            None
                        }
                    });
                }
                "hostedZoneId" | "recordName" | "region" => {}
                _ => unknown(&key, &here, problems),
            }
        }
        // An element without an id or a status is a record that Region switch has no health check for.
        if let (Some(id), Some(status)) = (id, status) {
            let place = Place::new(problems.document, here.path());
            report.health_checks.push(((*id).into(), status, place));
        }
    }
}

fn more_pages(node: &Node<'_>, at: &NodePath<'_>, problems: &mut Problems) {
    if !matches!(node, Node::Null) {
        let message = "this is one page of a longer list, so that checks on other pages have no data";
        let help = "list all pages: leave --max-items and --no-paginate out";
        let finding = Diagnostic::new("report-is-one-page", Severity::Warning, Class::Lint, message).help(help);
        problems.push(at, finding);
    }
}

fn zone_as_report(at: &NodePath<'_>, problems: &mut Problems) {
    let message = "this is a part of a zone, not a health report";
    let help =
        "give it where zone documents go; a report is {\"HealthChecks\": {\"ID\": \"healthy\" or \"unhealthy\"}}";
    problems.push(at, Diagnostic::cannot("zone-as-health-report", message).help(help));
}

fn time(node: Node<'_>, at: &NodePath<'_>, problems: &mut Problems) -> Option<Time> {
    let word = text(node, at, problems)?;
    let time = Time::parse(&word);
    if time.is_none() {
        let message = format_args!("`{word}` is not a time");
        let help = "write RFC 3339, such as 2026-03-01T09:30:00Z, or leave Time out";
        problems.push(at, Diagnostic::cannot("report-time", message).help(help));
    }
    time
}

fn unknown_status(word: &str, wanted: &str, at: &NodePath<'_>, problems: &mut Problems) {
    let message = format_args!("`{word}` is not a status");
    problems.push(at, Diagnostic::cannot("unknown-status", message).help(format_args!("use {wanted}")));
}

const STATUS_WORDS: &str = "`healthy`, `unhealthy`, or for CloudWatch checks `insufficient`";

fn raw_status(
    node: Node<'_>,
    at: &NodePath<'_>,
    problems: &mut Problems,
    reports: &mut Vec<CheckerReport>,
) -> Option<RawStatus> {
    let members = match node {
        Node::Text(word) => return status_word(&word, at, problems),
        Node::Object(members) => members,
        other => {
            text(other, at, problems);
            return None;
        }
    };
    if members.iter().any(|(key, _)| key == "HealthCheckObservations") {
        return observations(members, at, problems, reports);
    }
    let (mut status, mut last_known) = (None, None);
    for (key, value) in members {
        let here = at.key(&key);
        match &*key {
            "Status" => status = text(value, &here, problems).and_then(|word| status_word(&word, &here, problems)),
            "LastKnown" => last_known = alias_status(value, &here, problems),
            _ => unknown(&key, at, problems),
        }
    }
    Some(match status? {
        RawStatus::Insufficient { .. } => {
            RawStatus::Insufficient { last_known_unhealthy: last_known == Some(AliasStatus::Unhealthy) }
        }
        other => other,
    })
}

fn status_word(word: &str, at: &NodePath<'_>, problems: &mut Problems) -> Option<RawStatus> {
    match word {
        "healthy" => Some(RawStatus::Healthy),
        "unhealthy" => Some(RawStatus::Unhealthy),
        "insufficient" => Some(RawStatus::Insufficient { last_known_unhealthy: false }),
        _ => {
            unknown_status(word, STATUS_WORDS, at, problems);
            None
        }
    }
}

fn alias_status(node: Node<'_>, at: &NodePath<'_>, problems: &mut Problems) -> Option<AliasStatus> {
    let word = text(node, at, problems)?;
    match &*word {
        "healthy" => Some(AliasStatus::Healthy),
        "unhealthy" => Some(AliasStatus::Unhealthy),
        _ => {
            unknown_status(&word, "`healthy` or `unhealthy`", at, problems);
            None
        }
    }
}

/// Checkers' own reports: healthy when more than 18 % of them succeed (6.2.2, 10.43).
fn observations(
    members: Members<'_>,
    at: &NodePath<'_>,
    problems: &mut Problems,
    reports: &mut Vec<CheckerReport>,
) -> Option<RawStatus> {
    for (key, value) in members {
        let here = at.key(&key);
        if matches!(&*key, "ResponseMetadata" | "$metadata") {
            continue;
        }
        if key != "HealthCheckObservations" {
            unknown(&key, at, problems);
            continue;
        }
        for (index, element) in array(value, &here, problems)?.into_iter().enumerate() {
            let here = here.index(index);
            let (mut status, mut region) = (None, Box::default());
            for (key, value) in object(element, &here, problems)? {
                let there = here.key(&key);
                match &*key {
                    "StatusReport" => {
                        for (key, value) in object(value, &there, problems)? {
                            match &*key {
                                "Status" => status = text(value, &there.key(&key), problems),
                                "CheckedTime" => {}
                                _ => unknown(&key, &there, problems),
                            }
                        }
                    }
                    "Region" => {
                        if let Node::Text(code) = value {
                            region = (*code).into();
                        }
                    }
                    "IPAddress" => {}
                    _ => unknown(&key, &here, problems),
                }
            }
            reports.extend(status.map(|status| CheckerReport { region, status: (*status).into() }));
        }
    }
    let healthy = reports.iter().filter(|report| report.is_success()).count();
    Some(RawStatus::of_checkers(healthy as u64, reports.len() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::String;

    fn observed(successes: usize, failures: usize) -> RawStatus {
        let one = |status: &str| format!(r#"{{"Region":"us-east-1","StatusReport":{{"Status":"{status}"}}}}"#);
        let list: Vec<String> = core::iter::repeat_n(one("Success: HTTP Status Code 200, OK"), successes)
            .chain(core::iter::repeat_n(one("Failure: timed out"), failures))
            .collect();
        let text = format!(r#"{{"HealthChecks":{{"x":{{"HealthCheckObservations":[{}]}}}}}}"#, list.join(","));
        parse_report(0, &text).unwrap().0.health_checks[0].1
    }

    #[test]
    fn more_than_18_percent_is_healthy() {
        assert_eq!(observed(0, 0), RawStatus::NoData);
        assert_eq!(observed(9, 41), RawStatus::Unhealthy); // 18 % exactly
        assert_eq!(observed(10, 40), RawStatus::Healthy);
        assert_eq!(observed(3, 13), RawStatus::Healthy); // 18.75 %
    }

    #[test]
    fn what_checkers_reported_is_kept() {
        let one = |region: &str, status: &str| {
            format!(r#"{{"Region":"{region}","IPAddress":"192.0.2.1","StatusReport":{{"Status":"{status}"}}}}"#)
        };
        let list = [one("us-east-1", "Success: OK"), one("eu-west-1", "Failure: Connection timed out.")].join(",");
        let text = format!(r#"{{"HealthChecks":{{"x":{{"HealthCheckObservations":[{list}]}},"y":"healthy"}}}}"#);
        let (report, _) = parse_report(0, &text).unwrap();
        let [(id, reports)] = &*report.observations else { panic!("{:?}", report.observations) };
        assert_eq!((&**id, reports.len()), ("x", 2));
        assert_eq!((&*reports[1].region, &*reports[1].status), ("eu-west-1", "Failure: Connection timed out."));
        assert!(reports[0].is_success() && !reports[1].is_success());
    }

    #[test]
    fn last_known_belongs_to_insufficient() {
        let text = r#"{"HealthChecks":{"a":{"Status":"insufficient","LastKnown":"unhealthy"}}}"#;
        let status = parse_report(0, text).unwrap().0.health_checks[0].1;
        assert_eq!(status, RawStatus::Insufficient { last_known_unhealthy: true });
    }

    #[test]
    fn a_text_without_a_word_of_health_is_no_report() {
        for text in ["{}", r#"{"Time":"2026-03-01T09:30:00Z"}"#, r#"{"status":"ok","checks":{"db":"up"}}"#] {
            let findings = parse_report(0, text).unwrap_err();
            assert!(findings.iter().any(|finding| finding.code == "no-health-in-report"), "{text}: {findings:?}");
        }
        for text in [r#"{"HealthChecks":{}}"#, r#"{"AliasTargets":{}}"#, r#"{"healthChecks":[]}"#] {
            assert!(parse_report(0, text).is_ok(), "{text}");
        }
    }

    #[test]
    fn the_list_of_region_switch_is_a_report() {
        let text = r#"{"healthChecks":[
            {"hostedZoneId":"Z1","recordName":"a.example.com","healthCheckId":"a","status":"healthy","region":"us-east-1"},
            {"hostedZoneId":"Z1","recordName":"a.example.com","healthCheckId":"b","status":"unhealthy","region":"us-west-2"},
            {"hostedZoneId":"Z1","recordName":"b.example.com","healthCheckId":"c","status":"unknown","region":"us-west-2"},
            {"hostedZoneId":"Z1","recordName":"c.example.com","region":"us-west-2"}]}"#;
        let (report, findings) = parse_report(0, text).unwrap();
        let statuses: Vec<_> = report.health_checks.iter().map(|(id, status, _)| (&**id, *status)).collect();
        assert_eq!(statuses, [("a", RawStatus::Healthy), ("b", RawStatus::Unhealthy), ("c", RawStatus::NoData)]);
        assert!(findings.is_empty());
        let (_, findings) = parse_report(0, r#"{"healthChecks":[],"nextToken":"x"}"#).unwrap();
        assert_eq!(findings[0].code, "report-is-one-page");
        let findings = parse_report(0, r#"{"healthChecks":[{"healthCheckId":"a","status":"fine"}]}"#).unwrap_err();
        assert_eq!(findings[0].code, "unknown-status");
    }

    #[test]
    fn a_zone_is_not_a_report() {
        let findings = parse_report(0, r#"{"ResourceRecordSets":[]}"#).unwrap_err();
        assert_eq!(findings[0].code, "zone-as-health-report");
    }
}
