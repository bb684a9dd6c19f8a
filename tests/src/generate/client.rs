//! Clients and queries.

use serde_json::{Map, Value, json};

use super::names::{self, Name};
use super::network::Network;
use super::rng::Rng;

/// Regions that groups, latencies and VPCs are made of: some in one country, some at one place, two in China.
pub(super) const REGIONS: [&str; 10] = [
    "us-east-1",
    "us-east-2",
    "us-gov-east-1",
    "us-west-2",
    "eu-west-1",
    "eu-central-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "cn-north-1",
    "cn-northwest-1",
];
/// Degrees at which both clients and record sets may be.
pub(super) const ROUND_DEGREES: [&str; 5] = ["0", "10", "-10", "45.5", "90"];
/// Countries of clients; `EH` and `BV` are in no table, and `GB`, `FK` have no record set of their own.
const COUNTRIES: [&str; 12] = ["US", "US", "CA", "DE", "FR", "SG", "CN", "UA", "GB", "FK", "EH", "BV"];
const CONTINENTS: [&str; 7] = ["AF", "AN", "AS", "EU", "NA", "OC", "SA"];
const SUBDIVISIONS: [&str; 6] = ["US-WA", "US-CA", "US-TX", "UA-11", "UA-40", "CA-ON"];

/// Milliseconds to some Regions, with ties and fractions.
pub(super) fn latencies(rng: &mut Rng) -> Value {
    let mut row = Map::new();
    for region in REGIONS {
        match rng.below(5) {
            0 => {}
            1 => drop(row.insert(region.into(), json!(rng.between(1, 4) * 10))),
            2 => drop(row.insert(region.into(), json!(10.0 + rng.below(3000) as f64 / 1e6))),
            3 => drop(row.insert(region.into(), json!(0))),
            _ => drop(row.insert(region.into(), json!(rng.below(200_000) as f64 / 1000.0))),
        }
    }
    Value::Object(row)
}

/// What is known of a client; any fact may be missing.
pub(super) fn client(rng: &mut Rng, networks: &[Network], private: bool) -> Value {
    let mut facts = Map::new();
    let network = |rng: &mut Rng| match networks {
        [] => Network::any(rng, false, 8, 32),
        known => rng.one_of(known).near(rng),
    };
    if rng.percent(60) {
        let address = network(rng).address();
        facts.insert("ip".into(), address.into());
    }
    if rng.percent(60) {
        facts.insert("ecs".into(), network(rng).to_string().into());
    }
    let mut fact = |rng: &mut Rng, chance, field: &str, words: &[&str]| {
        if rng.percent(chance) {
            facts.insert(field.into(), (*rng.one_of(words)).into());
        }
    };
    fact(rng, 70, "country", &COUNTRIES);
    fact(rng, 15, "continent", &CONTINENTS);
    fact(rng, 25, "subdivision", &SUBDIVISIONS);
    fact(rng, if private { 80 } else { 5 }, "vpc_region", &REGIONS);
    if rng.percent(60) {
        let degrees = |rng: &mut Rng, range: usize| match rng.below(3) {
            0 => rng.one_of(&ROUND_DEGREES).parse().unwrap_or(0.0),
            _ => (rng.below(range * 2 * 10_000) as f64 / 1e4) - range as f64,
        };
        facts.insert("latitude".into(), json!(degrees(rng, 90)));
        facts.insert("longitude".into(), json!(degrees(rng, 180)));
    }
    if rng.percent(50) {
        facts.insert("latency_ms".into(), latencies(rng));
    }
    Value::Object(facts)
}

/// The name and type of a question near the groups of a zone.
pub(super) fn question(rng: &mut Rng, apex: &Name, groups: &[(Name, &'static str)]) -> (Name, &'static str) {
    let (mut name, mut kind) = match groups {
        [] => (apex.clone(), "A"),
        // The last groups are the tops of trees.
        groups if rng.percent(60) => rng.one_of(&groups[groups.len().saturating_sub(3)..]).clone(),
        groups => rng.one_of(groups).clone(),
    };
    match rng.below(10) {
        // Above it, perhaps outside the zone.
        0 if !name.is_empty() => drop(name.remove(0)),
        1 => name = names::below(rng, &name, 1),
        2 | 3 if name.first().is_some_and(|label| label == b"*") => {
            name.remove(0);
            let depth = rng.between(1, 3);
            name = names::below(rng, &name, depth);
        }
        4 => {
            let depth = rng.between(0, 3);
            name = names::below(rng, apex, depth);
        }
        _ => {}
    }
    if rng.percent(15) {
        kind = *rng.one_of(&["A", "AAAA", "TXT", "CNAME", "NS", "DS", "SOA", "MX"]);
    }
    (name, kind)
}

/// A draw in each of the forms that a query may give it.
pub(super) fn draw(rng: &mut Rng, query: &mut Map<String, Value>) {
    match rng.below(5) {
        0 => {}
        1 => drop(query.insert("draw".into(), json!(rng.number() >> 11))),
        2 => drop(query.insert("draw".into(), json!(rng.below(4)))),
        _ => drop(query.insert("draw".into(), json!(rng.number().to_string()))),
    }
}
