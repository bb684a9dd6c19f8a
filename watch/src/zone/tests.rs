//! A zone without clock and sockets.

use std::sync::Arc;
use std::time::Instant;

use pointsman_core::compile::compile;
use pointsman_core::model::Time;
use pointsman_core::parse::{RawStatus, parse};
use pointsman_core::validate::{Options, validate};
use serde_json::{Value, json};

use super::*;
use crate::change::Change;
use crate::clock::Moment;
use crate::force::{Force, Selection};
use crate::plan::{Plan, Subject};
use crate::probe::{Outcome, Verdict};
use crate::rules::Rules;
use crate::store::KeptZone;

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

fn parts(text: &str) -> (Plan, Arc<pointsman_core::compile::Zone>) {
    let zone = validate(&[parse(0, text)], &Options::default()).zone.unwrap();
    let rules = Rules::parse(r#"{"lb-1.us-east-1.elb.amazonaws.com": "tcp://127.0.0.1:1"}"#).unwrap();
    (Plan::of(&zone, &rules, false), Arc::new(compile(&zone)))
}

fn state(kept: &KeptZone) -> ZoneState {
    let (plan, zone) = parts(ZONE);
    ZoneState::new(plan, zone, kept, None, at(0))
}

fn at(second: u64) -> Moment {
    Moment::at(time(second))
}

fn time(second: u64) -> Time {
    Time::from_unix_ms(second * 1000)
}

fn report_of(state: &ZoneState) -> Value {
    serde_json::from_str(&format!("{{{}}}", state.snapshot().reported().members())).unwrap()
}

fn origin() -> Origin {
    Origin { id: "here".into(), run: "1-2".into(), sequence: 7, zone: "example.com.".into() }
}

fn check(id: &str) -> Subject {
    Subject::HealthCheck(id.into())
}

fn outcome(success: bool) -> Outcome {
    let verdict = if success { Verdict::Success } else { Verdict::Failure };
    Outcome { verdict, reason: "tried".into(), took: Default::default(), parts: Vec::new() }
}

fn transitions(changes: &[Change]) -> Vec<(&str, bool, bool)> {
    changes.iter().map(|change| (change.subject.id(), change.was_healthy, change.healthy)).collect()
}

#[test]
fn inverted_and_calculated_follow_and_are_transitions() {
    let mut state = state(&KeptZone::default());
    // Without data an inverted check is unhealthy (6.2.3), and so is what needs it.
    assert!(state.tried(&check("one"), "here", &outcome(true), at(1)).unwrap().is_empty());
    assert_eq!(transitions(&state.tried(&check("one"), "here", &outcome(true), at(2)).unwrap()), [("one", true, true)]);
    let changes = state.tried(&check("not"), "here", &outcome(false), at(3)).unwrap();
    assert_eq!(transitions(&changes), [("not", false, true), ("all", false, true)]);
    assert_eq!(changes[1].raw, None);
    assert_eq!(changes[1].reason, "2 of 2 children healthy, 2 needed");
    let report = change_report(&changes, &origin()).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["HealthChecks"], json!({"not": "unhealthy"}));
    assert_eq!(report["Time"], "1970-01-01T00:00:03.000Z");
    assert_eq!(report["Watch"], json!({"Id": "here", "Run": "1-2", "Sequence": 7, "Zone": "example.com."}));
}

#[test]
fn a_force_counts_after_inverted_and_ends_in_its_time() {
    let mut state = state(&KeptZone::default());
    let force = Force { up: true, why: "drill".into(), until: Some(time(10)), since: time(1) };
    let eu = Selection::Region("eu-west-1".into());
    let (held, changes) = state.force(&eu, Some(&force), at(1)).unwrap();
    assert_eq!(held.subjects, [check("not")]);
    assert_eq!(transitions(&changes), [("not", false, true), ("all", false, true)]);
    assert_eq!(changes[0].raw, Some(RawStatus::Unhealthy));
    assert!(state.tried(&check("not"), "here", &outcome(true), at(2)).unwrap().is_empty(), "what tries say waits");
    assert_eq!(state.pass_time(at(9)), (vec![], vec![]));
    let (over, changes) = state.pass_time(at(10));
    assert_eq!(over, ["not"]);
    assert_eq!(transitions(&changes), [("not", true, false), ("all", true, false)]);
    assert_eq!(state.snapshot().status(at(11))["HealthChecks"][1].get("Forced"), None);
}

