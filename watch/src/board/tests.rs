//! The board without clock and sockets.

use super::*;
use crate::rules::Rules;
use pointsman_core::compile::compile;
use pointsman_core::parse::parse;
use pointsman_core::validate::{Options, validate};

const ZONE: &str = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
    {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "1", "Region": "us-east-1", "HealthCheckId": "one",
     "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
    {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "2", "Region": "eu-west-1", "HealthCheckId": "not",
     "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]},
    {"Name": "b.example.com.", "Type": "A", "AliasTarget": {"HostedZoneId": "Z35SXDOTRQ7X7K",
     "DNSName": "lb-1.us-east-1.elb.amazonaws.com", "EvaluateTargetHealth": true}}],
  "HealthChecks": [
    {"Id": "one", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 443, "FailureThreshold": 2}},
    {"Id": "not", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.4.4", "Port": 443, "Inverted": true,
     "FailureThreshold": 1}},
    {"Id": "off", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.4.4", "Port": 443, "Disabled": true}},
    {"Id": "all", "HealthCheckConfig": {"Type": "CALCULATED", "ChildHealthChecks": ["one", "not"],
     "HealthThreshold": 2}},
    {"Id": "alarm", "HealthCheckConfig": {"Type": "CLOUDWATCH_METRIC", "InsufficientDataHealthStatus": "Healthy",
     "AlarmIdentifier": {"Region": "us-east-1", "Name": "errors"}}}]}"#;

fn board(kept: &Kept) -> Board {
    let zone = validate(&[parse(0, ZONE)], &Options::default()).zone.unwrap();
    let rules = Rules::parse(r#"{"lb-1.us-east-1.elb.amazonaws.com": "tcp://127.0.0.1:1"}"#).unwrap();
    Board::new(Plan::of(&zone, &rules, false), Arc::new(compile(&zone)), kept, at(0))
}

fn at(second: u64) -> Time {
    Time::from_unix_ms(second * 1000)
}

fn check(id: &str) -> Subject {
    Subject::HealthCheck(id.into())
}

fn outcome(success: bool) -> Outcome {
    Outcome { success, reason: "tried".into(), took: Default::default(), parts: Vec::new() }
}

fn told(changes: &[Change]) -> Vec<(&str, bool, bool)> {
    changes.iter().map(|change| (change.subject.id(), change.was_healthy, change.healthy)).collect()
}

#[test]
fn inverted_and_calculated_follow_and_are_told() {
    let mut board = board(&Kept::default());
    // Without data an inverted check is unhealthy (6.2.3), and so is what needs it.
    assert!(board.tried(&check("one"), "here", &outcome(true), at(1)).is_empty());
    assert_eq!(told(&board.tried(&check("one"), "here", &outcome(true), at(2))), [("one", true, true)]);
    let changes = board.tried(&check("not"), "here", &outcome(false), at(3));
    assert_eq!(told(&changes), [("not", false, true), ("all", false, true)]);
    assert_eq!(changes[1].raw, None);
    assert_eq!(changes[1].reason, "2 of 2 children healthy, 2 needed");
    let report = change_report(&changes, at(3)).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["HealthChecks"], json!({"not": "unhealthy"}));
    assert_eq!(report["Time"], "1970-01-01T00:00:03.000Z");
}

#[test]
fn a_force_counts_after_inverted_and_ends_in_its_time() {
    let mut board = board(&Kept::default());
    let force = Force { up: true, why: "drill".into(), until: Some(at(10)), since: at(1) };
    let eu = Selection::Region("eu-west-1".into());
    let (held, changes) = board.force(&eu, Some(&force), at(1)).unwrap();
    assert_eq!(held.subjects, [check("not")]);
    assert_eq!(told(&changes), [("not", false, true), ("all", false, true)]);
    assert_eq!(changes[0].raw, Some(RawStatus::Unhealthy));
    assert!(board.tried(&check("not"), "here", &outcome(true), at(2)).is_empty(), "what tries say waits");
    assert!(board.expire(at(9)).is_empty());
    assert_eq!((board.forces_over(at(9)), board.forces_over(at(10))), (vec![], vec!["not"]));
    assert_eq!(told(&board.expire(at(10))), [("not", true, false), ("all", true, false)]);
    assert_eq!(board.status(at(11), None)["HealthChecks"][1].get("Forced"), None);
}

