use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec;
use alloc::vec::Vec;

use crate::compile::compile;
use crate::health::HealthView;
use crate::model::RecordType;
use crate::parse::{parse, parse_report};
use crate::query::Query;
use crate::resolve::Scratch;
use crate::validate::{Options, Validated, validate};

const SOA: &str = r#"{"Name": "example.com.", "Type": "SOA", "TTL": 900, "ResourceRecords": [
    {"Value": "ns.example.net. host.example.net. 1 7200 900 1209600 86400"}]}"#;
const GOOD: &str =
    r#"{"Name": "good.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}"#;

fn zone(records: &[&str], rest: &str) -> Validated {
    let all: Vec<&str> = [SOA, GOOD].into_iter().chain(records.iter().copied()).collect();
    let text = format!(
        r#"{{"HostedZone": {{"Id": "Z1", "Name": "example.com."}}, "ResourceRecordSets": [{}]{rest}}}"#,
        all.join(",\n")
    );
    validate(&[parse(0, &text)], &Options::default())
}

fn view(validated: &Validated, report: &str) -> HealthView {
    let zone = Arc::new(compile(validated.zone.as_ref().unwrap()));
    HealthView::new(zone, &parse_report(0, report).unwrap().0).0
}

/// Response code, values and why there is no answer, of each question.
fn answers(view: &HealthView, questions: &[(&str, RecordType)]) -> Vec<String> {
    let mut scratch = Scratch::new(view.zone());
    let mut said = Vec::new();
    for (name, record_type) in questions {
        let answer = view.resolve(&Query::new(name, *record_type).unwrap(), &mut scratch);
        let values: Vec<&str> = answer.values().collect();
        said.push(
            format!("{} {} {}", answer.rcode().as_str(), values.join(","), answer.quarantined().unwrap_or_default())
                .trim()
                .to_string(),
        );
    }
    said
}

