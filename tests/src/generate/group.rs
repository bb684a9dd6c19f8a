//! The members of one group: one policy, and what each member holds.

use serde_json::{Map, Value, json};

use super::builder::{Builder, Kind, Target};
use super::client::{REGIONS, ROUND_DEGREES};
use super::rng::Rng;

const CONTINENTS: [&str; 7] = ["AF", "AN", "AS", "EU", "NA", "OC", "SA"];
const COUNTRIES: [&str; 6] = ["US", "CA", "DE", "SG", "CN", "UA"];
const SUBDIVISIONS: [(&str, &str); 4] = [("US", "WA"), ("US", "CA"), ("US", "TX"), ("UA", "11")];
/// Identifiers whose byte order is not that of numbers or dictionaries.
const IDENTIFIERS: [&str; 20] = [
    "a",
    "B",
    "b",
    "10",
    "9",
    "blue 1",
    "blue-1",
    "z",
    "\u{e9}t\u{e9}",
    "A",
    "aa",
    "a-1",
    "_",
    "~",
    "0",
    "green",
    "Green",
    "\u{4e1c}",
    "m",
    "n",
];

/// One policy's share of each member, and how many members that makes.
fn routing(rng: &mut Rng, builder: &Builder, kind: Kind) -> Vec<Map<String, Value>> {
    let field = |name: &str, value: Value| Map::from_iter([(name.to_owned(), value)]);
    let count = rng.between(1, 5);
    match rng.below(9) {
        0 => vec![Map::new()],
        1 => {
            let both = [&["PRIMARY", "SECONDARY"][..], &["SECONDARY", "PRIMARY"], &["PRIMARY"], &["SECONDARY"]];
            let roles = *rng.one_of(&both);
            roles.iter().map(|role| field("Failover", json!(role))).collect()
        }
        2 => {
            let regions = rng.some_of(&REGIONS, count);
            regions.into_iter().map(|region| field("Region", json!(region))).collect()
        }
        3 => places(rng).into_iter().map(|place| field("GeoLocation", place)).collect(),
        4 => (0..count).map(|_| field("GeoProximityLocation", position(rng))).collect(),
        5 if !builder.collections.is_empty() => {
            let (id, locations) = rng.one_of(&builder.collections).clone();
            let mut names = rng.some_of(&locations, count);
            if rng.percent(60) || names.is_empty() {
                names.push("*".into());
            }
            let config = |name: String| field("CidrRoutingConfig", json!({"CollectionId": id, "LocationName": name}));
            names.into_iter().map(config).collect()
        }
        6 if kind != "CNAME" => {
            let count = *rng.one_of(&[1, 3, 7, 8, 9, 12]);
            (0..count).map(|_| field("MultiValueAnswer", json!(true))).collect()
        }
        _ => {
            let weights = *rng.one_of(&[&[0_u8][..], &[0, 1], &[1, 2, 3], &[0, 0, 1, 255], &[10, 20, 255]]);
            (0..count).map(|_| field("Weight", json!(rng.one_of(weights)))).collect()
        }
    }
}

/// Rungs of the ladder, each at most once (4.5.1).
fn places(rng: &mut Rng) -> Vec<Value> {
    let mut places = Vec::new();
    let (states, countries, continents) = (rng.between(0, 3), rng.between(0, 3), rng.between(0, 2));
    for (country, part) in rng.some_of(&SUBDIVISIONS, states) {
        places.push(json!({"CountryCode": country, "SubdivisionCode": part}));
    }
    places.extend(rng.some_of(&COUNTRIES, countries).into_iter().map(|country| json!({"CountryCode": country})));
    places.extend(rng.some_of(&CONTINENTS, continents).into_iter().map(|code| json!({"ContinentCode": code})));
    if places.is_empty() || rng.percent(60) {
        places.push(json!({"CountryCode": "*"}));
    }
    places
}

