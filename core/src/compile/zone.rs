//! The compiled zone: arrays of small records that point at each other by number.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use super::names::{Names, Node, NodeId};
use super::order::Links;
use super::prefix::PrefixTable;
use super::text::Texts;
use crate::model::health_check::InsufficientDataHealthStatus;
use crate::model::routing::PolicyKind;
use crate::model::{Continent, Country, EvaluateTargetHealth, Failover, Latencies, Name, NameRef, Position};
use crate::model::{RecordType, Region, Subdivision};

/// Stands for "none" where a number would.
pub(crate) const NONE: u32 = u32::MAX;

/// A hosted zone ready to be asked: made by [`compile`](super::compile), immutable, `Send + Sync`.
///
/// A [`HealthView`](crate::health::HealthView) of it answers questions.
#[derive(Debug)]
pub struct Zone {
    pub(super) name: Name,
    pub(super) private: bool,
    pub(super) negative_ttl: u32,
    pub(super) names: Names,
    pub(super) groups: Vec<Group>,
    pub(super) records: Vec<Record>,
    /// Values and SetIdentifiers.
    pub(super) texts: Texts,
    pub(super) checks: Vec<Check>,
    pub(super) resources: Vec<Resource>,
    pub(super) places: Vec<Place>,
    /// Which member serves a place, by group and place, in order (4.5).
    pub(super) place_index: Vec<(u32, PlaceKey, u32)>,
    pub(super) locations: Vec<Locations>,
    pub(super) latency: Option<LatencyIndex>,
    pub(super) links: Links,
    /// Record sets that may depend on the client, in order: what a conditional slot counts.
    pub(super) conditional_records: Vec<u32>,
    pub(super) conditional_groups: u32,
    pub(super) depth: u32,
}

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
    pub(crate) part: Part,
    pub(crate) target: Target,
}

/// A member's part in its group's policy.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Part {
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

impl Zone {
    /// The apex.
    #[must_use]
    pub fn name(&self) -> NameRef<'_> {
        self.name.as_ref()
    }

    /// Whether the zone is private (1.8).
    #[must_use]
    pub const fn is_private(&self) -> bool {
        self.private
    }

    /// How many record sets there are.
    #[must_use]
    pub fn record_set_count(&self) -> usize {
        self.records.len()
    }

    /// The ids of the health checks, in document order.
    pub fn health_check_ids(&self) -> impl ExactSizeIterator<Item = &str> {
        self.checks.iter().map(|check| &*check.id)
    }

    /// The DNS names of the AWS resources that aliases lead to.
    pub fn alias_targets(&self) -> impl ExactSizeIterator<Item = NameRef<'_>> {
        self.resources.iter().map(|resource| resource.name.as_ref())
    }

    /// Every name and type that has record sets, in the zone's own order.
    pub fn questions(&self) -> impl ExactSizeIterator<Item = (NameRef<'_>, RecordType)> {
        self.groups.iter().map(|group| (self.names.name(group.node), group.record_type))
    }

    /// Seconds that a negative answer may be cached (2.6).
    pub(crate) const fn negative_ttl(&self) -> u32 {
        self.negative_ttl
    }

    pub(crate) fn find(&self, name: NameRef<'_>) -> Option<(NodeId, &Node)> {
        let id = self.names.find(name)?;
        Some((id, self.names.get(id)?))
    }

    pub(crate) fn node(&self, id: NodeId) -> Option<&Node> {
        self.names.get(id)
    }

    pub(crate) fn node_name(&self, id: NodeId) -> NameRef<'_> {
        self.names.name(id)
    }

    /// The groups of a name: their numbers.
    pub(crate) fn groups_of(node: &Node) -> Range<u32> {
        node.first_group..node.first_group.saturating_add(u32::from(node.group_count))
    }

    /// The group of a name and type.
    pub(crate) fn group_of(&self, node: &Node, record_type: RecordType) -> Option<u32> {
        Self::groups_of(node).find(|group| self.group(*group).is_some_and(|group| group.record_type == record_type))
    }

    pub(crate) fn group(&self, number: u32) -> Option<&Group> {
        self.groups.get(number as usize)
    }

    pub(crate) fn record(&self, number: u32) -> Option<&Record> {
        self.records.get(number as usize)
    }

    pub(crate) fn records(&self) -> &[Record] {
        &self.records
    }

    pub(crate) fn checks(&self) -> &[Check] {
        &self.checks
    }

    pub(crate) fn check(&self, number: u32) -> Option<&Check> {
        self.checks.get(number as usize)
    }

    pub(crate) fn resource(&self, number: u32) -> Option<&Resource> {
        self.resources.get(number as usize)
    }

    pub(crate) fn place(&self, number: u32) -> Option<&Place> {
        self.places.get(number as usize)
    }

    /// Where geolocation and geoproximity members are.
    #[cfg(feature = "proptest")]
    pub(crate) fn places(&self) -> impl Iterator<Item = &Place> {
        self.places.iter()
    }

    /// The first address of every range whose addresses lie in the same blocks, table by table.
    #[cfg(feature = "proptest")]
    pub(crate) fn network_starts(&self) -> Vec<(crate::model::cidr::Family, u128)> {
        let tables = self.locations.iter().map(|locations| &locations.table);
        let tables = tables.chain(self.latency.iter().map(|latency| &latency.networks));
        tables.flat_map(PrefixTable::starts_by_family).collect()
    }

    /// For each location of each collection that an IP-based group uses, a block of it.
    pub(crate) fn location_blocks(&self) -> Vec<crate::model::IpNetwork> {
        self.locations.iter().flat_map(|locations| locations.table.first_of_each()).collect()
    }

    pub(crate) fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The SetIdentifier of a record; `None` for simple routing.
    pub(crate) fn set_identifier(&self, record: u32) -> Option<&str> {
        let text = self.record(record)?.set_identifier;
        (text != NONE).then(|| self.texts.get(text))
    }

    pub(crate) fn links(&self) -> &Links {
        &self.links
    }

    pub(crate) fn conditional_records(&self) -> &[u32] {
        &self.conditional_records
    }

    pub(crate) const fn conditional_groups(&self) -> u32 {
        self.conditional_groups
    }

    /// Groups on the longest alias path.
    pub(crate) const fn depth(&self) -> u32 {
        self.depth
    }

    /// The member of a geolocation group that serves exactly this place.
    pub(crate) fn member_at_place(&self, group: u32, key: PlaceKey) -> Option<u32> {
        let at = self.place_index.binary_search_by(|(g, k, _)| (*g, *k).cmp(&(group, key))).ok()?;
        self.place_index.get(at).map(|entry| entry.2)
    }

    /// The blocks that an IP-based group can match.
    pub(crate) fn locations(&self, group: &Group) -> Option<&Locations> {
        self.locations.get(group.locations as usize)
    }

    pub(crate) fn latency_index(&self) -> Option<&LatencyIndex> {
        self.latency.as_ref()
    }
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
