//! Whether a DELETE repeats the record set that it deletes (8.3.3, 10.32).

use crate::map::Set;

use crate::model::{NameBuf, RecordType};
use crate::parse::{AliasTargetFields, GeoProximityFields, RecordSetFields, RoutingField};
use crate::validate::values::Key;
use crate::validate::zone::plain_id;

/// The first field in which two record sets of one identity differ; values compare as a set, and MultiValueAnswer may be
/// left out.
pub(super) fn difference(
    record_type: RecordType,
    given: &RecordSetFields<'_>,
    current: &RecordSetFields<'_>,
) -> Option<&'static str> {
    let same_alias = match (given.alias_target.as_deref(), current.alias_target.as_deref()) {
        (None, None) => true,
        (Some(given), Some(current)) => is_same_alias(given, current),
        _ => false,
    };
    let checks = [
        (given.ttl == current.ttl, "TTL"),
        (is_same_set(record_type, given, current), "ResourceRecords"),
        (same_alias, "AliasTarget"),
        (given.health_check_id == current.health_check_id, "HealthCheckId"),
    ];
    let differs = |(same, field): (bool, &'static str)| (!same).then_some(field);
    checks.into_iter().find_map(differs).or_else(|| routing_difference(given, current))
}

fn is_same_set(record_type: RecordType, given: &RecordSetFields<'_>, current: &RecordSetFields<'_>) -> bool {
    set_of(record_type, given) == set_of(record_type, current)
}

fn set_of<'f>(record_type: RecordType, fields: &'f RecordSetFields<'_>) -> Set<Key<'f>> {
    fields.resource_records.iter().flatten().map(|value| Key::of(record_type, value)).collect()
}

fn is_same_alias(given: &AliasTargetFields<'_>, current: &AliasTargetFields<'_>) -> bool {
    given.hosted_zone_id.as_deref().map(plain_id) == current.hosted_zone_id.as_deref().map(plain_id)
        && is_same_name(given.dns_name.as_deref(), current.dns_name.as_deref())
        && given.evaluate_target_health == current.evaluate_target_health
}

fn is_same_name(given: Option<&str>, current: Option<&str>) -> bool {
    match (given.map(NameBuf::parse), current.map(NameBuf::parse)) {
        (Some(Ok(given)), Some(Ok(current))) => given.as_ref() == current.as_ref(),
        _ => given == current,
    }
}

fn routing_difference(given: &RecordSetFields<'_>, current: &RecordSetFields<'_>) -> Option<&'static str> {
    let only_in = |one: &RecordSetFields<'_>, other: &RecordSetFields<'_>| {
        let is_missing = |field: &&RoutingField<'_>| {
            !matches!(field, RoutingField::MultiValueAnswer(_))
                && !other.routing.iter().any(|other| is_same_routing(field, other))
        };
        one.routing.iter().find(is_missing).map(RoutingField::key)
    };
    only_in(given, current).or_else(|| only_in(current, given))
}

fn is_same_routing(given: &RoutingField<'_>, current: &RoutingField<'_>) -> bool {
    match (given, current) {
        (RoutingField::GeoProximityLocation(given), RoutingField::GeoProximityLocation(current)) => {
            // No Bias is a Bias of 0 (4.6.2).
            let plain = |fields: &GeoProximityFields<'_>| fields.bias.unwrap_or(0);
            given.aws_region == current.aws_region
                && given.local_zone_group == current.local_zone_group
                && given.coordinates == current.coordinates
                && plain(given) == plain(current)
        }
        _ => given == current,
    }
}
