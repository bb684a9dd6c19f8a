//! An image to a zone.

use alloc::vec::Vec;

use super::check::{self, Arrays};
use super::{ENTRY_BYTES, HEADER_BYTES, IMAGE_FORMAT, ImageError, ImageHeader, Section, digest};
use crate::compile::bytes::Reader;
use crate::compile::dependents::{Dependents, assign_heights, mark_conditional};
use crate::compile::names::Names;
use crate::compile::prefix::{Outcome, PrefixTable};
use crate::compile::records::{
    Check, CheckKind, Group, LatencyIndex, Locations, NONE, Place, Record, Resource, RoutingValue, Target, place_key,
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

/// What is wrong with a section, in words.
type Fault = &'static str;

const SHORT: Fault = "it ends early";

impl Zone {
    /// Opens an image. Every number in it is looked at once, in time linear in its length: whatever the bytes are, what this
    /// returns answers queries without panic or loop.
    ///
    /// # Errors
    /// An [`ImageError`] when this version of the crate did not write these bytes, or they changed since.
    pub fn from_image(image: &[u8]) -> Result<Self, ImageError> {
        let sections = Sections::find(image)?;
        let arrays = sections.arrays()?;
        Ok(assemble(arrays))
    }
}

/// The sections of an image whose digest fits.
struct Sections<'b>(Vec<&'b [u8]>);

impl<'b> Sections<'b> {
    fn find(image: &'b [u8]) -> Result<Self, ImageError> {
        let header = ImageHeader::read(image)?;
        if header.format != IMAGE_FORMAT {
            return Err(ImageError::Format { found: header.format });
        }
        if header.semantics != SEMANTICS_VERSION {
            return Err(ImageError::Semantics { found: header.semantics });
        }
        let (head, body) = image.split_at_checked(HEADER_BYTES).ok_or(ImageError::Damaged)?;
        let mut reader = Reader::new(head.get(12..).unwrap_or_default());
        let (count, length) = reader.u32().zip(reader.u64()).ok_or(ImageError::Damaged)?;
        if length != image.len() as u64 || header.digest != digest(body) {
            return Err(ImageError::Damaged);
        }
        let malformed = |fault| ImageError::Malformed { section: "table", fault };
        if count as usize != Section::ALL.len() || head.get(40..).is_some_and(|rest| rest.iter().any(|byte| *byte != 0))
        {
            return Err(malformed("it does not list the sections of this format"));
        }
        let mut table = Reader::new(body);
        let mut next = HEADER_BYTES.saturating_add(ENTRY_BYTES.saturating_mul(Section::ALL.len()));
        let mut sections = Vec::with_capacity(Section::ALL.len());
        for section in Section::ALL {
            let entry = (|| Some((table.u32()?, table.u32()?, table.u64()?, table.u64()?)))();
            let (id, zero, offset, length) = entry.ok_or(malformed(SHORT))?;
            let end = usize::try_from(length).ok().and_then(|length| next.checked_add(length));
            let bytes = end.and_then(|end| image.get(next..end));
            match bytes {
                Some(bytes) if id == section as u32 && zero == 0 && offset == next as u64 => sections.push(bytes),
                _ => return Err(malformed("a section is not where it should be")),
            }
            next = end.unwrap_or(next).next_multiple_of(8);
        }
        if next != image.len() {
            return Err(malformed("something follows the last section"));
        }
        Ok(Self(sections))
    }

