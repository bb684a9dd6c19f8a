//! A fault in a state is found, and told at the field where Terraform has it.

use anyhow::{Context as _, Result, ensure};
use pointsman_core::diagnostic::{Path as JsonPath, Severity, Step};
use serde_json::{Value, json};

use super::{document, validated};

/// The value at a path of a document, if the whole path is there.
fn at<'v>(document: &'v Value, path: &JsonPath) -> Option<&'v Value> {
    path.0.iter().try_fold(document, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Index(index) => value.get(index),
    })
}

/// A change of the state, and the finding it brings about with the end of its path.
type Fault = (&'static str, fn(&mut Value), &'static str, &'static str);

#[test]
fn findings_are_where_terraform_has_the_field() -> Result<()> {
    let faults: [Fault; 14] = [
        ("aws_route53_record.apex", |values| values["ttl"] = json!(-1), "ttl-out-of-range", ".values.ttl"),
        (
            "aws_route53_record.apex",
            |values| values["records"][0] = json!("x"),
            "value-not-ipv4-address",
            ".values.records[0]",
        ),
        ("aws_route53_record.apex", |values| values["type"] = json!("B"), "type-unknown", ".values.type"),
        ("aws_route53_record.apex", |values| values["name"] = json!("a..b"), "name-malformed", ".values.name"),
        (
            r#"aws_route53_record.weighted["green"]"#,
            |values| values["weighted_routing_policy"][0]["weight"] = json!(256),
            "weight-out-of-range",
            ".values.weighted_routing_policy[0].weight",
        ),
        (
            r#"aws_route53_record.latency["eu-west-1"]"#,
            |values| values["latency_routing_policy"][0]["region"] = json!("moon-1"),
            "region-unknown",
            ".values.latency_routing_policy[0].region",
        ),
        (
            r#"aws_route53_record.latency["eu-west-1"]"#,
            |values| values["alias"][0]["name"] = json!("nowhere.example.com"),
            "alias-target-missing",
            ".values.alias[0].name",
        ),
        (
            r#"aws_route53_record.geolocation["country"]"#,
            |values| values["geolocation_routing_policy"][0]["country"] = json!("XX"),
            "location-unknown",
            ".values.geolocation_routing_policy[0].country",
        ),
        (
            "aws_route53_record.geoproximity_coordinates",
            |values| values["geoproximity_routing_policy"][0]["coordinates"][0]["latitude"] = json!("91"),
            "coordinate-out-of-range",
            ".values.geoproximity_routing_policy[0].coordinates[0].latitude",
        ),
        (
            r#"aws_route53_record.office["berlin"]"#,
            |values| values["cidr_routing_policy"][0]["location_name"] = json!("bonn"),
            "cidr-location-unknown",
            ".values.cidr_routing_policy[0].location_name",
        ),
        (
            "aws_route53_cidr_location.berlin",
            |values| values["cidr_blocks"][1] = json!("203.0.113.0/33"),
            "cidr-block-malformed",
            ".values.cidr_blocks[1]",
        ),
        (
            "aws_route53_health_check.page",
            |values| values["port"] = json!(70000),
            "health-check-number",
            ".values.port",
        ),
        (
            "aws_route53_health_check.always",
            |values| values["child_healthchecks"] = json!(["nobody"]),
            "child-health-check-unknown",
            ".values.child_healthchecks[0]",
        ),
        ("aws_route53_zone.main", |values| values["name"] = json!("a..b"), "zone-name-malformed", ".values.name"),
    ];
    let mut wrong = Vec::new();
    for (address, change, code, end) in faults {
        let mut state = document("state.json")?;
        let resources = state["values"]["root_module"]["resources"].as_array_mut().context("no resources")?;
        let resource = resources.iter_mut().find(|resource| resource["address"] == address);
        change(&mut resource.with_context(|| address.to_owned())?["values"]);
        let found = validated(&state.to_string(), None).diagnostics;
        let errors = found.iter().filter(|finding| finding.severity == Severity::Error || finding.code == code);
        let told: Vec<String> = errors
            .filter_map(|finding| {
                let path = &finding.place.as_ref()?.path;
                let is_there = at(&state, path).is_some();
                Some(format!("{} {path}{}", finding.code, if is_there { "" } else { " (which is not there)" }))
            })
            .collect();
        let is_right =
            |finding: &String| finding.starts_with(&format!("{code} $.values.root_module")) && finding.ends_with(end);
        if !told.iter().any(is_right) {
            wrong.push(format!("{address}: wanted {code} ...{end}, found {told:?}"));
        }
    }
    ensure!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    Ok(())
}
