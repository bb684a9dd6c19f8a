//! Each format, from a text as people have it to answers and to findings at their own places.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

#[path = "formats/traffic_policies.rs"]
mod traffic_policies;

use std::path::Path;

use pointsman_core::compile::compile;
use pointsman_core::health::HealthView;
use pointsman_core::parse::parse_report;
use pointsman_core::validate::{Validated, validate};
use pointsman_import::{Imported, Options};

fn text(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents").join(name);
    std::fs::read_to_string(&file).expect("a document of the tests")
}

fn import(text: &str, options: &Options<'_>) -> Imported {
    pointsman_import::read(text, options).expect("a format that is known")
}

fn validated(imported: &Imported, zone: Option<&str>) -> Validated {
    let options = pointsman_core::validate::Options { zone_name: imported.zone_name().or(zone) };
    validate(&[imported.document(0)], &options)
}

/// Code, line, the underlined text, and the path of each finding.
fn findings(text: &str, options: &Options<'_>) -> Vec<(&'static str, usize, String, String)> {
    let imported = import(text, options);
    let place = |finding: &pointsman_core::diagnostic::Diagnostic| {
        let location = imported.locate(text, finding.place.as_ref().expect("a place"));
        let mut moved = finding.clone();
        imported.relocate(text, &mut moved);
        let path = moved.place.as_ref().expect("a place").path.to_string();
        (finding.code, location.line, text[location.start..location.end].to_owned(), path)
    };
    validated(&imported, options.zone).diagnostics.iter().map(place).collect()
}

/// What a name answers, by odds.
fn odds(imported: &Imported, zone: Option<&str>, query: &str, report: &str) -> String {
    let found = validated(imported, zone);
    assert!(found.zone.is_some(), "{:?}", found.diagnostics);
    let zone = found.zone.expect("a zone");
    let (report, _) = parse_report(1, report).unwrap();
    HealthView::new(compile(&zone).into(), &report).0.odds_json(query)
}

const STANDBY: &str = "198.51.100.1";

fn stack_options(parameters: &[(String, String)]) -> Options<'_> {
    Options { parameters, ..Options::default() }
}

