//! Groups: record sets of one name and type (1.3.1).

use alloc::vec;
use alloc::vec::Vec;

use crate::map::Map;

use crate::model::{NameRef, RecordType, ResourceRecordSet};

/// Record sets by group. Groups are numbered in the order of their first member, members stand in document order.
#[derive(Debug)]
pub(super) struct Groups<'r> {
    index: Map<(NameRef<'r>, RecordType), u32>,
    /// The first member of each group in `members`, and the end of the last.
    starts: Vec<u32>,
    members: Vec<u32>,
}

impl<'r> Groups<'r> {
    pub(super) fn of(sets: &'r [ResourceRecordSet]) -> Self {
        let mut index = Map::with_capacity(sets.len());
        let mut group_of = Vec::with_capacity(sets.len());
        let mut starts = vec![0_u32];
        let mut previous: Option<(NameRef<'r>, RecordType, u32)> = None;
        for set in sets {
            let (name, kind) = (set.name.as_ref(), set.record_type);
            // Listings are sorted, so that the group is mostly the one before.
            let group = match previous {
                Some((before, kind_before, group)) if before == name && kind_before == kind => group,
                _ => {
                    let next = (starts.len() as u32).saturating_sub(1);
                    let group = index.known_or((name, kind), next);
                    if group == next {
                        starts.push(0);
                    }
                    group
                }
            };
            previous = Some((name, kind, group));
            if let Some(count) = starts.get_mut((group as usize).saturating_add(1)) {
                *count = count.saturating_add(1);
            }
            group_of.push(group);
        }
        let mut sum = 0_u32;
        for start in &mut starts {
            sum = sum.saturating_add(*start);
            *start = sum;
        }
        let mut next = starts.clone();
        let mut members = vec![0_u32; sets.len()];
        for (number, group) in (0_u32..).zip(group_of) {
            if let Some(at) = next.get_mut(group as usize) {
                if let Some(slot) = members.get_mut(*at as usize) {
                    *slot = number;
                }
                *at = at.saturating_add(1);
            }
        }
        Self { index, starts, members }
    }

    /// How many groups there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// The record sets of a group, by number.
    pub(super) fn members(&self, group: u32) -> &[u32] {
        let at = group as usize;
        let start = self.starts.get(at).map_or(0, |start| *start as usize);
        let end = self.starts.get(at.saturating_add(1)).map_or(start, |end| *end as usize);
        self.members.get(start..end).unwrap_or_default()
    }

    /// The members of every group, group by group.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        (0_u32..).take(self.len()).map(|group| self.members(group))
    }

    /// The group of a type at a name in wire form, which need not be one of the zone.
    pub(super) fn find_by_wire(&self, wire: &[u8], record_type: RecordType) -> Option<u32> {
        self.index.get(&(NameRef::from_wire(wire), record_type)).copied()
    }

    /// The group of a name and type.
    pub(super) fn find(&self, name: NameRef<'r>, record_type: RecordType) -> Option<u32> {
        self.index.get(&(name, record_type)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Name;
    use crate::model::record::{Content, Routing};

    #[test]
    fn groups_are_found_whatever_the_order_of_record_sets() {
        let set = |name: &str, record_type| ResourceRecordSet {
            name: Name::parse(name).unwrap(),
            record_type,
            routing: Routing::Simple,
            content: Content::Values { ttl: 0, values: Vec::new() },
            health_check: None,
        };
        let sets = [
            set("b.example", RecordType::A),
            set("a.example", RecordType::A),
            set("b.example", RecordType::Aaaa),
            set("b.example", RecordType::A),
        ];
        let groups = Groups::of(&sets);
        let lists: Vec<_> = groups.iter().collect();
        assert_eq!(lists, [&[0, 3][..], &[1], &[2]]);
        assert_eq!(groups.find(sets[1].name.as_ref(), RecordType::A), Some(1));
        assert_eq!(groups.find(sets[1].name.as_ref(), RecordType::Aaaa), None);
        assert_eq!(Groups::of(&[]).len(), 0);
    }
}
