//! What a client's facts come to (semantics 7, 10.45, 1.8.2).

use crate::compile::Zone;
use crate::model::{Continent, Country, IpNetwork, Latencies, Position, Region, Subdivision};
use crate::policy::geoproximity::distance_km;
use crate::policy::latency::Nearness;
use crate::query::Client;

/// The facts that policies ask for, derived ones filled in.
#[derive(Debug, Clone)]
pub(crate) struct Facts<'q> {
    /// The client subnet, else the resolver's address; in private zones the address alone.
    pub(crate) network: Option<IpNetwork>,
    pub(crate) subdivision: Option<(Country, Subdivision)>,
    pub(crate) country: Option<Country>,
    pub(crate) continent: Option<Continent>,
    pub(crate) position: Option<Position>,
    pub(crate) latency: Latency<'q>,
}

/// Where latencies come from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Latency<'q> {
    /// The query has them.
    Given(&'q Latencies),
    /// The zone's table may have them.
    Table,
    /// A private zone: by distance from the VPC's Region, the same Region first.
    FromVpc(Region),
    /// Nothing is known.
    Unknown,
}

impl<'q> Facts<'q> {
    pub(crate) fn new(zone: &Zone, client: &'q Client) -> Self {
        let network_of_ip = client.ip.map(IpNetwork::host);
        if zone.is_private() {
            // The place of a private zone's client is its VPC's Region; EDNS client subnet plays no part (1.8.2).
            let country = client.vpc_region.map(Region::country);
            return Self {
                network: network_of_ip,
                subdivision: None,
                country,
                continent: country.and_then(Country::continent),
                position: client.vpc_region.map(Region::position),
                latency: client.vpc_region.map_or(Latency::Unknown, Latency::FromVpc),
            };
        }
        let country = client.country.or_else(|| client.subdivision.map(|(country, _)| country));
        Self {
            network: client.ecs.or(network_of_ip),
            subdivision: client.subdivision,
            country,
            continent: client.continent.or_else(|| country.and_then(Country::continent)),
            position: client.position,
            latency: match &client.latency {
                Some(latencies) => Latency::Given(latencies),
                None if zone.latency_index().is_some() => Latency::Table,
                None => Latency::Unknown,
            },
        }
    }

    /// The row of the zone's latency table for this client, and the scope prefix length of its networks.
    pub(crate) fn table_row<'z>(&self, zone: &'z Zone) -> (Option<&'z Latencies>, u8) {
        let Some(index) = zone.latency_index() else { return (None, 0) };
        let (by_network, scope) = match &self.network {
            Some(network) => {
                let (mut chain, scope) = index.networks.lookup(network);
                (chain.next(), scope)
            }
            None => (None, 0),
        };
        let by_country = || {
            let country = self.country?;
            let at = index.countries.binary_search_by_key(&country, |entry| entry.0).ok()?;
            index.countries.get(at).map(|entry| entry.1)
        };
        let by_continent = || {
            let continent = self.continent?;
            let at = index.continents.binary_search_by_key(&continent, |entry| entry.0).ok()?;
            index.continents.get(at).map(|entry| entry.1)
        };
        let row = by_network.or_else(by_country).or_else(by_continent).or(index.default);
        (row.and_then(|row| index.rows.get(row as usize)), scope)
    }
}

/// How near a Region is by one row of latencies.
pub(crate) fn by_row(row: Option<&Latencies>, region: Region) -> Nearness {
    row.and_then(|row| row.microseconds(region)).map_or(Nearness::Unknown, Nearness::Microseconds)
}

/// How near a Region is to a VPC's Region (1.8.2).
pub(crate) fn from_vpc(vpc: Region, region: Region) -> Nearness {
    if vpc == region {
        return Nearness::Kilometres(-1.0); // the same Region comes before any at no distance from it
    }
    Nearness::Kilometres(distance_km(vpc.position(), region.position()))
}
