//! A load balancer that is unhealthy while its health check passes, what `[reads]` says of it, and `[capacity]`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(dead_code, reason = "what other tests need")]

mod support;

use pointsman_verify::drill::Severity;
use serde_json::{Value, json};
use support::{faults, one, run, set};

const EU: &str = "pay-eu.eu-west-1.elb.amazonaws.com";
const US: &str = "pay-us.us-east-1.elb.amazonaws.com";

fn check(path: &str) -> Value {
    json!({"Id": "hc-eu", "HealthCheckConfig": {"Type": "HTTPS", "ResourcePath": path,
        "FullyQualifiedDomainName": EU}})
}

/// A failover over two load balancers; the primary has `hc-eu`.
fn sets(primary_asks: bool) -> [Value; 2] {
    [
        set("pay", "p", json!({"Failover": "PRIMARY", "to": EU, "health": primary_asks, "check": "hc-eu"})),
        set("pay", "s", json!({"Failover": "SECONDARY", "to": US, "health": true})),
    ]
}

#[test]
fn a_path_of_its_own_does_not_see_what_the_load_balancer_knows() {
    let found = run(&sets(false), &[check("/healthz")], "");
    let danger = one(&found, "dead-endpoint");
    assert_eq!(danger.failures, [format!("{EU}. (unhealthy while its health check passes)")]);
    assert!(danger.help.starts_with("set EvaluateTargetHealth to true"), "{}", danger.help);
    let down = &danger.reproduce.as_ref().unwrap().down;
    assert_eq!(down, &[format!("{EU}.")], "the check is left alone");
    let survival = found.survival.iter().find(|one| one.failure.contains("while its")).unwrap();
    assert!(survival.needs_change() && survival.share == 1.0);
    // The death of the whole load balancer is noticed.
    let dead = found.survival.iter().find(|one| one.failure == format!("{EU}.")).unwrap();
    assert!(!dead.needs_change());

    for quiet in [
        run(&sets(true), &[check("/healthz")], ""),
        run(&sets(false), &[check("/")], ""),
        run(&sets(false), &[check("/healthz")], &format!("[reads]\n{EU:?} = {{ unhealthy_while_alive = false }}\n")),
        run(&sets(false), &[check("/healthz")], &format!("[reads]\nhc-eu = [{EU:?}]\n")),
    ] {
        assert_eq!(faults(&quiet), [""; 0], "{:#?}", quiet.findings);
    }
    // It may be so elsewhere too, where the user says so: then the check of `/` is one that passes by its own account.
    let said =
        run(&sets(false), &[check("/probe")], &format!("[reads]\n{US:?} = {{ unhealthy_while_alive = true }}\n"));
    assert_eq!(faults(&said), ["dead-endpoint"]);
}

#[test]
fn what_a_check_misses() {
    let sets = [
        set("a", "1", json!({"Weight": 1, "value": "203.0.113.1", "check": "one"})),
        set("a", "2", json!({"Weight": 1, "value": "203.0.113.2", "check": "two"})),
    ];
    let calm = run(&sets, &[], "");
    assert_eq!(faults(&calm), [""; 0]);
    let found = run(&sets, &[], "[reads]\none = { misses = [\"203.0.113.1\"] }\n");
    assert_eq!(one(&found, "dead-endpoint").failures, ["203.0.113.1"]);
}

#[test]
fn a_load_past_the_capacity_is_a_danger() {
    let sets = [
        set("a", "1", json!({"Weight": 1, "value": "203.0.113.1", "check": "one"})),
        set("a", "2", json!({"Weight": 1, "value": "203.0.113.2", "check": "two"})),
    ];
    let shift = |facts: &str| {
        let found = run(&sets, &[], facts);
        let mut list: Vec<(Severity, String, String)> = Vec::new();
        for finding in found.findings.iter().filter(|finding| finding.code == "load-shift") {
            list.push((finding.severity, finding.message.clone(), finding.why.clone()));
        }
        list
    };
    assert!(shift("").iter().all(|(severity, ..)| *severity == Severity::Note));
    assert!(shift("[capacity]\n\"203.0.113.2\" = 100\n").iter().all(|(severity, ..)| *severity == Severity::Note));
    let told = shift("[capacity]\n\"203.0.113.2\" = 70\n");
    let danger: Vec<_> = told.iter().filter(|(severity, ..)| *severity == Severity::Danger).collect();
    assert_eq!(danger.len(), 1, "{told:?}");
    assert_eq!(danger[0].1, "when 203.0.113.1 is down, 203.0.113.2 gets more than it can carry");
    assert_eq!(danger[0].2, "it gets 100 of a capacity of 70");
    // In the units of [clients], and without any failure.
    let told = shift("[clients]\ndefault = 4000\n[capacity]\n\"203.0.113.2\" = 1500\n");
    assert!(
        told.iter()
            .any(|(severity, _, why)| *severity == Severity::Danger && why == "it gets 4000 of a capacity of 1500"),
        "{told:?}"
    );
    // A standby that gets nothing while all is well.
    let failover = [
        set("b", "p", json!({"Failover": "PRIMARY", "value": "203.0.113.3", "check": "three"})),
        set("b", "s", json!({"Failover": "SECONDARY", "value": "203.0.113.4", "check": "four"})),
    ];
    let found = run(&failover, &[], "[capacity]\n\"203.0.113.4\" = 50\n");
    assert_eq!(one(&found, "load-shift").severity, Severity::Danger);
}
