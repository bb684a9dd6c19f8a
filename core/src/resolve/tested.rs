//! Who of a group is healthy for this client (3.3, 5.9).

use super::walk::Walk;
use crate::compile::{Group, NONE, Target};
use crate::health::State;
use crate::model::routing::PolicyKind;
use crate::policy::choice::Choice;
use crate::policy::why::Why;

impl Walk<'_, '_> {
    #[inline]
    pub(super) fn is_member_healthy(&mut self, group: &Group, member: u32) -> bool {
        self.is_record_healthy(group.first.saturating_add(member))
    }

    /// Whether a record is healthy for this client (3.3, 5.9).
    pub(crate) fn is_record_healthy(&mut self, record: u32) -> bool {
        match self.view.record_state(record) {
            State::Healthy => true,
            State::Unhealthy => false,
            State::DependsOnClient => match self.zone.record(record).map(|record| record.target) {
                Some(Target::Group { group, .. }) => self.is_group_healthy(group),
                _ => false,
            },
        }
    }

    /// Whether some member that applies to this client is healthy; each group is worked out once a query.
    pub(crate) fn is_group_healthy(&mut self, group: u32) -> bool {
        let base = self.scratch.stack.len();
        self.scratch.stack.push(group);
        let mut result = false;
        while let Some(number) = self.scratch.stack.last().copied().filter(|_| self.scratch.stack.len() > base) {
            match self.try_group(number) {
                Ok(healthy) => {
                    self.scratch.stack.pop();
                    if let Some(group) = self.zone.group(number) {
                        self.scratch.keep(group.conditional, healthy);
                    }
                    result = healthy;
                }
                Err(needed) => self.scratch.stack.push(needed),
            }
        }
        result
    }

    /// The health of a group for this client, or the group that must be known first.
    fn try_group(&mut self, number: u32) -> Result<bool, u32> {
        let Some(group) = self.zone.group(number) else { return Ok(false) };
        if let Some(healthy) = self.scratch.known(group.conditional) {
            return Ok(healthy);
        }
        match group.policy {
            PolicyKind::Geolocation => {
                let ladder = self.ladder(number, group);
                self.any_healthy(ladder.into_iter().flatten())
            }
            PolicyKind::IpBased => {
                let default = (group.default_member != NONE).then_some(group.default_member);
                let blocks = self.blocks(number, group);
                self.any_healthy(blocks.chain(default))
            }
            PolicyKind::Simple
            | PolicyKind::Failover
            | PolicyKind::Weighted
            | PolicyKind::Latency
            | PolicyKind::Geoproximity
            | PolicyKind::MultivalueAnswer => self.any_healthy(group.members()),
        }
    }

    fn any_healthy(&mut self, records: impl Iterator<Item = u32>) -> Result<bool, u32> {
        for record in records {
            match self.view.record_state(record) {
                State::Healthy => return Ok(true),
                State::Unhealthy => {}
                State::DependsOnClient => {
                    if let Some(Target::Group { group, .. }) = self.zone.record(record).map(|record| record.target) {
                        let slot = self.zone.group(group).map_or(NONE, |group| group.conditional);
                        if self.scratch.known(slot).ok_or(group)? {
                            return Ok(true);
                        }
                    }
                }
            }
        }
        Ok(false)
    }

    /// Whether the pool that a choice was made from has another member. Members whose health no client changes are
    /// looked at first, since asking the others may lengthen the scope (10.41).
    pub(super) fn has_rival(&mut self, group: &Group, choice: &Choice<Why>) -> bool {
        let chosen = group.first.saturating_add(choice.member);
        let others = || group.members().filter(|record| *record != chosen);
        let view = self.view;
        others().any(|record| choice.fail_open || view.record_state(record) == State::Healthy)
            || others().any(|record| self.is_record_healthy(record))
    }
}
