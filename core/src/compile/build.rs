//! Putting the compiled zone together.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::dependents::{Dependents, assign_heights, mark_conditional};
use super::names::Names;
use super::records::{Check, Group, Locations, NONE, Place, Record, Resource, RoutingValue, Target, counts, place_key};
use super::tables::{LocationsKey, check, latency_index, location_table, negative_ttl, sort_key};
use super::text::Texts;
use super::zone::Zone;
use crate::limits::{SOA_MINIMUM_DEFAULT, SOA_TTL_DEFAULT};
use crate::map::Map;
use crate::model::record::{Content, Routing};
use crate::model::routing::PolicyKind;
use crate::model::{
    AliasTarget, GeoLocation, HostedZone, NameRef, Quarantined, QuarantinedTypes, RecordType, ResourceRecordSet,
    RoutingPolicy,
};
use crate::sort::sort_by;

/// Compiles a zone.
///
/// ```
/// use pointsman_core::{compile::compile, parse::parse, validate::{Options, validate}};
/// let document = parse(0, r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
///     {"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]}"#);
/// let zone = compile(&validate(&[document], &Options::default()).zone.unwrap());
/// assert_eq!(zone.record_set_count(), 1);
/// ```
#[must_use]
pub fn compile(hosted_zone: &HostedZone) -> Zone {
    let mut builder = Builder::new(hosted_zone);
    builder.add_record_sets();
    builder.link_aliases();
    builder.mark_delegations();
    builder.finish()
}

struct Builder<'h> {
    hosted_zone: &'h HostedZone,
    names: Names,
    groups: Vec<Group>,
    records: Vec<Record>,
    texts: Texts,
    places: Vec<Place>,
    place_index: Vec<(u32, u64, u32)>,
    /// IP-based groups by collection and the locations they use, as in [`Builder::add_locations`].
    location_tables: Map<LocationsKey<'h>, Vec<(u32, u32, u32)>>,
    /// In-zone aliases whose target group is not known yet: record and target name.
    open_aliases: Vec<(u32, NameRef<'h>)>,
    quarantined: Vec<Box<str>>,
    negative_ttl: u32,
}

impl<'h> Builder<'h> {
    fn new(hosted_zone: &'h HostedZone) -> Self {
        let count = hosted_zone.record_sets.len();
        Self {
            hosted_zone,
            names: Names::with_capacity(count),
            groups: Vec::new(),
            records: Vec::with_capacity(count),
            texts: Texts::default(),
            places: Vec::new(),
            place_index: Vec::new(),
            location_tables: Map::default(),
            open_aliases: Vec::new(),
            quarantined: Vec::new(),
            negative_ttl: SOA_MINIMUM_DEFAULT.min(SOA_TTL_DEFAULT),
        }
    }

    /// Adds all record sets, by name, type and SetIdentifier in byte order (10.37).
    fn add_record_sets(&mut self) {
        let apex = self.hosted_zone.name.as_ref();
        self.names.add(apex);
        let inside = self.hosted_zone.record_sets.iter().filter(|set| set.name.as_ref().is_within(apex));
        let mut sorted: Vec<&'h ResourceRecordSet> = inside.collect();
        sorted.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        let same = |a: &&ResourceRecordSet, b: &&ResourceRecordSet| a.record_type == b.record_type && a.name == b.name;
        let mut quarantined = self.quarantined_groups();
        for group in sorted.chunk_by(same) {
            if let Some(first) = group.first() {
                let at = (first.name.as_ref().wire(), first.record_type);
                while let Some(((name, kind), code)) = quarantined.pop_if(|(key, _)| (key.0.wire(), key.1) < at) {
                    self.add_quarantined(name, kind, code);
                }
            }
            self.add_group(group);
        }
        while let Some(((name, kind), code)) = quarantined.pop() {
            self.add_quarantined(name, kind, code);
        }
    }

