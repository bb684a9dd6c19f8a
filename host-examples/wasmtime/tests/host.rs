//! The example against the component that `cargo xtask wasm` builds.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use pointsman_wasmtime::{
    Answer, Client, Component, Document, Findings, LoadOptions, Query, Rcode, RecordSets, Source, View,
};

const OPTIONS: LoadOptions = LoadOptions { zone_name: None };

#[test]
fn queries_in_answers_out_as_the_readme_shows() {
    let output = program(
        &["-z", "active-active.json", "-z", "latency.json", "-H", "us-east-1-down.json"],
        &zone_file("queries.ndjson"),
    );
    assert!(output.status.success(), "{}", text(&output.stderr));
    let readme = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    assert!(
        readme.contains(text(&output.stdout).trim_end()),
        "the README shows something else than\n{}",
        text(&output.stdout)
    );
}

#[test]
fn a_bad_line_gets_an_error_in_its_place() {
    let lines = "nonsense\n{\"name\":\"app.example.com\",\"type\":\"A\",\"client\":{\"country\":\"DE\"}}\n";
    let output = program(&["-z", "active-active.json", "-z", "latency.json"], lines);
    let answers: Vec<&str> = text(&output.stdout).lines().collect();
    assert!(answers[0].starts_with("{\"error\":"), "{}", answers[0]);
    assert!(answers[1].contains("198.51.100.10"), "{}", answers[1]);
    assert!(output.status.success());
}

