//! Between the flat forms and core's types. Nothing is decided here.

use alloc::vec::Vec;
use core::net::IpAddr;

use pointsman_core::answer::{Answer, Rcode, Undetermined};
use pointsman_core::compile::Zone;
use pointsman_core::model::routing::PolicyKind;
use pointsman_core::model::{
    Continent, Country, IpNetwork, Latencies, NameBuf, NameRef, Position, RecordType, Region, Subdivision,
};
use pointsman_core::query::{Client, Query};

use crate::layout;

/// Why a flat query is not one.
#[derive(Clone, Copy)]
pub(crate) enum Fault {
    Name = 2,
    Client = 3,
}

/// The DNS numbers of the types.
const TYPES: [(u16, RecordType); 17] = [
    (1, RecordType::A),
    (2, RecordType::Ns),
    (5, RecordType::Cname),
    (6, RecordType::Soa),
    (12, RecordType::Ptr),
    (15, RecordType::Mx),
    (16, RecordType::Txt),
    (28, RecordType::Aaaa),
    (33, RecordType::Srv),
    (35, RecordType::Naptr),
    (43, RecordType::Ds),
    (44, RecordType::Sshfp),
    (52, RecordType::Tlsa),
    (64, RecordType::Svcb),
    (65, RecordType::Https),
    (99, RecordType::Spf),
    (257, RecordType::Caa),
];

/// A type by its DNS number. One that Route 53 does not know has no records, so that only a CNAME, a referral or "no
/// data" can answer it (2.1): what asking for CNAME gives.
pub(crate) fn record_type(number: u16) -> RecordType {
    TYPES.iter().find(|entry| entry.0 == number).map_or(RecordType::Cname, |entry| entry.1)
}

/// The numbers by type: answers are written by the hundred thousand.
const NUMBERS: [u16; TYPES.len()] = {
    let mut numbers = [0; TYPES.len()];
    let mut at = 0;
    while at < TYPES.len() {
        let (number, record_type) = TYPES[at];
        numbers[record_type as usize] = number;
        at += 1;
    }
    numbers
};

pub(crate) fn type_number(record_type: RecordType) -> u16 {
    NUMBERS.get(record_type as usize).copied().unwrap_or(0)
}

pub(crate) fn policy_number(policy: PolicyKind) -> u8 {
    match policy {
        PolicyKind::Simple => 0,
        PolicyKind::Failover => 1,
        PolicyKind::Weighted => 2,
        PolicyKind::Latency => 3,
        PolicyKind::Geolocation => 4,
        PolicyKind::Geoproximity => 5,
        PolicyKind::IpBased => 6,
        PolicyKind::MultivalueAnswer => 7,
    }
}

/// A Region's number at this boundary, from 1; 0 for none.
pub(crate) fn region_number(code: &str) -> u32 {
    Region::parse(code).and_then(|region| u32::try_from(region.index().saturating_add(1)).ok()).unwrap_or(0)
}

fn region(number: u32) -> Option<Region> {
    Region::from_index((number as usize).checked_sub(1)?)
}

/// A query before the first one.
pub(crate) const NO_QUERY: Query = Query {
    name: NameBuf::ROOT,
    record_type: RecordType::A,
    client: Client {
        ip: None,
        ecs: None,
        country: None,
        continent: None,
        subdivision: None,
        position: None,
        latency: None,
        vpc_region: None,
    },
    draw: 0,
};

/// Reads a flat query, with each fact checked, in the place of the last one: nothing of it is moved.
#[cfg(feature = "documents")]
pub(crate) fn read(flat: &layout::Query, query: &mut Query) -> Result<(), Fault> {
    read_question(flat, query)?;
    query.draw = flat.draw;
    read_client(flat, &mut query.client)
}

/// Reads the name and the type of a flat query.
pub(crate) fn read_question(flat: &layout::Query, query: &mut Query) -> Result<(), Fault> {
    let wire = flat.name.get(..usize::from(flat.name_length)).unwrap_or_default();
    query.name.set_wire(wire).map_err(|_| Fault::Name)?;
    query.record_type = record_type(flat.record_type);
    Ok(())
}

/// Reads what a flat query says of the client.
pub(crate) fn read_client(flat: &layout::Query, client: &mut Client) -> Result<(), Fault> {
    read_facts(flat, client).ok_or(Fault::Client)
}

fn read_facts(flat: &layout::Query, client: &mut Client) -> Option<()> {
    client.ip = address(flat.ip_family, &flat.ip)?;
    client.ecs = match address(flat.ecs_family, &flat.ecs)? {
        Some(network) => Some(IpNetwork::new(network, flat.ecs_prefix_length)?),
        None => None,
    };
    client.country = match flat.country {
        [0, 0] => None,
        code => Some(Country::parse(word(&code)?)?),
    };
    client.continent = match flat.continent {
        [0, 0] => None,
        code => Some(Continent::parse(word(&code)?)?),
    };
    client.subdivision = match flat.subdivision_country {
        [0, 0] => None,
        country => {
            let length = flat.subdivision.iter().position(|byte| *byte == 0).unwrap_or(flat.subdivision.len());
            let subdivision = Subdivision::parse(word(flat.subdivision.get(..length)?)?)?;
            Some((Country::parse(word(&country)?)?, subdivision))
        }
    };
    client.position = match flat.has_position {
        0 => None,
        _ => Some(Position::from_degrees(flat.latitude, flat.longitude)?),
    };
    client.vpc_region = match flat.vpc_region {
        0 => None,
        number => Some(region(u32::from(number))?),
    };
    client.latency = None;
    if flat.latency_count != 0 {
        let latencies = client.latency.insert(Latencies::UNKNOWN);
        let count = if flat.latency_count == layout::NO_LATENCIES { 0 } else { flat.latency_count };
        for entry in flat.latencies.get(..usize::from(count))? {
            latencies.set_milliseconds(region(entry.region)?, entry.milliseconds).then_some(())?;
        }
    }
    Some(())
}

