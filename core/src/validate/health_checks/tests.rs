use super::super::fixture::{lints, of, records_document, refusals};
use crate::diagnostic::Route53Error;
use crate::model::HealthCheckKind;
use crate::model::health_check::Protocol;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const HOST: &str = r#""FullyQualifiedDomainName": "h.example.net""#;

/// A zone with these health checks: ids and configurations.
fn zone(checks: &[(&str, &str)]) -> String {
    let check = |(id, config): &(&str, &str)| format!(r#"{{"Id": "{id}", "HealthCheckConfig": {{{config}}}}}"#);
    let checks: Vec<_> = checks.iter().map(check).collect();
    format!(r#"{{"HostedZone": {{"Id": "Z1", "Name": "example.com."}}, "HealthChecks": [{}]}}"#, checks.join(","))
}

#[track_caller]
fn check_table(table: &[(&str, &[&str])]) {
    for (config, wanted) in table {
        let validated = of(&[&zone(&[("x", config), ("y", &format!(r#""Type": "HTTP", {HOST}"#))])]);
        let found: Vec<_> = refusals(&validated)
            .iter()
            .map(|line| line.replace("$.HealthChecks[0]", "").replace(".HealthCheckConfig", ""))
            .collect();
        assert_eq!(found, *wanted, "{config}");
    }
}

#[test]
fn endpoint_checks_are_what_create_health_check_takes() {
    let with = |rest: &str| format!(r#""Type": "HTTP", {HOST}, {rest}"#);
    check_table(&[
        (&format!(r#""Type": "http", {HOST}"#), &["health-check-type-case refused .Type"]),
        (HOST, &["health-check-type-missing cannot "]),
        (r#""Type": "HTTP2""#, &["health-check-type-unknown cannot .Type"]),
        (r#""Type": "HTTP""#, &["health-check-endpoint-missing refused .Type"]),
        (r#""Type": "HTTP", "FullyQualifiedDomainName": """#, &["health-check-endpoint-missing refused .Type"]),
        (&with(r#""RequestInterval": 10, "FailureThreshold": 10, "Port": 65535"#), &[]),
        (&with(r#""RequestInterval": 20"#), &["request-interval cannot .RequestInterval"]),
        (&with(r#""FailureThreshold": 0"#), &["health-check-number cannot .FailureThreshold"]),
        (&with(r#""FailureThreshold": 11"#), &["health-check-number cannot .FailureThreshold"]),
        (&with(r#""Port": 0"#), &["health-check-number cannot .Port"]),
        (&with(r#""Port": 65536"#), &["health-check-number cannot .Port"]),
        (&format!(r#""Type": "TCP", {HOST}"#), &["health-check-port-missing cannot "]),
        (
            &format!(r#""Type": "TCP", {HOST}, "Port": 53, "ResourcePath": "/""#),
            &["health-check-field refused .ResourcePath"],
        ),
        (&format!(r#""Type": "HTTP_STR_MATCH", {HOST}"#), &["search-string-missing refused .Type"]),
        (&format!(r#""Type": "HTTP_STR_MATCH", {HOST}, "SearchString": "ok""#), &[]),
        (&with(r#""SearchString": "ok""#), &["health-check-field refused .SearchString"]),
        (
            &with(&format!(r#""ResourcePath": "/{}""#, "x".repeat(255))),
            &["health-check-text-too-long refused .ResourcePath"],
        ),
        (&with(r#""EnableSNI": true"#), &["health-check-field refused .EnableSNI"]),
        (&with(r#""EnableSNI": false"#), &[]),
        (&with(r#""Regions": ["us-east-1", "eu-west-1", "sa-east-1"]"#), &[]),
        (&with(r#""Regions": ["us-east-1"]"#), &["too-few-checker-regions refused .Regions"]),
        (&with(r#""Regions": ["us-east-1", "us-east-1", "sa-east-1"]"#), &["too-few-checker-regions refused .Regions"]),
        (
            &with(r#""Regions": ["us-east-1", "eu-west-1", "eu-central-1"]"#),
            &["checker-region-unknown refused .Regions[2]"],
        ),
        (&with(r#""HealthThreshold": 1"#), &["health-check-field refused .HealthThreshold"]),
        (&with(r#""ChildHealthChecks": ["y"]"#), &["health-check-field refused .ChildHealthChecks"]),
        // A field that could not be read is not missing.
        (
            r#""Type": "TCP", "FullyQualifiedDomainName": 7, "Port": "443""#,
            &["wrong-type cannot .FullyQualifiedDomainName", "wrong-type cannot .Port"],
        ),
    ]);
}

#[test]
fn private_addresses_are_only_warned_of() {
    for address in [
        "10.0.0.10",
        "127.0.0.1",
        "203.0.113.10",
        "169.254.0.1",
        "224.0.0.1",
        "100.64.0.1",
        "0.0.0.0",
        "198.18.0.1",
        "255.255.255.255",
        "::1",
        "2001:db8::1",
        "fe80::1",
        "fd00::1",
        "ff02::1",
    ] {
        let config = format!(r#""Type": "HTTP", "IPAddress": "{address}""#);
        check_table(&[(&config, &["health-check-private-address refused? .IPAddress"])]);
    }
    for address in ["8.8.8.8", "100.128.0.1", "2606:4700::1"] {
        check_table(&[(&format!(r#""Type": "HTTP", "IPAddress": "{address}""#), &[])]);
    }
    check_table(&[(r#""Type": "HTTP", "IPAddress": "10.0.0""#, &["health-check-address cannot .IPAddress"])]);
}

#[test]
fn other_types_have_fields_of_their_own() {
    let alarm = r#""AlarmIdentifier": {"Region": "us-east-1", "Name": "alarm"}"#;
    check_table(&[
        (r#""Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": ["y"]"#, &[]),
        (r#""Type": "CALCULATED", "HealthThreshold": 256, "ChildHealthChecks": []"#, &[]),
        (
            r#""Type": "CALCULATED", "HealthThreshold": 257, "ChildHealthChecks": ["y"]"#,
            &["health-check-number cannot .HealthThreshold"],
        ),
        (r#""Type": "CALCULATED", "ChildHealthChecks": ["y"]"#, &["health-threshold-missing cannot "]),
        (r#""Type": "CALCULATED", "HealthThreshold": 1"#, &["children-missing cannot "]),
        (
            r#""Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": ["y"], "Port": 80"#,
            &["health-check-field refused .Port"],
        ),
        (&format!(r#""Type": "CLOUDWATCH_METRIC", {alarm}"#), &[]),
        (r#""Type": "CLOUDWATCH_METRIC""#, &["alarm-identifier-missing refused .Type"]),
        (
            &format!(r#""Type": "CLOUDWATCH_METRIC", {alarm}, "InsufficientDataHealthStatus": "HEALTHY""#),
            &["insufficient-data-status-unknown cannot .InsufficientDataHealthStatus"],
        ),
        (&format!(r#""Type": "HTTP", {HOST}, {alarm}"#), &["health-check-field refused .AlarmIdentifier"]),
        (r#""Type": "RECOVERY_CONTROL", "RoutingControlArn": "arn:x""#, &[]),
        (
            r#""Type": "RECOVERY_CONTROL", "RequestInterval": 30"#,
            &["routing-control-arn-missing refused .Type", "health-check-field refused .RequestInterval"],
        ),
    ]);
}

#[test]
fn children_are_known_and_not_calculated() {
    let calculated =
        |children: &str| format!(r#""Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": [{children}]"#);
    let leaf = format!(r#""Type": "HTTP", {HOST}"#);
    let of_children =
        |children: &str| of(&[&zone(&[("x", &calculated(children)), ("y", &leaf), ("z", &calculated(r#""y""#))])]);
    const LIST: &str = "$.HealthChecks[0].HealthCheckConfig.ChildHealthChecks";
    assert_eq!(refusals(&of_children(r#""z""#)), [format!("child-is-calculated cannot {LIST}[0]")]);
    assert_eq!(refusals(&of_children(r#""y", "x""#)), [format!("child-is-calculated cannot {LIST}[1]")]);
    let unknown = of_children(r#""y", "gone""#);
    assert_eq!(refusals(&unknown), [format!("child-health-check-unknown refused {LIST}[1]")]);
    let checks = unknown.zone.unwrap().health_checks;
    assert_eq!((checks[3].id.as_ref(), &checks[3].kind), ("gone", &HealthCheckKind::Unknown));
    assert_eq!(checks[0].kind, HealthCheckKind::Calculated { health_threshold: 1, children: [1, 3].into() });
    let twice = of_children(r#""y", "y""#);
    assert!(lints(&twice).contains(&format!("child-health-check-twice {LIST}[1]")));
    let many = |count: usize| {
        let ids: Vec<_> = (0..count).map(|n| format!("c{n}")).collect();
        let list: Vec<_> = ids.iter().map(|id| format!("\"{id}\"")).collect();
        let parent = calculated(&list.join(","));
        let mut checks: Vec<(&str, &str)> = ids.iter().map(|id| (id.as_str(), leaf.as_str())).collect();
        checks.push(("parent", &parent));
        let found = refusals(&of(&[&zone(&checks)]));
        found
            .iter()
            .filter(|line| !line.contains("quota"))
            .map(|line| line.split(" $").next().unwrap().to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(many(255), [""; 0]);
    assert_eq!(many(256), ["too-many-children refused?"]);
    assert_eq!(many(257), ["too-many-children refused"]);
}

#[test]
fn ids_are_given_once_and_used_ones_are_described() {
    let leaf = format!(r#""Type": "HTTP", {HOST}"#);
    let checks = zone(&[("x", &leaf)]);
    assert_eq!(refusals(&of(&[&checks, &checks])), ["health-check-twice cannot $.HealthChecks[0].Id"]);
    assert_eq!(
        refusals(&of(&[&checks.replace("\"Id\": \"x\", ", "")])),
        ["health-check-without-id cannot $.HealthChecks[0]"]
    );
    let member = |n: u32, id: &str| format!(r#"@a $, "SetIdentifier": "{n}", "Weight": 1, "HealthCheckId": "{id}""#);
    let records = records_document(&[member(1, "x"), member(2, "q"), member(3, "q")].join("|"));
    let validated = of(&[&checks, &records]);
    assert_eq!(
        refusals(&validated),
        [
            "health-check-unknown refused $.ResourceRecordSets[1].HealthCheckId",
            "health-check-unknown refused $.ResourceRecordSets[2].HealthCheckId"
        ]
    );
    assert_eq!(validated.diagnostics[0].route53_error, Some(Route53Error::NoSuchHealthCheck));
    let zone = validated.zone.unwrap();
    assert_eq!(zone.record_sets.iter().map(|set| set.health_check).collect::<Vec<_>>(), [Some(0), Some(1), Some(1)]);
    // Without any HealthChecks document one warning is enough (10.48).
    let bare = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}}"#;
    let validated = of(&[bare, &records]);
    assert_eq!(refusals(&validated), [""; 0]);
    let not_given: Vec<_> = lints(&validated).into_iter().filter(|line| line.contains("not-given")).collect();
    assert_eq!(not_given, ["health-checks-not-given $.ResourceRecordSets[0].HealthCheckId"]);
    assert!(validated.diagnostics.iter().any(|finding| finding.message.contains("names 2 health checks")));
    // A HealthChecks document that cannot be read may hold them.
    assert_eq!(refusals(&of(&[bare, &records, "{\"HealthChecks\": [}"])), ["not-json cannot $"]);
}

#[test]
fn defaults_are_those_of_route_53() {
    let config = format!(r#""Type": "HTTPS_STR_MATCH", {HOST}, "SearchString": "ok", "ResourcePath": "health""#);
    let zone = of(&[&zone(&[("x", &config)])]).zone.unwrap();
    let HealthCheckKind::Endpoint(check) = &zone.health_checks[0].kind else { panic!("{zone:?}") };
    assert_eq!(check.protocol, Protocol::HttpsStrMatch);
    assert_eq!((check.port, check.request_interval, check.failure_threshold, check.regions), (443, 30, 3, 8));
    assert_eq!((&*check.resource_path, check.enable_sni), ("/health", true));
}

#[test]
fn layers_of_calculated_checks_are_one_finding_a_check() {
    let layers = 20;
    let name = |layer: usize, number: usize| format!("c{layer}-{number}");
    let list =
        |layer: usize| (0..255).map(|number| format!("\"{}\"", name(layer, number))).collect::<Vec<_>>().join(",");
    let lists: Vec<String> = (0..layers).map(list).collect();
    let mut checks = Vec::new();
    for layer in 0..layers {
        // The last layer names itself.
        let children = &lists[(layer + 1).min(layers - 1)];
        for number in 0..255 {
            let config = format!(r#""Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": [{children}]"#);
            checks.push((name(layer, number), config));
        }
    }
    let checks: Vec<(&str, &str)> = checks.iter().map(|(id, config)| (id.as_str(), config.as_str())).collect();
    let validated = of(&[&zone(&checks)]);
    let found: Vec<&str> = validated
        .diagnostics
        .iter()
        .filter(|finding| finding.code == "child-is-calculated")
        .map(|finding| finding.message.as_str())
        .collect();
    assert_eq!(found.len(), layers * 255);
    assert_eq!(found[0], "the child `c1-0` is a calculated check itself; 254 more are, too");
}