    /// Reads a section to its end.
    fn read<T>(
        &self,
        section: Section,
        read: impl FnOnce(&mut Reader<'b>) -> Result<T, Fault>,
    ) -> Result<T, ImageError> {
        let at = (section as usize).saturating_sub(1);
        let mut reader = Reader::new(self.0.get(at).copied().unwrap_or_default());
        let value = read(&mut reader)
            .and_then(|value| if reader.is_empty() { Ok(value) } else { Err("something follows its last item") });
        value.map_err(|fault| ImageError::Malformed { section: section.as_str(), fault })
    }

    fn arrays(&self) -> Result<Arrays, ImageError> {
        let (name, private, negative_ttl) = self.read(Section::Zone, |reader| {
            let name = name(reader)?;
            let (private, negative_ttl) = reader.u8().zip(reader.u32()).ok_or(SHORT)?;
            Ok((name, flag(private)?, negative_ttl))
        })?;
        let names = self.read(Section::Names, Names::read)?;
        let mut groups = self.read(Section::Groups, groups)?;
        let mut records = self.read(Section::Records, records)?;
        let texts = self.read(Section::Texts, Texts::read)?;
        let checks = self.read(Section::Checks, |reader| list(reader, 6, read_check))?;
        let resources = self.read(Section::Resources, |reader| list(reader, 9, resource))?;
        let places = self.read(Section::Places, |reader| list(reader, 1, place))?;
        let locations = self.read(Section::Locations, |reader| list(reader, 8, read_locations))?;
        let latency = self.read(Section::Latency, |reader| {
            if flag(reader.u8().ok_or(SHORT)?)? { latency(reader).map(Some) } else { Ok(None) }
        })?;
        let quarantined = self.read(Section::Quarantine, |reader| {
            list(reader, 4, |reader| reader.text().map(Into::into).ok_or("a code is not UTF-8"))
        })?;
        check::derive(&mut groups, &mut records);
        let arrays = Arrays {
            name,
            private,
            negative_ttl,
            names,
            groups,
            records,
            texts,
            checks,
            resources,
            places,
            locations,
            latency,
            quarantined,
        };
        arrays.check().map_err(|(section, fault)| ImageError::Malformed { section: section.as_str(), fault })?;
        Ok(arrays)
    }
}

/// What follows from the arrays, made as [`compile`](crate::compile::compile) makes it.
fn assemble(mut arrays: Arrays) -> Zone {
    let depth = assign_heights(&mut arrays.groups, &mut arrays.records).saturating_add(1);
    let (conditional_records, conditional_groups) = mark_conditional(&mut arrays.groups, &mut arrays.records);
    for (number, locations) in (0_u32..).zip(&arrays.locations) {
        for (group, ..) in &locations.members {
            if let Some(group) = arrays.groups.get_mut(*group as usize) {
                group.locations = number;
            }
        }
    }
    let mut place_index: Vec<(u32, u64, u32)> = Vec::new();
    for (number, record) in (0_u32..).zip(&arrays.records) {
        if let RoutingValue::Place(place) = record.routing
            && let Some(Place::Geolocation(location)) = arrays.places.get(place as usize)
            && *location != GeoLocation::Default
        {
            place_index.push((record.group, place_key(*location), number));
        }
    }
    place_index.sort_unstable();
    let dependents = Dependents::build(&arrays.groups, &arrays.records, &arrays.checks, arrays.resources.len());
    Zone {
        name: arrays.name,
        private: arrays.private,
        negative_ttl: arrays.negative_ttl,
        names: arrays.names,
        groups: arrays.groups,
        records: arrays.records,
        texts: arrays.texts,
        checks: arrays.checks,
        resources: arrays.resources,
        quarantined: arrays.quarantined,
        places: arrays.places,
        place_index,
        locations: arrays.locations,
        latency: arrays.latency,
        dependents,
        conditional_records,
        conditional_groups,
        depth,
    }
}

/// A list of things that take at least so many bytes each.
fn list<'b, T>(
    reader: &mut Reader<'b>,
    bytes: usize,
    mut read: impl FnMut(&mut Reader<'b>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let count = reader.count(bytes).ok_or(SHORT)?;
    (0..count).map(|_| read(reader)).collect()
}

fn flag(byte: u8) -> Result<bool, Fault> {
    match byte {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err("a flag is neither 0 nor 1"),
    }
}

fn name(reader: &mut Reader<'_>) -> Result<Name, Fault> {
    let wire = reader.sized().ok_or(SHORT)?;
    if NameRef::is_wire(wire) { Ok(NameRef::from_wire(wire).to_name()) } else { Err("a name is not one") }
}

fn groups(reader: &mut Reader<'_>) -> Result<Vec<Group>, Fault> {
    let rows = reader.rows::<16>().ok_or(SHORT)?;
    let mut groups = Vec::with_capacity(rows.len());
    for row in rows {
        let mut row = Reader::new(row);
        let fields = (|| Some((row.u32()?, row.u32()?, row.u32()?, row.u8()?, row.u8()?, row.u16()?)))();
        let (node, count, default_member, record_type, policy, zero) = fields.ok_or(SHORT)?;
        let record_type = RecordType::ALL.get(usize::from(record_type)).copied().filter(|_| zero == 0);
        let (record_type, policy) =
            record_type.zip(read_policy(policy)).ok_or("a group has no known type or policy")?;
        groups.push(Group {
            node,
            first: 0,
            count,
            record_type,
            policy,
            default_member,
            locations: NONE,
            conditional: NONE,
            height: 0,
        });
    }
    Ok(groups)
}

fn read_policy(number: u8) -> Option<PolicyKind> {
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

fn records(reader: &mut Reader<'_>) -> Result<Vec<Record>, Fault> {
    let rows = reader.rows::<28>().ok_or(SHORT)?;
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        records.push(record(&mut Reader::new(row)).ok_or("a record set has no known routing or target")?);
    }
    Ok(records)
}

fn record(row: &mut Reader<'_>) -> Option<Record> {
    let (check, set_identifier) = (row.u32()?, row.u32()?);
    let (kind, small, target, zero) = (row.u8()?, row.u8()?, row.u8()?, row.u8()?);
    let (value, a, b, c) = (row.u32()?, row.u32()?, row.u32()?, row.u32()?);
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

fn read_check(reader: &mut Reader<'_>) -> Result<Check, Fault> {
    let id = reader.text().ok_or("an id is not UTF-8")?;
    let (flags, kind) = reader.u8().zip(reader.u8()).ok_or(SHORT)?;
    let kind = match kind {
        0 => CheckKind::Reported(
            reader.text().and_then(HealthCheckKind::reported_word).ok_or("a health check has no known type")?,
        ),
        1 => CheckKind::CloudwatchMetric(InsufficientDataHealthStatus::Healthy),
        2 => CheckKind::CloudwatchMetric(InsufficientDataHealthStatus::Unhealthy),
        3 => CheckKind::CloudwatchMetric(InsufficientDataHealthStatus::LastKnownStatus),
        4 => {
            let threshold = reader.u32().ok_or(SHORT)?;
            let children = list(reader, 4, |reader| reader.u32().ok_or(SHORT))?;
            CheckKind::Calculated { threshold, children: children.into_boxed_slice() }
        }
        _ => return Err("a health check has no known type"),
    };
    if flags > 3 {
        return Err("a health check has unknown flags");
    }
    Ok(Check { id: id.into(), kind, inverted: flags & 1 == 1, disabled: flags & 2 == 2 })
}

fn resource(reader: &mut Reader<'_>) -> Result<Resource, Fault> {
    let name = name(reader)?;
    let (ttl, known) = reader.u32().zip(reader.u8()).ok_or(SHORT)?;
    let addresses = if flag(known)? {
        let ranges = (|| Some((reader.u32()?..reader.u32()?, reader.u32()?..reader.u32()?)))();
        Some(ranges.ok_or(SHORT)?)
    } else {
        None
    };
    Ok(Resource { name, addresses, ttl })
}

fn place(reader: &mut Reader<'_>) -> Result<Place, Fault> {
    const UNKNOWN: Fault = "a place is not one";
    let kind = reader.u8().ok_or(SHORT)?;
    let country = |reader: &mut Reader<'_>| reader.text().and_then(Country::parse);
    let place = (|| {
        Some(match kind {
            0 => Place::Geolocation(GeoLocation::Default),
            1 => Place::Geolocation(GeoLocation::Continent(reader.text().and_then(Continent::parse)?)),
            2 => Place::Geolocation(GeoLocation::Country(country(reader)?)),
            3 => {
                let country = country(reader)?;
                let subdivision = reader.text().and_then(Subdivision::parse)?;
                Place::Geolocation(GeoLocation::Subdivision(country, subdivision))
            }
            4 => {
                let position = Position::checked_from_e4(reader.i32()?, reader.i32()?)?;
                let bias = reader.i8().filter(|bias| (-99..=99).contains(bias))?;
                let region = match reader.u8()? {
                    u8::MAX => None,
                    index => Some(Region::from_index(usize::from(index))?),
                };
                Place::Geoproximity { position, bias, name: reader.text()?.into(), region }
            }
            _ => return None,
        })
    })();
    place.ok_or(UNKNOWN)
}

fn network(reader: &mut Reader<'_>) -> Option<IpNetwork> {
    let (family, prefix_length, bits) = (reader.u8()?, reader.u8()?, reader.u128()?);
    let family = match family {
        4 => Family::V4,
        6 => Family::V6,
        _ => return None,
    };
    IpNetwork::from_bits(family, bits, prefix_length)
}

/// The blocks of a table in the order in which it keeps them.
fn blocks(reader: &mut Reader<'_>) -> Result<Vec<(IpNetwork, u32)>, Fault> {
    let blocks = list(reader, 22, |reader| network(reader).zip(reader.u32()).ok_or("a block is not one"))?;
    let key = |block: &(IpNetwork, u32)| (block.0.family(), block.0.first(), block.0.prefix_length());
    if blocks.is_sorted_by(|a, b| key(a) < key(b)) { Ok(blocks) } else { Err("blocks are not in order") }
}

fn read_locations(reader: &mut Reader<'_>) -> Result<Locations, Fault> {
    let table = PrefixTable::build(blocks(reader)?, Outcome::Chain);
    let members = list(reader, 12, |reader| (|| Some((reader.u32()?, reader.u32()?, reader.u32()?)))().ok_or(SHORT))?;
    if members.is_sorted_by(|a, b| a < b) { Ok(Locations { table, members }) } else { Err("members are not in order") }
}

fn latency(reader: &mut Reader<'_>) -> Result<LatencyIndex, Fault> {
    const UNKNOWN: Fault = "a row has an unknown Region or place";
    let rows = list(reader, 4, |reader| {
        let mut row = Latencies::UNKNOWN;
        for (region, microseconds) in list(reader, 5, |reader| reader.u8().zip(reader.u32()).ok_or(SHORT))? {
            let region = Region::from_index(usize::from(region)).ok_or(UNKNOWN)?;
            if !row.set_microseconds(region, microseconds) {
                return Err("a latency is an hour or more");
            }
        }
        Ok(row)
    })?;
    let networks = PrefixTable::build(blocks(reader)?, Outcome::Narrowest);
    let countries: Vec<(Country, u32)> =
        list(reader, 8, |reader| reader.text().and_then(Country::parse).zip(reader.u32()).ok_or(UNKNOWN))?;
    let continents: Vec<(Continent, u32)> =
        list(reader, 8, |reader| reader.text().and_then(Continent::parse).zip(reader.u32()).ok_or(UNKNOWN))?;
    if !countries.is_sorted_by_key(|entry| entry.0) || !continents.is_sorted_by_key(|entry| entry.0) {
        return Err("places are not in order");
    }
    let default = Some(reader.u32().ok_or(SHORT)?).filter(|row| *row != NONE);
    Ok(LatencyIndex { rows, networks, countries, continents, default })
}