#[test]
fn what_lost_its_data_wants_a_whole_report() {
    let mut state = state(&KeptZone::default());
    let down = Force { up: false, why: "drill".into(), until: None, since: time(1) };
    let us = Selection::Region("us-east-1".into());
    let (held, changes) = state.force(&us, Some(&down), at(1)).unwrap();
    assert_eq!(held.subjects.len(), 2, "the check and the alias target");
    assert_eq!(transitions(&changes)[0], ("one", true, false));
    let (cleared, changes) = state.force(&Selection::All, None, at(2)).unwrap();
    assert_eq!(cleared, held);
    assert_eq!(transitions(&changes)[0], ("one", false, true));
    assert_eq!(change_report(&changes, &origin()), None);
    assert!(!state.snapshot().reported().members().contains("one"));
}

#[test]
fn what_cannot_be_forced_says_why() {
    let mut state = state(&KeptZone::default());
    let down = Force { up: false, why: "drill".into(), until: None, since: time(1) };
    for (selection, word) in [
        (Selection::HealthCheck("all".into()), "calculated"),
        (Selection::HealthCheck("off".into()), "Disabled"),
        (Selection::HealthCheck("who".into()), "no health check who"),
        (Selection::AliasTarget("x..y".into()), "x..y"),
        (Selection::Region("ap-south-1".into()), "eu-west-1, us-east-1"),
    ] {
        let error = state.force(&selection, Some(&down), at(1)).unwrap_err();
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn a_restart_begins_with_what_was_known() {
    let mut first = state(&KeptZone::default());
    for second in 1..3 {
        let _ = first.tried(&check("one"), "here", &outcome(false), at(second)).unwrap();
    }
    let _ = first.reported(&check("alarm"), "ALARM", at(3)).unwrap();
    let down = Force { up: false, why: "drill".into(), until: Some(time(60)), since: time(4) };
    let _ = first.force(&Selection::HealthCheck("not".into()), Some(&down), at(4)).unwrap();
    let second = state(&first.snapshot().kept(at(9)));
    assert_eq!(report_of(&first), report_of(&second));
    assert_eq!(second.snapshot().status(at(9))["HealthChecks"][1]["Forced"]["Why"], "drill");
}

#[test]
fn another_version_of_the_zone_keeps_what_is_tried_the_same_way() {
    let mut state = state(&KeptZone::default());
    for second in 1..3 {
        let _ = state.tried(&check("one"), "here", &outcome(false), at(second)).unwrap();
    }
    let before = state.snapshot().sequence();
    let (plan, zone) = parts(&ZONE.replace("8.8.4.4", "8.8.4.5"));
    state.replace(plan, zone, at(5));
    assert!(state.snapshot().sequence() > before);
    assert_eq!(report_of(&state)["HealthChecks"], json!({"one": "unhealthy"}));
}

#[test]
fn a_state_that_a_check_does_not_take_is_refused() {
    let mut state = state(&KeptZone::default());
    for (id, word_of_state, word) in [
        ("one", "OK", "checkers"),
        ("all", "OK", "calculated"),
        ("alarm", "On", "alarm"),
        ("alarm", "ok", "ALARM"),
        ("x", "OK", "no health check"),
    ] {
        let error = state.reported(&check(id), word_of_state, at(1)).unwrap_err().to_string();
        assert!(error.contains(word), "{id} {word_of_state}: {error}");
    }
}

#[test]
fn a_force_outlives_its_subject_and_is_there_when_it_is_back() {
    let mut state = state(&KeptZone::default());
    let down = Force { up: false, why: "disk swap".into(), until: Some(time(100)), since: time(1) };
    let _ = state.force(&Selection::HealthCheck("one".into()), Some(&down), at(1)).unwrap();
    let without = ZONE.replace(r#""HealthCheckId": "one","#, "").replace(r#"{"Id": "one""#, r#"{"Id": "uno""#);
    let (plan, zone) = parts(&without.replace(r#"["one", "not"]"#, r#"["uno", "not"]"#));
    state.replace(plan, zone, at(2));
    assert_eq!(state.snapshot().parked().collect::<Vec<_>>(), [&check("one")]);
    assert!(state.snapshot().kept(at(2)).forces.contains_key(&check("one")));
    let (plan, zone) = parts(ZONE);
    state.replace(plan, zone, at(3));
    assert_eq!(report_of(&state)["HealthChecks"]["one"], "unhealthy");
    assert_eq!(state.snapshot().parked().count(), 0);
    // And its time goes on running.
    assert_eq!(state.pass_time(at(100)).0, ["one"]);
}

#[test]
fn a_parked_force_can_be_cleared_and_ends_in_its_time() {
    for way in [Selection::All, Selection::HealthCheck("gone".into())] {
        let down = Force { up: false, why: "x".into(), until: Some(time(50)), since: time(1) };
        let mut kept = KeptZone::default();
        kept.forces.insert(check("gone"), crate::store::KeptForce::of(&down, at(1)));
        let mut state = state(&kept);
        assert_eq!(state.snapshot().parked().count(), 1);
        let (selected, _) = state.force(&way, None, at(2)).unwrap();
        assert_eq!(selected.subjects, [check("gone")]);
        assert_eq!(state.snapshot().parked().count(), 0);
    }
}

#[test]
fn a_try_that_could_not_be_made_says_nothing() {
    let mut state = state(&KeptZone::default());
    let excused = Outcome { verdict: Verdict::NotTried, ..outcome(false) };
    for second in 1..10 {
        assert_eq!(state.tried(&check("one"), "here", &excused, at(second)).unwrap(), []);
    }
    let status = state.snapshot().status(at(10));
    let one = &status["HealthChecks"][0];
    assert_eq!(
        (&one["Status"], &one["NotTried"], &one["Last"]["Success"]),
        (&json!("healthy"), &json!(9), &Value::Null)
    );
    assert_eq!(one["Reason"], "could not be tried: tried");
}

/// A zone with so many endpoints, one of them behind a record set and a calculated check.
fn many(checks: usize) -> String {
    let list: Vec<Value> = (0..checks)
        .map(|number| {
            json!({"Id": format!("hc-{number}"), "HealthCheckConfig":
                {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 443, "FailureThreshold": 1}})
        })
        .collect();
    json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [], "HealthChecks": list})
        .to_string()
}

#[test]
fn the_brake_holds_the_report_and_forces_go_through() {
    let (plan, zone) = parts(&many(10));
    let mut state = ZoneState::new(plan, zone, &KeptZone::default(), Some("50%/60s".parse().unwrap()), at(0));
    let id = |number: usize| check(&format!("hc-{number}"));
    for number in 0..10 {
        let changes = state.tried(&id(number), "watch", &outcome(false), at(1)).unwrap();
        assert_eq!(changes.len(), usize::from(number < 5), "{number}");
    }
    assert!(matches!(state.take_hold_change(), Some(HoldChange::Held(_))));
    let hold = state.snapshot().hold().unwrap().reason.clone();
    assert_eq!(hold, "6 of 10 endpoints flipped; --hold-when-flips allows 50 % within 60 s");
    assert_eq!(
        state.snapshot().status(at(2))["HealthChecks"][9]["Held"],
        json!({"Raw": "no data", "Tracked": "unhealthy"})
    );
    // What an operator says is said all the same.
    let down = Force { up: false, why: "x".into(), until: None, since: time(3) };
    let (_, changes) = state.force(&Selection::HealthCheck("hc-9".into()), Some(&down), at(3)).unwrap();
    assert_eq!(transitions(&changes), [("hc-9", true, false)]);
    let (_, changes) = state.force(&Selection::All, None, at(4)).unwrap();
    assert_eq!(transitions(&changes), [("hc-9", false, true)]);
    let changes = state.release(at(5)).unwrap();
    assert_eq!(changes.len(), 5);
    assert_eq!((state.release(at(5)), state.take_hold_change().is_some()), (None, true));
    // It recovers by itself when they are back for the length of the window.
    for number in 0..10 {
        let _ = state.tried(&id(number), "watch", &outcome(true), at(100)).unwrap();
    }
    assert!(state.snapshot().hold().is_some());
    for number in 0..10 {
        let _ = state.tried(&id(number), "watch", &outcome(false), at(101)).unwrap();
    }
    let (_, changes) = state.pass_time(at(162));
    assert!(state.snapshot().hold().is_none());
    assert_eq!(changes.len(), 5, "the five that had been reported healthy");
}

#[test]
fn a_status_change_costs_what_depends_on_it() {
    let mut cost = Vec::new();
    for checks in [1_000, 10_000] {
        let (plan, zone) = parts(&many(checks));
        let mut state = ZoneState::new(plan, zone, &KeptZone::default(), None, at(0));
        let ids: Vec<Subject> = (0..checks).map(|number| check(&format!("hc-{number}"))).collect();
        let begun = Instant::now();
        for id in &ids {
            assert_eq!(state.tried(id, "watch", &outcome(false), at(1)).unwrap().len(), 1);
        }
        cost.push(begun.elapsed().div_f64(checks as f64));
    }
    println!("a transition of 1,000 and of 10,000 checks: {cost:?}");
    // Ten times the checks: far from ten times the time, however busy the machine is. It was forty times.
    assert!(cost[1] < cost[0] * 5 + std::time::Duration::from_micros(100), "{cost:?}");
}
