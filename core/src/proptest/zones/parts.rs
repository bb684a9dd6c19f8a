//! Members' parts in their policies: any of them, and the plainest.

use alloc::vec::Vec;
use core::net::Ipv4Addr;

use super::sample::{Location, Near, RoutingValue};
use crate::model::routing::PolicyKind;
use crate::model::{Continent, Country, Failover, GeoLocation, IpNetwork, Region, Subdivision};
use crate::proptest::dice::Dice;

/// Countries that geolocation members and clients often name.
pub(in crate::proptest) const COUNTRIES: [&str; 12] =
    ["US", "CA", "DE", "FR", "GB", "TR", "JP", "CN", "SG", "BR", "AU", "ZA"];
/// States that they often name.
pub(in crate::proptest) const STATES: [&str; 4] = ["WA", "NY", "CA", "TX"];
const LOCAL_ZONES: [&str; 3] = ["us-east-1-bos-1", "us-west-2-lax-1", "ap-southeast-2-akl-1"];
/// Blocks that lie in each other, side by side, and in both families.
const BLOCKS: [&str; 10] = [
    "10.0.0.0/8",
    "10.1.0.0/16",
    "10.1.2.0/24",
    "10.128.0.0/9",
    "192.0.2.0/24",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "128.0.0.0/1",
    "2001:db8::/32",
    "2001:db8:1::/48",
];

/// Parts for `count` members, or for fewer where there are not as many; no two clash.
pub(super) fn any_parts(
    policy: PolicyKind,
    count: usize,
    locations: &[Location],
    dice: &mut Dice,
) -> Vec<RoutingValue> {
    match policy {
        PolicyKind::Simple | PolicyKind::MultivalueAnswer => (0..count).map(|_| RoutingValue::None).collect(),
        PolicyKind::Weighted => (0..count).map(|_| RoutingValue::Weight(weight(dice))).collect(),
        PolicyKind::Failover => {
            let roles = dice.sample(&[Failover::Primary, Failover::Secondary], count);
            // A lone SECONDARY is rare, as it should be.
            let roles = if roles.len() == 1 && !dice.one_in(4) { alloc::vec![Failover::Primary] } else { roles };
            roles.into_iter().map(RoutingValue::Role).collect()
        }
        PolicyKind::Latency => {
            let regions: Vec<Region> = Region::all().collect();
            dice.sample(&regions, count).into_iter().map(RoutingValue::Region).collect()
        }
        PolicyKind::Geolocation => dice.sample(&places(), count).into_iter().map(RoutingValue::Geo).collect(),
        PolicyKind::Geoproximity => (0..count).map(|_| RoutingValue::Near(near(dice), bias(dice))).collect(),
        PolicyKind::IpBased => {
            let keys: Vec<Option<u16>> = locations.iter().map(|location| Some(location.key)).chain([None]).collect();
            dice.sample(&keys, count).into_iter().map(RoutingValue::Location).collect()
        }
    }
}

fn weight(dice: &mut Dice) -> u8 {
    match dice.below(4) {
        0 => 0,
        1 => 1,
        2 => dice.below(10) as u8,
        _ => dice.below(256) as u8,
    }
}

fn bias(dice: &mut Dice) -> i8 {
    if dice.one_in(2) { 0 } else { dice.within(-99, 99) as i8 }
}

fn near(dice: &mut Dice) -> Near {
    let regions: Vec<Region> = Region::all().collect();
    match dice.below(4) {
        0 => Near::LocalZone(dice.choose(&LOCAL_ZONES).unwrap_or("us-east-1-bos-1")),
        1 => Near::At(dice.within(-8999, 8999), dice.within(-17_999, 17_999)),
        _ => dice.choose(&regions).map_or(Near::At(0, 0), Near::Region),
    }
}

/// Places of every rung, small ones inside wide ones (4.5.1).
fn places() -> Vec<GeoLocation> {
    let states = STATES.into_iter().filter_map(Subdivision::parse);
    let mut places: Vec<GeoLocation> = alloc::vec![GeoLocation::Default; 1];
    places.extend(states.map(|state| GeoLocation::Subdivision(Country::US, state)));
    places.extend(COUNTRIES.into_iter().filter_map(Country::parse).map(GeoLocation::Country));
    places.extend(Continent::ALL.map(GeoLocation::Continent));
    places
}