#[test]
fn documents_that_cannot_be_loaded_are_told_with_their_place() {
    let output = program(&["-z", "us-east-1-down.json"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("us-east-1-down.json:2:19: error: "), "{}", text(&output.stderr));
}

#[test]
fn typed_answers_are_those_of_the_lines() {
    let mut component = component();
    let view = view(&mut component, &["hybrid.json", "latency.json"], Some("us-east-1-down.json"));
    for (name, record_type, country) in [
        ("cart.example.com", "A", Some("US")),
        ("cart.example.com", "A", None),
        ("cart.example.com", "AAAA", Some("DE")),
        ("nowhere.example.com", "A", Some("DE")),
        ("www.example.org", "A", None),
    ] {
        let client = Client { country: country.map(Into::into), ..Client::default() };
        let query = Query { name: name.into(), type_: record_type.into(), client, draw: 7 };
        let country = country.map_or(String::new(), |country| format!("\"country\":\"{country}\""));
        let line =
            format!("{{\"name\":\"{name}\",\"type\":\"{record_type}\",\"client\":{{{country}}},\"draw\":\"7\"}}");
        let typed = component.resolve(view, &query).unwrap().unwrap();
        assert_eq!(json(&typed), component.resolve_json(view, &line).unwrap());
        let many = component.resolve_many(view, &[query.clone(), query.clone()]).unwrap();
        assert_eq!(many.len(), 2);
        assert_eq!(json(many[1].as_ref().unwrap()), json(&typed));
        let explanation = component.explain(view, &query).unwrap().unwrap();
        assert_eq!(json(&explanation.answer), json(&typed));
    }
}

#[test]
fn what_was_prepared_serves_every_view_and_outlives_the_zone() {
    let mut component = component();
    let zone = component.load(&[read("active-active.json"), read("latency.json")], &OPTIONS).unwrap();
    let healthy = component.health(zone, Some(&read("all-healthy.json"))).unwrap();
    let down = component.updated(healthy, &read("us-east-1-down.json")).unwrap();
    let from_us = Client { country: Some("US".into()), ..Client::default() };
    let question = component.question(zone, "app.example.com", "A").unwrap().unwrap();
    let client = component.client_facts(&from_us).unwrap().unwrap();
    let mut record_sets = RecordSets::of(zone);
    for _ in 0..2 {
        for (view, value) in [(healthy, "192.0.2.10"), (down, "198.51.100.10")] {
            assert_eq!(record_sets.answer(&mut component, view, question, client, 0).unwrap().values, [value]);
        }
    }
    let decision = component.decide(healthy, question, client, 0).unwrap();
    assert_eq!((decision.source, decision.with_values), (Source::RecordSets, 1));
    assert_eq!(component.record_set(zone, u32::MAX).unwrap(), None);

    // A zone of the same name, in which other numbers answer.
    let other = component.load(&[read("hybrid.json"), read("latency.json")], &OPTIONS).unwrap();
    let elsewhere = component.health(other, None).unwrap();
    let query = Query { name: "app.example.com".into(), type_: "A".into(), client: from_us, draw: 0 };
    let resolved = component.resolve(elsewhere, &query).unwrap().unwrap();
    assert_eq!(component.resolve_prepared(elsewhere, question, client, 0).unwrap(), resolved);
    assert_eq!(RecordSets::of(other).answer(&mut component, elsewhere, question, client, 0).unwrap(), resolved);

    component.drop_zone(zone).unwrap();
    assert_eq!(component.resolve_prepared(down, question, client, 0).unwrap().values, ["198.51.100.10"]);
    component.drop_question(question).unwrap();
    component.drop_client_facts(client).unwrap();
}

#[test]
fn what_cannot_be_prepared_says_which_field() {
    let mut component = component();
    let zone = component.load(&[read("active-active.json"), read("latency.json")], &OPTIONS).unwrap();
    let error = component.question(zone, "app..example.com", "A").unwrap().unwrap_err();
    assert_eq!(error.field, "name");
    assert_eq!(component.question(zone, "app.example.com", "AXFR").unwrap().unwrap_err().field, "type");
    let client = Client { country: Some("Atlantis".into()), ..Client::default() };
    assert_eq!(component.client_facts(&client).unwrap().unwrap_err().field, "client.country");
}

#[test]
fn more_record_sets_than_a_decision_holds_are_answered_all_the_same() {
    let mut component = component();
    let aliases = (0..20).map(|number| {
        format!(
            r#"{{"Name": "n{number}.example.com.", "Type": "A", "SetIdentifier": "s{number}", "Weight": 1, "AliasTarget":
            {{"HostedZoneId": "Z1", "DNSName": "n{}.example.com.", "EvaluateTargetHealth": false}}}},"#,
            number + 1
        )
    });
    let text = format!(
        r#"{{"HostedZone": {{"Id": "Z1", "Name": "example.com."}}, "ResourceRecordSets": [{}
        {{"Name": "n20.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{{"Value": "192.0.2.1"}}]}}]}}"#,
        aliases.collect::<String>()
    );
    let document = Document { name: "deep.json".into(), text, cidr_collection: None };
    let zone = component.load(&[document], &OPTIONS).unwrap();
    let view = component.health(zone, None).unwrap();
    let client = component.client_facts(&Client::default()).unwrap().unwrap();
    for (number, is_told) in [(0, false), (8, false), (9, true), (19, true)] {
        let name = format!("n{number}.example.com");
        let question = component.question(zone, &name, "A").unwrap().unwrap();
        assert_eq!(component.decide(view, question, client, 0).unwrap().numbers().is_some(), is_told, "{name}");
        let answer = RecordSets::of(zone).answer(&mut component, view, question, client, 0).unwrap();
        let query = Query { name, type_: "A".into(), client: Client::default(), draw: 0 };
        assert_eq!(answer, component.resolve(view, &query).unwrap().unwrap());
        assert_eq!(answer.set_identifiers.len(), 20 - number);
    }
}

#[test]
fn a_query_error_names_the_field_and_leaves_the_view_usable() {
    let mut component = component();
    let view = view(&mut component, &["active-active.json", "latency.json"], None);
    let client = Client { country: Some("Atlantis".into()), ..Client::default() };
    let mut query = Query { name: "app.example.com".into(), type_: "A".into(), client, draw: 0 };
    let error = component.resolve(view, &query).unwrap().unwrap_err();
    assert_eq!(error.field, "client.country");
    query.client.country = Some("DE".into());
    assert_eq!(component.resolve(view, &query).unwrap().unwrap().values, ["198.51.100.10"]);
}

#[test]
fn views_follow_changes_and_stand_when_their_zone_is_dropped() {
    let mut component = component();
    let zone = component.load(&[read("active-active.json"), read("latency.json")], &OPTIONS).unwrap();
    let healthy = component.health(zone, Some(&read("all-healthy.json"))).unwrap();
    component.drop_zone(zone).unwrap();
    let from_us = Query {
        name: "app.example.com".into(),
        type_: "A".into(),
        client: Client { country: Some("US".into()), ..Client::default() },
        draw: 0,
    };
    let values = |component: &mut Component, view| component.resolve(view, &from_us).unwrap().unwrap().values;
    assert_eq!(values(&mut component, healthy), ["192.0.2.10"]);

    let reported = component.updated(healthy, &read("us-east-1-down.json")).unwrap();
    let region = component.down(healthy, &["us-east-1".into()]).unwrap().unwrap();
    let record = component.without(healthy, &["app.example.com/A/us-east-1".into()]).unwrap().unwrap();
    for down in [reported, region, record] {
        assert_eq!(values(&mut component, down), ["198.51.100.10"]);
        component.drop_view(down).unwrap();
    }
    assert_eq!(values(&mut component, healthy), ["192.0.2.10"]);
    let error = component.down(healthy, &["mars-north-1".into()]).unwrap().unwrap_err();
    assert!(!error.message.is_empty() && !error.help.is_empty());

    let unknown = Document {
        name: "report".into(),
        text: "{\"HealthChecks\":{\"hc-9\":\"healthy\"}}".into(),
        cidr_collection: None,
    };
    let view = component.updated(healthy, &unknown).unwrap();
    assert_eq!(component.view_findings(view).unwrap()[0].code, "unknown-health-check");
}

#[test]
fn odds_come_typed_and_as_a_line() {
    let mut component = component();
    let view = view(&mut component, &["canary.json"], None);
    let query = Query { name: "api.example.com".into(), type_: "A".into(), client: Client::default(), draw: 0 };
    let odds = component.odds(view, &query).unwrap().unwrap();
    let ratios: Vec<&str> = odds.outcomes.iter().map(|outcome| &*outcome.ratio).collect();
    assert_eq!(ratios, ["9/10", "1/10"]);
    assert!(odds.exact && odds.rcode == Rcode::Noerror);
    let line = component.odds_json(view, "{\"name\":\"api.example.com\",\"type\":\"A\"}").unwrap();
    assert!(line.contains("\"probability\":0.9,\"ratio\":\"9/10\""), "{line}");
}

#[test]
fn findings_and_batches_carry_route_53s_words() {
    let mut component = component();
    assert!(component.check(&[read("active-active.json")], &OPTIONS).unwrap().is_empty());
    let refused = component.apply(&[read("bare.json")], &read("article-001-batch.json"), &OPTIONS).unwrap_err();
    let findings = refused.downcast::<Findings>().unwrap().0;
    assert!(findings.iter().all(|finding| finding.document.as_deref() == Some("article-001-batch.json")));
    assert!(
        findings
            .iter()
            .any(|finding| finding.route53_error.as_deref() == Some("InvalidChangeBatch") && finding.line.is_some())
    );
    let applied = component.apply(&[read("bare.json")], &read("article-001-batch-fixed.json"), &OPTIONS).unwrap();
    let document = Document { name: "applied".into(), text: applied, cidr_collection: None };
    component.load(&[document], &OPTIONS).unwrap();
}

fn program(arguments: &[&str], queries: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pointsman-wasmtime"))
        .current_dir(zones())
        .arg("--component")
        .arg(component_file())
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its documents does not read its queries.
    let _ = child.stdin.take().unwrap().write_all(queries.as_bytes());
    child.wait_with_output().unwrap()
}

fn view(component: &mut Component, documents: &[&str], report: Option<&str>) -> View {
    let documents: Vec<Document> = documents.iter().map(|name| read(name)).collect();
    let zone = component.load(&documents, &OPTIONS).unwrap();
    component.health(zone, report.map(read).as_ref()).unwrap()
}

fn component() -> Component {
    Component::open(component_file()).expect("`cargo xtask wasm` builds the component")
}

fn component_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/wasm/pointsman.component.wasm")
}