#[test]
fn what_lost_its_data_wants_a_whole_report() {
    let mut board = board(&Kept::default());
    let down = Force { up: false, why: "drill".into(), until: None, since: at(1) };
    let us = Selection::Region("us-east-1".into());
    let (held, changes) = board.force(&us, Some(&down), at(1)).unwrap();
    assert_eq!(held.subjects.len(), 2, "the check and the alias target");
    assert_eq!(told(&changes)[0], ("one", true, false));
    let (cleared, changes) = board.force(&Selection::All, None, at(2)).unwrap();
    assert_eq!(cleared, held);
    assert_eq!(told(&changes)[0], ("one", false, true));
    assert_eq!(change_report(&changes, at(2)), None);
    assert!(!board.report(at(2)).contains("one"));
}

#[test]
fn what_cannot_be_forced_says_why() {
    let mut board = board(&Kept::default());
    let down = Force { up: false, why: "drill".into(), until: None, since: at(1) };
    for (selection, word) in [
        (Selection::HealthCheck("all".into()), "calculated"),
        (Selection::HealthCheck("off".into()), "Disabled"),
        (Selection::HealthCheck("who".into()), "no health check who"),
        (Selection::AliasTarget("x..y".into()), "x..y"),
        (Selection::Region("ap-south-1".into()), "eu-west-1, us-east-1"),
    ] {
        let error = board.force(&selection, Some(&down), at(1)).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn a_restart_begins_with_what_was_known() {
    let mut first = board(&Kept::default());
    for second in 1..3 {
        let _ = first.tried(&check("one"), "here", &outcome(false), at(second));
    }
    let _ = first.told(&check("alarm"), "ALARM", at(3)).unwrap();
    let down = Force { up: false, why: "drill".into(), until: Some(at(60)), since: at(4) };
    let _ = first.force(&Selection::HealthCheck("not".into()), Some(&down), at(4)).unwrap();
    let second = board(&first.kept());
    assert_eq!(first.report(at(9)), second.report(at(9)));
    assert_eq!(second.status(at(9), None)["HealthChecks"][1]["Forced"]["Why"], "drill");
}

#[test]
fn another_version_of_the_zone_keeps_what_is_tried_the_same_way() {
    let mut board = board(&Kept::default());
    for second in 1..3 {
        let _ = board.tried(&check("one"), "here", &outcome(false), at(second));
    }
    let before = board.version();
    let text = ZONE.replace("8.8.4.4", "8.8.4.5");
    let zone = validate(&[parse(0, &text)], &Options::default()).zone.unwrap();
    let plan = Plan::of(&zone, &Rules::default(), false);
    board.replace(plan, Arc::new(compile(&zone)), at(5));
    assert!(board.version() > before);
    let report: Value = serde_json::from_str(&board.report(at(5))).unwrap();
    assert_eq!(report["HealthChecks"], json!({"one": "unhealthy"}));
}

#[test]
fn what_a_check_is_not_told_is_refused() {
    let mut board = board(&Kept::default());
    for (id, state, word) in [
        ("one", "OK", "checkers"),
        ("all", "OK", "calculated"),
        ("alarm", "On", "alarm"),
        ("alarm", "ok", "ALARM"),
        ("x", "OK", "no health check"),
    ] {
        let error = board.told(&check(id), state, at(1)).unwrap_err();
        assert!(error.contains(word), "{id} {state}: {error}");
    }
}
