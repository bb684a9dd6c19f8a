//! Good zones give no warnings: what OctoDNS compiles, and what articles on Route 53 build.

#![allow(clippy::unwrap_used, reason = "a zone that cannot be read must stop the test")]

use pointsman_core::parse::parse;
use pointsman_core::validate::{Options, validate};
use serde_json::{Value, json};

/// Code and message of everything that is found.
fn findings(zone: &str) -> Vec<(&'static str, String)> {
    let validated = validate(&[parse(0, zone)], &Options::default());
    assert!(validated.zone.is_some(), "{:#?}", validated.diagnostics);
    validated.diagnostics.into_iter().map(|finding| (finding.code, finding.into_finding().message)).collect()
}

/// What octodns 1.22 with octodns-route53 1.3 makes of three dynamic records: geographic rules over pools with
/// fallbacks, one pool and a catch-all, rules by subnet. Some values are forced up or down.
#[test]
fn octodns_hears_of_the_depth_of_its_fallbacks_and_of_nothing_else() {
    let found = findings(include_str!("octodns.json"));
    let [(code, message)] = found.as_slice() else { panic!("{found:#?}") };
    assert_eq!(*code, "alias-chain-too-deep");
    assert!(message.ends_with("4 groups; up to 3 are documented; another deep chain starts at `www.example.com.` A"));
}

fn zone(record_sets: Value, checks: &[&str]) -> String {
    let mut all = vec![json!({"Name": "example.com.", "Type": "SOA", "TTL": 900, "ResourceRecords": [
        {"Value": "ns-2048.awsdns-64.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"}]})];
    all.extend(record_sets.as_array().unwrap().iter().cloned());
    let check = |id: &&str| {
        json!({"Id": id, "HealthCheckConfig": {"Type": "HTTPS", "FullyQualifiedDomainName": format!("{id}.example.com"),
            "ResourcePath": "/health", "RequestInterval": 30, "FailureThreshold": 3}})
    };
    json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": all,
        "HealthChecks": checks.iter().map(check).collect::<Vec<_>>()})
    .to_string()
}

/// A member of a group: its policy field, and what it answers with.
fn member(name: &str, id: &str, policy: Value, content: Value) -> Value {
    let mut set = json!({"Name": format!("{name}.example.com."), "Type": "A", "SetIdentifier": id});
    for (key, value) in policy.as_object().unwrap().iter().chain(content.as_object().unwrap()) {
        set[key] = value.clone();
    }
    set
}

fn load_balancer(region: &str) -> Value {
    let zone_id = match region {
        "us-east-1" => "Z35SXDOTRQ7X7K",
        "us-west-2" => "Z1H1FL5HABSF5",
        "eu-west-1" => "Z32O12XQLNTSW2",
        _ => "Z1LMS91P8CMLE5",
    };
    json!({"AliasTarget": {"HostedZoneId": zone_id, "EvaluateTargetHealth": true,
        "DNSName": format!("dualstack.app.{region}.elb.amazonaws.com.")}})
}

fn alias(target: &str) -> Value {
    json!({"AliasTarget": {"HostedZoneId": "Z1", "DNSName": format!("{target}.example.com."),
        "EvaluateTargetHealth": true}})
}

fn checked(address: &str, check: &str) -> Value {
    json!({"TTL": 60, "ResourceRecords": [{"Value": address}], "HealthCheckId": check})
}

#[test]
fn active_active_by_latency_with_a_standby_region_is_good() {
    let zone = zone(
        json!([
            member("app", "active", json!({"Failover": "PRIMARY"}), alias("active")),
            member("app", "standby", json!({"Failover": "SECONDARY"}), load_balancer("eu-west-1")),
            member("active", "us", json!({"Region": "us-east-1"}), load_balancer("us-east-1")),
            member("active", "ap", json!({"Region": "ap-southeast-1"}), load_balancer("ap-southeast-1")),
        ]),
        &[],
    );
    assert_eq!(findings(&zone), []);
}

#[test]
fn halves_with_checks_and_canaries_without_are_good() {
    let zone = zone(
        json!([
            member("half", "a", json!({"Weight": 50}), checked("192.0.2.1", "a")),
            member("half", "b", json!({"Weight": 50}), checked("192.0.2.2", "b")),
            member("canary", "stable", json!({"Weight": 90}), load_balancer("us-east-1")),
            member("canary", "next", json!({"Weight": 10}), load_balancer("us-west-2")),
        ]),
        &["a", "b"],
    );
    assert_eq!(findings(&zone), []);
}

#[test]
fn failover_to_a_static_site_is_good() {
    let site = json!({"AliasTarget": {"HostedZoneId": "Z3AQBSTGFYJSTF", "EvaluateTargetHealth": false,
        "DNSName": "s3-website-us-east-1.amazonaws.com."}});
    let zone = zone(
        json!([
            member("www", "live", json!({"Failover": "PRIMARY"}), checked("192.0.2.1", "a")),
            member("www", "sorry", json!({"Failover": "SECONDARY"}), site),
        ]),
        &["a"],
    );
    assert_eq!(findings(&zone), []);
}
