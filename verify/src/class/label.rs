//! Classes in words, and as arguments of the command line.

use std::collections::BTreeSet;

use pointsman_core::model::{Continent, Region};
use pointsman_core::query::Client;
use serde_json::{Map, Value};

use super::one::Class;
use crate::text::listed;

/// Some of a list of classes in words.
#[must_use]
pub fn describe_classes(list: &[Class], classes: &[usize]) -> String {
    if classes.len() >= list.len() {
        return "every client".into();
    }
    let words = classes.iter().filter_map(|class| list.get(*class)).map(describe);
    listed(&words.collect::<Vec<_>>(), 4)
}

/// `clients in DE and FR`
pub(super) fn describe(class: &Class) -> String {
    let mut all: Vec<Vec<String>> = Vec::new();
    for client in class.clients() {
        let facts = facts(client);
        if !all.contains(&facts) {
            all.push(facts);
        }
    }
    // Of two clients that differ in what is known beside, the one of whom less is known says it.
    let says_less = |facts: &Vec<String>| {
        all.iter().any(|other| {
            !other.is_empty() && other.len() < facts.len() && other.iter().all(|fact| facts.contains(fact))
        })
    };
    let mut places: Vec<String> = Vec::new();
    let mut rest: Vec<String> = Vec::new();
    for facts in all.iter().filter(|facts| !says_less(facts)) {
        match facts.as_slice() {
            [] => {}
            [place] if place.starts_with("in ") => places.push(place.trim_start_matches("in ").into()),
            facts => rest.push(facts.join(" and ")),
        }
    }
    let continents: Vec<&str> = Continent::ALL.iter().map(|continent| continent.name()).collect();
    if continents.iter().all(|name| places.iter().any(|place| place == name)) {
        places.retain(|place| !continents.contains(&place.as_str()));
        places.retain(|place| place != NOWHERE);
        places.push("every other place".into());
    } else if places.len() > 1 {
        places.retain(|place| place != NOWHERE);
    }
    let mut parts = Vec::new();
    if !places.is_empty() {
        parts.push(format!("in {}", listed(&places, 5)));
    }
    parts.extend(rest);
    if parts.is_empty() {
        return "clients of whom nothing is known".into();
    }
    format!("clients {}", listed(&parts, 2))
}

/// A country that Route 53's table lacks.
const NOWHERE: &str = "a country without a continent";

/// Orders of two Regions and so many more are cut short.
const REGIONS_NAMED: usize = 4;

/// What is known of one client.
fn facts(client: &Client) -> Vec<String> {
    let mut facts: Vec<String> = Vec::new();
    facts.extend(place_of(client).map(|place| format!("in {place}")));
    facts.extend(client.vpc_region.map(|region| format!("in a VPC of {region}")));
    facts.extend(client.ecs.map(|network| format!("in {network}")));
    facts.extend(client.ip.map(|ip| format!("at {ip}")));
    if let Some(latencies) = &client.latency {
        let mut order: Vec<(u32, Region)> =
            Region::all().filter_map(|region| Some((latencies.microseconds(region)?, region))).collect();
        order.sort_unstable();
        let order: Vec<String> = order.iter().map(|(_, region)| region.to_string()).collect();
        facts.push(match order.as_slice() {
            [] => "with unknown latencies".into(),
            [nearest] => format!("nearest to {nearest}"),
            [nearest, second, rest @ ..] if rest.len() >= REGIONS_NAMED => {
                format!("nearest to {nearest}, then {second}, then the rest of {} Regions", order.len())
            }
            [nearest, rest @ ..] => format!("nearest to {nearest}, then {}", rest.join(", then ")),
        });
    }
    if let Some(position) = client.position {
        let at = Region::all().find(|region| region.position() == position);
        facts.push(at.map_or_else(|| format!("at {position}"), |region| format!("at {region}")));
    }
    facts
}

/// The place of a client in words.
#[must_use]
pub fn place_of(client: &Client) -> Option<String> {
    match (client.subdivision, client.country, client.continent) {
        (Some((country, part)), ..) => Some(format!("{country}-{part}")),
        // A country with its continent stands for all countries there that nothing names.
        (None, _, Some(continent)) => Some(continent.name().into()),
        (None, Some(country), None) if country.continent().is_none() => Some(NOWHERE.into()),
        (None, Some(country), None) => Some(country.to_string()),
        (None, None, None) => None,
    }
}

/// A client as the `client` object of a query: see [`parse_query`](pointsman_core::parse::parse_query).
#[must_use]
pub fn client_json(client: &Client) -> Value {
    let mut object = Map::new();
    let mut fact = |name: &str, value: Value| object.insert(name.to_owned(), value);
    match (client.subdivision, client.country) {
        (Some((country, part)), _) => drop(fact("subdivision", format!("{country}-{part}").into())),
        (None, Some(country)) => drop(fact("country", country.to_string().into())),
        (None, None) => {
            if let Some(continent) = client.continent {
                fact("continent", continent.as_str().into());
            }
        }
    }
    if let Some(network) = client.ecs {
        fact("ecs", network.to_string().into());
    }
    if let Some(ip) = client.ip {
        fact("ip", ip.to_string().into());
    }
    if let Some(position) = client.position {
        fact("latitude", position.latitude().into());
        fact("longitude", position.longitude().into());
    }
    if let Some(latencies) = &client.latency {
        let known = Region::all().filter_map(|region| Some((region, latencies.microseconds(region)?)));
        let known: Map<String, Value> = known
            .map(|(region, microseconds)| (region.to_string(), (f64::from(microseconds) / 1000.0).into()))
            .collect();
        if !known.is_empty() {
            fact("latency_ms", known.into());
        }
    }
    if let Some(region) = client.vpc_region {
        fact("vpc_region", region.to_string().into());
    }
    Value::Object(object)
}

/// The options of `resolve`, `odds` and `explain` that ask as this client.
#[must_use]
pub fn arguments(client: &Client) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
    match (client.subdivision, client.country) {
        (Some((country, part)), _) => option("--from", format!("{country}-{part}")),
        (None, Some(country)) => option("--from", country.to_string()),
        (None, None) => {
            if let Some(continent) = client.continent {
                option("--continent", continent.as_str().into());
            }
        }
    }
    if let Some(network) = client.ecs {
        option("--ecs", network.to_string());
    }
    if let Some(ip) = client.ip {
        option("--ip", ip.to_string());
    }
    if let Some(position) = client.position {
        option("--at", position.to_string());
    }
    if let Some(latencies) = &client.latency {
        let known: BTreeSet<(u32, Region)> =
            Region::all().filter_map(|region| Some((latencies.microseconds(region)?, region))).collect();
        let known: Vec<String> = known
            .iter()
            .map(|(microseconds, region)| format!("{region}={}", f64::from(*microseconds) / 1000.0))
            .collect();
        if !known.is_empty() {
            option("--latency", known.join(","));
        }
    }
    if let Some(region) = client.vpc_region {
        option("--vpc-region", region.to_string());
    }
    words
}
