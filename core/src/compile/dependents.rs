//! Who depends on whom: heights, the order for bottom-up work, and the way back up from a check to what it decides.

use alloc::vec::Vec;

use super::records::{CheckKind, Group, NONE, Record, Target};
use crate::compile::records::Check;

/// Lists of numbers by number, in two arrays.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    /// From pairs of list and item; items keep the order of the pairs.
    fn build(lists: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let mut starts = alloc::vec![0_u32; lists.saturating_add(1)];
        for (list, _) in pairs.clone() {
            if let Some(count) = starts.get_mut((list as usize).saturating_add(1)) {
                *count = count.saturating_add(1);
            }
        }
        let mut sum = 0_u32;
        for start in &mut starts {
            sum = sum.saturating_add(*start);
            *start = sum;
        }
        let mut next = starts.clone();
        let mut items = alloc::vec![0_u32; sum as usize];
        for (list, item) in pairs {
            if let Some(at) = next.get_mut(list as usize) {
                if let Some(slot) = items.get_mut(*at as usize) {
                    *slot = item;
                }
                *at = at.saturating_add(1);
            }
        }
        Self { starts, items }
    }

    /// One list.
    pub(crate) fn get(&self, list: u32) -> &[u32] {
        let at = list as usize;
        let start = self.starts.get(at).map_or(0, |start| *start as usize);
        let end = self.starts.get(at.saturating_add(1)).map_or(start, |end| *end as usize);
        self.items.get(start..end).unwrap_or_default()
    }
}

/// What depends on what.
#[derive(Debug, Default)]
pub(crate) struct Dependents {
    /// Health check -> records that name it.
    pub(crate) records_of_check: Lists,
    /// Health check -> calculated checks that count it.
    pub(crate) parents_of_check: Lists,
    /// AWS resource -> aliases that evaluate its health.
    pub(crate) aliases_of_resource: Lists,
    /// Group -> aliases that evaluate its health.
    pub(crate) aliases_of_group: Lists,
    /// Groups with in-zone aliases that evaluate health, low before high.
    pub(crate) bottom_up: Vec<u32>,
}

impl Dependents {
    pub(super) fn build(groups: &[Group], records: &[Record], checks: &[Check], resources: usize) -> Self {
        let numbered = || (0_u32..).zip(records);
        let of_check = numbered().filter(|(_, record)| record.check != NONE).map(|(number, r)| (r.check, number));
        let of_resource = numbered().filter_map(|(number, record)| match record.target {
            Target::Resource { resource, evaluate_target_health: true } => Some((resource, number)),
            _ => None,
        });
        let of_group = numbered().filter_map(|(number, record)| match record.target {
            Target::Group { group, evaluate_target_health: true } if group != NONE => Some((group, number)),
            _ => None,
        });
        let parents = (0_u32..).zip(checks).flat_map(|(number, check)| {
            let children: &[u32] = match &check.kind {
                CheckKind::Calculated { children, .. } => children,
                _ => &[],
            };
            children.iter().map(move |child| (*child, number))
        });
        let mut bottom_up: Vec<u32> =
            (0_u32..).zip(groups).filter(|(_, group)| group.height > 0).map(|(number, _)| number).collect();
        bottom_up.sort_by_key(|number| groups.get(*number as usize).map_or(0, |group| group.height));
        Self {
            records_of_check: Lists::build(checks.len(), of_check),
            parents_of_check: Lists::build(checks.len(), parents),
            aliases_of_resource: Lists::build(resources, of_resource),
            aliases_of_group: Lists::build(groups.len(), of_group),
            bottom_up,
        }
    }
}

/// Gives each group its height: 0 without in-zone aliases, else one more than the highest target. Answers the
/// greatest height. A target that would close a loop, which a validated zone has none of, is cut off.
pub(super) fn assign_heights(groups: &mut [Group], records: &mut [Record]) -> u32 {
    let targets = |records: &[Record], group: &Group| -> Vec<u32> {
        group
            .members()
            .filter_map(|member| match records.get(member as usize)?.target {
                Target::Group { group, .. } if group != NONE => Some(group),
                _ => None,
            })
            .collect()
    };
    // Aliases waiting for each group, and how many targets each group waits for.
    let mut waits = alloc::vec![0_u32; groups.len()];
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    for (number, group) in (0_u32..).zip(groups.iter()) {
        for target in targets(records, group) {
            pairs.push((target, number));
            if let Some(count) = waits.get_mut(number as usize) {
                *count = count.saturating_add(1);
            }
        }
    }
    let parents = Lists::build(groups.len(), pairs.iter().copied());
    let mut ready: Vec<u32> =
        (0_u32..).zip(&waits).filter(|(_, count)| **count == 0).map(|(number, _)| number).collect();
    let mut at = 0;
    let mut greatest = 0;
    while let Some(number) = ready.get(at).copied() {
        at = at.saturating_add(1);
        let height = groups.get(number as usize).map_or(0, |group| group.height);
        greatest = greatest.max(height);
        for parent in parents.get(number) {
            if let Some(group) = groups.get_mut(*parent as usize) {
                group.height = group.height.max(height.saturating_add(1));
            }
            if let Some(count) = waits.get_mut(*parent as usize) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    ready.push(*parent);
                }
            }
        }
    }
    for (number, _) in (0_u32..).zip(&waits).filter(|(_, count)| **count > 0) {
        for member in groups.get(number as usize).map(Group::members).unwrap_or_default() {
            if let Some(Target::Group { group, .. }) = records.get_mut(member as usize).map(|record| &mut record.target)
            {
                *group = NONE;
            }
        }
    }
    greatest
}

/// Marks what may depend on the client (5.9): geolocation and IP-based groups, and all that evaluates their health.
/// Returns the records that may, and how many groups.
pub(super) fn mark_conditional(groups: &mut [Group], records: &mut [Record]) -> (Vec<u32>, u32) {
    let mut order: Vec<u32> = (0..groups.len() as u32).collect();
    order.sort_by_key(|number| groups.get(*number as usize).map_or(0, |group| group.height));
    let mut conditional_groups = 0_u32;
    for number in order {
        let Some(group) = groups.get(number as usize).copied() else { continue };
        let mut conditional = group.policy.candidates_depend_on_client();
        for member in group.members() {
            let depends = match records.get(member as usize).map(|record| record.target) {
                Some(Target::Group { group, evaluate_target_health: true }) => {
                    groups.get(group as usize).is_some_and(|target| target.conditional != NONE)
                }
                _ => false,
            };
            if let (true, Some(record)) = (depends, records.get_mut(member as usize)) {
                record.conditional = 0;
                conditional = true;
            }
        }
        if let (true, Some(group)) = (conditional, groups.get_mut(number as usize)) {
            group.conditional = conditional_groups;
            conditional_groups = conditional_groups.saturating_add(1);
        }
    }
    let mut conditional_records = Vec::new();
    for (number, record) in (0_u32..).zip(records.iter_mut()) {
        if record.conditional != NONE {
            record.conditional = conditional_records.len() as u32;
            conditional_records.push(number);
        }
    }
    (conditional_records, conditional_groups)
}
