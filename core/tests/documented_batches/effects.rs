//! What a batch does to the rest of a zone, what findings say of it, and how its result is printed.

use super::*;

#[test]
fn a_batch_is_not_blamed_for_what_was_wrong_before() {
    let zone = zone(json!([weighted("a", "192.0.2.1", 60), weighted("b", "192.0.2.2", 300), plain("x", "192.0.2.3")]));
    let applied = run(&zone, &batch(&[("UPSERT", plain("x", "192.0.2.4"))]));
    let [finding] = applied.diagnostics.as_slice() else { panic!("{:#?}", applied.diagnostics) };
    assert_eq!((finding.code, finding.severity), ("weighted-ttl-differs", Severity::Warning));
    assert!(finding.message.ends_with(" (so it was before the batch)"), "{}", finding.message);

    // What cannot be evaluated cannot be after the batch either.
    let broken = self::zone(json!([plain("bad", "not an address"), plain("x", "192.0.2.3")]));
    let applied = run(&broken, &batch(&[("UPSERT", plain("x", "192.0.2.4"))]));
    let [finding] = applied.diagnostics.as_slice() else { panic!("{:#?}", applied.diagnostics) };
    assert_eq!((finding.code, finding.class), ("value-not-ipv4-address", Class::CannotBeEvaluated));
    // But the batch may mend it.
    assert_eq!(refusals(&broken, &batch(&[("UPSERT", plain("bad", "192.0.2.1"))])), []);
}

#[test]
fn warnings_are_told_when_the_batch_brings_them() {
    let primary =
        with(plain("www", "192.0.2.1"), json!({"SetIdentifier": "p", "Failover": "PRIMARY", "HealthCheckId": "hc"}));
    let secondary = with(plain("www", "192.0.2.2"), json!({"SetIdentifier": "s", "Failover": "SECONDARY"}));
    let codes = |zone: &Value, changes: &[(&str, Value)]| -> Vec<&'static str> {
        run(zone, &batch(changes)).diagnostics.iter().map(|finding| finding.code).collect()
    };
    let before = zone(json!([primary]));
    assert!(codes(&before, &[("CREATE", secondary.clone())]).contains(&"secondary-without-check"));
    let before = zone(json!([primary, secondary]));
    assert_eq!(codes(&before, &[("CREATE", plain("x", "192.0.2.9"))]), [""; 0]);
    // A batch that is refused brings nothing about.
    let member = with(weighted("a", "192.0.2.1", 60), json!({"HealthCheckId": "hc"}));
    let check = json!([{"Id": "hc", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 53}}]);
    let before = with(zone(json!([member])), json!({"HealthChecks": check}));
    let removal = [("DELETE", with(member, json!({"TTL": 61})))];
    assert_eq!(codes(&before, &removal), ["delete-does-not-match"]);
}

#[test]
fn what_is_no_batch_is_refused() {
    let zone = zone(json!([]));
    for (batch, code) in [
        (json!({"Changes": []}), "batch-empty"),
        (json!({"ChangeBatch": {"Changes": []}}), "batch-empty"),
        (json!({"ResourceRecordSets": []}), "batch-missing"),
        (json!({"Changes": [{"Action": "REPLACE", "ResourceRecordSet": plain("a", "192.0.2.1")}]}), "unknown-action"),
        (json!({"Changes": [{"Action": "CREATE"}]}), "change-incomplete"),
        (batch(&[("DELETE", json!({"Name": "a..b", "Type": "A"}))]), "name-malformed"),
        (batch(&[("DELETE", json!({"Name": "a.example.com", "Type": "NONE"}))]), "type-unknown"),
        (batch(&[("CREATE", json!({"Name": "a..b", "Type": "A", "TTL": 1}))]), "name-malformed"),
    ] {
        let found = refusals(&zone, &batch);
        assert!(found.iter().any(|(found, _)| *found == code), "{batch}: {found:?}");
    }
}

#[test]
fn one_request_has_a_size() {
    let values = |count: usize| -> Value {
        (0..count).map(|i| json!({"Value": format!("192.0.{}.{}", i / 250, i % 250)})).collect()
    };
    let set = |name: &str, count| with(plain(name, ""), json!({"ResourceRecords": values(count)}));
    let zone = zone(json!([]));
    let creates = |last| batch(&[("CREATE", set("a", 400)), ("CREATE", set("b", 400)), ("CREATE", set("c", last))]);
    assert_eq!(refusals(&zone, &creates(200)), []);
    assert_eq!(refusals(&zone, &creates(201)), [("batch-too-many-values", "$.Changes".into())]);
    let applied = run(&zone, &creates(201));
    assert_eq!(applied.diagnostics[0].route53_message.as_deref(), Some("Number of records limit of 1000 exceeded."));
    let upserts = |last| batch(&[("UPSERT", set("a", 400)), ("UPSERT", set("b", last))]);
    assert_eq!(refusals(&zone, &upserts(100)), []);
    assert_eq!(refusals(&zone, &upserts(101)), [("batch-too-many-values", "$.Changes".into())]);

    let text = |length: usize| json!([{"Value": format!("\"{}\"", "x".repeat(length - 2))}]);
    let txt = |name: String| json!({"Name": name, "Type": "TXT", "TTL": 60, "ResourceRecords": text(250)});
    let many: Vec<_> = (0..129).map(|i| ("CREATE", txt(format!("t{i}.example.com.")))).collect();
    assert_eq!(refusals(&zone, &batch(&many[..128])), []);
    assert_eq!(refusals(&zone, &batch(&many)), [("batch-too-many-characters", "$.Changes".into())]);
}

