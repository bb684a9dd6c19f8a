//! What there is to say of one member of a group, whatever became of it: its name, its part, what its policy measures.

use alloc::format;
use alloc::string::{String, ToString};

use super::steps::{Parameter, Reason};
use super::units::whole_kilometres;
use crate::compile::{Group, NONE, Place, RoutingValue};
use crate::model::GeoLocation as G;
use crate::model::routing::PolicyKind;
use crate::policy::geolocation::{RUNGS, Rung};
use crate::policy::geoproximity::distance_km;
use crate::policy::latency::Nearness;
use crate::resolve::walk::{Walk, biased_distance};

/// What stands for the name of a record set that has none.
const ONLY: &str = "the only record set";

/// A member's name: its SetIdentifier.
pub(super) fn subject<'w>(walk: &Walk<'w, '_>, record: u32) -> &'w str {
    walk.zone.set_identifier(record).unwrap_or(ONLY)
}

/// A member's part in its policy: `weight 90`, `us-east-1`, `country SG`; empty where its name says the same.
pub(super) fn part(walk: &Walk<'_, '_>, record: u32) -> String {
    let Some(of) = walk.zone.record(record).map(|record| record.routing) else { return String::new() };
    let words = match of {
        RoutingValue::None => String::new(),
        RoutingValue::Weight { weight, .. } => format!("weight {weight}"),
        RoutingValue::Region(region) => region.to_string(),
        RoutingValue::Role(role) => role.as_str().into(),
        RoutingValue::Location(NONE) => "location *".into(),
        RoutingValue::Location(text) => format!("location {}", walk.zone.texts().get(text)),
        RoutingValue::Place(place) => match walk.zone.place(place) {
            Some(Place::Geolocation(G::Default)) => "default *".into(),
            Some(Place::Geolocation(G::Continent(continent))) => format!("continent {}", continent.as_str()),
            Some(Place::Geolocation(G::Country(country))) => format!("country {country}"),
            Some(Place::Geolocation(G::Subdivision(country, subdivision))) => format!("{country}-{subdivision}"),
            Some(Place::Geoproximity { bias: 0, name, .. }) => name.to_string(),
            Some(Place::Geoproximity { bias, name, .. }) => format!("{name} with bias {bias:+}"),
            None => String::new(),
        },
    };
    if words == subject(walk, record) { String::new() } else { words }
}

/// The name of a group: `NAME TYPE`.
pub(super) fn group_name(walk: &Walk<'_, '_>, group: u32) -> String {
    walk.zone
        .group(group)
        .map_or_else(String::new, |group| format!("{} {}", walk.zone.node_name(group.node), group.record_type))
}

/// Adds what the policy measures of a member for this client.
pub(super) fn measured(walk: &mut Walk<'_, '_>, group: &Group, record: u32, reason: Reason) -> Reason {
    let Some(part) = walk.zone.record(record).map(|record| record.routing) else { return reason };
    match (group.policy, part) {
        (PolicyKind::Weighted, RoutingValue::Weight { weight, .. }) => reason.with("weight", u32::from(weight)),
        (PolicyKind::Latency, RoutingValue::Region(region)) => match walk.latency_source().nearness(region) {
            Nearness::Microseconds(value) => reason.with("latency_ms", Parameter::Microseconds(value)),
            // The VPC's own Region comes before any at no distance from it.
            Nearness::Kilometres(value) => reason.with("distance_km", whole_kilometres(value.max(0.0))),
            Nearness::Unknown => reason,
        },
        (PolicyKind::Geolocation, RoutingValue::Place(place)) => match walk.zone.place(place) {
            Some(Place::Geolocation(location)) => reason.with("place", width(*location)),
            _ => reason,
        },
        (PolicyKind::Geoproximity, RoutingValue::Place(place)) => {
            let (Some(position), Some(Place::Geoproximity { position: at, bias, .. })) =
                (walk.facts.position, walk.zone.place(place))
            else {
                return reason;
            };
            let reason = reason.with("distance_km", whole_kilometres(distance_km(position, *at)));
            match (bias, biased_distance(walk.zone, place, position)) {
                (0, _) | (_, None) => reason,
                (_, Some(biased)) => reason.with("biased_km", whole_kilometres(biased)),
            }
        }
        (PolicyKind::IpBased, RoutingValue::Location(_)) => {
            let Some(network) = walk.facts.network else { return reason };
            match walk.block_of(group, record) {
                Some(block) => reason.with("block", block.to_string()).with("network", network.to_string()),
                None => reason.with("network", network.to_string()),
            }
        }
        _ => reason,
    }
}

/// How wide a geolocation is.
const fn width(location: G) -> &'static str {
    rung_word(match location {
        G::Subdivision(..) => RUNGS[0],
        G::Country(_) => RUNGS[1],
        G::Continent(_) => RUNGS[2],
        G::Default => RUNGS[3],
    })
}

/// The word for a rung of the client's ladder.
pub(super) const fn rung_word(rung: Rung) -> &'static str {
    match rung {
        Rung::Subdivision => "subdivision",
        Rung::Country => "country",
        Rung::Continent => "continent",
        Rung::Default => "default",
    }
}
