//! What nobody refuses and yet surprises at three in the morning: one file a lint.
//!
//! A lint is exact or it is nothing: a warning that the zone's author would wave away teaches him to wave away the next
//! one. Each file says what its lint finds, why that matters at night, and what it stays quiet about.

mod alias_chain_too_deep;
mod evaluate_target_health_off;
#[cfg(test)]
mod fixture;
mod geolocation_without_default;
mod index;
mod leaf_without_check;
mod overlapping_cidr_blocks;
mod primary_and_secondary_share_check;
mod secondary_without_check;
mod ttl_longer_than_detection;
mod unused_health_check;
mod zero_weight_goes_live;

use alloc::vec::Vec;

use self::index::Index;
use super::Places;
use crate::diagnostic::Diagnostic;
use crate::model::HostedZone;

/// Runs every lint over a zone in which every reference holds; the time is linear in the number of record sets.
pub(super) fn lint(zone: &HostedZone, places: &Places, out: &mut Vec<Diagnostic>) {
    if zone.record_sets.is_empty() {
        return;
    }
    let index = Index::new(zone, places);
    primary_and_secondary_share_check::check(&index, out);
    leaf_without_check::check(&index, out);
    evaluate_target_health_off::check(&index, out);
    geolocation_without_default::check(&index, out);
    zero_weight_goes_live::check(&index, out);
    secondary_without_check::check(&index, out);
    alias_chain_too_deep::check(&index, out);
    overlapping_cidr_blocks::check(&index, out);
    unused_health_check::check(&index, out);
    ttl_longer_than_detection::check(&index, out);
}
