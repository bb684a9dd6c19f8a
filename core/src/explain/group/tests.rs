//! What explain says of members that tie, or that nothing tells apart (10.8, 10.13, 10.14, 10.17).

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::compile::compile;
use crate::health::HealthView;
use crate::parse::{HealthReport, parse, parse_query, parse_report};
use crate::validate::{Options, validate};

/// Why each member of a group was chosen or not, for a client.
fn whys(members: &[&str], client: &str) -> Vec<String> {
    let member = |(number, part): (usize, &&str)| {
        let ending = format!(r#""TTL": 60, "ResourceRecords": [{{"Value": "192.0.2.{number}"}}]"#);
        format!(r#"{{"Name": "a.example.com", "Type": "A", "SetIdentifier": "{number}", {part}, {ending}}}"#)
    };
    let members: Vec<String> = members.iter().enumerate().map(member).collect();
    let hosted_zone = r#""HostedZone": {"Id": "Z1", "Name": "example.com."}"#;
    let text = format!(r#"{{{hosted_zone}, "ResourceRecordSets": [{}]}}"#, members.join(", "));
    let zone = compile(&validate(&[parse(0, &text)], &Options::default()).zone.unwrap());
    let (view, _) = HealthView::new(Arc::new(zone), &HealthReport::default());
    let query = parse_query(&format!(r#"{{"name": "a.example.com", "type": "A", "client": {client}}}"#)).unwrap();
    let text = format!("{}", view.explain(&query));
    let of_members = text.lines().filter(|line| line.contains("it has no health check; "));
    of_members.map(|line| String::from(line.rsplit("; ").next().unwrap())).collect()
}

#[test]
fn a_member_that_ties_is_not_said_to_be_farther() {
    let regions = [r#""Region": "us-east-1""#, r#""Region": "eu-west-1""#, r#""Region": "cn-north-1""#];
    let near = r#"{"latency_ms": {"us-east-1": 20, "eu-west-1": 20, "cn-north-1": 90}"#;
    assert_eq!(
        whys(&regions, &format!("{near}}}")),
        ["chosen: lowest latency of the healthy ones", "as near, with a later Region code", "not the lowest latency"]
    );
    let in_china = "clients in China get cn-north-1";
    assert_eq!(
        whys(&regions, &format!(r#"{near}, "country": "CN"}}"#)),
        ["chosen: clients in China get cn-north-1", in_china, in_china]
    );
    assert_eq!(
        whys(&regions[..2], "{}"),
        ["chosen: no latency is known, so the first Region code is taken", "a later Region code"]
    );
    let place = |longitude: &str| {
        format!(r#""GeoProximityLocation": {{"Coordinates": {{"Latitude": "0", "Longitude": "{longitude}"}}}}"#)
    };
    let places = [&*place("170"), &*place("-170"), &*place("0")];
    assert_eq!(
        whys(&places, r#"{"latitude": 0, "longitude": 180}"#),
        [
            "chosen: nearest of the healthy ones after bias",
            "equally far, with a later SetIdentifier",
            "farther after bias"
        ]
    );
    assert_eq!(
        whys(&places[..2], "{}"),
        ["chosen: the client's position is unknown, so the first SetIdentifier is taken", "a later SetIdentifier"]
    );
}

#[test]
fn what_checkers_reported_is_repeated_until_the_check_has_another_status() {
    let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
        {"Name": "a.example.com", "Type": "A", "SetIdentifier": "1", "Failover": "PRIMARY", "HealthCheckId": "hc",
         "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}],
        "HealthChecks": [{"Id": "hc", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 53}}]}"#;
    let zone = Arc::new(compile(&validate(&[parse(0, zone)], &Options::default()).zone.unwrap()));
    let line =
        |region: &str, status: &str| format!(r#"{{"Region": "{region}", "StatusReport": {{"Status": "{status}"}}}}"#);
    let failure = "Failure: Connection timed out.";
    let lines = [line("us-east-1", failure), line("eu-west-1", failure), line("sa-east-1", "Failure: DNS.")].join(",");
    let report = format!(r#"{{"HealthChecks": {{"hc": {{"HealthCheckObservations": [{lines}]}}}}}}"#);
    let (view, _) = HealthView::new(zone, &parse_report(0, &report).unwrap().0);
    let query = parse_query(r#"{"name": "a.example.com", "type": "A"}"#).unwrap();
    let sentence = "hc (TCP) is reported unhealthy (0 of 3 checkers succeed; us-east-1 and 1 more: Failure: Connection \
                    timed out; sa-east-1: Failure: DNS)";
    let text = format!("{}", view.explain(&query));
    assert!(text.contains(sentence), "{text}");
    let json = view.explain(&query).to_json();
    assert!(
        json.contains(r#""successes":0,"checkers":3,"reports":["us-east-1: Failure: Connection timed out.","#),
        "{json}"
    );

    let (after, _) = view.updated(&parse_report(0, r#"{"HealthChecks": {"hc": "unhealthy"}}"#).unwrap().0);
    let text = format!("{}", after.explain(&query));
    assert!(text.contains("hc (TCP) is reported unhealthy;") && !text.contains("checkers"), "{text}");
}
