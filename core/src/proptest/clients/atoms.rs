//! What a zone can tell clients apart by.

use alloc::vec::Vec;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::compile::{Place, RoutingValue, Zone};
use crate::model::cidr::Family;
use crate::model::{Continent, Country, GeoLocation, IpNetwork, Position, Region, Subdivision};
use crate::proptest::dice::Dice;
use crate::query::Client;

/// Where a client is known to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum ClientPlace {
    Subdivision(Country, Subdivision),
    Country(Country),
    Continent(Continent),
}

impl ClientPlace {
    pub(super) fn continent(self) -> Option<Continent> {
        match self {
            Self::Subdivision(country, _) | Self::Country(country) => country.continent(),
            Self::Continent(continent) => Some(continent),
        }
    }

    pub(super) fn set(self, client: &mut Client) {
        match self {
            Self::Subdivision(country, subdivision) => client.subdivision = Some((country, subdivision)),
            Self::Country(country) => client.country = Some(country),
            Self::Continent(continent) => client.continent = Some(continent),
        }
    }
}

/// The facts that make a difference, and some beside them that make none.
#[derive(Debug, Clone)]
pub(super) struct Atoms {
    pub(super) private: bool,
    pub(super) places: Vec<ClientPlace>,
    /// The first address of every range whose addresses lie in the same blocks.
    pub(super) networks: Vec<IpAddr>,
    /// The Regions of latency record sets.
    pub(super) regions: Vec<Region>,
    /// Where geoproximity record sets are.
    pub(super) positions: Vec<Position>,
}

impl Atoms {
    pub(super) fn of(zone: &Zone) -> Self {
        let mut regions: Vec<Region> = zone
            .records()
            .iter()
            .filter_map(|record| match record.routing {
                RoutingValue::Region(region) => Some(region),
                _ => None,
            })
            .collect();
        regions.sort_unstable();
        regions.dedup();
        let mut positions: Vec<Position> = zone
            .places()
            .filter_map(|place| match place {
                Place::Geoproximity { position, .. } => Some(*position),
                Place::Geolocation(_) => None,
            })
            .collect();
        positions.sort_unstable();
        positions.dedup();
        let starts = zone.network_starts();
        let mut networks: Vec<IpAddr> = starts
            .into_iter()
            .map(|(family, bits)| match family {
                Family::V4 => IpAddr::V4(Ipv4Addr::from_bits((bits >> 96) as u32)),
                Family::V6 => IpAddr::V6(Ipv6Addr::from_bits(bits)),
            })
            .collect();
        networks.sort_unstable();
        networks.dedup();
        let places = places(zone, &regions);
        Self { private: zone.is_private(), places, networks, regions, positions }
    }

    /// An address or a client subnet in one of the ranges.
    pub(super) fn network(&self, client: &mut Client, dice: &mut Dice) {
        let Some(first) = dice.choose(&self.networks) else { return };
        // Near the start of the range, or the last address before it.
        let address = match first {
            IpAddr::V4(v4) => {
                let bits = v4.to_bits();
                let moved =
                    if dice.one_in(4) { bits.wrapping_sub(1) } else { bits.wrapping_add(dice.below(300) as u32) };
                IpAddr::V4(Ipv4Addr::from_bits(moved))
            }
            IpAddr::V6(v6) => {
                let bits = v6.to_bits();
                let moved =
                    if dice.one_in(4) { bits.wrapping_sub(1) } else { bits.wrapping_add(dice.below(300) as u128) };
                IpAddr::V6(Ipv6Addr::from_bits(moved))
            }
        };
        // A network that is wider than a block does not lie in it (4.7.1).
        let lengths: &[u8] = if address.is_ipv4() { &[24, 24, 32, 16, 8, 20] } else { &[48, 56, 64, 32, 128] };
        let subnet = dice.choose(lengths).and_then(|length| IpNetwork::new(address, length));
        match dice.below(3) {
            0 => client.ip = Some(address),
            1 => client.ecs = subnet,
            _ => (client.ip, client.ecs) = (Some(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 53))), subnet),
        }
    }

    /// At a record set, between two of them, or anywhere.
    pub(super) fn position(&self, dice: &mut Dice) -> Option<Position> {
        let (one, other) = (dice.choose(&self.positions)?, dice.choose(&self.positions)?);
        match dice.below(3) {
            0 => Some(one),
            1 => Position::from_degrees(
                f64::midpoint(one.latitude(), other.latitude()),
                f64::midpoint(one.longitude(), other.longitude()),
            ),
            _ => {
                let (latitude, longitude) = (dice.within(-90, 90), dice.within(-180, 180));
                Position::from_degrees(f64::from(latitude), f64::from(longitude))
            }
        }
    }
}

/// The places that record sets and latency rows name, and others that fall through to wider ones.
fn places(zone: &Zone, regions: &[Region]) -> Vec<ClientPlace> {
    let mut named: Vec<GeoLocation> = zone
        .places()
        .filter_map(|place| match place {
            Place::Geolocation(location) => Some(*location),
            Place::Geoproximity { .. } => None,
        })
        .collect();
    if let Some(index) = zone.latency_index() {
        named.extend(index.countries.iter().map(|(country, _)| GeoLocation::Country(*country)));
        named.extend(index.continents.iter().map(|(continent, _)| GeoLocation::Continent(*continent)));
    }
    if regions.contains(&Region::CN_NORTH_1) {
        named.push(GeoLocation::Country(Country::CN)); // 4.4.3
    }
    named.sort_unstable();
    named.dedup();
    let unnamed_country = |continent: Continent| {
        let of_continent = |country: &Country| country.continent() == Some(continent);
        Country::all().filter(of_continent).find(|country| !named.contains(&GeoLocation::Country(*country)))
    };
    let mut places = Vec::new();
    for location in &named {
        match location {
            GeoLocation::Subdivision(country, subdivision) => {
                places.push(ClientPlace::Subdivision(*country, *subdivision));
                let other = ["OR", "ME", "NV", "UT", "OH"].into_iter().filter_map(Subdivision::parse);
                let mut other = other.filter(|other| !named.contains(&GeoLocation::Subdivision(*country, *other)));
                places.extend(other.next().map(|other| ClientPlace::Subdivision(*country, other)));
                places.push(ClientPlace::Country(*country));
            }
            GeoLocation::Country(country) => {
                places.push(ClientPlace::Country(*country));
                let beside = country.continent().and_then(unnamed_country);
                places.extend(beside.map(ClientPlace::Country));
            }
            GeoLocation::Continent(continent) => {
                places.extend(unnamed_country(*continent).map(ClientPlace::Country));
                places.push(ClientPlace::Continent(*continent));
            }
            GeoLocation::Default => {}
        }
    }
    // One of each continent that is not named, for the default.
    for continent in Continent::ALL.into_iter().filter(|all| !named.contains(&GeoLocation::Continent(*all))) {
        places.extend(unnamed_country(continent).map(ClientPlace::Country));
    }
    places.dedup();
    places
}