/// A position with a bias (4.6).
fn position(rng: &mut Rng) -> Value {
    let mut place = match rng.below(4) {
        0 => json!({"AWSRegion": rng.one_of(&REGIONS)}),
        1 => json!({"LocalZoneGroup": rng.one_of(&["us-east-1-bos-1", "us-west-2-lax-1", "ap-southeast-2-per-1"])}),
        // The same places come again, so that distances tie, some of them at nothing.
        2 => {
            // Poles are left to the vectors: the fixed questions are made of these.
            let latitude = rng.one_of(&ROUND_DEGREES[..4]);
            json!({"Coordinates": {"Latitude": latitude, "Longitude": rng.one_of(&ROUND_DEGREES)}})
        }
        _ => {
            let mut degrees = |range: usize| {
                let hundredths = rng.below(range * 200) as i64 - range as i64 * 100;
                let sign = if hundredths < 0 { "-" } else { "" };
                format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100)
            };
            json!({"Coordinates": {"Latitude": degrees(89), "Longitude": degrees(179)}})
        }
    };
    if rng.percent(60) {
        place["Bias"] = (rng.below(199) as i64 - 99).into();
    }
    place
}

/// Values of a type, few in number, so that members sometimes hold the same.
fn values(rng: &mut Rng, kind: Kind) -> Vec<String> {
    let count = if kind == "CNAME" { 1 } else { *rng.one_of(&[1, 1, 1, 2, 3]) };
    let numbers: Vec<usize> = (1..=12).collect();
    let value = |number: usize| match kind {
        "A" => format!("192.0.2.{number}"),
        "AAAA" => format!("2001:db8::{number}"),
        "MX" => format!("{number} mail-{number}.example.net."),
        "CNAME" => format!("target-{number}.example.net."),
        _ => format!("\"text {number}\""),
    };
    rng.some_of(&numbers, count).into_iter().map(value).collect()
}

/// The record sets of a group. `targets` are the groups of that type that an alias may lead to.
pub(super) fn members(rng: &mut Rng, builder: &Builder, kind: Kind, targets: &[Target]) -> Vec<Value> {
    let parts = routing(rng, builder, kind);
    let identifiers = rng.some_of(&IDENTIFIERS, parts.len());
    // All members of a weighted group that have a TTL have one (1.5.3).
    let shared_ttl = ttl(rng);
    // Some groups lead on most of the time, so that trees grow deep.
    let alias_chance = *rng.one_of(&[10, 50, 80, 95]);
    let mut sets = Vec::new();
    for (part, identifier) in parts.into_iter().zip(identifiers) {
        let is_simple = part.is_empty();
        let must_be_checked = part.get("Failover") == Some(&json!("PRIMARY"));
        let mut set = Map::new();
        let may_be_alias = !part.contains_key("MultiValueAnswer");
        let mut is_tested = false;
        let alias = if may_be_alias && rng.percent(alias_chance) { builder.alias(rng, kind, targets) } else { None };
        if let Some(alias) = alias {
            is_tested = alias["EvaluateTargetHealth"] == true;
            set.insert("AliasTarget".into(), alias);
        } else {
            let ttl = if part.contains_key("Weight") { shared_ttl } else { ttl(rng) };
            set.insert("TTL".into(), ttl.into());
            let values = values(rng, kind).into_iter().map(|value| json!({"Value": value}));
            set.insert("ResourceRecords".into(), values.collect());
        }
        if !is_simple {
            set.insert("SetIdentifier".into(), identifier.into());
            if (must_be_checked && !is_tested) || rng.percent(55) {
                set.insert("HealthCheckId".into(), rng.one_of(&builder.check_ids).clone().into());
            }
        }
        set.extend(part);
        sets.push(Value::Object(set));
    }
    sets
}

fn ttl(rng: &mut Rng) -> u32 {
    *rng.one_of(&[0, 30, 60, 60, 60, 300, 172_800])
}
