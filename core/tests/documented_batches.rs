//! Change batches: what Route 53 would make of them, and why it would refuse them (semantics 8.2 - 8.4, 10.31, 10.32).

#![allow(clippy::unwrap_used, reason = "a case that cannot be read must stop the test")]

#[path = "documented_batches/effects.rs"]
mod effects;

use pointsman_core::diagnostic::{Class, Diagnostic, Severity};
use pointsman_core::parse::parse;
use pointsman_core::validate::{Applied, Options, apply, apply_json, validate};
use serde_json::{Value, json};

/// Applies a batch, and checks what holds for every batch.
fn run(zone: &Value, batch: &Value) -> Applied {
    let (zone, batch) = (zone.to_string(), batch.to_string());
    let documents = [parse(0, &zone)];
    let applied = apply(&documents, &parse(1, &batch), &Options::default());
    let refused = applied.diagnostics.iter().any(|finding| finding.severity == Severity::Error);
    assert_eq!(applied.zone.is_none(), refused, "{:#?}", applied.diagnostics);
    for finding in &applied.diagnostics {
        assert!(!finding.help.is_empty() && finding.place.is_some(), "{finding:#?}");
    }
    let json = apply_json(&documents, &[&zone], &batch, &applied);
    let again = validate(&[parse(0, &json)], &Options::default());
    match &applied.zone {
        // The printed object gives the same zone again.
        Some(zone) => assert_eq!(again.zone.unwrap().record_sets, zone.record_sets, "{json}"),
        // Atomic: all is as it was.
        None => {
            let count = documents[0].record_sets.as_ref().map_or(0, Vec::len);
            assert_eq!(applied.record_sets.len(), count);
            assert!(applied.record_sets.iter().all(|base| base.document == 0));
        }
    }
    applied
}

fn errors(applied: &Applied) -> Vec<&Diagnostic> {
    applied.diagnostics.iter().filter(|finding| finding.severity == Severity::Error).collect()
}

/// Code and path of every error.
fn refusals(zone: &Value, batch: &Value) -> Vec<(&'static str, String)> {
    let applied = run(zone, batch);
    errors(&applied).iter().map(|error| (error.code, error.place.as_ref().unwrap().path.to_string())).collect()
}

/// The zone `example.com.` with its SOA record set and these.
fn zone(record_sets: Value) -> Value {
    let mut all = vec![json!({"Name": "example.com.", "Type": "SOA", "TTL": 900, "ResourceRecords": [
        {"Value": "ns-2048.awsdns-64.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"}]})];
    all.extend(record_sets.as_array().unwrap().iter().cloned());
    json!({"HostedZone": {"Id": "/hostedzone/Z1", "Name": "example.com."}, "ResourceRecordSets": all})
}

/// A batch of these changes: action and record set in turn.
fn batch(changes: &[(&str, Value)]) -> Value {
    let change = |(action, record_set): &(&str, Value)| json!({"Action": action, "ResourceRecordSet": record_set});
    json!({"Changes": changes.iter().map(change).collect::<Vec<_>>()})
}

fn plain(name: &str, address: &str) -> Value {
    json!({"Name": format!("{name}.example.com."), "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": address}]})
}

fn alias(name: &str, target: &str) -> Value {
    json!({"Name": format!("{name}.example.com."), "Type": "A", "AliasTarget": {
        "HostedZoneId": "Z1", "DNSName": format!("{target}.example.com."), "EvaluateTargetHealth": false}})
}

/// A record set with more fields.
fn with(mut record_set: Value, fields: Value) -> Value {
    for (key, value) in fields.as_object().unwrap() {
        record_set[key] = value.clone();
    }
    record_set
}

fn weighted(id: &str, address: &str, ttl: u32) -> Value {
    with(plain("www", address), json!({"SetIdentifier": id, "Weight": 10, "TTL": ttl}))
}

#[test]
fn every_documented_batch_is_judged_as_documented() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors");
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let mut count = 0;
    for path in paths {
        // The schema lies beside the cases.
        let cases: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for case in cases.as_array().into_iter().flatten() {
            let Some(batch) = case.get("change_batch") else { continue };
            count += 1;
            let id = &case["id"];
            let applied = run(&case["zone"], batch);
            if case.get("expect_invalid").is_none() {
                assert_eq!(errors(&applied), Vec::<&Diagnostic>::new(), "{id}");
                continue;
            }
            // One fault, one finding.
            let errors = errors(&applied);
            let [error] = errors.as_slice() else { panic!("{id}: {errors:#?}") };
            if let Some(wanted) = case["error"].as_str() {
                assert_eq!(error.route53_error.map(|error| error.as_str()), Some(wanted), "{id}: {error:#?}");
            }
            if let Some(fragment) = case["message_contains"].as_str() {
                let says = error.route53_message.as_deref().unwrap_or_default();
                assert!(says.contains(fragment), "{id}: {error:#?}");
            }
        }
    }
    assert!(count >= 9, "only {count} batches were found");
}

