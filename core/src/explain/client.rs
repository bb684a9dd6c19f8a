//! The question and what is known of the client, in words.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::units::milliseconds;
use crate::compile::Zone;
use crate::model::Region;
use crate::query::Query;

/// `www.example.com. A, asked from country SG, client subnet 203.0.113.0/24, with draw 0`.
pub(super) fn question_in_words(zone: &Zone, query: &Query) -> String {
    let client = &query.client;
    let mut facts: Vec<String> = Vec::new();
    if zone.is_private() {
        match client.vpc_region {
            Some(region) => facts.push(format!("a VPC in {region} (private zone)")),
            None => facts.push("a VPC in an unknown Region (private zone)".into()),
        }
        facts.extend(client.ip.map(|ip| format!("address {ip}")));
    } else {
        if let Some((country, subdivision)) = client.subdivision {
            facts.push(format!("{country}-{subdivision}"));
        } else if let Some(country) = client.country {
            facts.push(match country.continent() {
                Some(continent) => format!("country {country} in {}", continent.name()),
                None => format!("country {country}"),
            });
        }
        facts.extend(client.continent.map(|continent| format!("continent {}", continent.as_str())));
        facts.extend(client.ecs.map(|network| format!("client subnet {network}")));
        match (client.ip, client.ecs) {
            (Some(ip), None) => facts.push(format!("address {ip}")),
            (Some(ip), Some(_)) => facts.push(format!("resolver {ip} (the client subnet counts)")),
            (None, _) => {}
        }
        facts.extend(client.position.map(|position| format!("position {position}")));
        if let Some(latencies) = &client.latency {
            let mut known: Vec<(u32, Region)> =
                Region::all().filter_map(|region| Some((latencies.microseconds(region)?, region))).collect();
            known.sort_unstable();
            let words: Vec<String> =
                known.iter().map(|(value, region)| format!("{region} {}", milliseconds(*value))).collect();
            facts.push(format!("latencies {}", words.join(", ")));
        }
    }
    let from = if facts.is_empty() { "a client of whom nothing is known".to_string() } else { facts.join(", ") };
    format!("{} {}, asked from {from}, with draw {}", query.name.as_ref(), query.record_type, query.draw)
}
