//! Traffic policies: the tree of a policy's rules, and the instances that use it.

use pointsman_import::Options;

use super::{findings, import, odds, text, validated};

#[test]
fn a_traffic_policy_is_the_tree_of_its_rules() {
    let options =
        Options { zone: Some("example.com"), name: Some("www.example.com"), ttl: Some(30), ..Options::default() };
    for file in ["policy-2015.json", "get-traffic-policy.json"] {
        let imported = import(&text(file), &options);
        let ask = |client: &str, report: &str| {
            let query = format!(r#"{{"name": "www.example.com", "type": "A", "client": {client}}}"#);
            odds(&imported, options.zone, &query, report)
        };
        let europe = ask(r#"{"continent": "EU"}"#, r#"{"HealthChecks": {}}"#);
        assert!(europe.contains(r#""ratio":"9/10","type":"A","ttl":30,"values":["192.0.2.1"]"#), "{file}: {europe}");
        let both = r#"{"HealthChecks": {"hc-paris": "unhealthy", "hc-canary": "unhealthy"}}"#;
        assert!(ask(r#"{"continent": "EU"}"#, both).contains("192.0.2.2"), "{file}");
        assert!(ask(r#"{"country": "US"}"#, r#"{"HealthChecks": {}}"#).contains("dualstack.rest-1"), "{file}");
    }
}

#[test]
fn a_policy_is_joined_with_the_instances_that_use_this_version_of_it() {
    let (listing, instances) = (text("policy-listing.json"), text("policy-instances.json"));
    let found = pointsman_import::instances(&[&listing, &instances, &text("get-traffic-policy.json")]);
    let names: Vec<&str> = found.iter().map(|instance| instance.name.as_str()).collect();
    // That of another zone is none that the listing has.
    assert_eq!(names, ["www.example.com.", "shop.example.com.", "old.example.com."]);
    let options = Options { zone: Some("example.com"), instances: &found, ..Options::default() };
    let imported = import(&text("get-traffic-policy.json"), &options);
    assert_eq!(imported.instances(), [found[0].id.clone(), found[1].id.clone()]);
    for (name, ttl) in [("www", 30), ("shop", 45)] {
        let query = format!(r#"{{"name": "{name}.example.com", "type": "A", "client": {{"continent": "EU"}}}}"#);
        let odds = odds(&imported, options.zone, &query, r#"{"HealthChecks": {}}"#);
        assert!(odds.contains(&format!(r#""ratio":"9/10","type":"A","ttl":{ttl},"values":["192.0.2.1"]"#)), "{odds}");
    }
    // The name that is given beats what instances say.
    let named = Options { name: Some("new.example.com"), ttl: Some(5), ..options };
    assert!(import(&text("get-traffic-policy.json"), &named).instances().is_empty());
    // What no policy was given for is still to be told.
    let other = text("get-traffic-policy.json").replace("\"Version\": 3", "\"Version\": 4");
    assert_eq!(import(&other, &options).document(0).diagnostics[0].code, "traffic-policy-without-name");
}

#[test]
fn an_instance_that_says_too_little_is_told() {
    let found = findings(
        r#"{"TrafficPolicyInstance": {"Id": "i-1", "Name": "www.example.com."}}"#,
        &Options { zone: Some("example.com"), ..Options::default() },
    );
    assert_eq!(found[0].0, "traffic-policy-instance-incomplete");
}

#[test]
fn geoproximity_of_both_versions_is_one() {
    let options =
        Options { zone: Some("example.com"), name: Some("www.example.com"), ttl: Some(30), ..Options::default() };
    let new = text("policy-2023.json");
    let old = r#"{"AWSPolicyFormatVersion": "2015-10-01", "RecordType": "A", "StartRule": "near", "Endpoints":
        {"virginia": {"Type": "value", "Value": "192.0.2.1"}, "montreal": {"Type": "value", "Value": "192.0.2.3"}},
        "Rules": {"near": {"RuleType": "geoproximity", "GeoproximityLocations": [
        {"EndpointReference": "virginia", "Region": "aws:route53:us-east-1", "Bias": 10},
        {"EndpointReference": "montreal", "Latitude": "45.5", "Longitude": "-73.57"}]}}}"#;
    assert_eq!(findings(&new, &options), []);
    assert_eq!(findings(old, &options), []);
    for policy in [new.as_str(), old] {
        let query = r#"{"name": "www.example.com", "type": "A", "client": {"latitude": 46, "longitude": -73}}"#;
        assert!(odds(&import(policy, &options), options.zone, query, r#"{"HealthChecks": {}}"#).contains("192.0.2.3"));
    }
}

#[test]
fn a_policys_faults_are_where_it_has_them() {
    let options =
        Options { zone: Some("example.com"), name: Some("www.example.com"), ttl: Some(30), ..Options::default() };
    let spoiled = text("policy-2015.json")
        .replace("\"192.0.2.1\"", "\"192.0.2.256\"")
        .replace("\"EndpointReference\": \"london\"", "\"EndpointReference\": \"londn\"")
        .replace("\"Weight\": \"10\"", "\"Weight\": \"256\"");
    let found = findings(&spoiled, &options);
    let of = |code: &str| found.iter().find(|finding| finding.0 == code).map(|finding| finding.2.clone());
    assert_eq!(of("value-not-ipv4-address").as_deref(), Some("\"192.0.2.256\""), "{found:?}");
    assert_eq!(of("traffic-policy-reference").as_deref(), Some("\"londn\""), "{found:?}");
    assert_eq!(of("weight-out-of-range").as_deref(), Some("\"256\""), "{found:?}");
    let without = import(&spoiled, &Options::default()).document(0).diagnostics;
    assert_eq!(without[0].code, "traffic-policy-without-name");
}

#[test]
fn rules_that_lead_to_each_other_come_to_an_end() {
    let options =
        Options { zone: Some("example.com"), name: Some("www.example.com"), ttl: Some(30), ..Options::default() };
    let policy = r#"{"AWSPolicyFormatVersion": "2015-10-01", "RecordType": "A", "StartRule": "a", "Endpoints": {}, "Rules": {
        "a": {"RuleType": "weighted", "Items": [{"Weight": 1, "RuleReference": "b"}]},
        "b": {"RuleType": "weighted", "Items": [{"Weight": 1, "RuleReference": "a"}]}}}"#;
    let found = validated(&import(policy, &options), options.zone).diagnostics;
    assert!(found.iter().any(|finding| finding.code.contains("loop")), "{found:?}");
}