/// The batch of an article on active-passive failover, as printed.
fn active_passive() -> Value {
    let load_balancer = |id: &str, role: &str, zone_id: &str, region: &str| {
        json!({"Action": "CREATE", "ResourceRecordSet": {
            "Name": "my-app.example.com.", "Type": "A", "SetIdentifier": id, "Failover": role,
            "AliasTarget": {"HostedZoneId": zone_id, "EvaluateTargetHealth": true,
                "DNSName": format!("dualstack.my-app-elb.{region}.amazonaws.com.")}}})
    };
    let stray = |region: &str, address: &str| {
        json!({"Action": "CREATE", "ResourceRecordSet": {
            "Name": format!("my-app.example.com.{region}.route53.amazonaws.com"),
            "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": address}]}})
    };
    json!({"Comment": "Active-Passive failover for my-app.example.com", "Changes": [
        load_balancer("primary-us-east-1", "PRIMARY", "Z1ABCDEFG12345", "us-east-1"),
        load_balancer("secondary-us-west-2", "SECONDARY", "Z67890HIJKLMN", "us-west-2"),
        stray("us-east-1", "192.0.2.1"),
        stray("us-west-2", "198.51.100.1"),
    ]})
}

#[test]
fn the_active_passive_article_names_two_records_outside_the_zone() {
    let zone = zone(json!([]));
    let mut batch = active_passive();
    let applied = run(&zone, &batch);
    let told: Vec<_> = errors(&applied).iter().map(|error| (error.code, error.message.clone())).collect();
    let outside = |region: &str| {
        let name = format!("my-app.example.com.{region}.route53.amazonaws.com.");
        ("name-outside-zone", format!("`{name}` does not lie in the zone `example.com.`"))
    };
    assert_eq!(told, [outside("us-east-1"), outside("us-west-2")]);

    batch["Changes"].as_array_mut().unwrap().truncate(2);
    let applied = run(&zone, &batch);
    assert_eq!(applied.diagnostics, []);
    assert_eq!(applied.zone.unwrap().record_sets.len(), 3);
}

#[test]
fn the_active_active_article_has_two_routing_policies_in_one_record_set() {
    for (role, region) in [("PRIMARY", "us-east-1"), ("SECONDARY", "eu-west-1")] {
        let batch = batch(&[(
            "UPSERT",
            json!({
            "Name": "app.example.com.", "Type": "A", "SetIdentifier": format!("{region}-active"), "Weight": 100,
            "AliasTarget": {"HostedZoneId": "Z3XXXXXXXXXXXXXX", "EvaluateTargetHealth": false,
                "DNSName": format!("dualstack.my-alb-{region}.amazonaws.com.")},
            "Failover": role, "HealthCheckId": "hc-xxxxxxxxxxxxxx"}),
        )]);
        let applied = run(&zone(json!([])), &batch);
        let errors = errors(&applied);
        let [error] = errors.as_slice() else { panic!("{errors:#?}") };
        let says = error.route53_message.as_deref().unwrap();
        assert!(
            says.contains("but found more than one in Change with [Action=UPSERT, Name=app.example.com."),
            "{says}"
        );
    }
}

#[test]
fn record_sets_keep_their_order_and_created_ones_come_last() {
    let zone = zone(json!([plain("a", "192.0.2.1"), plain("b", "192.0.2.2"), plain("c", "192.0.2.3")]));
    let applied = run(
        &zone,
        &batch(&[
            ("CREATE", plain("d", "192.0.2.4")),
            ("DELETE", plain("b", "192.0.2.2")),
            ("UPSERT", plain("a", "192.0.2.9")),
            ("UPSERT", plain("e", "192.0.2.5")),
        ]),
    );
    let paths: Vec<_> = applied.record_sets.iter().map(|base| base.path().to_string()).collect();
    let wanted = [
        "$.ResourceRecordSets[0]",
        "$.Changes[2].ResourceRecordSet",
        "$.ResourceRecordSets[3]",
        "$.Changes[0].ResourceRecordSet",
        "$.Changes[3].ResourceRecordSet",
    ];
    assert_eq!(paths, wanted);
}

