//! What nobody refuses and yet surprises at three in the morning: one file a lint.
//!
//! A lint is exact or it is nothing: a warning that the zone's author would wave away teaches him to wave away the next
//! one. Each file says what its lint finds, why that matters at night, and what it stays quiet about.

mod alias_chain_too_deep;
mod below_delegation;
mod check_probes_routed_name;
mod evaluate_target_health_off;
#[cfg(test)]
mod fixture;
mod geolocation_without_default;
mod index;
mod ip_based_without_default;
mod leaf_without_check;
mod overlapping_cidr_blocks;
mod primary_and_secondary_share_check;
mod secondary_without_check;
mod ttl_longer_than_detection;
mod unused_health_check;
mod zero_weight_goes_live;

use alloc::vec::Vec;

use self::index::Index;
use super::places::Places;
use crate::diagnostic::Diagnostic;
use crate::model::HostedZone;
use crate::model::routing::PolicyKind;

/// Runs every lint over a zone in which every reference holds; the time is linear in the number of record sets.
pub(super) fn lint(zone: &HostedZone, places: &Places, out: &mut Vec<Diagnostic>) {
    if zone.record_sets.is_empty() {
        return;
    }
    let index = Index::new(zone, places);
    let has = |policy: PolicyKind| index.groups.iter().any(|group| group.policy == policy);
    let has_aliases = index.target.iter().any(Option::is_some);
    let has_checks = !zone.health_checks.is_empty();
    // Each with whether the zone has anything that it looks at.
    let lints: [(Lint, bool); 13] = [
        (primary_and_secondary_share_check::check, has_checks && has(PolicyKind::Failover)),
        (leaf_without_check::check, has_aliases),
        (evaluate_target_health_off::check, has_aliases),
        (geolocation_without_default::check, has(PolicyKind::Geolocation)),
        (ip_based_without_default::check, has(PolicyKind::IpBased)),
        (below_delegation::check, true),
        (check_probes_routed_name::check, has_checks),
        (zero_weight_goes_live::check, has(PolicyKind::Weighted)),
        (secondary_without_check::check, has(PolicyKind::Failover)),
        (alias_chain_too_deep::check, has_aliases),
        (overlapping_cidr_blocks::check, has(PolicyKind::IpBased)),
        (unused_health_check::check, has_checks),
        (ttl_longer_than_detection::check, has_checks),
    ];
    for (lint, _) in lints.iter().filter(|(_, applies)| *applies) {
        lint(&index, out);
    }
}

/// Looks at a zone, and adds what it finds.
type Lint = fn(&Index<'_>, &mut Vec<Diagnostic>);
