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
    /// As many lists, empty, whose items are counted before they are put in.
    fn counted(lists: usize) -> Self {
        // One more than there are, where the last one ends; and one more for numbers up to `lists` itself.
        Self { starts: alloc::vec![0; lists.saturating_add(2)], items: Vec::new() }
    }

    /// One more item in a list; none for [`NONE`].
    fn count(&mut self, list: u32) {
        if let Some(count) = self.starts.get_mut(list as usize) {
            *count = count.saturating_add(1);
        }
    }

    /// Makes room for what was counted: from now on a start is where its list ends, until all is put in.
    fn make_room(&mut self) {
        let mut sum = 0_u32;
        for start in &mut self.starts {
            sum = sum.saturating_add(*start);
            *start = sum;
        }
        self.items = alloc::vec![0; sum as usize];
    }

    /// Puts an item in front of those that its list has.
    fn put(&mut self, list: u32, item: u32) {
        let Some(start) = self.starts.get_mut(list as usize) else { return };
        *start = start.saturating_sub(1);
        if let Some(slot) = self.items.get_mut(*start as usize) {
            *slot = item;
        }
    }

    /// From pairs of list and item; items keep the order of the pairs.
    fn build(lists: usize, pairs: &[(u32, u32)]) -> Self {
        let mut built = Self::counted(lists);
        pairs.iter().for_each(|(list, _)| built.count(*list));
        built.make_room();
        pairs.iter().rev().for_each(|(list, item)| built.put(*list, *item));
        built
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
        let [mut records_of_check, mut parents_of_check, mut aliases_of_resource, mut aliases_of_group] =
            [checks.len(), checks.len(), resources, groups.len()].map(Lists::counted);
        for record in records {
            records_of_check.count(record.check);
            match record.target {
                Target::Resource { resource, evaluate_target_health: true } => aliases_of_resource.count(resource),
                Target::Group { group, evaluate_target_health: true } => aliases_of_group.count(group),
                _ => {}
            }
        }
        for check in checks {
            if let CheckKind::Calculated { children, .. } = &check.kind {
                children.iter().for_each(|child| parents_of_check.count(*child));
            }
        }
        let mut bottom_up = Lists::counted(groups.iter().map(|group| group.height).max().unwrap_or(0) as usize);
        groups.iter().filter(|group| group.height > 0).for_each(|group| bottom_up.count(group.height));

        // From the last to the first, so that each list is in order.
        for lists in [
            &mut records_of_check,
            &mut parents_of_check,
            &mut aliases_of_resource,
            &mut aliases_of_group,
            &mut bottom_up,
        ] {
            lists.make_room();
        }
        for (number, record) in records.iter().enumerate().rev() {
            records_of_check.put(record.check, number as u32);
            match record.target {
                Target::Resource { resource, evaluate_target_health: true } => {
                    aliases_of_resource.put(resource, number as u32);
                }
                Target::Group { group, evaluate_target_health: true } => aliases_of_group.put(group, number as u32),
                _ => {}
            }
        }
        for (number, check) in checks.iter().enumerate().rev() {
            if let CheckKind::Calculated { children, .. } = &check.kind {
                children.iter().for_each(|child| parents_of_check.put(*child, number as u32));
            }
        }
        for (number, group) in groups.iter().enumerate().rev().filter(|(_, group)| group.height > 0) {
            bottom_up.put(group.height, number as u32);
        }
        Self { records_of_check, parents_of_check, aliases_of_resource, aliases_of_group, bottom_up: bottom_up.items }
    }
}

/// Gives each group its height: 0 without in-zone aliases, else one more than the highest target. Returns the
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
    let parents = Lists::build(groups.len(), &pairs);
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
    for number in order {
        let Some(group) = groups.get(number as usize).copied() else { continue };
        let mut conditional = group.policy.candidates_depend_on_client();
        for member in group.members() {
            if let Some(record) = records.get_mut(member as usize)
                && depends(groups, record.target)
            {
                record.conditional = 0;
                conditional = true;
            }
        }
        if let (true, Some(group)) = (conditional, groups.get_mut(number as usize)) {
            group.conditional = 0;
        }
    }
    let mut conditional_groups = 0_u32;
    for group in groups.iter_mut().filter(|group| group.conditional != NONE) {
        group.conditional = conditional_groups;
        conditional_groups = conditional_groups.saturating_add(1);
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

/// Whether the health of what a record set leads to counts and may depend on the client.
pub(super) fn depends(groups: &[Group], target: Target) -> bool {
    match target {
        Target::Group { group, evaluate_target_health: true } => {
            groups.get(group as usize).is_some_and(|target| target.conditional != NONE)
        }
        _ => false,
    }
}
