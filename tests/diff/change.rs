//! Random edits of a zone document: whatever an operator changes, one at a time.

use pointsman_tests::generate::Rng;
use serde_json::{Value, json};

/// Countries, continents and states that places are changed to.
const PLACES: [(&str, &str); 8] = [
    ("CountryCode", "DE"),
    ("CountryCode", "US"),
    ("CountryCode", "SG"),
    ("CountryCode", "CN"),
    ("CountryCode", "*"),
    ("ContinentCode", "EU"),
    ("ContinentCode", "AS"),
    ("ContinentCode", "NA"),
];
const REGIONS: [&str; 5] = ["us-east-1", "us-west-2", "eu-west-1", "ap-southeast-1", "cn-north-1"];

/// Changes one thing, if there is one of the kind.
pub(super) fn change(rng: &mut Rng, zone: &mut Value) {
    match rng.below(12) {
        0..=3 => record(rng, zone),
        4 => remove(rng, zone),
        5 | 6 => add(rng, zone),
        7 | 8 => block(rng, zone),
        9 => row(rng, zone),
        _ => check(rng, zone),
    }
}

/// A list of the document.
fn list<'z>(zone: &'z mut Value, field: &str) -> Option<&'z mut Vec<Value>> {
    zone.get_mut(field)?.as_array_mut()
}

fn one<'l>(rng: &mut Rng, list: Option<&'l mut Vec<Value>>) -> Option<&'l mut Value> {
    let list = list?;
    let at = rng.below(list.len());
    list.get_mut(at)
}

/// Changes a field of a record set.
fn record(rng: &mut Rng, zone: &mut Value) {
    let Some(set) = one(rng, list(zone, "ResourceRecordSets")) else { return };
    if let Some(weight) = set.get("Weight").and_then(Value::as_u64)
        && rng.percent(60)
    {
        set["Weight"] = ((weight + 1 + rng.number() % 3) % 256).into();
    } else if set.get("GeoLocation").is_some() && rng.percent(60) {
        let (field, code) = *rng.one_of(&PLACES);
        set["GeoLocation"] = json!({ field: code });
    } else if set.get("Region").is_some() && rng.percent(60) {
        set["Region"] = (*rng.one_of(&REGIONS)).into();
    } else if set.get("GeoProximityLocation").is_some() && rng.percent(70) {
        let bias = rng.between(0, 120) as i64 - 60;
        set["GeoProximityLocation"]["Bias"] = bias.into();
    } else if set.get("CidrRoutingConfig").is_some() && rng.percent(60) {
        set["CidrRoutingConfig"]["LocationName"] = (*rng.one_of(&["ams", "bos", "c-3", "D_4", "5", "*"])).into();
    } else if set.get("Failover").is_some() && rng.percent(40) {
        set["Failover"] = if set["Failover"] == "PRIMARY" { "SECONDARY" } else { "PRIMARY" }.into();
    } else if set.get("HealthCheckId").is_some() && rng.percent(40) {
        set.as_object_mut().map(|set| set.remove("HealthCheckId"));
    } else if let Some(alias) = set.get_mut("AliasTarget") {
        let evaluates = alias["EvaluateTargetHealth"] == true;
        alias["EvaluateTargetHealth"] = (!evaluates).into();
    } else if rng.percent(50) {
        set["TTL"] = json!(set["TTL"].as_u64().unwrap_or(60) + 1);
    } else if set["Type"] == "A" {
        set["ResourceRecords"] = json!([{"Value": format!("203.0.113.{}", rng.between(1, 250))}]);
    }
}

/// Takes a record set out, or a whole group.
fn remove(rng: &mut Rng, zone: &mut Value) {
    let Some(sets) = list(zone, "ResourceRecordSets") else { return };
    let at = rng.below(sets.len());
    let Some(set) = sets.get(at).cloned() else { return };
    if rng.percent(50) {
        sets.remove(at);
    } else {
        sets.retain(|other| other["Name"] != set["Name"] || other["Type"] != set["Type"]);
    }
}

/// Adds a record set at a name near those that exist: a plain one, a wildcard or a delegation.
fn add(rng: &mut Rng, zone: &mut Value) {
    let Some(sets) = list(zone, "ResourceRecordSets") else { return };
    let name = match rng.below(sets.len().max(1)) {
        at if !sets.is_empty() => sets[at]["Name"].as_str().unwrap_or_default().trim_start_matches("*.").to_owned(),
        _ => return,
    };
    let name = match rng.below(5) {
        0 => name,
        1 => format!("*.{name}"),
        2 => format!("new.{name}"),
        3 => format!("_acme-challenge.new.{name}"),
        // Above: a name that now exists for its own sake.
        _ => name.split_once('.').map_or(name.clone(), |(_, above)| above.to_owned()),
    };
    sets.push(match rng.below(4) {
        0 => json!({"Name": name, "Type": "TXT", "TTL": 60, "ResourceRecords": [{"Value": "\"new\""}]}),
        1 => json!({"Name": name, "Type": "NS", "TTL": 300, "ResourceRecords": [{"Value": "ns.example.org."}]}),
        2 => json!({"Name": name, "Type": "CNAME", "TTL": 300, "ResourceRecords": [{"Value": "new.example.org."}]}),
        _ => json!({"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "203.0.113.77"}]}),
    });
}

/// Moves a CIDR block to another location, takes it out, or adds one inside it.
fn block(rng: &mut Rng, zone: &mut Value) {
    let Some(collection) = one(rng, list(zone, "CidrCollections")) else { return };
    let Some(blocks) = list(collection, "CidrBlocks") else { return };
    let at = rng.below(blocks.len());
    let locations: Vec<Value> = blocks.iter().map(|block| block["LocationName"].clone()).collect();
    let other = rng.one_of(&locations).clone();
    match rng.below(4) {
        0 if blocks.len() > 1 => drop(blocks.remove(at)),
        1 => blocks.push(json!({"CidrBlock": format!("10.{}.0.0/16", rng.below(200)), "LocationName": other})),
        _ => {
            if let Some(block) = blocks.get_mut(at) {
                block["LocationName"] = other;
            }
        }
    }
}

/// Changes a latency of the table, or takes a row out.
fn row(rng: &mut Rng, zone: &mut Value) {
    let part = *rng.one_of(&["Networks", "Countries", "Continents"]);
    let Some(rows) = zone.get_mut("LatencyTable").and_then(|table| table.get_mut(part)?.as_object_mut()) else {
        return;
    };
    let keys: Vec<String> = rows.keys().cloned().collect();
    if keys.is_empty() {
        return;
    }
    let key = rng.one_of(&keys).clone();
    if rng.percent(30) {
        rows.remove(&key);
    } else {
        rows[&key][*rng.one_of(&REGIONS)] = json!(rng.between(0, 200));
    }
}

/// Changes what a health check makes of what it sees.
fn check(rng: &mut Rng, zone: &mut Value) {
    let Some(check) = one(rng, list(zone, "HealthChecks")) else { return };
    let config = &mut check["HealthCheckConfig"];
    match rng.below(4) {
        0 => config["Inverted"] = (config["Inverted"] != true).into(),
        1 => config["Disabled"] = (config["Disabled"] != true).into(),
        _ if config["Type"] == "CALCULATED" => config["HealthThreshold"] = rng.between(0, 3).into(),
        _ if config["Type"] == "CLOUDWATCH_METRIC" => {
            let words = ["Healthy", "Unhealthy", "LastKnownStatus"];
            config["InsufficientDataHealthStatus"] = (*rng.one_of(&words)).into();
        }
        _ => config["Inverted"] = (config["Inverted"] != true).into(),
    }
}