fn zones() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../zones")
}

fn zone_file(name: &str) -> String {
    std::fs::read_to_string(zones().join(name)).unwrap()
}

fn read(name: &str) -> Document {
    Document { name: name.into(), text: zone_file(name), cidr_collection: None }
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// A typed answer in the words of core's line; nothing in the zones used here needs escaping.
fn json(answer: &Answer) -> String {
    let rcode = match answer.rcode {
        Rcode::Noerror => "NOERROR",
        Rcode::Nxdomain => "NXDOMAIN",
        Rcode::Refused => "REFUSED",
        Rcode::Servfail => "SERVFAIL",
    };
    let list = |texts: &[String]| texts.iter().map(|text| format!("\"{text}\"")).collect::<Vec<_>>().join(",");
    let ttl = answer.ttl.map_or("null".into(), |ttl| ttl.to_string());
    let mut line = format!(
        "{{\"rcode\":\"{rcode}\",\"type\":\"{}\",\"ttl\":{ttl},\"values\":[{}],\"set_identifiers\":[{}],\"fail_open\":{},\"scope_prefix_length\":{}",
        answer.type_,
        list(&answer.values),
        list(&answer.set_identifiers),
        answer.fail_open,
        answer.scope_prefix_length
    );
    for (key, value) in
        [("referral", &answer.referral), ("alias_target", &answer.alias_target), ("undetermined", &answer.undetermined)]
    {
        if let Some(value) = value {
            line.push_str(&format!(",\"{key}\":\"{value}\""));
        }
    }
    line + "}"
}