    /// The groups that cannot be evaluated (10.51), last one first. A name of which every type is affected has one more
    /// of type CNAME, which is what answers for a type that a name does not have (2.1).
    fn quarantined_groups(&mut self) -> Vec<((NameRef<'h>, RecordType), &'static str)> {
        let hosted_zone = self.hosted_zone;
        let apex = hosted_zone.name.as_ref();
        let inside = |each: &&Quarantined| each.name.as_ref().is_within(apex);
        let mut groups = Vec::new();
        for each in hosted_zone.quarantined.iter().filter(inside) {
            let name = each.name.as_ref();
            match each.types {
                QuarantinedTypes::One(record_type) => groups.push(((name, record_type), each.code)),
                QuarantinedTypes::All => groups.push(((name, RecordType::Cname), each.code)),
                QuarantinedTypes::Unknown => {
                    self.add_name(name);
                }
            }
        }
        sort_by(&mut groups, |a, b| (b.0.0.wire(), b.0.1).cmp(&(a.0.0.wire(), a.0.1)));
        groups.dedup_by_key(|group| group.0);
        groups
    }

    #[inline(never)]
    fn add_quarantined(&mut self, name: NameRef<'h>, record_type: RecordType, code: &'static str) {
        let reason = self.quarantined.len() as u32;
        self.quarantined.push(code.into());
        let number = self.groups.len() as u32;
        let group = self.new_group(name, record_type, PolicyKind::Simple, 1);
        self.groups.push(group);
        let (routing, target) = (RoutingValue::None, Target::Quarantined { reason });
        self.records.push(Record {
            group: number,
            check: NONE,
            set_identifier: NONE,
            conditional: NONE,
            routing,
            target,
        });
    }

    /// A group that starts at the next record, known at its name.
    fn new_group(&mut self, name: NameRef<'_>, record_type: RecordType, policy: PolicyKind, count: u32) -> Group {
        let node = self.add_name(name);
        if let Some(node) = self.names.get_mut(node) {
            if node.group_count == 0 {
                node.first_group = self.groups.len() as u32;
            }
            node.group_count = node.group_count.saturating_add(1);
        }
        Group {
            node,
            first: self.records.len() as u32,
            count,
            record_type,
            policy,
            default_member: NONE,
            locations: NONE,
            conditional: NONE,
            height: 0,
        }
    }

    fn add_group(&mut self, members: &[&'h ResourceRecordSet]) {
        let Some(first) = members.first() else { return };
        let number = self.groups.len() as u32;
        let policy = match &first.routing {
            Routing::Simple => PolicyKind::Simple,
            Routing::Member { policy, .. } => policy.kind(),
        };
        let mut group = self.new_group(first.name.as_ref(), first.record_type, policy, members.len() as u32);
        let mut cumulative = 0_u32;
        for member in members {
            self.add_record(member, number, &mut cumulative, &mut group.default_member);
        }
        self.groups.push(group);
        if policy == PolicyKind::IpBased {
            self.add_locations(number, members, group.first);
        }
        if first.record_type == RecordType::Soa && first.name == self.hosted_zone.name {
            self.negative_ttl = negative_ttl(first);
        }
    }

    /// Adds a name with every ancestor up to the apex, so that empty non-terminals exist (2.2).
    fn add_name(&mut self, name: NameRef<'_>) -> u32 {
        let apex = self.hosted_zone.name.as_ref();
        let (node, mut is_new) = self.names.add(name);
        let (mut below, mut at) = (node, name);
        while is_new && at != apex {
            let Some(parent) = at.parent() else { break };
            let (parent_node, parent_is_new) = self.names.add(parent);
            if let (true, Some(parent_node)) = (at.is_wildcard(), self.names.get_mut(parent_node)) {
                parent_node.wildcard = below;
            }
            (below, at, is_new) = (parent_node, parent, parent_is_new);
        }
        node
    }

    fn add_record(&mut self, set: &'h ResourceRecordSet, group: u32, cumulative: &mut u32, default: &mut u32) {
        let number = self.records.len() as u32;
        let (routing, set_identifier) = match &set.routing {
            Routing::Simple => (RoutingValue::None, NONE),
            Routing::Member { set_identifier, policy } => {
                let routing = self.routing_value(policy, group, number, cumulative, default);
                (routing, self.texts.add(set_identifier))
            }
        };
        let target = match &set.content {
            Content::Values { ttl, values } => {
                let first = self.texts.len();
                values.iter().for_each(|value| {
                    self.texts.add(value);
                });
                Target::Values { ttl: *ttl, first, count: values.len() as u32 }
            }
            Content::Alias(AliasTarget::InZone { name, evaluate_target_health }) => {
                self.open_aliases.push((number, name.as_ref()));
                Target::Group { group: NONE, evaluate_target_health: counts(*evaluate_target_health) }
            }
            Content::Alias(AliasTarget::AwsResource { resource, evaluate_target_health }) => {
                Target::Resource { resource: *resource, evaluate_target_health: counts(*evaluate_target_health) }
            }
        };
        let check = set.health_check.unwrap_or(NONE);
        self.records.push(Record { group, check, set_identifier, conditional: NONE, routing, target });
    }

    fn routing_value(
        &mut self,
        policy: &RoutingPolicy,
        group: u32,
        record: u32,
        cumulative: &mut u32,
        default: &mut u32,
    ) -> RoutingValue {
        match policy {
            RoutingPolicy::Weighted(weight) => {
                *cumulative = cumulative.saturating_add(u32::from(*weight));
                RoutingValue::Weight { cumulative: *cumulative, weight: *weight }
            }
            RoutingPolicy::Latency(region) => RoutingValue::Region(*region),
            RoutingPolicy::Failover(role) => RoutingValue::Role(*role),
            RoutingPolicy::Geolocation(location) => {
                if *location == GeoLocation::Default {
                    *default = record;
                } else {
                    self.place_index.push((group, place_key(*location), record));
                }
                self.add_place(Place::Geolocation(*location))
            }
            RoutingPolicy::Geoproximity(place) => self.add_place(Place::Geoproximity {
                position: place.position,
                bias: place.bias,
                name: place.place.clone(),
                region: place.region,
            }),
            RoutingPolicy::IpBased(config) => match &config.location {
                Some(location) => RoutingValue::Location(self.texts.add(location)),
                None => {
                    *default = record;
                    RoutingValue::Location(NONE)
                }
            },
            RoutingPolicy::MultivalueAnswer => RoutingValue::None,
        }
    }

    fn add_place(&mut self, place: Place) -> RoutingValue {
        self.places.push(place);
        RoutingValue::Place((self.places.len() as u32).saturating_sub(1))
    }

    /// Groups that use the same locations of the same collection share a table: only blocks that some member serves
    /// are in it, so that others neither match nor narrow the scope (10.41).
    #[inline(never)]
    fn add_locations(&mut self, group: u32, members: &[&'h ResourceRecordSet], first: u32) {
        let mut used: Vec<(&'h str, u32)> = Vec::new();
        let mut collection = 0;
        for (record, member) in (first..).zip(members) {
            if let Routing::Member { policy: RoutingPolicy::IpBased(config), .. } = &member.routing {
                collection = config.collection;
                used.extend(config.location.as_deref().map(|location| (location, record)));
            }
        }
        used.sort_unstable();
        used.dedup_by_key(|entry| entry.0);
        let key = (collection, used.iter().map(|entry| entry.0).collect());
        let entries = (0_u32..).zip(&used).map(|(location, (_, record))| (group, location, *record));
        self.location_tables.change(key, |members| members.extend(entries));
    }

    /// Finds the groups that in-zone aliases lead to.
    #[inline(never)]
    fn link_aliases(&mut self) {
        for (record, name) in core::mem::take(&mut self.open_aliases) {
            let record_type = self
                .records
                .get(record as usize)
                .and_then(|record| self.groups.get(record.group as usize))
                .map(|group| group.record_type);
            let found = self.names.find(name).and_then(|node| self.names.get(node)).and_then(|node| {
                Zone::groups_of(node)
                    .find(|group| self.groups.get(*group as usize).map(|group| group.record_type) == record_type)
            });
            if let Some(Target::Group { group, .. }) =
                self.records.get_mut(record as usize).map(|record| &mut record.target)
            {
                *group = found.unwrap_or(NONE);
            }
        }
    }

    /// Gives every name below a delegation the highest cut above it (2.4).
    fn mark_delegations(&mut self) {
        let apex = self.hosted_zone.name.as_ref();
        let mut cuts: Vec<u32> = self
            .groups
            .iter()
            .filter(|group| group.record_type == RecordType::Ns)
            .map(|group| group.node)
            .filter(|node| {
                let name = self.names.name(*node);
                name != apex && !name.is_wildcard()
            })
            .collect();
        if cuts.is_empty() {
            return;
        }
        cuts.sort_unstable();
        for number in 0..self.names.len() {
            let mut highest = NONE;
            let mut at = self.names.name(number);
            while at != apex {
                let node = self.names.find(at).unwrap_or(NONE);
                if cuts.binary_search(&node).is_ok() {
                    highest = node;
                }
                match at.parent() {
                    Some(parent) => at = parent,
                    None => break,
                }
            }
            if let Some(node) = self.names.get_mut(number) {
                node.delegation = highest;
            }
        }
    }

    fn finish(mut self) -> Zone {
        let hosted_zone = self.hosted_zone;
        let resources = hosted_zone.alias_targets.iter().map(|resource| {
            let mut add = |values: &Option<Vec<Box<str>>>| {
                let first = self.texts.len();
                values.iter().flatten().for_each(|value| {
                    self.texts.add(value);
                });
                first..self.texts.len()
            };
            let known = resource.a.is_some() || resource.aaaa.is_some();
            let addresses = known.then(|| (add(&resource.a), add(&resource.aaaa)));
            Resource { name: resource.dns_name.clone(), addresses, ttl: resource.ttl }
        });
        let resources: Vec<Resource> = resources.collect();
        let checks: Vec<Check> = hosted_zone.health_checks.iter().map(check).collect();
        let depth = assign_heights(&mut self.groups, &mut self.records).saturating_add(1);
        let (conditional_records, conditional_groups) = mark_conditional(&mut self.groups, &mut self.records);
        let mut locations = Vec::new();
        for ((collection, used), mut members) in core::mem::take(&mut self.location_tables).into_entries() {
            members.sort_unstable();
            for (group, ..) in &members {
                if let Some(group) = self.groups.get_mut(*group as usize) {
                    group.locations = locations.len() as u32;
                }
            }
            let blocks = hosted_zone.cidr_collections.get(collection as usize);
            locations.push(Locations { table: location_table(blocks, &used), members });
        }
        self.place_index.sort_unstable();
        self.names.shrink();
        self.texts.shrink();
        let dependents = Dependents::build(&self.groups, &self.records, &checks, resources.len());
        Zone {
            name: hosted_zone.name.clone(),
            private: hosted_zone.private,
            negative_ttl: self.negative_ttl,
            names: self.names,
            groups: self.groups,
            records: self.records,
            texts: self.texts,
            checks,
            resources,
            quarantined: self.quarantined,
            places: self.places,
            place_index: self.place_index,
            locations,
            latency: hosted_zone.latency_table.as_ref().map(latency_index),
            dependents,
            conditional_records,
            conditional_groups,
            depth,
        }
    }
}
