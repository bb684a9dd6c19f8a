use super::super::fixture::{check_table, of, records_document, says as says_of, zone};
use alloc::format;
use alloc::vec::Vec;

#[test]
fn a_group_has_one_policy() {
    let weighted = r#"@a $, "SetIdentifier": "w", "Weight": 1"#;
    for (records, wanted, says) in [
        (
            format!("@a $ | {weighted}"),
            "[1].Weight",
            "type A, SetIdentifier w cannot be created as a non-weighted set exists",
        ),
        (
            format!("{weighted} | @a $"),
            "[1].Name",
            "type A cannot be created as other RRSets exist with the same name and type",
        ),
        (
            format!(r#"{weighted} | @a $, "SetIdentifier": "l", "Region": "us-east-1""#),
            "[1].Region",
            "SetIdentifier l, and Region Name=us-east-1 cannot be created because a non-latency RRSet",
        ),
        (
            format!(r#"{weighted} | @a $, "SetIdentifier": "p", "Failover": "PRIMARY", "HealthCheckId": "hc""#),
            "[1].Failover",
            "marked as primary cannot be created because a non-failover RRSet with the same name and type",
        ),
        (
            format!(r#"{weighted} | @a $, "SetIdentifier": "g", "GeoLocation": {{"ContinentCode": "NA"}}"#),
            "[1].GeoLocation",
            "and routing to [continent = (NA, North America)} cannot be created because a non-GEO RRSet",
        ),
        (
            format!(r#"{weighted} | @a $, "SetIdentifier": "m", "MultiValueAnswer": true"#),
            "[1].MultiValueAnswer",
            "cannot be created because a non multivalue answer rrset exists with the same name and type",
        ),
    ] {
        check_table(&[(&records, &[&format!("mixed-routing-policies cannot {wanted}")])]);
        let message = says_of(&zone(&records));
        assert!(message.contains(says), "{message}");
    }
    // Types are groups of their own (1.3.6).
    let aaaa = r#""Name": "a.example.com", "Type": "AAAA", "TTL": 60, "ResourceRecords": [{"Value": "2001:db8::1"}]"#;
    check_table(&[(&format!("{weighted} | {aaaa}"), &[])]);
}

#[test]
fn members_are_told_apart() {
    check_table(&[
        ("@a $ | @A $", &["simple-twice refused [1].Name"]),
        (
            r#"@a $, "SetIdentifier": "a", "Weight": 1 | @a $, "SetIdentifier": "a", "Weight": 1"#,
            &["set-identifier-twice refused [1].SetIdentifier"],
        ),
        (r#"@a $, "SetIdentifier": "a", "Weight": 1 | @a $, "SetIdentifier": "A", "Weight": 1"#, &[]),
        (
            r#"@a $, "SetIdentifier": "a", "Region": "us-east-1" | @a $, "SetIdentifier": "b", "Region": "us-east-1""#,
            &["latency-region-twice refused [1].Region"],
        ),
        (
            r#"@a $, "SetIdentifier": "a", "Failover": "SECONDARY" | @a $, "SetIdentifier": "b", "Failover": "SECONDARY"
                | @a $, "SetIdentifier": "c", "Failover": "SECONDARY""#,
            &["failover-role-twice cannot [1].Failover", "failover-role-twice cannot [2].Failover"],
        ),
        (
            r#"@a $, "SetIdentifier": "a", "GeoLocation": {"CountryCode": "*"}
                | @a $, "SetIdentifier": "b", "GeoLocation": {"CountryCode": "JP"}
                | @a $, "SetIdentifier": "c", "GeoLocation": {"CountryCode": "JP"}
                | @a $, "SetIdentifier": "d", "GeoLocation": {"CountryCode": "*"}"#,
            &["geolocation-place-twice cannot [2].GeoLocation", "geolocation-place-twice cannot [3].GeoLocation"],
        ),
    ]);
}

#[test]
fn a_forgotten_policy_and_a_repeated_member_are_one_fault_each() {
    check_table(&[
        (
            r#"@a $, "SetIdentifier": "a" | @a $, "SetIdentifier": "b", "Weight": 1"#,
            &["set-identifier-without-policy cannot [0].SetIdentifier"],
        ),
        (
            r#"@a $, "SetIdentifier": "a", "Weight": 1 | @a $, "SetIdentifier": "b", "HealthCheckId": "hc""#,
            &["set-identifier-without-policy cannot [1].SetIdentifier"],
        ),
        (
            r#"@a $, "SetIdentifier": "a" | @a $, "SetIdentifier": "b", "MultiValueAnswer": false"#,
            &[
                "set-identifier-without-policy refused [0].SetIdentifier",
                "multivalue-answer-false cannot [1].MultiValueAnswer",
            ],
        ),
        (
            r#"@a $, "SetIdentifier": "a", "Region": "us-east-1" | @a $, "SetIdentifier": "a", "Region": "us-east-1""#,
            &["set-identifier-twice refused [1].SetIdentifier"],
        ),
        (
            r#"@a $, "SetIdentifier": "a", "Failover": "PRIMARY", "HealthCheckId": "hc"
                | @a $, "SetIdentifier": "b", "Failover": "PRIMARY""#,
            &["failover-role-twice cannot [1].Failover"],
        ),
    ]);
}

#[test]
fn weighted_members_have_one_ttl() {
    let with_ttl = |identifier: &str, ttl: u32| {
        format!(
            r#"@a "SetIdentifier": "{identifier}", "Weight": 1, "TTL": {ttl},
                "ResourceRecords": [{{"Value": "192.0.2.1"}}]"#
        )
    };
    let alias = r#"@a "SetIdentifier": "x", "Weight": 1,
        "AliasTarget": {"HostedZoneId": "Z35", "DNSName": "lb.example.net", "EvaluateTargetHealth": false}"#;
    let records = [alias, &with_ttl("a", 60), &with_ttl("b", 60), &with_ttl("c", 61), &with_ttl("d", 62)].join("|");
    check_table(&[(&records, &["weighted-ttl-differs refused [3].TTL"])]);
    let multivalue = records.replace(alias, "@b $").replace("\"Weight\": 1", "\"MultiValueAnswer\": true");
    check_table(&[(&multivalue, &[])]);
}

#[test]
fn ip_based_members_share_a_collection_and_no_location() {
    let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "CidrCollections": [
        {"Id": "c8c02a84-aaaa-bbbb-e0d2-d833a2f80106", "CidrBlocks": [
            {"CidrBlock": "192.0.2.0/24", "LocationName": "l"}]},
        {"Id": "d8c02a84-aaaa-bbbb-e0d2-d833a2f80106", "CidrBlocks": [
            {"CidrBlock": "192.0.2.0/24", "LocationName": "l"}]}]}"#;
    let member = |identifier: &str, collection: &str, location: &str| {
        format!(
            r#"@a $, "SetIdentifier": "{identifier}", "CidrRoutingConfig":
                {{"CollectionId": "{collection}8c02a84-aaaa-bbbb-e0d2-d833a2f80106", "LocationName": "{location}"}}"#
        )
    };
    let codes = |records: [alloc::string::String; 3]| {
        let findings = of(&[zone, &records_document(&records.join("|"))]).diagnostics;
        findings.into_iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(codes([member("a", "c", "l"), member("b", "c", "*"), "@b $".into()]), [""; 0]);
    assert_eq!(codes([member("a", "c", "l"), member("b", "d", "*"), "@b $".into()]), ["cidr-collections-differ"]);
    assert_eq!(codes([member("a", "c", "*"), member("b", "c", "*"), "@b $".into()]), ["cidr-location-twice"]);
    assert_eq!(
        codes([member("a", "c", "l"), member("b", "c", "l"), member("c", "c", "l")]),
        ["cidr-location-twice", "cidr-location-twice"]
    );
}

#[test]
fn groups_have_their_sizes() {
    let members = |count: u32, policy: &str| {
        let members: Vec<_> = (0..count).map(|n| format!(r#"@a $, "SetIdentifier": "s{n}", {policy}"#)).collect();
        members.join("|")
    };
    let proximity = r#""GeoProximityLocation": {"AWSRegion": "us-east-1"}"#;
    check_table(&[
        (&members(100, r#""Weight": 1"#), &[]),
        (&members(101, r#""Weight": 1"#), &["group-too-large refused [100].SetIdentifier"]),
        (&members(101, r#""MultiValueAnswer": true"#), &["group-too-large refused [100].SetIdentifier"]),
        (&members(30, proximity), &[]),
        (&members(31, proximity), &["group-too-large refused [30].SetIdentifier"]),
    ]);
}