/// Every kind of finding that keeps a record set from being evaluated silences that name and type, and nothing else.
#[test]
fn one_bad_record_set_silences_its_own_name_and_type() {
    let a = |fields: &str| format!(r#"{{"Name": "bad.example.com.", "Type": "A", {fields}}}"#);
    let value = r#""TTL": 60, "ResourceRecords": [{"Value": "192.0.2.9"}]"#;
    let aaaa =
        r#"{"Name": "bad.example.com.", "Type": "AAAA", "TTL": 60, "ResourceRecords": [{"Value": "2001:db8::1"}]}"#;
    for (records, code) in [
        (vec![a(r#""TrafficPolicyInstanceId": "t""#)], "traffic-policy-instance"),
        (vec![a(r#""TTL": "60", "ResourceRecords": [{"Value": "192.0.2.9"}]"#)], "wrong-type"),
        (vec![a(r#""ResourceRecords": [{"Value": "192.0.2.9"}]"#)], "ttl-missing"),
        (vec![a(r#""TTL": 60, "ResourceRecords": [{"Value": "nonsense"}]"#)], "value-not-ipv4-address"),
        (vec![a(value), a(r#""TTL": 61, "ResourceRecords": [{"Value": "192.0.2.8"}]"#)], "simple-twice"),
        (vec![a(&format!(r#""Weight": 1, {value}"#))], "set-identifier-missing"),
        (
            vec![
                a(&format!(r#""SetIdentifier": "1", "Weight": 1, {value}"#)),
                a(&format!(r#""SetIdentifier": "2", "Region": "us-east-1", {value}"#)),
            ],
            "mixed-routing-policies",
        ),
        (
            vec![a(
                r#""AliasTarget": {"HostedZoneId": "Z1", "DNSName": "no.example.com.", "EvaluateTargetHealth": false}"#,
            )],
            "alias-target-missing",
        ),
        (
            vec![a(
                r#""AliasTarget": {"HostedZoneId": "Z1", "DNSName": "bad.example.com.", "EvaluateTargetHealth": false}"#,
            )],
            "alias-loop",
        ),
    ] {
        let records: Vec<&str> = records.iter().map(String::as_str).chain([aaaa]).collect();
        let validated = zone(&records, "");
        let view = view(&validated, r#"{"HealthChecks": {}}"#);
        let questions = [
            ("bad.example.com", RecordType::A),
            ("bad.example.com", RecordType::Aaaa),
            ("bad.example.com", RecordType::Txt),
            ("good.example.com", RecordType::A),
            ("none.example.com", RecordType::A),
        ];
        let wanted = [&format!("SERVFAIL  {code}"), "NOERROR 2001:db8::1", "NOERROR", "NOERROR 192.0.2.1", "NXDOMAIN"];
        assert_eq!(answers(&view, &questions), wanted, "{code}");
        let known: Vec<_> =
            view.zone().quarantined().map(|(name, kind, code)| format!("{name} {kind} {code}")).collect();
        assert_eq!(known, [format!("bad.example.com. A {code}")]);
    }
}

#[test]
fn odds_and_explanation_say_it_too() {
    let policy = r#"{"Name": "tp.example.com.", "Type": "A", "TrafficPolicyInstanceId": "t"}"#;
    let member = |id: &str, target: &str| {
        format!(
            r#"{{"Name": "top.example.com.", "Type": "A", "SetIdentifier": "{id}", "Weight": 1, "AliasTarget": {{
                "HostedZoneId": "Z1", "DNSName": "{target}.example.com.", "EvaluateTargetHealth": true}}}}"#
        )
    };
    let view = view(&zone(&[policy, &member("1", "tp"), &member("2", "good")], ""), r#"{"HealthChecks": {}}"#);
    let odds = |name: &str| view.odds(&Query::new(name, RecordType::A).unwrap()).unwrap().to_json();
    assert_eq!(
        odds("tp.example.com"),
        r#"{"rcode":"SERVFAIL","outcomes":[{"probability":1.0,"ratio":"1/1","type":"A","ttl":0,"values":[],"quarantined":"traffic-policy-instance"}]}"#
    );
    let both = odds("top.example.com");
    assert!(
        both.starts_with(r#"{"rcode":"NOERROR""#) && both.contains(r#""ratio":"1/2","type":"A","ttl":60"#),
        "{both}"
    );
    assert!(both.contains(r#""quarantined":"traffic-policy-instance""#), "{both}");
    let told = view.explain(&Query::new("tp.example.com", RecordType::A).unwrap()).to_string();
    assert!(
        told.contains("SERVFAIL: the record sets that would answer cannot be evaluated [traffic-policy-instance]"),
        "{told}"
    );
    let mut scratch = Scratch::new(view.zone());
    let json = view.resolve(&Query::new("tp.example.com", RecordType::A).unwrap(), &mut scratch).to_json();
    assert_eq!(
        json,
        r#"{"rcode":"SERVFAIL","type":"A","ttl":0,"values":[],"set_identifiers":[],"fail_open":false,"scope_prefix_length":0,"quarantined":"traffic-policy-instance"}"#
    );
}

#[test]
fn a_name_without_a_type_a_cname_a_wildcard_and_a_cut_reach_further() {
    let bad = |name: &str, kind: &str| format!(r#"{{"Name": "{name}.example.com.", {kind} "TTL": 60}}"#);
    let other =
        r#"{"Name": "typeless.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}"#;
    let records = [
        &bad("typeless", ""),
        other,
        &bad("cname", r#""Type": "CNAME","#),
        &bad("*.wild", r#""Type": "A","#),
        &bad("cut", r#""Type": "NS","#),
        &bad("new", r#""Type": "CDS","#),
    ];
    let view = view(&zone(&records, ""), r#"{"HealthChecks": {}}"#);
    let questions = [
        ("typeless.example.com", RecordType::A),
        ("typeless.example.com", RecordType::Mx),
        ("cname.example.com", RecordType::A),
        ("x.wild.example.com", RecordType::A),
        ("x.wild.example.com", RecordType::Aaaa),
        ("x.cut.example.com", RecordType::A),
        ("new.example.com", RecordType::A),
    ];
    let wanted = [
        "SERVFAIL  type-missing",
        "SERVFAIL  type-missing",
        "SERVFAIL  content-missing",
        "SERVFAIL  content-missing",
        "NOERROR",
        "SERVFAIL  content-missing",
        "NOERROR",
    ];
    assert_eq!(answers(&view, &questions), wanted);
}

#[test]
fn a_copy_to_the_letter_counts_once() {
    let validated = zone(&[GOOD], "");
    let codes: Vec<_> = validated.diagnostics.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, ["simple-twice"]);
    assert_eq!(
        answers(&view(&validated, r#"{"HealthChecks": {}}"#), &[("good.example.com", RecordType::A)]),
        ["NOERROR 192.0.2.1"]
    );
    let member = r#"{"Name": "w.example.com.", "Type": "A", "SetIdentifier": "1", "Weight": 1, "TTL": 60,
        "ResourceRecords": [{"Value": "192.0.2.2"}]}"#;
    let validated = zone(&[member, member, &member.replace("\"1\"", "\"2\"")], "");
    assert_eq!(validated.zone.as_ref().unwrap().record_sets.len(), 4);
}

#[test]
fn groups_that_a_broken_check_decides_are_kept_out() {
    let checked = |name: &str, check: &str| {
        format!(
            r#"{{"Name": "{name}.example.com.", "Type": "A", "SetIdentifier": "1", "Weight": 1, "TTL": 60,
                "HealthCheckId": "{check}", "ResourceRecords": [{{"Value": "192.0.2.7"}}]}}"#
        )
    };
    let checks = r#", "HealthChecks": [
        {"Id": "ok", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 1}},
        {"Id": "broken", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8"}},
        {"Id": "parent", "HealthCheckConfig": {"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": ["ok", "broken"]}}]"#;
    let validated = zone(&[&checked("a", "ok"), &checked("b", "broken"), &checked("c", "parent")], checks);
    let view = view(&validated, r#"{"HealthChecks": {}}"#);
    let questions = ["a", "b", "c"].map(|name| format!("{name}.example.com"));
    let questions: Vec<_> = questions.iter().map(|name| (name.as_str(), RecordType::A)).collect();
    let missing = "SERVFAIL  health-check-port-missing";
    assert_eq!(answers(&view, &questions), ["NOERROR 192.0.2.7", missing, missing]);
}

/// Quarantined, a group counts as healthy: whoever gets another answer would get it whatever the group's health.
#[test]
fn an_alias_that_evaluates_what_cannot_be_evaluated_counts_as_healthy() {
    let policy = r#"{"Name": "tp.example.com.", "Type": "A", "TrafficPolicyInstanceId": "t"}"#;
    let member = |role: &str, rest: &str| {
        format!(r#"{{"Name": "f.example.com.", "Type": "A", "SetIdentifier": "{role}", "Failover": "{role}", {rest}}}"#)
    };
    let leads = r#""AliasTarget": {"HostedZoneId": "Z1", "DNSName": "tp.example.com.", "EvaluateTargetHealth": true}"#;
    let own = r#""HealthCheckId": "hc", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.3"}]"#;
    let question = [("f.example.com", RecordType::A)];
    for (primary, secondary, health, wanted) in [
        (leads, own, "healthy", "SERVFAIL  traffic-policy-instance"),
        (own, leads, "healthy", "NOERROR 192.0.2.3"),
        (own, leads, "unhealthy", "SERVFAIL  traffic-policy-instance"),
    ] {
        let validated = zone(&[policy, &member("PRIMARY", primary), &member("SECONDARY", secondary)], "");
        let view = view(&validated, &format!(r#"{{"HealthChecks": {{"hc": "{health}"}}}}"#));
        assert_eq!(answers(&view, &question), [wanted]);
    }
}

#[test]
fn half_a_zone_is_none() {
    for (records, rest) in [
        (vec![r#""no object""#], ""),
        (vec![r#"{"Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}"#], ""),
        (vec![], r#", "IsTruncated": true, "NextRecordName": "x.example.com.""#),
        (vec![], r#", "CidrBlocks": []"#),
    ] {
        assert!(zone(&records, rest).zone.is_none(), "{records:?} {rest}");
    }
}
