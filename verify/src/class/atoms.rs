//! Representatives of all clients that a question may tell apart.

use std::collections::{BTreeSet, HashSet};
use std::f64::consts::PI;
use std::net::IpAddr;

use pointsman_core::model::routing::PolicyKind;
use pointsman_core::model::{Continent, Country, GeoLocation, IpNetwork, Latencies, Position, Region, RoutingPolicy};
use pointsman_core::query::Client;

use super::{COMBINATIONS_MAX, Consults, continent_of};
use crate::subject::Subject;

/// Positions spread over the Earth that geoproximity is sampled at.
const POSITIONS: u32 = 600;
/// Up to so many Regions every order of them is tried.
const REGIONS_IN_EVERY_ORDER: usize = 5;

/// Clients that cover what the question consults; `sampled` is told where they do not.
pub(super) fn representatives(subject: &Subject, consults: &Consults, sampled: &mut Vec<&'static str>) -> Vec<Client> {
    if subject.zone.private {
        // The Region of the VPC is a client's place, latency and position at once (1.8.2).
        let known = Region::all().map(|region| Client { vpc_region: Some(region), ..Client::default() });
        let regions: Vec<Client> = std::iter::once(Client::default()).chain(known).collect();
        let hosts = if consults.network { hosts(subject) } else { vec![Client::default()] };
        let regions = distinct(subject, consults, regions, |_| 0);
        return product(&regions, &hosts, sampled, |region, host| region.ip = host.ip);
    }
    let has_table = subject.zone.latency_table.is_some();
    let has_latency = !consults.regions.is_empty();
    let by_place = has_latency && (has_table || consults.regions.contains(&Region::CN_NORTH_1));
    let places = if consults.place || by_place { places(subject, consults) } else { vec![Client::default()] };
    let in_beijing = |client: &Client| {
        u64::from(consults.regions.contains(&Region::CN_NORTH_1) && client.country == Some(Country::CN))
    };
    let mut all = distinct(subject, consults, places.clone(), in_beijing);
    if consults.network || (has_latency && has_table) {
        let networks = networks(subject);
        let has_row = |client: &Client| {
            let rows = subject.zone.latency_table.iter().flat_map(|table| &table.networks);
            let mut rows = rows.map(|(network, _)| network);
            u64::from(client.ecs.is_some_and(|network| rows.any(|row| row.contains(&network))))
        };
        let networks = distinct(subject, consults, networks, has_row);
        all = product(&all, &networks, sampled, |client, network| client.ecs = network.ecs);
    }
    if has_latency && !has_table {
        let latencies = latencies(&consults.regions, sampled);
        all = product(&all, &latencies, sampled, |client, other| client.latency = other.latency);
    }
    if consults.position {
        sampled.push("geoproximity is sampled at Regions, members and 600 positions on the Earth");
        let positions = distinct(subject, consults, positions(subject), |_| 0);
        all = product(&all, &positions, sampled, |client, other| client.position = other.position);
    }
    // Places that are told apart by name only: no combination of them is another class.
    all.extend(places);
    all
}

/// The clients that the question's groups tell apart, each group for itself; `beside` is what else tells them apart.
fn distinct(
    subject: &Subject,
    consults: &Consults,
    clients: Vec<Client>,
    beside: impl Fn(&Client) -> u64,
) -> Vec<Client> {
    let mut seen = HashSet::new();
    let key = |client: &Client| {
        let groups = consults.groups.iter().filter_map(|number| subject.group(*number));
        let members = groups.map(|group| {
            let candidates = subject.view.candidates(group.name.as_ref(), group.record_type, client);
            candidates.map(|candidates| candidates.members).unwrap_or_default()
        });
        (beside(client), members.collect::<Vec<_>>())
    };
    // Promises speak of continents, so each is kept for itself.
    clients.into_iter().filter(|client| seen.insert((key(client), continent_of(client)))).collect()
}