/// Locations for a collection: no block twice (1.7).
pub(super) fn any_locations(first_key: u16, dice: &mut Dice) -> Vec<Location> {
    let mut blocks: Vec<IpNetwork> = BLOCKS.into_iter().filter_map(IpNetwork::parse).collect();
    for _ in 0..3 {
        let address = Ipv4Addr::from_bits(dice.word() as u32);
        let network = IpNetwork::new(address.into(), dice.within(1, 24) as u8);
        blocks.extend(network.filter(|network| !blocks.contains(network)));
    }
    let count = dice.within(1, 4) as u16;
    let mut locations: Vec<Location> =
        (0..count).map(|number| Location { key: first_key.saturating_add(number), blocks: Vec::new() }).collect();
    let wanted = dice.within(i32::from(count), 9) as usize;
    for (number, block) in dice.sample(&blocks, wanted).into_iter().enumerate() {
        let at = if number < usize::from(count) { number } else { dice.below(usize::from(count)) };
        if let Some(location) = locations.get_mut(at) {
            location.blocks.push(block);
        }
    }
    locations
}

/// The plainest part of member `number` under a policy; `None` where the policy has no plain one for it.
pub(super) fn plain_part(policy: PolicyKind, number: usize) -> Option<RoutingValue> {
    match policy {
        PolicyKind::Simple | PolicyKind::MultivalueAnswer => Some(RoutingValue::None),
        PolicyKind::Weighted => Some(RoutingValue::Weight(1)),
        PolicyKind::Failover => {
            [RoutingValue::Role(Failover::Primary), RoutingValue::Role(Failover::Secondary)].get(number).copied()
        }
        PolicyKind::Latency => Region::all().nth(number).map(RoutingValue::Region),
        PolicyKind::Geoproximity => Region::all().nth(number).map(|region| RoutingValue::Near(Near::Region(region), 0)),
        PolicyKind::Geolocation | PolicyKind::IpBased => None,
    }
}

/// Simpler ways to be this part, clashes aside.
pub(super) fn simpler_parts(part: RoutingValue) -> Vec<RoutingValue> {
    match part {
        RoutingValue::Weight(0) => alloc::vec![RoutingValue::Weight(1)],
        RoutingValue::Weight(1) | RoutingValue::None | RoutingValue::Region(_) | RoutingValue::Role(_) => Vec::new(),
        RoutingValue::Weight(weight) => {
            let smaller = [1, weight / 2, weight.saturating_sub(1)];
            smaller.into_iter().filter(|smaller| *smaller > 0 && *smaller < weight).map(RoutingValue::Weight).collect()
        }
        RoutingValue::Geo(place) => wider(place).into_iter().map(RoutingValue::Geo).collect(),
        RoutingValue::Near(near, bias) => {
            let smaller = [0, bias / 2].into_iter().filter(|smaller| *smaller != bias);
            smaller.map(|smaller| RoutingValue::Near(near, smaller)).collect()
        }
        RoutingValue::Location(Some(_)) => alloc::vec![RoutingValue::Location(None)],
        RoutingValue::Location(None) => Vec::new(),
    }
}

/// The wider places that hold a place, the widest first.
fn wider(place: GeoLocation) -> Vec<GeoLocation> {
    let continent = |country: Country| country.continent().map(GeoLocation::Continent);
    let mut wider = Vec::new();
    if place != GeoLocation::Default {
        wider.push(GeoLocation::Default);
    }
    match place {
        GeoLocation::Subdivision(country, _) => {
            wider.extend(continent(country));
            wider.push(GeoLocation::Country(country));
        }
        GeoLocation::Country(country) => wider.extend(continent(country)),
        GeoLocation::Continent(_) | GeoLocation::Default => {}
    }
    wider
}

/// How simple a policy is, the simplest first.
pub(super) const fn rank(policy: PolicyKind) -> u8 {
    match policy {
        PolicyKind::Simple => 0,
        PolicyKind::Failover => 1,
        PolicyKind::Weighted => 2,
        PolicyKind::MultivalueAnswer => 3,
        PolicyKind::Latency => 4,
        PolicyKind::Geoproximity => 5,
        PolicyKind::Geolocation => 6,
        PolicyKind::IpBased => 7,
    }
}