#[test]
fn all_documents_are_printed_as_one() {
    let first = r#"{"ResourceRecordSets": [
        {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "o", "TTL": 60,
         "CidrRoutingConfig": {"CollectionId": "c1", "LocationName": "office"}, "ResourceRecords": [{"Value": "192.0.2.1"}]}],
        "IsTruncated": true, "NextRecordName": "t.example.com.", "NextRecordType": "TXT"}"#;
    let second = r#"{"ResourceRecordSets": [
        {"Name": "t.example.com.", "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": "\"two  spaces\" \"\\052\""}]}]}"#;
    let blocks = r#"{"CidrBlocks": [{"CidrBlock": "203.0.113.0/24", "LocationName": "office"}]}"#;
    let more = r#"{"CidrBlocks": [{"CidrBlock": "198.51.100.0/24", "LocationName": "office"}]}"#;
    let listed = r#"{"CidrCollections": [{"Id": "c1", "Name": "mine", "Version": 3}]}"#;
    let latency = r#"{"LatencyTable": {"Countries": {"SG": {"us-east-1": 210}}}}"#;
    let latency_too = r#"{"LatencyTable": {"Countries": {"DE": {"us-east-1": 90.5}}, "Default": {"us-east-1": 1}}}"#;
    let targets = r#"{"AliasTargets": {"x.us-east-1.elb.amazonaws.com.": {"A": ["192.0.2.1"]}}}"#;
    let texts = [first, second, blocks, more, listed, latency, latency_too, targets];
    let mut documents: Vec<_> = texts.iter().enumerate().map(|(number, text)| parse(number, text)).collect();
    for document in documents.iter_mut().filter(|document| document.cidr_blocks.is_some()) {
        document.cidr_collection_id = Some("c1".into());
    }
    let batch =
        json!({"ChangeBatch": {"Changes": [{"Action": "CREATE", "ResourceRecordSet": plain("b", "192.0.2.2")}]}});
    let batch = batch.to_string();
    let options = Options { zone_name: Some("example.com") };
    let applied = apply(&documents, &parse(8, &batch), &options);
    assert_eq!(errors(&applied), Vec::<&Diagnostic>::new());
    let json = apply_json(&documents, &texts, &batch, &applied);
    let wanted = r#"{
"HostedZone":{"Name":"example.com."},
"ResourceRecordSets":[
{"Name":"a.example.com.","Type":"A","SetIdentifier":"o","TTL":60,"CidrRoutingConfig":{"CollectionId":"c1","LocationName":"office"},"ResourceRecords":[{"Value":"192.0.2.1"}]},
{"Name":"t.example.com.","Type":"TXT","TTL":60,"ResourceRecords":[{"Value":"\"two  spaces\" \"\\052\""}]},
{"Name":"b.example.com.","ResourceRecords":[{"Value":"192.0.2.2"}],"TTL":60,"Type":"A"}
],
"CidrCollections":[
{"Id":"c1","Name":"mine","Version":3,"CidrBlocks":[
{"CidrBlock":"203.0.113.0/24","LocationName":"office"},
{"CidrBlock":"198.51.100.0/24","LocationName":"office"}
]}
],
"AliasTargets":{"x.us-east-1.elb.amazonaws.com.":{"A":["192.0.2.1"]}},
"LatencyTable":{"Countries":{"SG":{"us-east-1":210},"DE":{"us-east-1":90.5}},"Default":{"us-east-1":1}}
}
"#;
    assert_eq!(json, wanted);
    let again = validate(&[parse(0, &json)], &Options::default());
    assert_eq!(format!("{:?}", again.zone), format!("{:?}", applied.zone));
}

#[test]
fn a_thousand_changes_over_a_large_zone_take_no_time() {
    let many: Vec<Value> = (0..20_000).map(|i| plain(&format!("n{i}"), "192.0.2.1")).collect();
    let members: Vec<Value> = (0..100).map(|i| weighted(&format!("m{i}"), &format!("192.0.2.{i}"), 60)).collect();
    let zone = zone(Value::Array(many.into_iter().chain(members).collect()));
    let deletes = (0..500).map(|i| ("DELETE", plain(&format!("n{i}"), "192.0.2.1")));
    let creates = (0..400).map(|i| ("CREATE", plain(&format!("c{i}"), "192.0.2.2")));
    let changes: Vec<_> = deletes.chain(creates).collect();
    let applied = run(&zone, &batch(&changes));
    assert_eq!(applied.record_sets.len(), 20_101 - 500 + 400);
}

