//! Every name of the zone, empty non-terminals included, by hash (semantics 1.2, 2.1 - 2.4).

use alloc::vec::Vec;

use super::bytes::{Reader, Writer, fault, words};
use super::index::Index;
use super::records::{NONE, NodeId};
use crate::model::NameRef;

/// One name that exists, with records or only through names below it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    name_start: u32,
    name_length: u8,
    /// How many groups the name has.
    pub(crate) group_count: u8,
    /// The first of its groups.
    pub(crate) first_group: u32,
    /// The highest delegation at or above the name, below the apex (2.4), or [`NONE`].
    pub(crate) delegation: NodeId,
    /// The child `*`, or [`NONE`].
    pub(crate) wildcard: NodeId,
}

/// The names.
#[derive(Debug, Default)]
pub(crate) struct Names {
    wire: Vec<u8>,
    nodes: Vec<Node>,
    index: Index,
}

fn hash(name: NameRef<'_>) -> u64 {
    super::index::hash(name.wire())
}

impl Names {
    pub(crate) fn with_capacity(names: usize) -> Self {
        Self { wire: Vec::new(), nodes: Vec::with_capacity(names), index: Index::with_room(names) }
    }

    /// The number of a name, if it exists.
    pub(crate) fn find(&self, name: NameRef<'_>) -> Option<NodeId> {
        self.index.find(hash(name), |node| self.name(node) == name)
    }

    /// Adds a name; returns its number and whether it is new.
    pub(crate) fn add(&mut self, name: NameRef<'_>) -> (NodeId, bool) {
        if let Some(node) = self.find(name) {
            return (node, false);
        }
        let id = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        self.nodes.push(Node {
            name_start: u32::try_from(self.wire.len()).unwrap_or(NONE),
            name_length: u8::try_from(name.wire().len()).unwrap_or(u8::MAX),
            group_count: 0,
            first_group: 0,
            delegation: NONE,
            wildcard: NONE,
        });
        self.wire.extend_from_slice(name.wire());
        if self.index.is_full() {
            let (wire, nodes) = (&self.wire, &self.nodes);
            self.index = Index::with_room(nodes.len().saturating_mul(2));
            for number in 0..id {
                self.index.add(hash(name_of(wire, nodes, number)), number);
            }
        }
        self.index.add(hash(name), id);
        (id, true)
    }

    /// The name with a number.
    pub(crate) fn name(&self, node: NodeId) -> NameRef<'_> {
        name_of(&self.wire, &self.nodes, node)
    }

    pub(crate) fn get(&self, node: NodeId) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    pub(crate) fn get_mut(&mut self, node: NodeId) -> Option<&mut Node> {
        self.nodes.get_mut(node as usize)
    }

    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.nodes.len()).unwrap_or(NONE)
    }

    /// Writes the names for an image: a row for each, then the wire forms one after the other.
    pub(super) fn write(&self, out: &mut Writer) {
        out.count(self.nodes.len());
        for node in &self.nodes {
            out.u8(node.name_length);
            out.u8(node.group_count);
            out.u16(0);
            out.u32(node.first_group);
            out.u32(node.delegation);
            out.u32(node.wildcard);
        }
        out.sized(&self.wire);
    }

    /// Reads what [`write`](Self::write) wrote, and makes the index. Every name is a name; what the rows say of groups and
    /// other names is not looked at.
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let (rows, wire) = (reader.rows::<16>(), reader.sized());
        let mut names = Self::with_capacity(rows.len());
        let (mut name_start, mut rest) = (0_u32, wire);
        for (number, row) in (0_u32..).zip(rows) {
            let [first, first_group, delegation, wildcard] = words(row);
            let [name_length, group_count, 0, 0] = first.to_le_bytes() else {
                reader.fail(fault("a row has something where zero belongs"));
                break;
            };
            let Some((name, behind)) = rest.split_at_checked(usize::from(name_length)) else {
                reader.fail(fault("it has more rows than names"));
                break;
            };
            if !NameRef::is_wire(name) {
                reader.fail(fault("a name is not one"));
                break;
            }
            rest = behind;
            names.nodes.push(Node { name_start, name_length, group_count, first_group, delegation, wildcard });
            names.index.add(hash(NameRef::from_wire(name)), number);
            name_start = name_start.saturating_add(u32::from(name_length));
        }
        if !rest.is_empty() {
            reader.fail(fault("it has more names than rows"));
        }
        names.wire = wire.to_vec();
        names
    }

    pub(crate) fn shrink(&mut self) {
        self.wire.shrink_to_fit();
        self.nodes.shrink_to_fit();
    }
}

fn name_of<'n>(wire: &'n [u8], nodes: &[Node], node: NodeId) -> NameRef<'n> {
    let bytes = nodes.get(node as usize).and_then(|node| {
        let start = node.name_start as usize;
        wire.get(start..start.saturating_add(usize::from(node.name_length)))
    });
    NameRef::from_wire(bytes.unwrap_or_default())
}
