//! The compiled zone: arrays of [records](super::records) and the indexes over them.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;

use super::dependents::Dependents;
use super::names::{Names, Node};
#[cfg(feature = "proptest")]
use super::prefix::PrefixTable;
use super::records::{Check, Group, LatencyIndex, Locations, NONE, NodeId, Place, PlaceKey, Record, Resource, Target};
use super::text::Texts;
use crate::model::{Name, NameRef, RecordType};

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
    /// Why each quarantined group is (10.51): codes of findings.
    pub(super) quarantined: Vec<Box<str>>,
    pub(super) places: Vec<Place>,
    /// Which member serves a place, by group and place, in order (4.5).
    pub(super) place_index: Vec<(u32, PlaceKey, u32)>,
    pub(super) locations: Vec<Locations>,
    pub(super) latency: Option<LatencyIndex>,
    pub(super) dependents: Dependents,
    /// Record sets that may depend on the client, in order: what a conditional slot counts.
    pub(super) conditional_records: Vec<u32>,
    pub(super) conditional_groups: u32,
    pub(super) depth: u32,
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

    /// Every name and type that cannot be evaluated, with the code of the finding that says why, in the zone's own order
    /// (10.51). Where a record set's type is not known, CNAME stands for every type that its name does not have.
    pub fn quarantined(&self) -> impl Iterator<Item = (NameRef<'_>, RecordType, &str)> {
        self.groups.iter().filter_map(|group| match self.record(group.first)?.target {
            Target::Quarantined { reason } => {
                Some((self.names.name(group.node), group.record_type, self.quarantine_code(reason)))
            }
            _ => None,
        })
    }

    /// The code of the finding that says why a group is quarantined.
    pub(crate) fn quarantine_code(&self, reason: u32) -> &str {
        self.quarantined.get(reason as usize).map(|code| &**code).unwrap_or_default()
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

    pub(crate) fn dependents(&self) -> &Dependents {
        &self.dependents
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
