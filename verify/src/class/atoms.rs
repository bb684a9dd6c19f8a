//! Representatives of all clients that a question may tell apart, in one version of a zone or in several.

use std::collections::{BTreeSet, HashSet};
use std::f64::consts::PI;
use std::net::IpAddr;

use pointsman_core::model::routing::PolicyKind;
use pointsman_core::model::{Continent, Country, GeoLocation, IpNetwork, Latencies, Position, Region, RoutingPolicy};
use pointsman_core::query::Client;

use super::consults::{COMBINATIONS_MAX, Consults, continent_of};
use super::orders::{Orders, orders};
use super::sample::Sample;
use crate::subject::Subject;

/// Positions spread over the Earth that geoproximity is sampled at.
const POSITIONS: u32 = 600;

/// A version of a zone, and what a question consults in it.
pub(super) struct Version<'s> {
    pub(super) subject: &'s Subject,
    pub(super) consults: Consults,
}

impl Version<'_> {
    fn has_table(&self) -> bool {
        self.subject.zone.latency_table.is_some()
    }

    fn has_latency(&self) -> bool {
        !self.consults.regions.is_empty()
    }

    /// Of how many members of each group that the question consults nothing is known for a client, so that a tie rule alone
    /// says which comes first.
    pub(super) fn unknown(&self, client: &Client) -> Vec<u32> {
        candidates(self, client).into_iter().map(|(_, unknown)| unknown).collect()
    }

    /// Whether the client has no latencies that tell between some Regions.
    fn is_uncovered(&self, client: &Client) -> bool {
        let is_latency = |group: usize| self.subject.group(group).is_some_and(|one| one.policy == PolicyKind::Latency);
        { self.consults.groups.iter().zip(self.unknown(client)) }
            .any(|(group, unknown)| unknown > 0 && is_latency(*group))
    }
}

/// Which of the clients that differ in more than facts of a list are taken.
pub(super) struct Choice<'c> {
    /// Orders of Regions.
    pub(super) orders: Orders,
    /// Positions, each of which some version tells apart from the rest; `None` for positions spread over the Earth.
    pub(super) positions: Option<&'c [Position]>,
}

/// Clients that cover what the question consults in every version: whoever one of them tells apart is kept apart.
/// `samples` is given what is not covered.
pub(super) fn representatives(versions: &[Version<'_>], choice: &Choice<'_>, samples: &mut Vec<Sample>) -> Vec<Client> {
    let private: Vec<&Version<'_>> = versions.iter().filter(|version| version.subject.zone.private).collect();
    let public: Vec<&Version<'_>> = versions.iter().filter(|version| !version.subject.zone.private).collect();
    if private.is_empty() {
        return in_public(&public, choice, samples);
    }
    // The Region of the VPC is a client's place, latency and position at once (1.8.2).
    let known = Region::all().map(|region| Client { vpc_region: Some(region), ..Client::default() });
    let regions: Vec<Client> = std::iter::once(Client::default()).chain(known).collect();
    let asks_network = private.iter().any(|version| version.consults.network);
    let hosts = if asks_network { hosts(&private) } else { vec![Client::default()] };
    let regions = distinct(&private, regions, |_, _| 0);
    let inside = product(&regions, &hosts, samples, |region, host| region.ip = host.ip);
    if public.is_empty() {
        return inside;
    }
    let outside = in_public(&public, choice, samples);
    product(&outside, &inside, samples, |client, other| (client.vpc_region, client.ip) = (other.vpc_region, other.ip))
}

fn in_public(versions: &[&Version<'_>], choice: &Choice<'_>, samples: &mut Vec<Sample>) -> Vec<Client> {
    let regions: BTreeSet<Region> = versions.iter().flat_map(|version| &version.consults.regions).copied().collect();
    let by_table = versions.iter().any(|version| version.has_latency() && version.has_table());
    let by_own = versions.iter().any(|version| version.has_latency() && !version.has_table());
    let asks_beijing = regions.contains(&Region::CN_NORTH_1);
    let asks_place = by_table || asks_beijing || versions.iter().any(|version| version.consults.place);
    let places = if asks_place { places(versions) } else { vec![Client::default()] };
    let in_beijing = |version: &Version<'_>, client: &Client| {
        u64::from(version.consults.regions.contains(&Region::CN_NORTH_1) && client.country == Some(Country::CN))
    };
    let mut all = distinct(versions, places.clone(), in_beijing);
    if by_table || versions.iter().any(|version| version.consults.network) {
        let has_row = |version: &Version<'_>, client: &Client| {
            let rows = version.subject.zone.latency_table.iter().flat_map(|table| &table.networks);
            let mut rows = rows.map(|(network, _)| network);
            u64::from(client.ecs.is_some_and(|network| rows.any(|row| row.contains(&network))))
        };
        let networks = distinct(versions, networks(versions), has_row);
        all = product(&all, &networks, samples, |client, network| client.ecs = network.ecs);
    }
    if by_own {
        let mut latencies = latencies(&regions, choice.orders, samples);
        if by_table {
            // Where one version has a table and another has none, clients without latencies of their own are others.
            latencies.insert(0, Client::default());
        }
        all = product(&all, &latencies, samples, |client, other| client.latency = other.latency);
    } else if by_table && choice.orders != Orders::Whole {
        // Whom no row of the table covers has latencies all the same: any.
        let uncovered = |client: &&Client| versions.iter().any(|version| version.is_uncovered(client));
        let uncovered: Vec<Client> = all.iter().filter(uncovered).cloned().collect();
        if !uncovered.is_empty() {
            let latencies = latencies(&regions, choice.orders, samples);
            all.extend(product(&uncovered, &latencies, samples, |client, other| client.latency = other.latency));
        }
    }
    if versions.iter().any(|version| version.consults.position) {
        let positions = match choice.positions {
            Some(known) => {
                let known = known.iter().map(|position| Client { position: Some(*position), ..Client::default() });
                // An unknown position comes last: core's answer to it is only the tie rule's.
                distinct(versions, known.chain([Client::default()]).collect(), |_, _| 0)
            }
            None => {
                samples.push(Sample::Positions);
                distinct(versions, spread(versions), |_, _| 0)
            }
        };
        all = product(&all, &positions, samples, |client, other| client.position = other.position);
    }
    // Places that differ by name only: no combination of them is another class.
    all.extend(places);
    all
}

