use super::super::fixture::{ZONE, check_table, of, records_document, refusals, says, zone};
use alloc::format;

const ALIAS: &str =
    r#""AliasTarget": {"HostedZoneId": "Z35", "DNSName": "lb.example.net", "EvaluateTargetHealth": false}"#;

#[test]
fn names_and_types_are_needed_and_well_formed() {
    check_table(&[
        ("@a $", &[]),
        (r#""Type": "A", $"#, &["name-missing cannot [0]"]),
        (r#""Name": "", "Type": "A", $"#, &["name-malformed cannot [0].Name"]),
        (r#""Name": "a..example.com", "Type": "A", $"#, &["name-malformed cannot [0].Name"]),
        (r#""Name": "a b.example.com", "Type": "A", $"#, &["name-malformed cannot [0].Name"]),
        (r#""Name": "bücher.example.com", "Type": "A", $"#, &["name-not-punycode cannot [0].Name"]),
        (r#""Name": "a.example.com", $"#, &["type-missing cannot [0]"]),
        (r#""Name": "a.example.com", "Type": "AXFR", $"#, &["type-unknown cannot [0].Type"]),
        (
            r#""Name": "*.example.com", "Type": "NS", "TTL": 60, "ResourceRecords": [{"Value": "ns.example.net"}]"#,
            &["wildcard-ns refused [0].Name"],
        ),
        (r#""Name": "*prod.example.com", "Type": "A", $"#, &[]),
        (r#""Name": "a.example.com", "Type": "a", $"#, &["type-case refused [0].Type"]),
        (r#""Name": "prod\\052.example.com", "Type": "A", $"#, &[]),
        (r#""Name": "prod.*.example.com", "Type": "A", $"#, &[]),
        (r#""Name": "a.pr*od.example.com", "Type": "A", $"#, &[]),
    ]);
}

#[test]
fn a_name_outside_the_zone_is_left_out() {
    let validated = zone(r#"@a $ | "Name": "www.example.org", "Type": "A", "TTL": -1"#);
    assert_eq!(refusals(&validated), ["name-outside-zone refused $.ResourceRecordSets[1].Name"]);
    assert_eq!(validated.zone.unwrap().record_sets.len(), 1);
}

#[test]
fn a_listing_of_another_zone_is_one_finding() {
    let soa = r#""Type": "SOA", "TTL": 60,
        "ResourceRecords": [{"Value": "ns.example.net. host.example.net. 1 7200 900 1209600 86400"}]"#;
    let other = r#""Name": "a.example.org", "Type": "A", $ | "Name": "b.example.org", "Type": "A", $"#;
    check_table(&[
        (other, &["record-sets-of-another-zone cannot [0].Name"]),
        (
            &format!(r#"@a $ | "Name": "example.org", {soa} | {other} | @a $"#),
            &["record-sets-of-another-zone cannot [1].Name", "simple-twice refused [4].Name"],
        ),
        (&format!("@a $ | {other}"), &["name-outside-zone refused [1].Name", "name-outside-zone refused [2].Name"]),
    ]);
}

#[test]
fn content_is_values_with_a_ttl_or_an_alias() {
    check_table(&[
        (&format!("@a {ALIAS}"), &[]),
        (&format!(r#"@a {ALIAS}, "TTL": null, "ResourceRecords": []"#), &[]),
        (&format!(r#"@a {ALIAS}, "TTL": 60"#), &["alias-with-ttl refused [0].TTL"]),
        (&format!("@a {ALIAS}, $"), &["alias-with-values cannot [0].ResourceRecords"]),
        ("@a", &["content-missing cannot [0]"]),
        (r#"@a "TTL": 60"#, &["content-missing cannot [0]"]),
        (r#"@a "TTL": 60, "ResourceRecords": []"#, &["content-missing cannot [0]"]),
        (r#"@a "TrafficPolicyInstanceId": "x""#, &["traffic-policy-instance cannot [0].TrafficPolicyInstanceId"]),
        (
            r#"@a "TrafficPolicyInstanceId": "x", "ResourceRecords": [{"Value": "This record set is unsupported"}]"#,
            &["traffic-policy-instance cannot [0].TrafficPolicyInstanceId"],
        ),
        (r#"@a $, "TrafficPolicyInstanceId": "x""#, &[]),
        (r#"@a "ResourceRecords": [{"Value": "192.0.2.1"}]"#, &["ttl-missing cannot [0]"]),
        (r#"@a "TTL": -1, "ResourceRecords": [{"Value": "192.0.2.1"}]"#, &["ttl-out-of-range cannot [0].TTL"]),
        (r#"@a "TTL": 2147483648, "ResourceRecords": [{"Value": "192.0.2.1"}]"#, &["ttl-out-of-range cannot [0].TTL"]),
        (
            r#"@a "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}, {"Value": "x"}]"#,
            &["value-not-ipv4-address cannot [0].ResourceRecords[1].Value"],
        ),
    ]);
}

#[test]
fn one_record_set_may_have_several_faults_but_no_fault_several_findings() {
    check_table(&[
        (
            r#"@a "SetIdentifier": "a", "Weight": 256, "TTL": -1, "ResourceRecords": [{"Value": "x"}]"#,
            &[
                "weight-out-of-range cannot [0].Weight",
                "value-not-ipv4-address cannot [0].ResourceRecords[0].Value",
                "ttl-out-of-range cannot [0].TTL",
            ],
        ),
        // What could not be read is not missing, and its record set does not disturb its group.
        (
            r#"@a "SetIdentifier": "a", "Weight": "1", $ | @a "SetIdentifier": "b", "Weight": 1, $"#,
            &["wrong-type cannot [0].Weight"],
        ),
        (r#"@a "SetIdentifier": 7, "Weight": 1, $"#, &["wrong-type cannot [0].SetIdentifier"]),
        (r#"@a "TTL": "60", "ResourceRecords": [{"Value": "192.0.2.1"}]"#, &["wrong-type cannot [0].TTL"]),
        (r#""Name": 7, "Type": "A", $"#, &["wrong-type cannot [0].Name"]),
        ("", &[]),
        (r#""Weight": 1"#, &["record-set-incomplete cannot [0]"]),
    ]);
}

#[test]
fn a_cname_may_not_be_at_the_apex_nor_beside_others() {
    let cname = r#""TTL": 60, "ResourceRecords": [{"Value": "x.example.net"}]"#;
    let txt = r#""TTL": 60, "ResourceRecords": [{"Value": "\"x\""}]"#;
    check_table(&[
        (
            &format!(r#""Name": "example.com", "Type": "CNAME", {cname} | "Name": "example.com", "Type": "A", $"#),
            &["cname-at-apex refused [0].Type"],
        ),
        (
            &format!(
                r#""Name": "a.example.com", "Type": "CNAME", {cname} | @a $
                    | "Name": "a.example.com", "Type": "TXT", {txt}"#
            ),
            &["cname-beside-others refused [1].Type"],
        ),
        (
            &format!(r#"@a $ | "Name": "A.example.com", "Type": "CNAME", {cname}"#),
            &["cname-beside-others refused [1].Type"],
        ),
        (&format!(r#"@a $ | "Name": "b.example.com", "Type": "CNAME", {cname}"#), &[]),
    ]);
}

#[test]
fn health_checks_need_a_policy_and_a_primary_needs_a_health_check() {
    let healthy = ALIAS.replace("false", "true");
    check_table(&[
        (r#"@a $, "HealthCheckId": "hc""#, &["simple-with-health-check refused [0].HealthCheckId"]),
        (r#"@a $, "SetIdentifier": "p", "Failover": "PRIMARY", "HealthCheckId": "hc""#, &[]),
        (r#"@a $, "SetIdentifier": "p", "Failover": "PRIMARY""#, &["primary-without-health refused [0].Failover"]),
        (r#"@a $, "SetIdentifier": "s", "Failover": "SECONDARY""#, &[]),
        (
            &format!(r#"@a {ALIAS}, "SetIdentifier": "p", "Failover": "PRIMARY""#),
            &["primary-without-health refused [0].Failover"],
        ),
        (&format!(r#"@a {ALIAS}, "SetIdentifier": "p", "Failover": "PRIMARY", "HealthCheckId": "hc""#), &[]),
        (&format!(r#"@a {healthy}, "SetIdentifier": "p", "Failover": "PRIMARY""#), &[]),
        (
            &format!(r#"@a $, "SetIdentifier": "a", "Weight": 1, "HealthCheckId": "{}""#, "x".repeat(65)),
            &["health-check-id-too-long refused [0].HealthCheckId"],
        ),
    ]);
}

#[test]
fn the_service_would_say_it_so() {
    let says = |records: &str| says(&zone(records));
    assert_eq!(
        says(r#"@a "TTL": 60, "SetIdentifier": "s1", "Weight": 1"#),
        "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or \
         TrafficPolicyInstanceId], but found none in Change with [Action=CREATE, Name=a.example.com., Type=A, \
         SetIdentifier=s1]"
    );
    assert_eq!(
        says(&format!(r#"@* {ALIAS}, "SetIdentifier": "p", "Failover": "PRIMARY""#)),
        "RRSet with DNS name \\052.example.com., type A, SetIdentifier p cannot be a primary without \
         EvaluateTargetHealth set to true or an associated health check as a secondary would never be returned."
    );
}

#[test]
fn the_quota_of_record_sets_is_a_warning() {
    let records: alloc::vec::Vec<_> = (0..10_001).map(|number| format!("@n{number} $")).collect();
    let validated = of(&[ZONE, &records_document(&records.join("|"))]);
    assert_eq!(refusals(&validated), ["records-quota refused? $.ResourceRecordSets[10000]"]);
}