fn warnings(applied: &Applied) -> Vec<(&'static str, String)> {
    let warnings = applied.diagnostics.iter().filter(|finding| finding.severity == Severity::Warning);
    warnings.map(|finding| (finding.code, finding.message.clone())).collect()
}

#[test]
fn a_name_whose_last_record_set_is_deleted_goes_dark() {
    let there = zone(json!([plain("a", "192.0.2.1"), plain("b", "192.0.2.2"), weighted("m", "192.0.2.3", 60)]));
    let gone = run(&there, &batch(&[("DELETE", plain("a", "192.0.2.1"))]));
    let wanted = "after this batch nobody gets an answer for `a.example.com.` A: its last record set is deleted";
    assert_eq!(warnings(&gone), [("name-goes-dark", wanted.to_string())]);
    // Replaced, moved to a CNAME, or left to a wildcard, the name has an answer.
    let cname =
        json!({"Name": "a.example.com.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "x.example.net"}]});
    for more in
        [cname, with(plain("a", "192.0.2.9"), json!({"SetIdentifier": "s", "Weight": 1})), plain("*", "192.0.2.9")]
    {
        let kept = run(&there, &batch(&[("DELETE", plain("a", "192.0.2.1")), ("CREATE", more)]));
        assert_eq!(warnings(&kept), []);
    }
    // A name that exists through one below it is not the wildcard's.
    let above = zone(json!([plain("a", "192.0.2.1"), plain("x.a", "192.0.2.2"), plain("*", "192.0.2.9")]));
    assert_eq!(warnings(&run(&above, &batch(&[("DELETE", plain("a", "192.0.2.1"))]))).len(), 1);
}

#[test]
fn an_upsert_that_swallows_the_primary_is_told() {
    let failover = |id: &str, role: &str| {
        with(
            plain("www", "192.0.2.1"),
            json!({
        "SetIdentifier": id, "Failover": role, "HealthCheckId": "hc"}),
        )
    };
    let there = zone(json!([failover("k", "PRIMARY")]));
    let swallowed = warnings(&run(&there, &batch(&[("UPSERT", failover("k", "SECONDARY"))])));
    let lost: Vec<_> = swallowed.iter().filter(|(code, _)| *code == "failover-role-lost").collect();
    assert!(matches!(lost.as_slice(), [(_, message)] if message.contains("has no PRIMARY any more")), "{swallowed:?}");
    // PRIMARY and SECONDARY may change places (10.31).
    let both = zone(json!([failover("a", "PRIMARY"), failover("b", "SECONDARY")]));
    let swap = batch(&[("UPSERT", failover("a", "SECONDARY")), ("UPSERT", failover("b", "PRIMARY"))]);
    assert!(warnings(&run(&both, &swap)).iter().all(|(code, _)| *code != "failover-role-lost"));
}

#[test]
fn a_batch_says_which_zone_it_is_for() {
    let there = zone(json!([]));
    for (id, wanted) in [("Z1", 0), ("/hostedzone/Z1", 0), ("Z2", 1)] {
        let change = json!({"Action": "CREATE", "ResourceRecordSet": plain("a", "192.0.2.1")});
        let batch = json!({"HostedZoneId": id, "ChangeBatch": {"Changes": [change]}});
        let found = refusals(&there, &batch);
        assert_eq!(found.len(), wanted, "{found:?}");
        assert!(found.iter().all(|(code, _)| *code == "batch-for-another-zone"));
    }
}

#[test]
fn what_was_quarantined_before_does_not_stop_another_change() {
    let policy = json!({"Name": "tp.example.com.", "Type": "A", "TrafficPolicyInstanceId": "t"});
    let there = zone(json!([policy, plain("a", "192.0.2.1")]));
    let applied = run(&there, &batch(&[("UPSERT", plain("a", "192.0.2.2"))]));
    let found = warnings(&applied);
    assert!(
        matches!(found.as_slice(), [("traffic-policy-instance", message)] if message.ends_with("(so it was before the batch)"))
    );
    assert_eq!(applied.zone.unwrap().quarantined.len(), 1);
    // A change that cannot be evaluated itself is refused, and one of the quarantined record set is judged like any other.
    assert_eq!(refusals(&there, &batch(&[("CREATE", json!({"Name": "x.example.com.", "Type": "A"}))])).len(), 1);
    let mended = run(&there, &batch(&[("UPSERT", plain("tp", "192.0.2.3"))]));
    assert_eq!(errors(&mended), Vec::<&Diagnostic>::new());
    assert!(mended.zone.unwrap().quarantined.is_empty());
}
