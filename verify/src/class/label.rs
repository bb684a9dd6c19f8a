//! Classes in words, and as arguments of the command line.

use std::collections::BTreeSet;

use pointsman_core::model::Region;
use pointsman_core::query::Client;

use super::Class;
use crate::text::listed;

/// `clients in DE and FR`
pub(super) fn describe(class: &Class) -> String {
    let mut words: Vec<String> = Vec::new();
    for client in class.clients() {
        let word = facts(client);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    // What is known of most says most: "of whom nothing is known" comes last.
    words.sort_by_key(|word| word.starts_with("of whom"));
    let (in_places, rest): (Vec<String>, Vec<String>) =
        words.into_iter().partition(|word| word.starts_with("in ") && !word.contains(", "));
    let places: Vec<String> = in_places.iter().map(|word| word.trim_start_matches("in ").to_owned()).collect();
    let mut parts = Vec::new();
    if !places.is_empty() {
        parts.push(format!("in {}", listed(&places, 5)));
    }
    parts.extend(rest);
    format!("clients {}", listed(&parts, 2))
}

/// What is known of one client.
fn facts(client: &Client) -> String {
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
            [nearest, rest @ ..] => format!("nearest to {nearest}, then {}", rest.join(", then ")),
        });
    }
    if let Some(position) = client.position {
        let at = Region::all().find(|region| region.position() == position);
        facts.push(at.map_or_else(|| format!("at {position}"), |region| format!("at {region}")));
    }
    if facts.is_empty() { "of whom nothing is known".into() } else { facts.join(", ") }
}

/// The place of a client in words.
#[must_use]
pub fn place_of(client: &Client) -> Option<String> {
    match (client.subdivision, client.country, client.continent) {
        (Some((country, part)), ..) => Some(format!("{country}-{part}")),
        // A country with its continent stands for the rest of the continent.
        (None, Some(_), Some(continent)) => Some(format!("the rest of {}", continent.name())),
        (None, Some(country), None) => Some(country.to_string()),
        (None, None, Some(continent)) => Some(format!("{} (country unknown)", continent.name())),
        (None, None, None) => None,
    }
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
