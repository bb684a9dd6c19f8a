//! An image to a zone.

use alloc::vec::Vec;

use super::{ENTRY_BYTES, HEADER_BYTES, IMAGE_FORMAT, ImageError, ImageHeader, Section, image_digest};
use crate::compile::bytes::{Fault, Reader, fault, words};
use crate::compile::dependents::Dependents;
use crate::compile::names::Names;
use crate::compile::prefix::PrefixTable;
use crate::compile::records::{
    Check, CheckKind, Group, LatencyIndex, Locations, NONE, Place, Record, Resource, RoutingValue, Target,
};
use crate::compile::text::Texts;
use crate::compile::zone::Zone;
use crate::model::SEMANTICS_VERSION;
use crate::model::cidr::Family;
use crate::model::health_check::{HealthCheckKind, InsufficientDataHealthStatus};
use crate::model::routing::PolicyKind;
use crate::model::{
    Continent, Country, Failover, GeoLocation, IpNetwork, Latencies, Name, NameRef, Position, RecordType, Region,
    Subdivision,
};

impl Zone {
    /// Opens an image. Every number in it is looked at once, in time linear in its length: whatever the bytes are, what this
    /// returns answers queries without panic or loop.
    ///
    /// # Errors
    /// An [`ImageError`] when this version of the crate did not write these bytes, or they changed since.
    pub fn from_image(image: &[u8]) -> Result<Self, ImageError> {
        let mut sections = Sections { found: find(image)?, fault: None };
        let (mut zone, geolocation_members) = sections.zone();
        let fault = sections.fault.or_else(|| zone.check_image(&geolocation_members).err());
        if let Some((section, fault)) = fault {
            return Err(ImageError::Malformed { section: section.as_str(), fault });
        }
        zone.dependents = Dependents::build(&zone.groups, &zone.records, &zone.checks, zone.resources.len());
        Ok(zone)
    }
}

/// Where the sections of an image lie, whose digest fits.
fn find(image: &[u8]) -> Result<[&[u8]; Section::ALL.len()], ImageError> {
    let header = ImageHeader::read(image)?;
    if header.format != IMAGE_FORMAT {
        return Err(ImageError::Format { found: header.format });
    }
    if header.semantics != SEMANTICS_VERSION {
        return Err(ImageError::Semantics { found: header.semantics });
    }
    let (head, body) = image.split_at_checked(HEADER_BYTES).ok_or(ImageError::Damaged)?;
    let mut reader = Reader::new(head.get(12..).unwrap_or_default());
    let (count, length) = (reader.u32(), reader.u64());
    if length != image.len() as u64 || header.digest != image_digest(body) {
        return Err(ImageError::Damaged);
    }
    let malformed = |fault| ImageError::Malformed { section: "table", fault };
    if count as usize != Section::ALL.len() || head.get(40..).is_some_and(|rest| rest.iter().any(|byte| *byte != 0)) {
        return Err(malformed(fault("it does not list the sections of this format")));
    }
    let mut table = Reader::new(body);
    let mut next = HEADER_BYTES.saturating_add(ENTRY_BYTES.saturating_mul(Section::ALL.len()));
    let mut sections: [&[u8]; Section::ALL.len()] = Default::default();
    for (slot, section) in sections.iter_mut().zip(Section::ALL) {
        let (id, zero, offset, length) = (table.u32(), table.u32(), table.u64(), table.u64());
        let end = usize::try_from(length).ok().and_then(|length| next.checked_add(length));
        match end.and_then(|end| image.get(next..end)) {
            Some(bytes) if id == section as u32 && zero == 0 && offset == next as u64 => *slot = bytes,
            _ => return Err(malformed(fault("a section is not where it should be"))),
        }
        next = end.unwrap_or(next).next_multiple_of(8);
    }
    if next != image.len() {
        return Err(malformed(fault("something follows the last section")));
    }
    Ok(sections)
}

/// The sections of an image, and the first thing that is wrong in one.
struct Sections<'b> {
    found: [&'b [u8]; Section::ALL.len()],
    fault: Option<(Section, Fault)>,
}