#[test]
fn one_change_a_record_set_or_delete_and_create() {
    let zone = zone(json!([plain("a", "192.0.2.1")]));
    let (old, new) = (plain("a", "192.0.2.1"), plain("A", "192.0.2.2"));
    assert_eq!(refusals(&zone, &batch(&[("DELETE", old.clone()), ("CREATE", new.clone())])), []);
    let second = [("changed-twice", "$.Changes[1].ResourceRecordSet".to_string())];
    for changes in [
        [("DELETE", old.clone()), ("DELETE", old.clone())],
        [("UPSERT", new.clone()), ("UPSERT", new.clone())],
        [("UPSERT", new.clone()), ("DELETE", old.clone())],
        [("DELETE", old.clone()), ("UPSERT", new.clone())],
    ] {
        assert_eq!(refusals(&zone, &batch(&changes)), second, "{changes:?}");
    }
    let twins = batch(&[("CREATE", weighted("s", "192.0.2.1", 60)), ("CREATE", weighted("s", "192.0.2.2", 60))]);
    let applied = run(&zone, &twins);
    let says = errors(&applied)[0].route53_message.clone().unwrap();
    assert_eq!(says, "The request contains an invalid set of changes for a resource record set 'A www.example.com.'");
}

#[test]
fn a_delete_repeats_the_record_set_but_for_the_order_of_values() {
    let member = with(
        plain("www", "192.0.2.1"),
        json!({"SetIdentifier": "m", "MultiValueAnswer": true,
        "HealthCheckId": "hc", "ResourceRecords": [{"Value": "192.0.2.1"}, {"Value": "192.0.2.2"}]}),
    );
    let target = alias("alias", "www");
    let zone = zone(json!([member, target]));
    let mut delete = member.clone();
    delete.as_object_mut().unwrap().remove("MultiValueAnswer");
    delete["ResourceRecords"] = json!([{"Value": "192.0.2.2"}, {"Value": "192.0.2.1"}]);
    delete["Name"] = json!("WWW.example.com");
    let mut respelled = alias("alias", "WWW");
    respelled["AliasTarget"]["HostedZoneId"] = json!("/hostedzone/Z1");
    assert_eq!(refusals(&zone, &batch(&[("DELETE", respelled), ("DELETE", delete)])), []);

    let change = "$.Changes[0].ResourceRecordSet";
    for (fields, place) in [
        (json!({"TTL": 61}), ".TTL"),
        (json!({"ResourceRecords": [{"Value": "192.0.2.1"}]}), ".ResourceRecords"),
        (json!({"HealthCheckId": "other"}), ".HealthCheckId"),
    ] {
        let wrong = batch(&[("DELETE", with(member.clone(), fields))]);
        // The alias that stays behind is a finding of its own.
        let found = refusals(&zone, &wrong);
        assert!(found.contains(&("delete-does-not-match", format!("{change}{place}"))), "{found:?}");
    }
    let mut bare = member.clone();
    bare.as_object_mut().unwrap().remove("TTL");
    let applied = run(&zone, &batch(&[("DELETE", bare)]));
    let incomplete = errors(&applied).into_iter().find(|error| error.code == "ttl-missing").unwrap();
    let says = incomplete.route53_message.as_deref().unwrap();
    assert!(
        says.ends_with("found none in Change with [Action=DELETE, Name=www.example.com., Type=A, SetIdentifier=m]")
    );

    let gone = batch(&[("DELETE", with(member.clone(), json!({"SetIdentifier": "x"})))]);
    assert_eq!(refusals(&zone, &gone), [("delete-not-found", change.into())]);
    // What is malformed in itself is reported as such, once.
    let mut nameless = with(member.clone(), json!({"Weight": 1}));
    nameless.as_object_mut().unwrap().remove("SetIdentifier");
    for (wrong, code, place) in [
        (nameless, "two-routing-policies", ".Weight"),
        (
            with(member.clone(), json!({"AliasTarget": alias("x", "www")["AliasTarget"]})),
            "alias-with-values",
            ".ResourceRecords",
        ),
        (with(member, json!({"SetIdentifier": "x", "TTL": -1})), "ttl-out-of-range", ".TTL"),
    ] {
        let found = refusals(&zone, &batch(&[("DELETE", wrong), ("DELETE", alias("alias", "www"))]));
        assert_eq!(found, [(code, format!("{change}{place}"))]);
    }
}

#[test]
fn the_weight_and_place_of_a_delete_count() {
    let zone = zone(json!([weighted("a", "192.0.2.1", 60), weighted("b", "192.0.2.2", 60)]));
    let wrong = with(weighted("a", "192.0.2.1", 60), json!({"Weight": 11}));
    let place = "$.Changes[0].ResourceRecordSet.Weight".to_string();
    assert_eq!(refusals(&zone, &batch(&[("DELETE", wrong)])), [("delete-does-not-match", place)]);
}

