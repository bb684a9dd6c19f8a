//! What `terraform show -json` prints is read as the zone that it makes: plans before they are applied, and states.
//!
//! The documents in `terraform/` were printed by a real Terraform; `terraform/regenerate.sh` says how.

#[path = "terraform/places.rs"]
mod places;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use pointsman_core::compile::compile;
use pointsman_core::diagnostic::Diagnostic;
use pointsman_core::health::HealthView;
use pointsman_core::parse::{parse, parse_report};
use pointsman_core::resolve::Scratch;
use pointsman_core::validate::{Applied, Options, Validated, apply, apply_json, validate};
use pointsman_import::Imported;
use serde_json::{Value, json};

fn text(name: &str) -> Result<String> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("shapes").join("terraform").join(name);
    std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}

fn document(name: &str) -> Result<Value> {
    serde_json::from_str(&text(name)?).with_context(|| format!("{name} is not JSON"))
}

fn import(text: &str, zone: Option<&str>) -> Imported {
    let options = pointsman_import::Options { zone, ..pointsman_import::Options::default() };
    // What nobody recognises is a bare object to import, so that core says what it is.
    pointsman_import::read(text, &options).unwrap_or_else(|| import(r#"{"format_version": "1"}"#, None))
}

fn validated(text: &str, zone: Option<&str>) -> Validated {
    let imported = import(text, zone);
    let mut validated = validate(&[imported.document(0)], &Options { zone_name: imported.zone_name().or(zone) });
    validated.diagnostics.iter_mut().for_each(|finding| imported.relocate(text, finding));
    validated
}

/// The zone of a document under a health report.
fn view(text: &str, report: &Value) -> Result<HealthView> {
    let zone = validated(text, None).zone.context("no zone")?;
    let (report, _) = parse_report(1, &report.to_string()).map_err(|wrong| anyhow::anyhow!("{wrong:?}"))?;
    Ok(HealthView::new(compile(&zone).into(), &report).0)
}

fn answer(view: &HealthView, name: &str) -> String {
    let query = json!({"name": name, "type": "A"}).to_string();
    view.resolve_json(&query, &mut Scratch::new(view.zone()))
}

/// Code, path and message of each finding.
fn findings(text: &str) -> Vec<(&'static str, String, String)> {
    let told = |finding: Diagnostic| {
        let finding = finding.into_finding();
        (finding.code, finding.place.map(|place| place.path.to_string()).unwrap_or_default(), finding.message)
    };
    validated(text, None).diagnostics.into_iter().map(told).collect()
}

/// The id of every health check of the state, by address.
fn check_ids() -> Result<BTreeMap<String, String>> {
    fn walk(module: &Value, ids: &mut BTreeMap<String, String>) {
        for resource in module["resources"].as_array().into_iter().flatten() {
            if resource["type"] == "aws_route53_health_check"
                && let (Some(address), Some(id)) = (resource["address"].as_str(), resource["values"]["id"].as_str())
            {
                ids.insert(address.into(), id.into());
            }
        }
        module["child_modules"].as_array().into_iter().flatten().for_each(|child| walk(child, ids));
    }
    let mut ids = BTreeMap::new();
    walk(&document("state.json")?["values"]["root_module"], &mut ids);
    ensure!(ids.len() == 10, "the state has {} health checks", ids.len());
    Ok(ids)
}

const EUROPE: &str = r#"module.region["eu-west-1"].aws_route53_health_check.this"#;
const PRIMARY: &str = "aws_route53_health_check.primary";
const GREEN: &str = r#"aws_route53_health_check.weighted["green"]"#;

/// A question about every_policy: the name's first label, the client, the checks that are down, and the values of every
/// possible answer with its probability.
type Question = (&'static str, Value, &'static [&'static str], &'static [(&'static str, &'static [&'static str])]);

/// Questions that a plan and its state answer alike, each check named by its address.
fn questions() -> Vec<Question> {
    vec![
        ("", json!({}), &[], &[("1/1", &["192.0.2.1"])]),
        ("failover", json!({}), &[], &[("1/1", &["192.0.2.20"])]),
        (
            "latency",
            json!({"latency_ms": {"eu-west-1": 9}}),
            &[],
            &[("3/4", &["198.51.100.10"]), ("1/4", &["203.0.113.1"])],
        ),
        (
            "latency",
            json!({"latency_ms": {"eu-west-1": 9}}),
            &[EUROPE],
            &[("3/4", &["192.0.2.10"]), ("1/4", &["203.0.113.1"])],
        ),
        // Weight 0 waits, and `green` is inverted: its check is down, so it is up.
        ("weighted", json!({}), &[GREEN], &[("1/1", &["198.51.100.40"])]),
        ("geolocation", json!({"country": "US", "subdivision": "US-WA"}), &[], &[("1/1", &["192.0.2.50"])]),
        ("geolocation", json!({"country": "US", "subdivision": "US-OR"}), &[], &[("1/1", &["192.0.2.51"])]),
        ("geolocation", json!({"country": "FR"}), &[], &[("1/1", &["192.0.2.52"])]),
        ("geolocation", json!({"country": "JP"}), &[], &[("1/1", &["192.0.2.53"])]),
        // The last one's coordinates are near Montreal; in the middle of Virginia the Region's bias keeps it nearer.
        ("geoproximity", json!({"latitude": 45.5, "longitude": -73.6}), &[], &[("1/1", &["192.0.2.61"])]),
        ("geoproximity", json!({"latitude": 38.0, "longitude": -78.0}), &[], &[("1/1", &["192.0.2.60"])]),
        ("geoproximity", json!({"latitude": 34.0, "longitude": -118.0}), &[], &[("1/1", &["192.0.2.62"])]),
        ("office", json!({"ip": "203.0.113.9"}), &[], &[("1/1", &["192.0.2.70"])]),
        ("office", json!({"ecs": "2001:db8:1::/56"}), &[], &[("1/1", &["192.0.2.70"])]),
        ("office", json!({"ip": "8.8.8.8"}), &[], &[("1/1", &["192.0.2.71"])]),
        ("multivalue", json!({}), &[], &[("1/1", &["192.0.2.80", "192.0.2.81", "192.0.2.82"])]),
        ("retired", json!({}), &[], &[("1/1", &["192.0.2.90"])]),
    ]
}

fn outcomes(view: &HealthView, label: &str, client: &Value) -> Result<Value> {
    let name = if label.is_empty() { "example.com".into() } else { format!("{label}.example.com") };
    let odds = view.odds_json(&json!({"name": name, "type": "A", "client": client}).to_string());
    let odds: Value = serde_json::from_str(&odds)?;
    let outcome = |outcome: &Value| json!([outcome["ratio"], outcome["values"]]);
    Ok(odds["outcomes"].as_array().with_context(|| odds.to_string())?.iter().map(outcome).collect())
}

fn ask(name: &str, check: impl Fn(&str) -> String) -> Result<()> {
    let text = text(name)?;
    for (label, client, down, expected) in questions() {
        let down: BTreeMap<String, &str> = down.iter().map(|address| (check(address), "unhealthy")).collect();
        let view = view(&text, &json!({"HealthChecks": down}))?;
        let found = outcomes(&view, label, &client)?;
        assert_eq!(found, json!(expected), "{name}: {label} from {client} with {down:?} down");
    }
    Ok(())
}

#[test]
fn a_state_answers_as_its_zone_does() -> Result<()> {
    let ids = check_ids()?;
    ask("state.json", |address| ids[address].clone())?;
    let codes: Vec<_> = findings(&text("state.json")?).into_iter().map(|(code, ..)| code).collect();
    assert_eq!(codes, ["zero-weight-goes-live"]);
    Ok(())
}

/// `terraform show` prints what Terraform keeps: one zone, whichever is read.
#[test]
fn the_state_that_terraform_keeps_is_the_one_that_it_shows() -> Result<()> {
    let record_sets = |name: &str| -> Result<Vec<String>> {
        let imported: Value = serde_json::from_str(import(&text(name)?, None).json())?;
        let of =
            |key: &str| imported[key].as_array().into_iter().flatten().map(ToString::to_string).collect::<Vec<_>>();
        let mut all = [of("ResourceRecordSets"), of("HealthChecks"), of("CidrCollections")].concat();
        all.sort();
        Ok(all)
    };
    let kept = record_sets("terraform.tfstate")?;
    ensure!(kept.len() > 30, "only {} things", kept.len());
    assert_eq!(kept, record_sets("state.json")?);
    let ids = check_ids()?;
    ask("terraform.tfstate", |address| ids[address].clone())
}

#[test]
fn a_plan_answers_as_its_state_will() -> Result<()> {
    ask("plan.json", str::to_owned)
}

#[test]
fn what_only_apply_can_tell_is_named_and_stands_for_itself() -> Result<()> {
    let plan = text("plan.json")?;
    // Of the load balancer nothing is known but its address.
    let answer = answer(&view(&plan, &json!({"HealthChecks": {PRIMARY: "unhealthy"}}))?, "failover.example.com");
    assert!(answer.contains(r#""alias_target":"aws_lb.standby.dns_name.""#), "{answer}");
    // The value of `blue` is not known; nor is which check a conditional chooses, so that it goes by the record's address.
    let chosen = r#"aws_route53_record.geolocation["state"].health_check_id"#;
    let report =
        json!({"HealthChecks": {chosen: "unhealthy"}, "AliasTargets": {"aws_lb.standby.dns_name": "unhealthy"}});
    let view = view(&plan, &report)?;
    assert_eq!(outcomes(&view, "weighted", &json!({}))?, json!([["1/1", ["aws_eip.blue.public_ip"]]]));
    let washington = json!({"country": "US", "subdivision": "US-WA"});
    assert_eq!(outcomes(&view, "geolocation", &washington)?, json!([["1/1", ["192.0.2.51"]]]));

    let findings = findings(&plan);
    let told: Vec<&str> = findings.iter().filter(|finding| finding.0 == "known-after-apply").map(|f| &*f.2).collect();
    for wanted in [
        "`alias.name` of `aws_route53_record.failover_secondary` is known only after apply; `aws_lb.standby.dns_name` \
         stands in for it",
        "`alias.zone_id` of `aws_route53_record.failover_secondary` is known only after apply; `aws_lb.standby.zone_id` \
         stands in for it",
        "`records` of `aws_route53_record.weighted[\"blue\"]` is known only after apply; `aws_eip.blue.public_ip` stands \
         in for it",
        "`ip_address` of `aws_route53_health_check.weighted[\"blue\"]` is known only after apply; `aws_eip.blue.public_ip` \
         stands in for it",
        "`health_check_id` of `aws_route53_record.multivalue[2]` is known only after apply; \
         `aws_route53_record.multivalue[2].health_check_id` stands in for it",
        "`name` of `aws_route53_record.certificate` is known only after apply; the record set is left out",
    ] {
        assert!(told.contains(&wanted), "{wanted}\nis not among\n{}", told.join("\n"));
    }
    let ids = told.iter().find(|message| message.starts_with("`id` is known only after apply of")).context("no ids")?;
    for address in check_ids()?.keys() {
        assert!(ids.contains(&format!("`{address}`")), "{address}");
    }
    // Four geolocation members and three multivalue ones, whose checks cannot be distinguished, and the five above.
    assert_eq!(told.len(), 4 + 3 + 5 + 1, "{}", told.join("\n"));
    let others: Vec<_> = findings.iter().filter(|finding| finding.0 != "known-after-apply").collect();
    assert_eq!(others.iter().map(|finding| finding.0).collect::<Vec<_>>(), ["zero-weight-goes-live"]);
    Ok(())
}

#[test]
fn what_a_plan_destroys_is_gone() -> Result<()> {
    let view = view(&text("retire.json")?, &json!({"HealthChecks": {}}))?;
    let answer = answer(&view, "retired.example.com");
    assert!(answer.contains(r#""rcode":"NXDOMAIN""#), "{answer}");
    assert_eq!(outcomes(&view, "failover", &json!({}))?, json!([["1/1", ["192.0.2.20"]]]));
    Ok(())
}

#[test]
fn names_and_texts_are_written_as_the_provider_sends_them() -> Result<()> {
    let zone = validated(&text("state.json")?, None).zone.context("no zone")?;
    assert_eq!((&*zone.name.to_string(), zone.private), ("example.com.", false));
    let set = |name: &str| {
        let set = zone.record_sets.iter().find(|set| set.name.to_string() == name);
        format!("{:?}", set.map(|set| &set.content))
    };
    let content = set("text.example.com.");
    assert!(content.contains(r#""\"in two\" \"strings\"""#) && content.contains(r#""\"v=spf1 -all\"""#), "{content}");
    assert!(content.contains("ttl: 0"), "{content}");
    assert!(set("*.dev.example.com.").contains("example.net"));
    Ok(())
}

#[test]
fn one_zone_of_several_is_chosen_by_name_id_or_address() -> Result<()> {
    let several = text("two_zones.json")?;
    let address = |zone: &str| -> Result<String> {
        let zone = validated(&several, Some(zone)).zone.with_context(|| format!("no zone for {zone}"))?;
        let [set] = zone.record_sets.as_slice() else { anyhow::bail!("{} record sets", zone.record_sets.len()) };
        Ok(format!("{} {} {:?}", zone.name, zone.private, set.content))
    };
    assert!(
        address("aws_route53_zone.private")?.starts_with("example.com. true Values { ttl: 60, values: [\"10.0.0.1\"]")
    );
    assert!(
        address("Z00000000DATASOURCE")?.starts_with("example.com. false Values { ttl: 60, values: [\"192.0.2.1\"]")
    );
    // Its records say which zone they are in, and nothing says what it is called.
    assert!(address("example.net")?.starts_with("example.net. false Values { ttl: 60, values: [\"192.0.2.2\"]"));
    for (word, help) in
        [(None, "choose one with --zone"), (Some("example.com"), "names two of them"), (Some("a.net"), "choose")]
    {
        let found = validated(&several, word).diagnostics;
        assert_eq!(found[0].code, "several-hosted-zones", "{word:?}");
        assert!(found[0].help.contains(help), "{word:?}: {}", found[0].help);
        assert!(found[0].message.contains("`example.com` (aws_route53_zone.private)"), "{}", found[0].message);
    }
    Ok(())
}

/// Plans of the AWS provider in which `zone_id` comes from a local value, of which a plan says nothing.
#[test]
fn records_whose_zone_is_a_local_value_find_it() -> Result<()> {
    let names = |file: &str, zone: &str| -> Result<(String, usize, Vec<String>)> {
        let found = validated(&text(file)?, Some(zone));
        let told = found.diagnostics.iter().filter(|finding| finding.code == "known-after-apply");
        let told = told.map(|finding| finding.message.clone()).collect();
        let zone = found.zone.with_context(|| format!("{file} {zone}: {:?}", found.diagnostics))?;
        Ok((zone.name.to_string(), zone.record_sets.len(), told))
    };
    // One zone, by whatever name it is called.
    for zone in ["example.com", "aws_route53_zone.this[0]"] {
        assert_eq!(names("local_zone.json", zone)?, ("example.com.".into(), 2, vec![]));
    }
    // Three zones, one of which nothing refers to plainly.
    let (zone, records, told) = names("local_zones.json", "example.com")?;
    assert_eq!((&*zone, records), ("example.com.", 1));
    assert!(told.iter().any(|told| told.contains("it is taken to be `example.com`")), "{told:?}");
    let (zone, records, told) = names("local_zones.json", "example.net")?;
    assert_eq!((&*zone, records), ("example.net.", 1));
    assert!(told.iter().any(|told| told.contains("the record set is left out")), "{told:?}");
    // A module's local value comes from the variable that its call gives, or its other records say where they are.
    assert_eq!(names("local_zones_of_modules.json", "example.com")?, ("example.com.".into(), 2, vec![]));
    assert_eq!(names("local_zones_of_modules.json", "example.net")?, ("example.net.".into(), 1, vec![]));
    Ok(())
}

#[test]
fn documents_that_look_like_terraform_are_told_apart() {
    let codes = |text: &str| -> Vec<(&str, String)> {
        findings(text).into_iter().map(|(code, path, _)| (code, path)).collect()
    };
    let empty = r#"{"format_version": "1.0", "terraform_version": "1.11.4"}"#;
    assert_eq!(codes(empty), [("terraform-without-values", "$".into())]);
    let nothing_of_ours = r#"{"format_version": "1.0", "values": {"root_module": {}}}"#;
    assert_eq!(codes(nothing_of_ours), [("zone-name-unknown", String::new())]);
    // Without Terraform's mark these are words that nobody knows.
    let unknown =
        r#"{"ResourceRecordSets": [], "HostedZone": {"Name": "example.com"}, "values": {}, "configuration": 1}"#;
    ensure_left_to_core(unknown);
}

fn ensure_left_to_core(text: &str) {
    assert!(pointsman_import::read(text, &pointsman_import::Options::default()).is_none(), "{text}");
}

#[test]
fn resources_that_make_record_sets_and_are_not_read_are_named() {
    let state = json!({"format_version": "1.0", "values": {"root_module": {"resources": [
        {"address": "aws_route53_zone.z", "mode": "managed", "type": "aws_route53_zone", "name": "z",
            "values": {"id": "Z1", "zone_id": "Z1", "name": "example.com", "vpc": []}},
        {"address": "aws_route53_records_exclusive.z", "mode": "managed", "type": "aws_route53_records_exclusive",
            "name": "z", "values": {"zone_id": "Z1"}}]}}});
    let found = findings(&state.to_string());
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "terraform-resource-not-read");
    assert_eq!(found[0].1, "$.values.root_module.resources[1].values");
}

#[test]
fn the_order_of_keys_changes_nothing() -> Result<()> {
    fn sorted(value: &Value, backwards: bool) -> Value {
        match value {
            Value::Array(elements) => elements.iter().map(|element| sorted(element, backwards)).collect(),
            Value::Object(members) => {
                let mut list: Vec<_> =
                    members.iter().map(|(key, value)| (key.clone(), sorted(value, backwards))).collect();
                list.sort_by(|a, b| if backwards { b.0.cmp(&a.0) } else { a.0.cmp(&b.0) });
                Value::Object(list.into_iter().collect())
            }
            other => other.clone(),
        }
    }
    let plan = document("plan.json")?;
    let all = findings(&text("plan.json")?);
    for backwards in [false, true] {
        let found = findings(&sorted(&plan, backwards).to_string());
        assert_eq!(found.len(), all.len(), "backwards: {backwards}: {found:#?}");
        assert!(found.iter().all(|finding| all.contains(finding)));
    }
    Ok(())
}

#[test]
fn a_batch_is_applied_and_the_result_is_in_the_words_of_the_aws_cli() -> Result<()> {
    let state = text("state.json")?;
    let imported = import(&state, None);
    let changed = |batch: &Value| -> (Applied, String) {
        let (documents, batch) = ([imported.document(0)], batch.to_string());
        let applied = apply(&documents, &parse(1, &batch), &Options::default());
        let after = apply_json(&documents, &[imported.json()], &batch, &applied);
        (applied, after)
    };
    let batch = json!({"Changes": [{"Action": "DELETE", "ResourceRecordSet": {"Name": "retired.example.com.", "Type": "A",
        "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.90"}]}}]});
    let (applied, after) = changed(&batch);
    ensure!(applied.zone.is_some(), "{:?}", applied.diagnostics);
    let before = validated(&state, None).zone.context("no zone")?;
    let mut zone = validate(&[parse(0, &after)], &Options::default()).zone.context("no zone after the batch")?;
    assert_eq!(zone.record_sets.len() + 1, before.record_sets.len());
    // All but the deleted one is as it was.
    zone.record_sets = before.record_sets.clone();
    assert_eq!(format!("{zone:?}"), format!("{before:?}"));

    let refused = json!({"Changes": [{"Action": "CREATE", "ResourceRecordSet": {"Name": "failover.example.com.",
        "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.90"}]}}]});
    let (refused, _) = changed(&refused);
    let errors = refused.diagnostics.iter().filter_map(|finding| finding.route53_error);
    assert!(errors.map(|error| error.as_str()).any(|error| error == "InvalidChangeBatch"));
    Ok(())
}

#[test]
fn references_without_end_come_to_one() -> Result<()> {
    // A module's variable that comes from its own output, sixty-four times over.
    let references: Vec<String> = (0..64).flat_map(|_| ["module.m.out".to_owned(), "var.v".to_owned()]).collect();
    let expression = json!({"references": references});
    let module = json!({"outputs": {"out": {"expression": expression}}, "resources": [
        {"address": "aws_route53_record.r", "expressions": {"health_check_id": expression, "zone_id": expression}}],
        "module_calls": {"m": {"expressions": {"v": expression}, "module": {"outputs": {"out": {"expression": expression}}}}}});
    let plan = json!({"format_version": "1.2", "planned_values": {"root_module": {"child_modules": [
        {"address": "module.m", "resources": [
            {"address": "module.m.aws_route53_record.r", "mode": "managed", "type": "aws_route53_record", "name": "r",
                "values": {"name": "a.example.com", "type": "A", "ttl": 60, "records": ["192.0.2.1"]}}]}]}},
        "configuration": {"root_module": {"module_calls": {"m": {"expressions": {"v": expression}, "module": module}}}}});
    let found = validated(&plan.to_string(), Some("example.com"));
    let zone = found.zone.context("no zone")?;
    assert_eq!(zone.record_sets.len(), 1);
    Ok(())
}
