use super::super::fixture::{check_table, lints, of, records_document, refusals, says, zone};
use alloc::format;

const CNAME: &str =
    r#""Name": "a.example.com", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "x.example.net"}]"#;

#[test]
fn a_policy_and_a_set_identifier_come_together() {
    let long = "x".repeat(129);
    let umlauts = "\u{fc}".repeat(128);
    check_table(&[
        (r#"@a $, "SetIdentifier": "a", "Weight": 0"#, &[]),
        (r#"@a $, "Weight": 1"#, &["set-identifier-missing cannot [0]"]),
        (r#"@a $, "SetIdentifier": "a""#, &["set-identifier-without-policy refused [0].SetIdentifier"]),
        (r#"@a $, "SetIdentifier": "", "Weight": 1"#, &["set-identifier-length refused [0].SetIdentifier"]),
        (
            &format!(r#"@a $, "SetIdentifier": "{long}", "Weight": 1"#),
            &["set-identifier-length refused [0].SetIdentifier"],
        ),
        (&format!(r#"@a $, "SetIdentifier": "{umlauts}", "Weight": 1"#), &[]),
        (
            r#"@a $, "SetIdentifier": "a", "Weight": 1, "Region": "us-east-1""#,
            &["two-routing-policies cannot [0].Region"],
        ),
    ]);
}

#[test]
fn multivalue_answer_is_true_or_absent() {
    check_table(&[
        (r#"@a $, "SetIdentifier": "a", "MultiValueAnswer": true"#, &[]),
        (r#"@a $, "MultiValueAnswer": false"#, &["multivalue-answer-false refused [0].MultiValueAnswer"]),
        (
            r#"@a $, "SetIdentifier": "a", "MultiValueAnswer": false, "Weight": 1"#,
            &["multivalue-answer-false refused [0].MultiValueAnswer"],
        ),
        (
            r#"@a $, "SetIdentifier": "a", "MultiValueAnswer": false"#,
            &["multivalue-answer-false refused [0].MultiValueAnswer"],
        ),
    ]);
    let says = says(&zone(r#"@a $, "MultiValueAnswer": false"#));
    assert!(says.contains("Missing field 'SetIdentifier'"), "{says}");
}

#[test]
fn parameters_lie_in_their_range() {
    check_table(&[
        (r#"@a $, "SetIdentifier": "a", "Weight": 255"#, &[]),
        (r#"@a $, "SetIdentifier": "a", "Weight": 256"#, &["weight-out-of-range cannot [0].Weight"]),
        (r#"@a $, "SetIdentifier": "a", "Weight": -1"#, &["weight-out-of-range cannot [0].Weight"]),
        (r#"@a $, "SetIdentifier": "a", "Weight": 99999999999999999999"#, &["weight-out-of-range cannot [0].Weight"]),
        (r#"@a $, "SetIdentifier": "a", "Region": "xx-fake-1""#, &["region-unknown cannot [0].Region"]),
        (r#"@a $, "SetIdentifier": "a", "Failover": "BACKUP""#, &["failover-unknown cannot [0].Failover"]),
    ]);
}

#[test]
fn some_types_take_no_policy() {
    let ns = r#""Name": "a.example.com", "Type": "NS", "TTL": 60, "ResourceRecords": [{"Value": "ns.example.net"}]"#;
    let alias = r#""AliasTarget": {"HostedZoneId": "Z35", "DNSName": "lb.example.net", "EvaluateTargetHealth": false}"#;
    check_table(&[
        (&format!(r#"{CNAME}, "SetIdentifier": "a", "Weight": 1"#), &[]),
        (
            &format!(r#"{CNAME}, "SetIdentifier": "a", "MultiValueAnswer": true"#),
            &["multivalue-cname refused [0].MultiValueAnswer"],
        ),
        (&format!(r#"{ns}, "SetIdentifier": "a", "Weight": 1"#), &["type-takes-no-policy refused [0].Weight"]),
        (
            &format!(r#"@a {alias}, "SetIdentifier": "a", "MultiValueAnswer": true"#),
            &["multivalue-alias cannot [0].AliasTarget"],
        ),
    ]);
    let hash = "ab".repeat(32);
    let ds = format!(
        r#""Name": "a.example.com", "Type": "DS", "TTL": 60, "ResourceRecords": [{{"Value": "1 13 2 {hash}"}}],
            "SetIdentifier": "a", "Weight": 1"#
    );
    assert_eq!(refusals(&zone(&ds)), [""; 0]);
    assert!(lints(&zone(&ds)).contains(&"ds-with-policy $.ResourceRecordSets[0].Weight".into()));
}

#[test]
fn a_private_zone_has_no_ip_based_routing() {
    let private = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com.", "Config": {"PrivateZone": true}},
        "CidrCollections": [{"Id": "c8c02a84-aaaa-bbbb-e0d2-d833a2f80106", "CidrBlocks": [
            {"CidrBlock": "192.0.2.0/24", "LocationName": "l"}]}]}"#;
    let records = r#"@a $, "SetIdentifier": "a", "CidrRoutingConfig":
        {"CollectionId": "c8c02a84-aaaa-bbbb-e0d2-d833a2f80106", "LocationName": "l"}"#;
    let validated = of(&[private, &records_document(records)]);
    assert_eq!(refusals(&validated), ["ip-based-in-private-zone refused $.ResourceRecordSets[0].CidrRoutingConfig"]);
    assert!(validated.zone.is_some());
}
