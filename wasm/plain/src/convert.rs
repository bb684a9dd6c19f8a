//! Between the flat forms and core's types. Nothing is decided here.

use core::net::IpAddr;

use pointsman_core::answer::{Rcode, Undetermined};
use pointsman_core::model::routing::PolicyKind;
use pointsman_core::model::{
    Continent, Country, IpNetwork, Latencies, NameBuf, Position, RecordType, Region, Subdivision,
};
use pointsman_core::query::{Client, Query};

use crate::layout;
use crate::state::View;

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

pub(crate) fn type_number(record_type: RecordType) -> u16 {
    TYPES.iter().find(|entry| entry.1 == record_type).map_or(0, |entry| entry.0)
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
    Region::all().nth((number as usize).checked_sub(1)?)
}

/// A query with each fact checked.
pub(crate) fn query(flat: &layout::Query) -> Result<Query, Fault> {
    let wire = flat.name.get(..usize::from(flat.name_length)).unwrap_or_default();
    Ok(Query {
        name: NameBuf::from_wire(wire).map_err(|_| Fault::Name)?,
        record_type: record_type(flat.record_type),
        client: client(flat).ok_or(Fault::Client)?,
        draw: flat.draw,
    })
}

fn client(flat: &layout::Query) -> Option<Client> {
    let mut client = Client { ip: address(flat.ip_family, &flat.ip)?, ..Client::default() };
    if let Some(network) = address(flat.ecs_family, &flat.ecs)? {
        client.ecs = Some(IpNetwork::new(network, flat.ecs_prefix_length)?);
    }
    if flat.country != [0; 2] {
        client.country = Some(Country::parse(word(&flat.country)?)?);
    }
    if flat.continent != [0; 2] {
        client.continent = Some(Continent::parse(word(&flat.continent)?)?);
    }
    if flat.subdivision_country != [0; 2] {
        let length = flat.subdivision.iter().position(|byte| *byte == 0).unwrap_or(flat.subdivision.len());
        let subdivision = Subdivision::parse(word(flat.subdivision.get(..length)?)?)?;
        client.subdivision = Some((Country::parse(word(&flat.subdivision_country)?)?, subdivision));
    }
    if flat.has_position != 0 {
        client.position = Some(Position::from_degrees(flat.latitude, flat.longitude)?);
    }
    if flat.vpc_region != 0 {
        client.vpc_region = Some(region(u32::from(flat.vpc_region))?);
    }
    if flat.latency_count != 0 {
        let mut latencies = Latencies::UNKNOWN;
        for entry in flat.latencies.get(..usize::from(flat.latency_count))? {
            latencies.set_milliseconds(region(entry.region)?, entry.milliseconds).then_some(())?;
        }
        client.latency = Some(latencies);
    }
    Some(client)
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

/// Resolves a query and writes the answer down. Nothing is allocated: the lists have room since the zone was loaded.
pub(crate) fn resolve(
    asked: &mut View,
    query: &Query,
    values: &mut alloc::vec::Vec<[u32; 2]>,
    path: &mut alloc::vec::Vec<u32>,
    flat: &mut layout::Answer,
) {
    let answer = asked.view.resolve(query, &mut asked.scratch);
    let zone = asked.view.zone();
    let (ttl, name) = (answer.ttl(), answer.referral().or(answer.alias_target()));
    let mut flags = 0;
    for (flag, is_set) in [
        (layout::FLAG_FAIL_OPEN, answer.fail_open()),
        (layout::FLAG_HAS_TTL, ttl.is_some()),
        (layout::FLAG_REFERRAL, answer.referral().is_some()),
        (layout::FLAG_ALIAS_TARGET, answer.alias_target().is_some()),
    ] {
        if is_set {
            flags |= flag;
        }
    }

    values.clear();
    values.extend(answer.values().map(|value| [value.as_ptr() as u32, length(value.as_bytes())]));
    path.clear();
    path.extend(answer.path());
    let (kind, sources): (u8, &[u32]) = match answer.record_sets() {
        [] => (layout::SOURCE_NOTHING, &[]),
        chosen => {
            // A multivalue group's members end the path, as they end the list of SetIdentifiers.
            if path.last() != chosen.last() && answer.referral().is_none() {
                path.extend(chosen);
            }
            (layout::SOURCE_RECORD_SETS, chosen)
        }
    };
    flat.source_kind = kind;
    for (slot, source) in flat.sources.iter_mut().zip(sources) {
        *slot = *source;
    }
    flat.source_count = u32::try_from(sources.len()).unwrap_or(0);
    if let Some(resource) = answer.resource() {
        flat.source_kind = layout::SOURCE_RESOURCE;
        flat.source_count = 1;
        flat.sources[0] = resource;
    }
    let policy = path.last().and_then(|record| zone.policy(*record));
    if asked.asks_place && answer.rcode() == Rcode::NoError && answer.referral().is_none() {
        let settled = |record: &u32| zone.policy(*record) == Some(PolicyKind::Simple);
        if values.is_empty() || !path.iter().all(settled) {
            flags |= layout::FLAG_PLACE;
        }
    }
    flat.rcode = match answer.rcode() {
        Rcode::NoError => 0,
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
    flat.policy = policy.map_or(0, policy_number);
    flat.values = values.as_ptr() as u32;
    flat.value_count = u32::try_from(values.len()).unwrap_or(0);
    flat.path = path.as_ptr() as u32;
    flat.path_count = u32::try_from(path.len()).unwrap_or(0);
    flat.name = name.map_or(0, |name| name.wire().as_ptr() as u32);
    flat.name_length = name.map_or(0, |name| length(name.wire()));
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}
