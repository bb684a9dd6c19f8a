//! What the arrays of a compiled zone hold: small records that point at each other by number.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use super::prefix::PrefixTable;
use crate::model::health_check::InsufficientDataHealthStatus;
use crate::model::routing::PolicyKind;
use crate::model::{Continent, Country, EvaluateTargetHealth, Failover, Latencies, Name, Position};
use crate::model::{RecordType, Region, Subdivision};

/// Stands for "none" where a number would.
pub(crate) const NONE: u32 = u32::MAX;

/// A name's number.
pub(crate) type NodeId = u32;

/// All record sets of one name and type (1.3.1).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Group {
    pub(crate) node: NodeId,
    pub(crate) first: u32,
    pub(crate) count: u32,
    pub(crate) record_type: RecordType,
    pub(crate) policy: PolicyKind,
    /// The member that serves every client: a geolocation or IP-based default, or [`NONE`].
    pub(crate) default_member: u32,
    /// IP-based: index into the zone's location tables, else [`NONE`].
    pub(crate) locations: u32,
    /// The group's slot among those whose health may depend on the client, or [`NONE`].
    pub(crate) conditional: u32,
    /// Groups below this one on the longest alias path.
    pub(crate) height: u32,
}

impl Group {
    /// The members' record numbers.
    pub(crate) fn members(&self) -> Range<u32> {
        self.first..self.first.saturating_add(self.count)
    }
}

/// One record set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    pub(crate) group: u32,
    /// Its health check, or [`NONE`].
    pub(crate) check: u32,
    /// Its SetIdentifier's text, or [`NONE`].
    pub(crate) set_identifier: u32,
    /// Its slot among the records whose health may depend on the client, or [`NONE`].
    pub(crate) conditional: u32,
    pub(crate) routing: RoutingValue,
    pub(crate) target: Target,
}

/// What a member says to its group's policy.
#[derive(Debug, Clone, Copy)]
pub(crate) enum RoutingValue {
    /// Simple and multivalue: none.
    None,
    /// The sum of the weights of this member and those before it, and its own (4.3).
    Weight { cumulative: u32, weight: u8 },
    /// Latency (4.4).
    Region(Region),
    /// Failover (4.2).
    Role(Failover),
    /// Geolocation (4.5), geoproximity (4.6): index into the zone's places.
    Place(u32),
    /// IP-based (4.7): text of the location's name, or [`NONE`] for `*`.
    Location(u32),
}

/// What a record set answers with.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// Its own values: texts from `first`, `count` of them.
    Values { ttl: u32, first: u32, count: u32 },
    /// A group of this zone; [`NONE`] when it does not exist.
    Group { group: u32, evaluate_target_health: bool },
    /// An AWS resource.
    Resource { resource: u32, evaluate_target_health: bool },
    /// Nothing: the one record of a group that cannot be evaluated stands for all of it (10.51). Index into the zone's
    /// reasons.
    Quarantined { reason: u32 },
}

/// A health check.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) id: Box<str>,
    pub(crate) kind: CheckKind,
    pub(crate) inverted: bool,
    pub(crate) disabled: bool,
}

/// How a check's raw status comes about.
#[derive(Debug)]
pub(crate) enum CheckKind {
    /// Reported: an endpoint check, a routing control or an unknown one; the word says which.
    Reported(&'static str),
    /// A CloudWatch alarm.
    CloudwatchMetric(InsufficientDataHealthStatus),
    /// So many of the children must be healthy.
    Calculated { threshold: u32, children: Box<[u32]> },
}

/// An AWS resource that aliases lead to.
#[derive(Debug)]
pub(crate) struct Resource {
    pub(crate) name: Name,
    /// Texts of the IPv4 and the IPv6 addresses; `None` when no AliasTargets entry exists.
    pub(crate) addresses: Option<(Range<u32>, Range<u32>)>,
    pub(crate) ttl: u32,
}

/// Where a geolocation or geoproximity member is.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    Geolocation(crate::model::GeoLocation),
    Geoproximity { position: Position, bias: i8, name: Box<str>, region: Option<Region> },
}

/// A place as a number that compares fast; see [`place_key`].
pub(crate) type PlaceKey = u64;

/// The key of a geolocation.
pub(crate) fn place_key(location: crate::model::GeoLocation) -> PlaceKey {
    use crate::model::GeoLocation as G;
    match location {
        G::Default => 0,
        G::Continent(continent) => continent_key(continent),
        G::Country(country) => country_key(country),
        G::Subdivision(country, subdivision) => subdivision_key(country, subdivision),
    }
}

pub(crate) fn continent_key(continent: Continent) -> PlaceKey {
    (1_u64 << 56) | continent as u64
}

pub(crate) fn country_key(country: Country) -> PlaceKey {
    let [a, b] = country.bytes();
    u64::from_be_bytes([2, a, b, 0, 0, 0, 0, 0])
}

pub(crate) fn subdivision_key(country: Country, subdivision: Subdivision) -> PlaceKey {
    let [a, b] = country.bytes();
    let [c, d, e] = subdivision.bytes();
    u64::from_be_bytes([3, a, b, c, d, e, 0, 0])
}

/// The blocks that one IP-based group, or several alike, can match, each with the number of its location.
#[derive(Debug)]
pub(crate) struct Locations {
    pub(crate) table: PrefixTable,
    /// Per group that uses the table: group, location number, member; in order.
    pub(crate) members: Vec<(u32, u32, u32)>,
}

/// The latency table, indexed.
#[derive(Debug)]
pub(crate) struct LatencyIndex {
    pub(crate) rows: Vec<Latencies>,
    pub(crate) networks: PrefixTable,
    pub(crate) countries: Vec<(Country, u32)>,
    pub(crate) continents: Vec<(Continent, u32)>,
    pub(crate) default: Option<u32>,
}
impl Locations {
    /// The member of a group that serves a location.
    pub(crate) fn member(&self, group: u32, location: u32) -> Option<u32> {
        let at = self.members.binary_search_by(|(g, l, _)| (*g, *l).cmp(&(group, location))).ok()?;
        self.members.get(at).map(|entry| entry.2)
    }
}

/// Whether a field says that the target's health counts.
pub(super) fn counts(evaluate: EvaluateTargetHealth) -> bool {
    evaluate == EvaluateTargetHealth::Yes
}
