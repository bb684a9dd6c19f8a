//! What must be put right after a change, so that the zone is valid again.

use alloc::vec::Vec;

use super::super::sample::{Content, Group, RoutingValue, SampleZone};
use super::plain_kind;
use crate::model::Failover;
use crate::model::routing::PolicyKind;
use crate::proptest::checks::{Check, CheckType, forget_lost_children};

impl SampleZone {
    /// Leaves out groups that aliases led to before and none leads to now, with all that hung below them.
    pub(super) fn forget_orphans(&mut self, before: &Self) {
        let targets = |zone: &Self| zone.groups.iter().flat_map(Group::targets).collect::<Vec<u16>>();
        let were_targets = targets(before);
        loop {
            let are_targets = targets(self);
            let count = self.groups.len();
            self.groups.retain(|group| are_targets.contains(&group.key) || !were_targets.contains(&group.key));
            if self.groups.len() == count {
                break;
            }
        }
    }

    /// [`settle`](Self::settle) with nothing left: `None`.
    pub(super) fn settle_checked(mut self) -> Option<Self> {
        (!self.groups.is_empty() && self.settle()).then_some(self)
    }

    /// Puts right what a change may have broken; `false` when it cannot be.
    pub(in crate::proptest::zones) fn settle(&mut self) -> bool {
        for group in &mut self.groups {
            group.settle();
        }
        let healthy_primaries = self.give_primaries_health();
        self.forget_unused();
        healthy_primaries
    }

    /// A plain PRIMARY needs a check; an alias needs one or evaluates its target (8.3.8).
    fn give_primaries_health(&mut self) -> bool {
        let check = self.checks.first().map(|check| check.key);
        let mut new_check = None;
        let mut possible = true;
        for member in self.groups.iter_mut().flat_map(|group| &mut group.members) {
            if member.part != RoutingValue::Role(Failover::Primary) || member.check.is_some() {
                continue;
            }
            match &mut member.content {
                Content::Alias { evaluate, .. } | Content::Resource { evaluate, .. } => *evaluate = true,
                Content::Values { .. } => match (check, plain_kind(&self.options.check_types)) {
                    (Some(key), _) => member.check = Some(key),
                    (None, Some(kind)) => {
                        member.check = Some(1);
                        new_check = Some(Check { kind, ..Check::plain(1) });
                    }
                    (None, None) => possible = false,
                },
            }
        }
        self.checks.extend(new_check);
        possible
    }

    /// Leaves out checks, locations and resources that nothing uses.
    fn forget_unused(&mut self) {
        forget_lost_children(&mut self.checks);
        let members = || self.groups.iter().flat_map(|group| &group.members);
        let mut checks: Vec<u16> = members().filter_map(|member| member.check).collect();
        for check in self.checks.iter().filter(|check| check.kind == CheckType::Calculated) {
            if checks.contains(&check.key) {
                checks.extend(&check.children);
            }
        }
        let locations: Vec<u16> = members()
            .filter_map(|member| match member.part {
                RoutingValue::Location(location) => location,
                _ => None,
            })
            .collect();
        let resources: Vec<u16> = members()
            .filter_map(|member| match member.content {
                Content::Resource { key, .. } => Some(key),
                _ => None,
            })
            .collect();
        // A group of the default alone still names the collection, which so must be there.
        let ip_based = self.groups.iter().any(|group| group.policy == PolicyKind::IpBased);
        self.checks.retain(|check| checks.contains(&check.key));
        let spare = self.locations.first().cloned();
        self.locations.retain(|location| locations.contains(&location.key));
        if self.locations.is_empty() && ip_based {
            self.locations.extend(spare);
        }
        self.resources.retain(|key| resources.contains(key));
    }
}

impl Group {
    fn settle(&mut self) {
        match self.policy {
            PolicyKind::Simple => {
                self.members.truncate(1);
                for member in &mut self.members {
                    member.part = RoutingValue::None;
                    member.check = None;
                }
            }
            // Weighted members have one TTL (1.5.3).
            PolicyKind::Weighted => {
                let ttl_of = |content: &Content| match content {
                    Content::Values { ttl, .. } => Some(*ttl),
                    _ => None,
                };
                let Some(shared) = self.members.iter().find_map(|member| ttl_of(&member.content)) else { return };
                for member in &mut self.members {
                    if let Content::Values { ttl, .. } = &mut member.content {
                        *ttl = shared;
                    }
                }
            }
            PolicyKind::Failover
            | PolicyKind::Latency
            | PolicyKind::Geolocation
            | PolicyKind::Geoproximity
            | PolicyKind::IpBased
            | PolicyKind::MultivalueAnswer => {}
        }
    }
}
