//! Health checks, locations, latencies, the negative TTL and the order of record sets as the compiled zone holds them.

use alloc::vec::Vec;

use super::prefix::PrefixTable;
use super::records::{Check, CheckKind, LatencyIndex};
use crate::limits::{SOA_MINIMUM_DEFAULT, SOA_TTL_DEFAULT};
use crate::model::record::{Content, Routing};
use crate::model::{
    CidrCollection, HealthCheck, HealthCheckKind, Latencies, LatencyTable, RecordType, ResourceRecordSet,
};
use crate::sort::sort_by_key;

/// A collection and the locations of it that a group uses, in order.
pub(super) type LocationsKey<'h> = (u32, Vec<&'h str>);

/// A health check as it is evaluated.
#[inline(never)]
pub(super) fn check(check: &HealthCheck) -> Check {
    let kind = match &check.kind {
        HealthCheckKind::Calculated { health_threshold, children } => CheckKind::Calculated {
            threshold: u32::from(*health_threshold),
            children: children.clone().into_boxed_slice(),
        },
        HealthCheckKind::CloudwatchMetric(insufficient) => CheckKind::CloudwatchMetric(*insufficient),
        kind => CheckKind::Reported(kind.as_str()),
    };
    Check { id: check.id.clone(), kind, inverted: check.inverted, disabled: check.disabled }
}

/// The blocks of the locations that are used, each with its number among them.
#[inline(never)]
pub(super) fn location_table(collection: Option<&CidrCollection>, used: &[&str]) -> PrefixTable {
    let blocks = collection.into_iter().flat_map(|collection| &collection.blocks);
    let numbered = blocks.filter_map(|(network, location)| {
        let number = used.binary_search(&&**location).ok()?;
        Some((*network, number as u32))
    });
    PrefixTable::build(numbered)
}

/// The latency table, by network, country and continent.
#[inline(never)]
pub(super) fn latency_index(table: &LatencyTable) -> LatencyIndex {
    let mut rows: Vec<Latencies> = Vec::new();
    let mut add = |row: &Latencies| {
        rows.push(*row);
        (rows.len() as u32).saturating_sub(1)
    };
    let networks: Vec<_> = table.networks.iter().map(|(network, row)| (*network, add(row))).collect();
    let mut countries: Vec<_> = table.countries.iter().map(|(country, row)| (*country, add(row))).collect();
    let mut continents: Vec<_> = table.continents.iter().map(|(continent, row)| (*continent, add(row))).collect();
    let default = table.default.as_ref().map(add);
    sort_by_key(&mut countries, |entry| entry.0);
    sort_by_key(&mut continents, |entry| entry.0);
    LatencyIndex { rows, networks: PrefixTable::build(networks), countries, continents, default }
}

/// The lesser of the SOA's TTL and its minimum field (2.6).
pub(super) fn negative_ttl(soa: &ResourceRecordSet) -> u32 {
    let Content::Values { ttl, values } = &soa.content else { return SOA_TTL_DEFAULT };
    let minimum = values.first().and_then(|value| value.split_ascii_whitespace().nth(6)?.parse().ok());
    minimum.unwrap_or(SOA_MINIMUM_DEFAULT).min(*ttl)
}

/// By name, type and SetIdentifier.
pub(super) fn sort_key(set: &ResourceRecordSet) -> (&[u8], RecordType, &str) {
    let set_identifier = match &set.routing {
        Routing::Simple => "",
        Routing::Member { set_identifier, .. } => set_identifier,
    };
    (set.name.as_ref().wire(), set.record_type, set_identifier)
}
