//! Regions of zones whose leaves stand below other names.

use alloc::sync::Arc;
use alloc::vec;

use super::*;
use crate::compile::compile;
use crate::parse::parse;
use crate::validate::{Options, validate};

fn view(zone: &str) -> HealthView {
    let validated = validate(&[parse(0, zone)], &Options::default());
    let zone = validated.zone.unwrap_or_else(|| panic!("{:?}", validated.diagnostics));
    HealthView::new(Arc::new(compile(&zone)), &HealthReport::default()).0
}

fn region(code: &str) -> Region {
    Region::parse(code).unwrap()
}

/// Two Regions by latency; each leads to a group of its own. us-east-1's is weighted, with a calculated check, a leaf
/// that is an Inverted check, and a load balancer; eu-west-1's has us-east-1's load balancer as a last resort.
const TREE: &str = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
  {"Name": "app.example.com.", "Type": "A", "SetIdentifier": "use1", "Region": "us-east-1",
   "AliasTarget": {"HostedZoneId": "Z1", "DNSName": "east.example.com.", "EvaluateTargetHealth": true}},
  {"Name": "app.example.com.", "Type": "A", "SetIdentifier": "euw1", "Region": "eu-west-1",
   "AliasTarget": {"HostedZoneId": "Z1", "DNSName": "west.example.com.", "EvaluateTargetHealth": true}},
  {"Name": "east.example.com.", "Type": "A", "SetIdentifier": "1", "Weight": 1, "HealthCheckId": "sum",
   "AliasTarget": {"HostedZoneId": "Z1", "DNSName": "plain.example.com.", "EvaluateTargetHealth": false}},
  {"Name": "east.example.com.", "Type": "A", "SetIdentifier": "2", "Weight": 1,
   "AliasTarget": {"HostedZoneId": "Z1", "DNSName": "deep.example.com.", "EvaluateTargetHealth": true}},
  {"Name": "east.example.com.", "Type": "A", "SetIdentifier": "3", "Weight": 0, "AliasTarget":
   {"HostedZoneId": "Z35SXDOTRQ7X7K", "DNSName": "lb.us-east-1.elb.amazonaws.com.", "EvaluateTargetHealth": true}},
  {"Name": "plain.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
  {"Name": "deep.example.com.", "Type": "A", "SetIdentifier": "1", "MultiValueAnswer": true, "HealthCheckId": "leaf",
   "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]},
  {"Name": "west.example.com.", "Type": "A", "SetIdentifier": "1", "Failover": "PRIMARY", "HealthCheckId": "west",
   "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.3"}]},
  {"Name": "west.example.com.", "Type": "A", "SetIdentifier": "2", "Failover": "SECONDARY", "AliasTarget":
   {"HostedZoneId": "Z35SXDOTRQ7X7K", "DNSName": "lb.us-east-1.elb.amazonaws.com.", "EvaluateTargetHealth": true}},
  {"Name": "s3.example.com.", "Type": "A", "AliasTarget": {"HostedZoneId": "Z3AQBSTGFYJSTF",
   "DNSName": "s3-website-us-east-1.amazonaws.com.", "EvaluateTargetHealth": true}}],
 "HealthChecks": [
  {"Id": "west", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 1}},
  {"Id": "leaf", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 2, "Inverted": true}},
  {"Id": "child", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 3}},
  {"Id": "off", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 4, "Disabled": true}},
  {"Id": "sum", "HealthCheckConfig": {"Type": "CALCULATED", "HealthThreshold": 2,
   "ChildHealthChecks": ["child", "off"]}}]}"#;

#[test]
fn a_region_reaches_the_leaves_below_other_names() {
    let held = view(TREE).in_region(region("us-east-1")).unwrap();
    assert_eq!(held.health_checks, ["leaf", "child"]);
    let targets = ["lb.us-east-1.elb.amazonaws.com.", "s3-website-us-east-1.amazonaws.com."];
    assert_eq!(held.alias_targets, targets);
    assert!(held.out_of_reach.is_empty(), "{held:?}");
}

#[test]
fn what_names_another_region_is_left_alone() {
    let held = view(TREE).in_region(region("eu-west-1")).unwrap();
    assert_eq!(held.health_checks, ["west"]);
    assert!(held.alias_targets.is_empty(), "{held:?}");
    // Its last resort is in us-east-1, and works.
    assert_eq!(held.out_of_reach, ["app.example.com./A/euw1"]);
}

#[test]
fn what_another_region_leads_to_as_well_is_left_alone_unless_a_record_set_bears_it() {
    let member = |id: &str, region: &str, check: &str, target: &str| {
        format!(
            r#"{{"Name": "app.example.com.", "Type": "A", "SetIdentifier": "{id}", "Region": "{region}"{check},
             "AliasTarget": {{"HostedZoneId": "Z1", "DNSName": "{target}.example.com.", "EvaluateTargetHealth": true}}}}"#
        )
    };
    let leaf = |name: &str, id: &str| {
        format!(
            r#"{{"Name": "{name}.example.com.", "Type": "A", "SetIdentifier": "{id}", "Weight": 1, "HealthCheckId": "{id}",
             "TTL": 60, "ResourceRecords": [{{"Value": "192.0.2.1"}}]}}"#
        )
    };
    let check = |id: &str| {
        format!(r#"{{"Id": "{id}", "HealthCheckConfig": {{"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 1}}}}"#)
    };
    // Both Regions back each other up.
    let zone = |own: &str| {
        let sets = [
            member("e", "us-east-1", own, "east"),
            member("w", "us-west-2", "", "west"),
            leaf("east", "one"),
            leaf("east", "both"),
            leaf("west", "both"),
        ];
        let checks = ["one", "both"].map(check);
        format!(
            r#"{{"HostedZone": {{"Id": "Z1", "Name": "example.com."}}, "ResourceRecordSets": [{}], "HealthChecks": [{}]}}"#,
            sets.join(","),
            checks.join(",")
        )
    };
    let held = view(&zone("")).in_region(region("us-east-1")).unwrap();
    assert_eq!((held.health_checks, held.out_of_reach), (vec!["one".into()], vec!["app.example.com./A/e".into()]));
    let held = view(&zone(r#", "HealthCheckId": "both""#)).in_region(region("us-east-1")).unwrap();
    assert_eq!((held.health_checks, held.out_of_reach), (vec!["one".into(), "both".into()], Vec::new()));
}

#[test]
fn a_zone_says_which_regions_it_has() {
    let view = view(TREE);
    let mut codes: Vec<&str> = view.regions().iter().map(|region| region.as_str()).collect();
    codes.sort_unstable();
    assert_eq!(codes, ["eu-west-1", "us-east-1"]);
    let error = view.in_region(region("sa-east-1")).unwrap_err();
    assert!(error.message.contains("sa-east-1"));
}

#[test]
fn a_disabled_check_needs_no_data() {
    assert_eq!(view(TREE).without_data(), ["west", "leaf", "child"]);
}
