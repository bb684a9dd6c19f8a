//! From a name and type to a group (semantics 1.2, 2.1 - 2.4, 10.20 - 10.22, 10.46).

use crate::compile::{NONE, Node, NodeId, Zone};
use crate::model::{NameRef, RecordType};

/// What the zone has for a name and type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// A group: the asked type's, or the CNAME that stands in for it (2.1).
    Group {
        /// The group.
        group: u32,
        /// Whether the name matched a wildcard (1.2).
        wildcard: bool,
    },
    /// The name exists, the type does not.
    NoData {
        /// The name or the wildcard that stands for it.
        node: NodeId,
        /// Whether the name matched a wildcard.
        wildcard: bool,
    },
    /// Nothing has the name, and nothing lies below it.
    NxDomain {
        /// The nearest name above that exists (RFC 4592 3.3.1).
        encloser: NodeId,
    },
    /// The name lies at or below a delegation.
    Referral {
        /// The cut.
        node: NodeId,
        /// The NS record set there.
        record: u32,
    },
    /// The name lies outside the zone.
    Outside,
}

pub(crate) fn lookup(zone: &Zone, name: NameRef<'_>, record_type: RecordType) -> Found {
    if let Some((id, node)) = zone.find(name) {
        // The parent side answers DS at the cut (RFC 4035 3.1.4.1).
        if node.delegation != NONE && !(node.delegation == id && record_type == RecordType::Ds) {
            return referral(zone, node.delegation);
        }
        return at_node(zone, id, node, record_type, false);
    }
    if !name.is_within(zone.name()) {
        return Found::Outside;
    }
    let mut above = name;
    let encloser = loop {
        match above.parent() {
            Some(parent) => above = parent,
            None => return Found::Outside,
        }
        if let Some(found) = zone.find(above) {
            break found;
        }
    };
    let (encloser, node) = encloser;
    if node.delegation != NONE {
        return referral(zone, node.delegation);
    }
    match zone.node(node.wildcard) {
        Some(wildcard) => at_node(zone, node.wildcard, wildcard, record_type, true),
        None => Found::NxDomain { encloser },
    }
}

fn at_node(zone: &Zone, id: NodeId, node: &Node, record_type: RecordType, wildcard: bool) -> Found {
    let group = zone.group_of(node, record_type).or_else(|| zone.group_of(node, RecordType::Cname));
    match group {
        Some(group) => Found::Group { group, wildcard },
        None => Found::NoData { node: id, wildcard },
    }
}

fn referral(zone: &Zone, cut: NodeId) -> Found {
    let group = zone.node(cut).and_then(|node| zone.group_of(node, RecordType::Ns)).and_then(|group| zone.group(group));
    Found::Referral { node: cut, record: group.map_or(NONE, |group| group.first) }
}