impl<'b> Sections<'b> {
    /// Reads a section to its end.
    fn read<T>(&mut self, section: Section, read: impl FnOnce(&mut Reader<'b>) -> T) -> T {
        let at = (section as usize).saturating_sub(1);
        let mut reader = Reader::new(self.found.get(at).copied().unwrap_or_default());
        let value = read(&mut reader);
        if let Some(fault) = reader.end() {
            self.fault.get_or_insert((section, fault));
        }
        value
    }

    /// The arrays as the sections have them, each by itself; and the geolocation members by group and place.
    fn zone(&mut self) -> (Zone, Vec<u32>) {
        let (name, private, negative_ttl) =
            self.read(Section::Zone, |reader| (read_name(reader), reader.flag(), reader.u32()));
        let (places, geolocation_members) =
            self.read(Section::Places, |reader| (reader.list(1, read_place), reader.list(4, Reader::u32)));
        let zone = Zone {
            name,
            private,
            negative_ttl,
            names: self.read(Section::Names, Names::read),
            groups: self.read(Section::Groups, read_groups),
            records: self.read(Section::Records, read_records),
            texts: self.read(Section::Texts, Texts::read),
            checks: self.read(Section::Checks, |reader| reader.list(6, read_check)),
            resources: self.read(Section::Resources, |reader| reader.list(9, read_resource)),
            quarantined: self.read(Section::Quarantine, |reader| reader.list(4, |reader| reader.text().into())),
            places,
            place_index: Vec::new(),
            locations: self.read(Section::Locations, |reader| reader.list(8, read_locations)),
            latency: self
                .read(Section::Latency, |reader| if reader.flag() { Some(read_latency(reader)) } else { None }),
            dependents: Dependents::default(),
            conditional_records: Vec::new(),
            conditional_groups: 0,
            depth: 0,
        };
        (zone, geolocation_members)
    }
}

fn read_name(reader: &mut Reader<'_>) -> Name {
    let wire = reader.sized();
    let known = NameRef::is_wire(wire).then_some(wire);
    NameRef::from_wire(reader.known(known, &[], fault("a name is not one"))).to_name()
}

/// The groups; those that depend on the client are marked as such.
fn read_groups(reader: &mut Reader<'_>) -> Vec<Group> {
    let rows = reader.rows::<20>();
    let mut groups = Vec::with_capacity(rows.len());
    for row in rows {
        let [node, count, default_member, height, last] = words(row);
        let [record_type, policy, depends, zero] = last.to_le_bytes();
        let record_type = RecordType::ALL.get(usize::from(record_type)).copied();
        let (Some((record_type, policy)), 0..=1, 0) = (record_type.zip(read_policy(policy)), depends, zero) else {
            reader.fail(fault("a group has no known type or policy"));
            break;
        };
        let conditional = if depends == 1 { 0 } else { NONE };
        groups.push(Group {
            node,
            first: 0,
            count,
            record_type,
            policy,
            default_member,
            locations: NONE,
            conditional,
            height,
        });
    }
    groups
}

const fn read_policy(number: u8) -> Option<PolicyKind> {
    Some(match number {
        1 => PolicyKind::Simple,
        2 => PolicyKind::Failover,
        3 => PolicyKind::Weighted,
        4 => PolicyKind::Latency,
        5 => PolicyKind::Geolocation,
        6 => PolicyKind::Geoproximity,
        7 => PolicyKind::IpBased,
        8 => PolicyKind::MultivalueAnswer,
        _ => return None,
    })
}

fn read_records(reader: &mut Reader<'_>) -> Vec<Record> {
    let rows = reader.rows::<28>();
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(record) = read_record(row) else {
            reader.fail(fault("a record set has no known routing or target"));
            break;
        };
        records.push(record);
    }
    records
}

#[inline]
fn read_record(row: &[u8; 28]) -> Option<Record> {
    let [check, set_identifier, kinds, value, a, b, c] = words(row);
    let [kind, small, target, zero] = kinds.to_le_bytes();
    let routing = match (kind, small, value) {
        (0, 0, 0) => RoutingValue::None,
        (1, weight, 0) => RoutingValue::Weight { cumulative: 0, weight },
        (2, region, 0) => RoutingValue::Region(Region::from_index(usize::from(region))?),
        (3, 0, 0) => RoutingValue::Role(Failover::Primary),
        (3, 1, 0) => RoutingValue::Role(Failover::Secondary),
        (4, 0, place) => RoutingValue::Place(place),
        (5, 0, text) => RoutingValue::Location(text),
        _ => return None,
    };
    let evaluate_target_health = target & 1 == 1;
    let target = match (target, b, c) {
        (0, first, count) => Target::Values { ttl: a, first, count },
        (2 | 3, 0, 0) => Target::Group { group: a, evaluate_target_health },
        (4 | 5, 0, 0) => Target::Resource { resource: a, evaluate_target_health },
        (6, 0, 0) => Target::Quarantined { reason: a },
        _ => return None,
    };
    (zero == 0).then_some(Record { group: NONE, check, set_identifier, conditional: NONE, routing, target })
}

fn read_check(reader: &mut Reader<'_>) -> Check {
    let id = reader.text();
    let (flags, kind) = (reader.u8(), reader.u8());
    let kind = match kind {
        0 => {
            let word = HealthCheckKind::reported_word(reader.text());
            CheckKind::Reported(reader.known(word, "", fault("a health check has no known type")))
        }
        1 => CheckKind::CloudwatchMetric(InsufficientDataHealthStatus::Healthy),
        2 => CheckKind::CloudwatchMetric(InsufficientDataHealthStatus::Unhealthy),
        3 => CheckKind::CloudwatchMetric(InsufficientDataHealthStatus::LastKnownStatus),
        4 => CheckKind::Calculated { threshold: reader.u32(), children: reader.list(4, Reader::u32).into() },
        _ => {
            reader.fail(fault("a health check has no known type"));
            CheckKind::Reported("")
        }
    };
    if flags > 3 {
        reader.fail(fault("a health check has unknown flags"));
    }
    Check { id: id.into(), kind, inverted: flags & 1 == 1, disabled: flags & 2 == 2 }
}

