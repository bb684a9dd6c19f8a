//! Zones in a few words, and what a drill says of them.

use pointsman_core::parse::parse;
use pointsman_core::validate::{Options as Validate, validate};
use pointsman_verify::drill::{Drill, Options, Severity, drill};
use pointsman_verify::facts::Facts;
use pointsman_verify::subject::Subject;
use serde_json::{Value, json};

/// A record set of `NAME.example.com` type A; `fields` are its policy and content.
pub(crate) fn set(name: &str, id: &str, fields: Value) -> Value {
    let mut set = json!({"Name": format!("{name}.example.com."), "Type": "A", "SetIdentifier": id});
    for (key, value) in fields.as_object().unwrap() {
        match key.as_str() {
            "value" => {
                set["TTL"] = 60.into();
                set["ResourceRecords"] = json!([{"Value": value}]);
            }
            "to" => {
                let health = fields.get("health").cloned().unwrap_or(true.into());
                let target = value.as_str().unwrap();
                let (zone, name) = match target.contains(".elb.") {
                    true => ("Z35SXDOTRQ7X7K", format!("{target}.")),
                    false => ("Z1", format!("{target}.example.com.")),
                };
                set["AliasTarget"] = json!({"HostedZoneId": zone, "DNSName": name, "EvaluateTargetHealth": health});
            }
            "health" => {}
            "check" => set["HealthCheckId"] = value.clone(),
            key => set[key] = value.clone(),
        }
    }
    set
}

/// The drill of a zone; health checks are made for every id that is named, unless given.
pub(crate) fn run(sets: &[Value], checks: &[Value], facts: &str) -> Drill {
    let mut all = vec![json!({"Name": "example.com.", "Type": "SOA", "TTL": 900, "ResourceRecords": [
        {"Value": "ns-2048.awsdns-64.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"}]})];
    all.extend(sets.iter().cloned());
    let mut checks: Vec<Value> = checks.to_vec();
    for id in sets.iter().filter_map(|set| set["HealthCheckId"].as_str()) {
        if !checks.iter().any(|check| check["Id"] == id) {
            checks.push(json!({"Id": id, "HealthCheckConfig": {"Type": "HTTPS", "ResourcePath": "/health",
                "FullyQualifiedDomainName": format!("{id}.example.org"), "RequestInterval": 30, "FailureThreshold": 3}}));
        }
    }
    let zone = json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": all,
        "HealthChecks": checks})
    .to_string();
    let validated = validate(&[parse(0, &zone)], &Validate::default());
    let subject = Subject::new(validated.zone.unwrap(), Facts::parse(facts).unwrap());
    let drill = drill(&subject, &Options::default(), &mut |_, _| true);
    assert!(drill.unconfirmed.is_empty(), "{:?}", drill.unconfirmed);
    assert!(drill.unknown.is_empty() && drill.bounded.is_empty());
    drill
}

/// The codes of dangers and warnings.
pub(crate) fn faults(drill: &Drill) -> Vec<&'static str> {
    let faults = drill.findings.iter().filter(|finding| finding.severity != Severity::Note);
    let mut codes: Vec<_> = faults.map(|finding| finding.code).collect();
    codes.dedup();
    codes
}

pub(crate) fn one<'d>(drill: &'d Drill, code: &str) -> &'d pointsman_verify::drill::Finding {
    let mut found = drill.findings.iter().filter(|finding| finding.code == code);
    let first = found.next().unwrap_or_else(|| panic!("no {code} in {:#?}", drill.findings));
    assert!(found.next().is_none(), "{:#?}", drill.findings);
    first
}