/// An address by its family; `Some(None)` where none was given.
fn address(family: u8, bytes: &[u8; 16]) -> Option<Option<IpAddr>> {
    match family {
        0 => Some(None),
        4 => Some(Some(IpAddr::from(*bytes.first_chunk::<4>()?))),
        6 => Some(Some(IpAddr::from(*bytes))),
        _ => None,
    }
}

fn word(bytes: &[u8]) -> Option<&str> {
    core::str::from_utf8(bytes).ok()
}

/// Writes an answer down; `by_place` tells for each record set whether the choice of it may hang on where the client is,
/// if it does for any. Nothing is allocated: the path has room since the zone was loaded.
pub(crate) fn write(
    answer: &Answer<'_>,
    zone: &Zone,
    by_place: Option<&[bool]>,
    room: &mut Vec<u32>,
    flat: &mut layout::Answer,
) {
    let (mut path, sources, ttl) = (answer.path(), answer.record_sets(), answer.ttl());
    let (referral, alias_target) = (answer.referral(), answer.alias_target());
    let mut flags = u8::from(answer.fail_open()) * layout::FLAG_FAIL_OPEN;
    flags |= u8::from(ttl.is_some()) * layout::FLAG_HAS_TTL;
    flags |= u8::from(referral.is_some()) * layout::FLAG_REFERRAL;
    flags |= u8::from(alias_target.is_some()) * layout::FLAG_ALIAS_TARGET;

    flat.source_kind = if sources.is_empty() { layout::SOURCE_NOTHING } else { layout::SOURCE_RECORD_SETS };
    flat.source_count = length(sources);
    for (slot, source) in flat.sources.iter_mut().zip(sources) {
        *slot = *source;
    }
    if !sources.is_empty() && path.last() != sources.last() && referral.is_none() {
        // A multivalue group's members end the path, as they end the list of SetIdentifiers.
        room.clear();
        room.extend(path);
        room.extend(sources);
        path = room;
    }
    if let Some(resource) = answer.resource() {
        flat.source_kind = layout::SOURCE_RESOURCE;
        flat.source_count = 1;
        flat.sources[0] = resource;
    }
    if let Some(by_place) = by_place
        && answer.rcode() == Rcode::NoError
        && referral.is_none()
    {
        let by_place = |record: &u32| by_place.get(*record as usize) == Some(&true);
        // Of a group without a candidate nothing is on the path.
        if path.iter().any(by_place) || (flat.source_kind == layout::SOURCE_NOTHING && alias_target.is_none()) {
            flags |= layout::FLAG_PLACE;
        }
    }
    flat.rcode = match answer.rcode() {
        Rcode::NoError => 0,
        Rcode::ServFail => 2,
        Rcode::NxDomain => 3,
        Rcode::Refused => 5,
    };
    flat.flags = flags;
    flat.record_type = type_number(answer.record_type());
    flat.ttl = ttl.unwrap_or(0);
    flat.scope_prefix_length = answer.scope_prefix_length();
    flat.undetermined = match answer.undetermined() {
        None => 0,
        Some(Undetermined::LatencyUnknown) => 1,
        Some(Undetermined::PositionUnknown) => 2,
    };
    flat.policy = path.last().and_then(|record| zone.policy(*record)).map_or(0, policy_number);
    (flat.values, flat.value_count) = (0, 0);
    (flat.path, flat.path_count) = (path.as_ptr() as u32, length(path));
    let name = referral.or(alias_target).map_or(&[][..], NameRef::wire);
    let name = answer.quarantined().map_or(name, str::as_bytes);
    (flat.name, flat.name_length) = (name.as_ptr() as u32, length(name));
}

/// Lists the values of an answer that stands in the buffer. They are the zone's own texts and are not copied.
pub(crate) fn values(zone: &Zone, values: &mut Vec<[u32; 2]>, flat: &mut layout::Answer) {
    values.clear();
    let mut put = |value: &str| values.push([value.as_ptr() as u32, length(value.as_bytes())]);
    for number in flat.sources.iter().take(flat.source_count as usize) {
        match (flat.source_kind, zone.record_set(*number)) {
            (layout::SOURCE_RECORD_SETS, Some(record_set)) => record_set.values().for_each(&mut put),
            (layout::SOURCE_RESOURCE, _) => {
                zone.addresses(*number, record_type(flat.record_type)).for_each(&mut put);
            }
            _ => {}
        }
    }
    (flat.values, flat.value_count) = (values.as_ptr() as u32, length(values));
}

fn length<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}