#[test]
fn the_apex_keeps_its_soa_and_ns() {
    let zone = zone(json!([]));
    let soa = zone["ResourceRecordSets"][0].clone();
    let delete = batch(&[("DELETE", soa.clone())]);
    assert_eq!(refusals(&zone, &delete), [("apex-record-deleted", "$.Changes[0].ResourceRecordSet".into())]);
    assert_eq!(refusals(&zone, &batch(&[("UPSERT", with(soa, json!({"TTL": 300})))])), []);
}

#[test]
fn an_alias_comes_behind_its_target_in_a_batch() {
    let place = || "$.Changes[0].ResourceRecordSet.AliasTarget.DNSName".to_string();
    let missing = || [("alias-target-missing", place())];
    let fresh = zone(json!([]));
    let (target, link) = (plain("t", "192.0.2.1"), alias("a", "t"));
    assert_eq!(refusals(&fresh, &batch(&[("CREATE", target.clone()), ("CREATE", link.clone())])), []);
    assert_eq!(refusals(&fresh, &batch(&[("CREATE", link.clone()), ("CREATE", target.clone())])), missing());
    assert_eq!(refusals(&fresh, &batch(&[("CREATE", link.clone())])), missing());
    // 8.4.1: nor may the target be there and be changed later.
    let there = zone(json!([target]));
    let changed = plain("t", "192.0.2.9");
    assert_eq!(refusals(&there, &batch(&[("UPSERT", link.clone()), ("UPSERT", changed.clone())])), missing());
    assert_eq!(refusals(&there, &batch(&[("UPSERT", changed), ("UPSERT", link.clone())])), []);
    assert_eq!(refusals(&there, &batch(&[("UPSERT", link)])), []);
}

#[test]
fn a_target_deleted_under_its_alias_is_the_batchs_doing() {
    let zone = zone(json!([plain("t", "192.0.2.1"), alias("a", "t")]));
    let applied = run(&zone, &batch(&[("DELETE", plain("t", "192.0.2.1"))]));
    let errors = errors(&applied);
    let [error] = errors.as_slice() else { panic!("{errors:#?}") };
    assert_eq!(error.message, "there is no record set `t.example.com.` A (after the batch; it was not so before)");
    assert_eq!(error.place.as_ref().unwrap().document, 0);
}

#[test]
fn a_groups_policy_and_ttl_are_judged_on_the_result() {
    let group = zone(json!([weighted("a", "192.0.2.1", 60), weighted("b", "192.0.2.2", 60)]));
    let latency = |id: &str, address: &str, region: &str| {
        with(plain("www", address), json!({"SetIdentifier": id, "Region": region}))
    };
    let (a, b) = (latency("a", "192.0.2.1", "us-east-1"), latency("b", "192.0.2.2", "eu-west-1"));
    assert_eq!(refusals(&group, &batch(&[("UPSERT", a.clone()), ("UPSERT", b)])), []);
    assert_eq!(refusals(&group, &batch(&[("UPSERT", a)])).len(), 1);

    let (a, b) = (weighted("a", "192.0.2.1", 300), weighted("b", "192.0.2.2", 300));
    assert_eq!(refusals(&group, &batch(&[("UPSERT", a.clone()), ("UPSERT", b)])), []);
    assert_eq!(refusals(&group, &batch(&[("UPSERT", a)]))[0].0, "weighted-ttl-differs");

    let role = |id: &str, role: &str| {
        with(plain("f", "192.0.2.1"), json!({"SetIdentifier": id, "Failover": role, "HealthCheckId": id}))
    };
    let pair = zone(json!([role("one", "PRIMARY"), role("two", "SECONDARY")]));
    let swap = batch(&[("UPSERT", role("one", "SECONDARY")), ("UPSERT", role("two", "PRIMARY"))]);
    assert_eq!(refusals(&pair, &swap), []);
}

#[test]
fn cname_conflicts_are_judged_at_each_step() {
    let cname =
        json!({"Name": "t.example.com.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "x.example.net."}]});
    let zone = zone(json!([plain("t", "192.0.2.1")]));
    let late = batch(&[("CREATE", cname.clone()), ("DELETE", plain("t", "192.0.2.1"))]);
    let place = || "$.Changes[0].ResourceRecordSet.Type".to_string();
    assert_eq!(refusals(&zone, &late), [("cname-beside-others", place())]);
    assert_eq!(refusals(&zone, &batch(&[("CREATE", cname.clone())])), [("cname-beside-others", place())]);
    assert_eq!(refusals(&zone, &batch(&[("DELETE", plain("t", "192.0.2.1")), ("CREATE", cname)])), []);
}
