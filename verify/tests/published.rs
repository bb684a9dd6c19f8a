//! Recovery times that others measured, in the setting they described, against what is predicted here.
//!
//! The setting is that of keycloak/keycloak-benchmark in its `route53_create.sh`: a failover pair of aliases over two
//! classic load balancers (TTL 60 s), each with an HTTP health check on port 80, RequestInterval 30 and a FailureThreshold
//! of one. What failed was behind the load balancers, whose own health did not turn, so it is left out here. Issue 495
//! measured 57 s and 72 s there; the load generator is taken to sit behind a resolver that kept the TTL. How those who
//! wrote of 45 to 120 s (536) and of 1.5 to 2 minutes (647) had set thresholds is not on record; both lie in what is
//! predicted for thresholds of one to three.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use pointsman_core::model::{Name, RecordType};
use pointsman_core::parse::parse;
use pointsman_core::validate::{Options as Validate, validate};
use pointsman_verify::facts::Facts;
use pointsman_verify::rto::hold::Resolvers;
use pointsman_verify::rto::{Options, Recovery, recovery};
use pointsman_verify::subject::Subject;
use pointsman_verify::world::World;
use serde_json::json;

fn keycloak(threshold: u8) -> Recovery {
    let check = |id: &str| {
        json!({"Id": id, "HealthCheckConfig": {"Type": "HTTP", "ResourcePath": "/health/live", "Port": 80,
            "FullyQualifiedDomainName": format!("{id}.example.com"), "RequestInterval": 30, "FailureThreshold": threshold}})
    };
    let site = |id: &str, region: &str| {
        json!({"Name": format!("{id}.example.com."), "Type": "A", "AliasTarget": {"HostedZoneId": "Z32O12XQLNTSW2",
            "DNSName": format!("{id}-1.{region}.elb.amazonaws.com."), "EvaluateTargetHealth": false}})
    };
    let client = |id: &str, role: &str| {
        json!({"Name": "client.example.com.", "Type": "A", "SetIdentifier": id, "Failover": role, "HealthCheckId": id,
            "AliasTarget": {"HostedZoneId": "Z1", "DNSName": format!("{id}.example.com."), "EvaluateTargetHealth": true}})
    };
    let zone = json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
        site("primary", "eu-west-1"), site("backup", "eu-central-1"), client("primary", "PRIMARY"),
        client("backup", "SECONDARY")], "HealthChecks": [check("primary"), check("backup")]});
    let validated = validate(&[parse(0, &zone.to_string())], &Validate::default());
    let subject = Subject::new(validated.zone.unwrap(), Facts::default());
    let question = subject.find(&Name::parse("client.example.com").unwrap(), RecordType::A).unwrap();
    let dead = subject.endpoints.list.iter().position(|endpoint| endpoint.label.starts_with("primary")).unwrap();
    // One load generator, behind one resolver that does as the TTL says.
    let plain = Resolvers { share: 1.0, ttl_min: 0.0, ttl_max: 86_400.0, stale: 0.0, client_cache: 0.0 };
    let options = Options { resolvers: vec![plain], ..Options::default() };
    recovery(&subject, question, &World { dead: vec![dead], ..World::default() }, &options).unwrap()
}

/// The first and the last second at which clients move, but for one in two hundred.
fn range(recovery: &Recovery) -> (f64, f64) {
    let moved = |share: f64| recovery.curve.iter().find(|(_, left)| *left <= 1.0 - share).unwrap().0;
    (moved(0.005), moved(0.995))
}

#[test]
fn what_others_measured_lies_in_what_is_predicted() {
    let one = keycloak(1);
    assert_eq!((one.affected, one.stuck, one.ttl), (1.0, 0.0, 60));
    let (from, to) = range(&one);
    for measured in [57.0, 72.0] {
        assert!((from..=to).contains(&measured), "{measured} is not in {from:.0} to {to:.0} s");
    }
    // The prediction says something: it is no wider than the interval and the TTL together.
    assert!(from > 15.0 && to < 100.0, "{from} {to}");
    let (_, last) = range(&keycloak(3));
    assert!(from <= 45.0 && last >= 120.0, "{from} {last}"); // 536: 45 to 120 s
    assert!(to >= 90.0 || last >= 120.0, "{to} {last}"); // 647: 90 to 120 s
}

/// The same seed gives the same figures, where several things notice.
#[test]
fn simulations_are_seeded() {
    let zone = include_str!("../../host-examples/zones/hybrid.json");
    let subject = Subject::new(validate(&[parse(0, zone)], &Validate::default()).zone.unwrap(), Facts::default());
    let question = subject.find(&Name::parse("active.cart.example.com").unwrap(), RecordType::A).unwrap();
    let dead = subject.endpoints.list.iter().position(|endpoint| endpoint.label.contains("us-east-1")).unwrap();
    let world = World { dead: vec![dead], ..World::default() };
    let run = |seed| recovery(&subject, question, &world, &Options { seed, ..Options::default() }).unwrap();
    let (first, again, other) = (run(1), run(1), run(2));
    assert!(!first.closed_form && first.turns.len() == 2, "a check and a load balancer both notice");
    assert_eq!((first.recovered, first.mean), (again.recovered, again.mean));
    assert!(first.mean != other.mean && (first.mean - other.mean).abs() < first.mean * 0.03);
}

/// A calculated check turns when enough of its children have, each at its own time: the fewer it needs healthy, the later.
#[test]
fn calculated_checks_wait_for_their_children() {
    let mean = |threshold: u8| {
        let child = |id: &str| {
            json!({"Id": id, "HealthCheckConfig": {"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 443,
                "RequestInterval": 30, "FailureThreshold": 3}})
        };
        let all = json!({"Id": "all", "HealthCheckConfig": {"Type": "CALCULATED", "HealthThreshold": threshold,
            "ChildHealthChecks": ["a", "b", "c"]}});
        let set = |id: &str, role: &str, check: Option<&str>, value: &str| {
            json!({"Name": "www.example.com.", "Type": "A", "SetIdentifier": id, "Failover": role, "HealthCheckId": check,
                "TTL": 60, "ResourceRecords": [{"Value": value}]})
        };
        let mut standby = set("two", "SECONDARY", None, "192.0.2.2");
        standby.as_object_mut().unwrap().remove("HealthCheckId");
        let zone = json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
            set("one", "PRIMARY", Some("all"), "192.0.2.1"), standby],
            "HealthChecks": [child("a"), child("b"), child("c"), all]});
        let validated = validate(&[parse(0, &zone.to_string())], &Validate::default());
        let subject = Subject::new(validated.zone.unwrap(), Facts::default());
        let dead = subject.endpoints.list.iter().position(|endpoint| endpoint.label == "192.0.2.1").unwrap();
        let question = subject.find(&Name::parse("www.example.com").unwrap(), RecordType::A).unwrap();
        let world = World { dead: vec![dead], ..World::default() };
        let found = recovery(&subject, question, &world, &Options::default()).unwrap();
        assert_eq!((found.turns.len(), found.stuck, found.closed_form), (3, 0.0, false));
        found.detected[0]
    };
    let [late, middle, early] = [1, 2, 3].map(mean);
    assert!(early + 0.5 < middle && middle + 0.5 < late, "{early} {middle} {late}");
    // None before two whole intervals and the time-out, none after a third.
    assert!(early > 70.0 && late < 100.0, "{early} {late}");
}
