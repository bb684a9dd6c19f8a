//! What the zone has for a name and type, as a step.

use alloc::format;
use alloc::string::ToString;

use super::codes::ReasonCode as C;
use super::sentence;
use super::steps::{Reason, Step, StepKind};
use crate::compile::Zone;
use crate::resolve::Found;

/// The step of a lookup.
pub(super) fn step(zone: &Zone, found: &Found) -> Step {
    let reason = match found {
        Found::Group { wildcard: false, .. } => Reason::new(C::NameFound),
        Found::Group { group, wildcard: true } => {
            let name = zone.group(*group).map(|group| zone.node_name(group.node).to_string()).unwrap_or_default();
            Reason::new(C::WildcardFound).with("wildcard", name)
        }
        Found::NoData { wildcard: true, node } => {
            Reason::new(C::WildcardTypeNotFound).with("wildcard", zone.node_name(*node).to_string())
        }
        Found::NoData { node, .. } => Reason::new(match zone.node(*node).map_or(0, |node| node.group_count) {
            0 => C::NoRecordSetsAtName,
            _ => C::TypeNotFound,
        }),
        Found::NxDomain { encloser } => {
            Reason::new(C::NameNotFound).with("closest_encloser", zone.node_name(*encloser).to_string())
        }
        Found::Referral { node, .. } => Reason::new(C::Delegated).with("name", zone.node_name(*node).to_string()),
        Found::Outside => Reason::new(C::OutsideZone),
    };
    let text = sentence::lookup(&reason);
    Step { text, ..Step::new(StepKind::Lookup, format!("zone {}", zone.name()), reason) }
}