#[test]
fn a_stack_answers_as_its_zone_will() {
    let parameters = [("StandbyAddress".to_owned(), STANDBY.to_owned())];
    let imported = import(&text("stack.yaml"), &stack_options(&parameters));
    assert_eq!(imported.zone_name(), Some("example.com"));
    let www = r#"{"name": "www.example.com", "type": "A"}"#;
    assert!(odds(&imported, None, www, r#"{"HealthChecks": {}}"#).contains(r#""values":["192.0.2.10"]"#));
    let down = r#"{"HealthChecks": {"PrimaryCheck": "unhealthy"}}"#;
    assert!(odds(&imported, None, www, down).contains(&format!(r#""values":["{STANDBY}"]"#)));
    // The load balancer is known by what it comes from.
    let apex = odds(&imported, None, r#"{"name": "example.com", "type": "A"}"#, r#"{"HealthChecks": {}}"#);
    assert!(apex.contains("loadbalancer.dnsname") || apex.contains("LoadBalancer.DNSName"), "{apex}");
    let staging = odds(&imported, None, r#"{"name": "staging.example.com", "type": "A"}"#, r#"{"HealthChecks": {}}"#);
    assert!(staging.contains("NXDOMAIN"), "a condition that does not hold: {staging}");
}

#[test]
fn parameters_decide_what_a_stack_is() {
    let parameters = [("Stage", "test"), ("StandbyAddress", STANDBY), ("Domain", "example.org"), ("Nobody", "1")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let template = text("stack.yaml");
    let imported = import(&template, &stack_options(&parameters));
    let staging = odds(&imported, None, r#"{"name": "staging.example.org", "type": "A"}"#, r#"{"HealthChecks": {}}"#);
    assert!(staging.contains("192.0.2.99"), "{staging}");
    assert!(findings(&template, &stack_options(&parameters)).iter().any(|finding| finding.0 == "parameter-unknown"));
}

#[test]
fn what_only_the_stack_can_tell_is_named() {
    let template = text("stack.yaml");
    let found = findings(&template, &Options::default());
    let told: Vec<_> = found.iter().filter(|finding| finding.0 == "known-after-deployment").map(|f| &*f.2).collect();
    assert_eq!(
        told,
        ["!Ref StandbyAddress", "!GetAtt LoadBalancer.CanonicalHostedZoneID", "!GetAtt LoadBalancer.DNSName"]
    );
    // And it stands for itself: nothing else is said of it.
    assert!(found.iter().all(|finding| !finding.0.contains("value")), "{found:?}");
}

#[test]
fn a_stacks_fault_is_where_the_template_has_it() {
    let template =
        text("stack.yaml").replace("Default: 5\n", "Default: 256\n").replace("Port: \"443\"", "Port: \"70000\"");
    let found = findings(&template, &Options::default());
    let weight = found.iter().find(|finding| finding.0 == "weight-out-of-range").expect("a finding");
    assert_eq!((&*weight.2, &*weight.3), ("!Ref CanaryWeight", "$.Resources.Canary.Properties.Weight"));
    let port = found.iter().find(|finding| finding.0 == "health-check-number").expect("a finding");
    assert_eq!((&*port.2, &*port.3), ("\"70000\"", "$.Resources.PrimaryCheck.Properties.HealthCheckConfig.Port"));
}

#[test]
fn what_the_cdk_synthesizes_is_read() {
    let template = text("cdk.template.json");
    assert_eq!(findings(&template, &Options::default()), []);
    let imported = import(&template, &Options::default());
    let office = r#"{"name": "intranet.example.com", "type": "A", "client": {"ip": "203.0.113.9"}}"#;
    assert!(odds(&imported, None, office, r#"{"HealthChecks": {}}"#).contains("198.51.100.7"));
    let spoiled = template.replace("203.0.113.0/24", "203.0.113.0/33");
    let found = findings(&spoiled, &Options::default());
    assert_eq!((found[0].0, &*found[0].2), ("cidr-block-malformed", "\"203.0.113.0/33\""));
}

#[test]
fn an_alias_of_a_template_need_not_say_whether_its_target_is_evaluated() {
    let template = r#"{"Resources": {"Site": {"Type": "AWS::Route53::RecordSet", "Properties": {"HostedZoneName": "example.com.",
        "Name": "site.example.com.", "Type": "A",
        "AliasTarget": {"DNSName": "d1.cloudfront.net", "HostedZoneId": "Z2FDTNDATAQYW2"}}}}}"#;
    assert_eq!(findings(template, &Options::default()), []);
    assert!(import(template, &Options::default()).json().contains(r#""EvaluateTargetHealth":false"#));
    // Of a distribution that the stack makes, the name is not known, and so not whether the id is the right one.
    let made = template.replace(r#""d1.cloudfront.net""#, r#"{"Fn::GetAtt": ["Distribution", "DomainName"]}"#);
    let codes: Vec<&str> = findings(&made, &Options::default()).into_iter().map(|finding| finding.0).collect();
    assert_eq!(codes, ["known-after-deployment"]);
}

#[test]
fn what_cli53_exports_is_read() {
    let zone = text("cli53.zone");
    let found = findings(&zone, &Options::default());
    let weight = found.iter().find(|finding| finding.0 == "weight-out-of-range").expect("a finding");
    assert_eq!((weight.1, weight.2.contains("192.0.2.1")), (9, true), "{weight:?}");
    let sound = zone.replace("weight=300", "weight=30");
    let imported = import(&sound, &Options::default());
    let ask = |query: &str| odds(&imported, None, query, r#"{"HealthChecks": {}}"#);
    assert!(
        ask(r#"{"name": "www.example.com", "type": "A"}"#)
            .contains(r#""ratio":"3/4","type":"A","ttl":60,"values":["192.0.2.1"]"#)
    );
    assert!(ask(r#"{"name": "self.example.com", "type": "A"}"#).contains("192.0.2.1"));
    assert!(ask(r#"{"name": "x.dev.example.com", "type": "A"}"#).contains("192.0.2.9"));
    assert!(ask(r#"{"name": "example.com", "type": "MX"}"#).contains("10 mail.example.com."));
    assert!(ask(r#"{"name": "text.example.com", "type": "TXT"}"#).contains(r#"\"v=spf1 -all\" \"over two lines\""#));
    let geo = r#"{"name": "geo.example.com", "type": "A", "client": {"continent": "EU"}}"#;
    assert!(ask(geo).contains("192.0.2.3"));
    // 2h in the SOA record is 7200 seconds.
    assert!(ask(r#"{"name": "example.com", "type": "SOA"}"#).contains(" 1 7200 900 1209600 86400"));
}

#[test]
fn a_plain_zone_file_needs_no_origin_of_its_own() {
    let zone = "$TTL 1h\nwww A 192.0.2.1\n    AAAA 2001:db8::1\nmail 5m IN MX 10 mx.example.net.\n";
    let named = Options { zone: Some("example.com"), ..Options::default() };
    let imported = import(zone, &named);
    let answer = odds(
        &imported,
        Some("example.com"),
        r#"{"name": "www.example.com", "type": "AAAA"}"#,
        r#"{"HealthChecks": {}}"#,
    );
    assert!(answer.contains(r#""ttl":3600,"values":["2001:db8::1"]"#), "{answer}");
    let codes: Vec<_> = import(zone, &Options::default()).document(0).diagnostics.iter().map(|f| f.code).collect();
    assert_eq!(codes, ["zone-file-without-origin", "zone-file-malformed", "zone-file-without-origin"]);
}

#[test]
fn pieces_of_a_listing_keep_their_places() {
    let named = Options { zone: Some("example.com"), ..Options::default() };
    let bad_value = |file: &str| findings(&text(file), &named).into_iter().next().expect("a finding");
    let (code, line, shown, path) = bad_value("bare-array.json");
    assert_eq!((code, line, &*shown), ("value-not-ipv4-address", 2, "\"192.0.2.256\""));
    assert_eq!(path, "$[0].ResourceRecords[0].Value");
    assert_eq!(bad_value("record-set.json").3, "$.ResourceRecords[0].Value");
    let (code, line, shown, _) = bad_value("record-sets.ndjson");
    assert_eq!((code, line, &*shown), ("ttl-out-of-range", 2, "-5"));
    let (code, line, shown, path) = bad_value("listing.yaml");
    assert_eq!((code, line, &*shown), ("value-not-ipv4-address", 9, "192.0.2.256"));
    assert_eq!(path, "$.ResourceRecordSets[1].ResourceRecords[0].Value");
    let check = findings(&text("get-health-check.json"), &named);
    let port = check.iter().find(|finding| finding.0 == "health-check-number").expect("a finding");
    assert_eq!((port.1, &*port.2, &*port.3), (8, "70000", "$.HealthCheck.HealthCheckConfig.Port"));
}

#[test]
fn the_file_that_terraform_keeps_is_read() {
    let state = text("terraform.tfstate");
    let imported = import(&state, &Options::default());
    assert_eq!(imported.zone_name(), Some("example.com"));
    let found = findings(&state, &Options::default());
    let ttl = found.iter().find(|finding| finding.0.contains("ttl")).expect("a finding");
    assert!(ttl.3.starts_with("$.resources[1].instances["), "{ttl:?}");
    let sound = state.replace("\"ttl\": 300", "\"ttl\": 60");
    let answer = odds(
        &import(&sound, &Options::default()),
        None,
        r#"{"name": "www.example.com", "type": "A"}"#,
        r#"{"HealthChecks": {}}"#,
    );
    assert!(answer.contains(r#""ratio":"9/10""#), "{answer}");
    // A word that names the zone by its address is the zone's name to core.
    let by_address = Options { zone: Some("aws_route53_zone.main"), ..Options::default() };
    assert_eq!(import(&state, &by_address).zone_name(), Some("example.com"));
}

#[test]
fn a_zone_that_is_not_there_is_not_taken_for_the_one_that_is() {
    for file in ["terraform.tfstate", "stack.yaml"] {
        let wrong = Options { zone: Some("example.net"), ..Options::default() };
        let imported = import(&text(file), &wrong);
        assert_eq!(imported.zone_name(), None, "{file}");
        let found = validated(&imported, wrong.zone).diagnostics;
        assert!(found.iter().any(|finding| finding.message.contains("example.net")), "{file}: {found:?}");
    }
}

#[test]
fn what_is_not_read_says_what_works() {
    for (file, code, help) in [
        ("main.tf", "terraform-configuration", "terraform show -json"),
        ("plan.ndjson", "terraform-log", "terraform show -json"),
        ("octodns.yaml", "octodns", "list-resource-record-sets"),
        ("dnsendpoint.yaml", "kubernetes-manifest", "list-resource-record-sets"),
        ("pulumi.json", "pulumi", "list-resource-record-sets"),
        ("tinydns.data", "tinydns-data", "AXFR"),
        ("playbook.yml", "ansible", "list-resource-record-sets"),
        ("dnsconfig.js", "dnscontrol", "list-resource-record-sets"),
        ("error.txt", "aws-cli-error", "run the command again"),
        ("table.txt", "aws-cli-text", "--output json"),
    ] {
        let found = import(&text(file), &Options::default()).document(0).diagnostics;
        assert_eq!(found.iter().map(|finding| finding.code).collect::<Vec<_>>(), [code], "{file}");
        assert!(found[0].help.contains(help), "{file}: {}", found[0].help);
        assert!(!found[0].help.contains("spelling"), "{file}");
    }
}

#[test]
fn what_core_reads_is_left_to_it() {
    for text in [
        "",
        r#"{"HealthChecks": {}}"#,
        "[]",
        "{\"a\": 1}",
        "hello",
        r#"{"ResourceRecordSets": []}"#,
        "{\"HealthChecks\": []}",
        "null",
    ] {
        assert!(pointsman_import::read(text, &Options::default()).is_none(), "{text}");
    }
}

/// A plan that changes two members of a weighted group.
fn plan_of_a_group(before: (i64, i64), after: (i64, i64)) -> String {
    let record = |name: &str, ttl: i64| {
        serde_json::json!({"address": format!("aws_route53_record.{name}"), "mode": "managed", "type": "aws_route53_record",
            "name": name, "values": {"zone_id": "Z0MAIN", "name": "www.example.com", "type": "A", "ttl": ttl,
            "records": ["192.0.2.1"], "set_identifier": name, "weighted_routing_policy": [{"weight": 1}]}})
    };
    let root = |ttls: (i64, i64)| {
        serde_json::json!({"root_module": {"resources": [
            {"address": "aws_route53_zone.z", "mode": "managed", "type": "aws_route53_zone", "name": "z",
                "values": {"id": "Z0MAIN", "zone_id": "Z0MAIN", "name": "example.com", "vpc": []}},
            record("blue", ttls.0), record("green", ttls.1)]}})
    };
    serde_json::json!({"format_version": "1.2", "planned_values": root(after), "prior_state": {"values": root(before)}})
        .to_string()
}

#[test]
fn a_plan_that_cannot_be_applied_step_by_step_says_so() {
    let told = |plan: &str| -> Vec<(String, String)> {
        let found = findings(plan, &Options::default());
        found.into_iter().filter(|finding| finding.0 == "terraform-step-refused").map(|f| (f.2, f.3)).collect()
    };
    let both = told(&plan_of_a_group((300, 300), (60, 60)));
    assert_eq!(both.len(), 1, "{both:?}");
    assert_eq!(both[0].1, "$.planned_values.root_module.resources[1].values");
    assert_eq!(told(&plan_of_a_group((60, 60), (60, 60))), []);
    // What is invalid at its end is no matter of steps.
    assert_eq!(told(&plan_of_a_group((60, 60), (60, 300))), []);
}

/// Whatever is cut out of a text or put into it: nothing panics, and every place lies in the text.
#[test]
fn spoiled_texts_are_no_accident() {
    let parameters = [("StandbyAddress".to_owned(), "x\u{e4}".to_owned())];
    let options = Options {
        zone: Some("example.com"),
        name: Some("www.example.com"),
        parameters: &parameters,
        ..Options::default()
    };
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % u64::try_from(below.max(1)).unwrap()).unwrap()
    };
    let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/documents")).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    let pieces = [
        "\"", "{", "}", "[", "]", ":", "\n", " ", "\\", "&a ", "*a", "!If", "${", "\u{e4}", "null", "(", ")", ";", "- ",
    ];
    for name in names {
        let whole = text(&name);
        let bounds: Vec<usize> = whole.char_indices().map(|(at, _)| at).chain([whole.len()]).collect();
        for _ in 0..300 {
            let (one, other) = (bounds[random(bounds.len())], bounds[random(bounds.len())]);
            let (start, end) = (one.min(other), one.max(other));
            let end = if random(2) == 0 { end } else { start };
            let spoiled = format!("{}{}{}", &whole[..start], pieces[random(pieces.len())], &whole[end..]);
            let Some(imported) = pointsman_import::read(&spoiled, &options) else { continue };
            let mut found = validated(&imported, options.zone).diagnostics;
            for finding in &mut found {
                let Some(place) = finding.place.clone() else { continue };
                let location = imported.locate(&spoiled, &place);
                assert!(spoiled.get(location.start..location.end).is_some(), "{name}: {finding:?}");
                imported.relocate(&spoiled, finding);
            }
        }
    }
}