/// Every combination of two lists.
fn product(
    left: &[Client],
    right: &[Client],
    sampled: &mut Vec<&'static str>,
    join: impl Fn(&mut Client, &Client),
) -> Vec<Client> {
    let mut all = Vec::with_capacity(left.len().saturating_mul(right.len()).min(COMBINATIONS_MAX));
    for one in left {
        for other in right {
            if all.len() >= COMBINATIONS_MAX {
                sampled.push("more than 200,000 combinations of client facts; the rest is left out");
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
fn places(subject: &Subject, consults: &Consults) -> Vec<Client> {
    let (mut parts, mut countries) = (BTreeSet::new(), BTreeSet::new());
    let members = consults.groups.iter().filter_map(|group| subject.group(*group)).flat_map(|group| &group.members);
    for record in members {
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
    if !consults.regions.is_empty() {
        countries.extend(subject.zone.latency_table.iter().flat_map(|table| &table.countries).map(|row| row.0));
        if consults.regions.contains(&Region::CN_NORTH_1) {
            countries.insert(Country::CN);
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
fn networks(subject: &Subject) -> Vec<Client> {
    let collections = subject.zone.cidr_collections.iter().flat_map(|collection| &collection.blocks);
    let rows = subject.zone.latency_table.iter().flat_map(|table| &table.networks);
    let blocks: BTreeSet<IpNetwork> =
        collections.map(|(block, _)| *block).chain(rows.map(|(network, _)| *network)).collect();
    let known = blocks.into_iter().map(|block| Client { ecs: Some(block), ..Client::default() });
    std::iter::once(Client::default()).chain(known).collect()
}

/// The first address of each block, and the first after it: one of each stretch between the edges of blocks.
fn hosts(subject: &Subject) -> Vec<Client> {
    let mut addresses = BTreeSet::new();
    for (block, _) in subject.zone.cidr_collections.iter().flat_map(|collection| &collection.blocks) {
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

/// Every order of a few Regions, or the orders as seen from each Region of AWS.
fn latencies(regions: &BTreeSet<Region>, sampled: &mut Vec<&'static str>) -> Vec<Client> {
    let regions: Vec<Region> = regions.iter().copied().collect();
    let mut orders: Vec<Vec<Region>> = Vec::new();
    if regions.len() <= REGIONS_IN_EVERY_ORDER {
        permutations(&regions, &mut Vec::new(), &mut orders);
    } else {
        sampled.push("latency without a LatencyTable is sampled: the order of Regions as seen from each Region of AWS");
        for from in Region::all() {
            let mut order = regions.clone();
            order.sort_by(|a, b| distance(from, *a).total_cmp(&distance(from, *b)));
            if !orders.contains(&order) {
                orders.push(order);
            }
        }
    }
    let of = |order: Vec<Region>| {
        let mut latencies = Latencies::UNKNOWN;
        for (milliseconds, region) in (1_u32..).zip(order) {
            let _in_range = latencies.set_milliseconds(region, f64::from(milliseconds) * 20.0);
        }
        Client { latency: Some(latencies), ..Client::default() }
    };
    orders.into_iter().map(of).collect()
}

fn permutations(left: &[Region], before: &mut Vec<Region>, out: &mut Vec<Vec<Region>>) {
    if left.is_empty() {
        out.push(before.clone());
    }
    for region in left {
        let rest: Vec<Region> = left.iter().copied().filter(|other| other != region).collect();
        before.push(*region);
        permutations(&rest, before, out);
        before.pop();
    }
}

/// How far two Regions are from each other, to order them: the angle between them.
fn distance(a: Region, b: Region) -> f64 {
    let vector = |region: Region| {
        let (lat, lon) = (region.position().latitude().to_radians(), region.position().longitude().to_radians());
        [lat.cos() * lon.cos(), lat.cos() * lon.sin(), lat.sin()]
    };
    let cosine: f64 = vector(a).iter().zip(vector(b)).map(|(a, b)| a * b).sum();
    cosine.clamp(-1.0, 1.0).acos()
}

/// At each Region, at each member, and spread over the Earth; and an unknown position.
fn positions(subject: &Subject) -> Vec<Client> {
    let mut all: Vec<Position> = Region::all().map(Region::position).collect();
    for group in subject.groups.iter().filter(|group| group.policy == PolicyKind::Geoproximity) {
        for record in &group.members {
            if let Some(RoutingPolicy::Geoproximity(place)) = subject.policy_part(*record) {
                all.push(place.position);
            }
        }
    }
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