fn read_resource(reader: &mut Reader<'_>) -> Resource {
    let (name, ttl) = (read_name(reader), reader.u32());
    let addresses = if reader.flag() { Some((reader.u32()..reader.u32(), reader.u32()..reader.u32())) } else { None };
    Resource { name, addresses, ttl }
}

fn read_place(reader: &mut Reader<'_>) -> Place {
    let location = match reader.u8() {
        0 => Some(GeoLocation::Default),
        1 => Continent::parse(reader.text()).map(GeoLocation::Continent),
        2 => Country::parse(reader.text()).map(GeoLocation::Country),
        3 => {
            let (country, subdivision) = (Country::parse(reader.text()), Subdivision::parse(reader.text()));
            country.zip(subdivision).map(|(country, subdivision)| GeoLocation::Subdivision(country, subdivision))
        }
        4 => return read_position(reader),
        _ => None,
    };
    Place::Geolocation(reader.known(location, GeoLocation::Default, fault("a place is not one")))
}

fn read_position(reader: &mut Reader<'_>) -> Place {
    let position = Position::checked_from_e4(reader.i32(), reader.i32());
    let (bias, region) = (reader.u8().cast_signed(), reader.u8());
    let name = reader.text().into();
    let known_region = Region::from_index(usize::from(region));
    if (region != u8::MAX && known_region.is_none()) || !(-99..=99).contains(&bias) {
        reader.fail(fault("a place is not one"));
    }
    match position {
        Some(position) => Place::Geoproximity { position, bias, name, region: known_region },
        None => {
            reader.fail(fault("a place is not one"));
            Place::Geolocation(GeoLocation::Default)
        }
    }
}

/// The blocks of a table in the order in which it keeps them.
fn read_table(reader: &mut Reader<'_>) -> PrefixTable {
    let mut blocks: Vec<(IpNetwork, u32)> = Vec::new();
    for _ in 0..reader.count(22) {
        let (family, prefix_length, bits, value) = (reader.u8(), reader.u8(), reader.u128(), reader.u32());
        let family = match family {
            4 => Some(Family::V4),
            6 => Some(Family::V6),
            _ => None,
        };
        let Some(network) = family.and_then(|family| IpNetwork::from_bits(family, bits, prefix_length)) else {
            reader.fail(fault("a block is not one"));
            break;
        };
        blocks.push((network, value));
    }
    if !PrefixTable::are_sorted(&blocks) {
        reader.fail(fault("blocks are not in order"));
        blocks.clear();
    }
    PrefixTable::from_sorted(blocks)
}

fn read_locations(reader: &mut Reader<'_>) -> Locations {
    let table = read_table(reader);
    let members = reader.list(12, |reader| (reader.u32(), reader.u32(), reader.u32()));
    if !members.is_sorted_by(|a, b| a < b) {
        reader.fail(fault("members are not in order"));
    }
    Locations { table, members }
}

fn read_latency(reader: &mut Reader<'_>) -> LatencyIndex {
    const UNKNOWN: Fault = fault("a row has an unknown Region or place");
    let rows = reader.list(4, |reader| {
        let mut row = Latencies::UNKNOWN;
        for _ in 0..reader.count(5) {
            let (region, microseconds) = (Region::from_index(usize::from(reader.u8())), reader.u32());
            match region {
                Some(region) if row.set_microseconds(region, microseconds) => {}
                Some(_) => reader.fail(fault("a latency is an hour or more")),
                None => reader.fail(UNKNOWN),
            }
        }
        row
    });
    let networks = read_table(reader);
    let mut countries: Vec<(Country, u32)> = Vec::new();
    for _ in 0..reader.count(8) {
        match (Country::parse(reader.text()), reader.u32()) {
            (Some(country), row) => countries.push((country, row)),
            _ => reader.fail(UNKNOWN),
        }
    }
    let mut continents: Vec<(Continent, u32)> = Vec::new();
    for _ in 0..reader.count(8) {
        match (Continent::parse(reader.text()), reader.u32()) {
            (Some(continent), row) => continents.push((continent, row)),
            _ => reader.fail(UNKNOWN),
        }
    }
    if !countries.is_sorted_by_key(|entry| entry.0) || !continents.is_sorted_by_key(|entry| entry.0) {
        reader.fail(fault("places are not in order"));
    }
    let default = Some(reader.u32()).filter(|row| *row != NONE);
    LatencyIndex { rows, networks, countries, continents, default }
}
