//! What the zone has for a name and type, as a step.

use alloc::format;
use alloc::string::ToString;

use super::codes::ReasonCode as C;
use super::sentence;
use super::steps::{Reason, Step, StepKind};
use crate::compile::{NONE, Zone};
use crate::model::NameRef;
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
        Found::NoData { node, .. } => {
            let code = match zone.node(*node).map_or(0, |node| node.group_count) {
                0 => C::NoRecordSetsAtName,
                _ => C::TypeNotFound,
            };
            with_blocked(zone, zone.node_name(*node), Reason::new(code))
        }
        Found::NxDomain { encloser } => {
            let encloser = zone.node_name(*encloser);
            with_blocked(zone, encloser, Reason::new(C::NameNotFound).with("closest_encloser", encloser.to_string()))
        }
        Found::Referral { node, .. } => Reason::new(C::Delegated).with("name", zone.node_name(*node).to_string()),
        Found::Outside => Reason::new(C::OutsideZone),
    };
    let text = sentence::lookup(&reason);
    Step { text, ..Step::new(StepKind::Lookup, format!("zone {}", zone.name()), reason) }
}

/// Adds the nearest wildcard that would match if the name did not exist: an existing name keeps the wildcards above it from
/// matching at and below it (RFC 4592 3.3.1; 10.22).
fn with_blocked(zone: &Zone, name: NameRef<'_>, reason: Reason) -> Reason {
    let (mut at, apex) = (name, zone.name());
    while at != apex && !name.is_wildcard() {
        let Some(parent) = at.parent() else { break };
        match zone.find(parent) {
            Some((_, node)) if node.wildcard != NONE => {
                return reason.with("blocked_wildcard", zone.node_name(node.wildcard).to_string());
            }
            _ => at = parent,
        }
    }
    reason
}