/// The clients that the question's groups tell apart, each group for itself; `beside` is what else tells them apart.
fn distinct(
    versions: &[&Version<'_>],
    clients: Vec<Client>,
    beside: impl Fn(&Version<'_>, &Client) -> u64,
) -> Vec<Client> {
    let mut seen = HashSet::new();
    let key = |client: &Client| {
        let of = |version: &&Version<'_>| (beside(version, client), candidates(version, client));
        versions.iter().map(of).collect::<Vec<_>>()
    };
    // Promises speak of continents, so each is kept for itself.
    clients.into_iter().filter(|client| seen.insert((key(client), continent_of(client)))).collect()
}

/// The members of each group that the question consults, in the order of a client, and how many of them stand where they
/// do by a tie rule alone.
fn candidates(version: &Version<'_>, client: &Client) -> Vec<(Vec<u32>, u32)> {
    let groups = version.consults.groups.iter().filter_map(|number| version.subject.group(*number));
    let members = groups.map(|group| {
        let candidates = version.subject.view.candidates(group.name.as_ref(), group.record_type, client);
        candidates.map(|candidates| (candidates.members, candidates.unknown)).unwrap_or_default()
    });
    members.collect()
}

/// Every combination of two lists.
fn product(
    left: &[Client],
    right: &[Client],
    samples: &mut Vec<Sample>,
    join: impl Fn(&mut Client, &Client),
) -> Vec<Client> {
    let mut all = Vec::with_capacity(left.len().saturating_mul(right.len()).min(COMBINATIONS_MAX));
    for one in left {
        for other in right {
            if all.len() >= COMBINATIONS_MAX {
                samples.push(Sample::Combinations { all: left.len().saturating_mul(right.len()) });
                return all;
            }
            let mut client = one.clone();
            join(&mut client, other);
            all.push(client);
        }
    }
    all
}

/// Each place that a geolocation record set or a row of the latency table names, the rest of each continent, a country
/// that Route 53's table lacks, and nowhere.
fn places(versions: &[&Version<'_>]) -> Vec<Client> {
    let (mut parts, mut countries) = (BTreeSet::new(), BTreeSet::new());
    for version in versions {
        let subject = version.subject;
        let groups = version.consults.groups.iter().filter_map(|group| subject.group(*group));
        for record in groups.flat_map(|group| &group.members) {
            match subject.policy_part(*record) {
                Some(RoutingPolicy::Geolocation(GeoLocation::Subdivision(country, part))) => {
                    parts.insert((*country, *part));
                    countries.insert(*country);
                }
                Some(RoutingPolicy::Geolocation(GeoLocation::Country(country))) => {
                    countries.insert(*country);
                }
                _ => {}
            }
        }
        if version.has_latency() {
            countries.extend(subject.zone.latency_table.iter().flat_map(|table| &table.countries).map(|row| row.0));
            if version.consults.regions.contains(&Region::CN_NORTH_1) {
                countries.insert(Country::CN);
            }
        }
    }
    let client = Client::default;
    let mut all = vec![client()];
    all.extend(parts.into_iter().map(|part| Client { subdivision: Some(part), ..client() }));
    all.extend(countries.iter().map(|country| Client { country: Some(*country), ..client() }));
    for continent in Continent::ALL {
        // A country that is not named stands for the rest; where all are named, only the continent may be known.
        all.push(Client { continent: Some(continent), ..client() });
        let rest =
            Country::all().find(|country| country.continent() == Some(continent) && !countries.contains(country));
        all.extend(rest.map(|country| Client { country: Some(country), continent: Some(continent), ..client() }));
    }
    all.extend(Country::parse("BV").map(|country| Client { country: Some(country), ..client() }));
    all
}

/// Each block of a CIDR collection or of the latency table, as a network of its own, and no network: whatever network
/// a client has, the narrowest block around it lies in the same blocks.
fn networks(versions: &[&Version<'_>]) -> Vec<Client> {
    let zones = || versions.iter().map(|version| &version.subject.zone);
    let collections = zones().flat_map(|zone| &zone.cidr_collections).flat_map(|collection| &collection.blocks);
    let rows = zones().flat_map(|zone| &zone.latency_table).flat_map(|table| &table.networks);
    let blocks: BTreeSet<IpNetwork> =
        collections.map(|(block, _)| *block).chain(rows.map(|(network, _)| *network)).collect();
    let known = blocks.into_iter().map(|block| Client { ecs: Some(block), ..Client::default() });
    std::iter::once(Client::default()).chain(known).collect()
}

/// The first address of each block, and the first after it: one of each stretch between the edges of blocks.
fn hosts(versions: &[&Version<'_>]) -> Vec<Client> {
    let mut addresses = BTreeSet::new();
    let collections = versions.iter().flat_map(|version| &version.subject.zone.cidr_collections);
    for (block, _) in collections.flat_map(|collection| &collection.blocks) {
        addresses.insert(block.address());
        let length = u32::from(block.prefix_length());
        let after = match block.address() {
            IpAddr::V4(v4) => {
                let size = 1_u32.checked_shl(32_u32.saturating_sub(length)).unwrap_or(0);
                v4.to_bits().checked_add(size).filter(|_| size > 0).map(|bits| IpAddr::V4(bits.into()))
            }
            IpAddr::V6(v6) => {
                let size = 1_u128.checked_shl(128_u32.saturating_sub(length)).unwrap_or(0);
                v6.to_bits().checked_add(size).filter(|_| size > 0).map(|bits| IpAddr::V6(bits.into()))
            }
        };
        addresses.extend(after);
    }
    let known = addresses.into_iter().map(|ip| Client { ip: Some(ip), ..Client::default() });
    std::iter::once(Client::default()).chain(known).collect()
}

/// Clients with the orders of Regions that are looked at.
fn latencies(regions: &BTreeSet<Region>, which: Orders, samples: &mut Vec<Sample>) -> Vec<Client> {
    let of = |order: Vec<Region>| {
        let mut latencies = Latencies::UNKNOWN;
        for (milliseconds, region) in (1_u32..).zip(order) {
            let _in_range = latencies.set_milliseconds(region, f64::from(milliseconds) * 20.0);
        }
        Client { latency: Some(latencies), ..Client::default() }
    };
    orders(regions, which, samples).into_iter().map(of).collect()
}

/// At each Region, and at each member of a geoproximity group.
pub(super) fn known_positions<'v>(versions: impl Iterator<Item = &'v Subject>) -> Vec<Position> {
    let mut all: Vec<Position> = Region::all().map(Region::position).collect();
    for subject in versions {
        for group in subject.groups.iter().filter(|group| group.policy == PolicyKind::Geoproximity) {
            for record in &group.members {
                if let Some(RoutingPolicy::Geoproximity(place)) = subject.policy_part(*record) {
                    all.push(place.position);
                }
            }
        }
    }
    all
}

/// At each Region, at each member, and spread over the Earth; and an unknown position.
fn spread(versions: &[&Version<'_>]) -> Vec<Client> {
    let mut all = known_positions(versions.iter().map(|version| version.subject));
    // A spiral from pole to pole by the golden angle: no two points are close, no part of the Earth is left out.
    let golden = PI * (3.0 - 5.0_f64.sqrt());
    for point in 0..POSITIONS {
        let z = 1.0 - 2.0 * (f64::from(point) + 0.5) / f64::from(POSITIONS);
        let longitude = (f64::from(point) * golden).to_degrees().rem_euclid(360.0) - 180.0;
        all.extend(Position::from_degrees(z.asin().to_degrees(), longitude));
    }
    let known = all.into_iter().map(|position| Client { position: Some(position), ..Client::default() });
    std::iter::once(Client::default()).chain(known).collect()
}
