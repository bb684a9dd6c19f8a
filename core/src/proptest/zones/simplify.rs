//! Simpler zones: fewer groups, fewer members, fewer checks, simpler policies, plainer words. Each step leaves a valid
//! zone.

mod settle;

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::Range;

use super::parts::{plain_part, rank, simpler_parts};
use super::sample::{Content, Group, Member, RoutingValue, SampleZone};
use crate::model::RecordType;
use crate::model::routing::PolicyKind;
use crate::proptest::checks::{Check, CheckType, plain_check_numbers, renumber};
use crate::proptest::shrink::{Simplify, pieces};

/// One way to be simpler. Groups are named by key, members by their number in the group.
pub(in crate::proptest) enum Step {
    /// Keep a group and what it leads to.
    Only(u16),
    /// Leave groups out; what led to them has values of its own.
    WithoutGroups(Vec<u16>),
    /// Keep one member of a group, without a policy.
    Alone(u16, usize),
    /// Leave members out.
    WithoutMembers(u16, Range<usize>),
    /// Another policy with plain parts.
    Policy(u16, PolicyKind),
    /// An alias becomes what a member of its target is.
    Inline(u16, usize, usize),
    /// An alias becomes a plain record set.
    Plain(u16, usize),
    WithoutCheck(u16, usize),
    /// Name the zone's first check.
    FirstCheck(u16, usize),
    /// Evaluate the target's health.
    Evaluate(u16, usize),
    RoutingValue(u16, usize, RoutingValue),
    /// Every part of the group as plain as its policy has it.
    PlainParts(u16),
    /// One value and a TTL of 60 everywhere in the group.
    PlainValues(u16),
    /// `a`, `b`, `c`, in the order that the SetIdentifiers have.
    PlainSetIdentifiers(u16),
    Name(u16, String),
    /// Checks, members and locations are numbered from 1.
    PlainNumbers,
    /// The group and all that aliases tie to it become type A.
    TypeA(u16),
    Check(Box<Check>),
    WithoutBlocks(usize, Range<usize>),
    WithoutLatencyRows(Range<usize>),
    WithoutLatencyTable,
    WithoutSoa,
    WithoutDelegation,
    WithoutAddresses,
    Public,
}

impl Simplify for SampleZone {
    type Value = Self;
    type Step = Step;

    fn value(&self) -> Self {
        self.clone()
    }

    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        // The deepest groups first: what is left is smaller.
        steps.extend(self.groups.iter().rev().map(|group| Step::Only(group.key)));
        for piece in pieces(self.groups.len()) {
            let keys = self.groups.get(piece).unwrap_or_default().iter().map(|group| group.key);
            steps.push(Step::WithoutGroups(keys.collect()));
        }
        steps.extend([Step::WithoutLatencyTable, Step::WithoutSoa, Step::WithoutDelegation]);
        steps.extend([Step::WithoutAddresses, Step::Public]);
        for group in &self.groups {
            steps.extend((0..group.members.len()).map(|member| Step::Alone(group.key, member)));
            let drop = pieces(group.members.len()).into_iter();
            steps.extend(drop.map(|piece| Step::WithoutMembers(group.key, piece)));
        }
        for group in &self.groups {
            for (at, member) in group.members.iter().enumerate() {
                self.steps_of_member(group, at, member, &mut steps);
            }
        }
        for group in &self.groups {
            steps.extend(self.options.policies.iter().map(|policy| Step::Policy(group.key, *policy)));
            steps.extend([Step::PlainParts(group.key), Step::PlainValues(group.key)]);
            for (at, member) in group.members.iter().enumerate() {
                steps
                    .extend(simpler_parts(member.part).into_iter().map(|part| Step::RoutingValue(group.key, at, part)));
            }
        }
        for check in &self.checks {
            let kinds = &self.options.check_types;
            let allowed = check.simpler().into_iter().filter(|way| way.kind == check.kind || kinds.contains(&way.kind));
            steps.extend(allowed.map(|way| Step::Check(Box::new(way))));
        }
        for (at, location) in self.locations.iter().enumerate() {
            steps.extend(pieces(location.blocks.len()).into_iter().map(|piece| Step::WithoutBlocks(at, piece)));
        }
        steps.extend(pieces(self.latency_rows()).into_iter().map(Step::WithoutLatencyRows));
        for group in &self.groups {
            steps.extend([Step::TypeA(group.key), Step::PlainSetIdentifiers(group.key)]);
            steps.extend(self.plainer_name(group).map(|name| Step::Name(group.key, name)));
        }
        steps.push(Step::PlainNumbers);
        steps
    }

    fn after(&self, step: &Step) -> Option<Self> {
        let mut zone = self.clone();
        match step {
            Step::Only(key) => {
                let kept = zone.reachable(*key);
                zone.groups.retain(|group| kept.contains(&group.key));
                zone.settle();
                return Some(zone);
            }
            Step::WithoutGroups(keys) => {
                zone.groups.retain(|group| !keys.contains(&group.key));
                for member in zone.groups.iter_mut().flat_map(|group| &mut group.members) {
                    if matches!(member.content, Content::Alias { group, .. } if keys.contains(&group)) {
                        member.content = PLAIN;
                    }
                }
            }
            Step::WithoutBlocks(at, piece) => {
                zone.locations.get_mut(*at)?.blocks.drain(piece.clone());
                zone.locations.iter().all(|location| !location.blocks.is_empty()).then_some(())?;
            }
            Step::PlainNumbers => zone.number_plainly(),
            Step::WithoutLatencyRows(piece) => zone.drop_latency_rows(piece),
            Step::WithoutLatencyTable => zone.latency = None,
            Step::WithoutSoa => zone.soa = None,
            Step::WithoutDelegation => zone.delegation = None,
            Step::WithoutAddresses => zone.resources.clear(),
            Step::Public if zone.options.private != Some(true) => zone.private = false,
            Step::Public => return None,
            Step::Check(check) => *zone.checks.iter_mut().find(|other| other.key == check.key)? = (**check).clone(),
            Step::TypeA(key) => zone.become_type_a(*key)?,
            Step::Name(key, name) => {
                let record_type = zone.group(*key)?.record_type;
                zone.is_free(name, record_type).then_some(())?;
                zone.group_mut(*key)?.name.clone_from(name);
            }
            Step::Alone(key, _) | Step::WithoutMembers(key, _) | Step::Policy(key, _) => {
                let simple_allowed = zone.options.policies.contains(&PolicyKind::Simple);
                zone.group_mut(*key)?.become_simpler(step, simple_allowed)?;
            }
            Step::PlainParts(key) | Step::PlainValues(key) | Step::PlainSetIdentifiers(key) => {
                zone.group_mut(*key)?.become_plainer(step);
            }
            Step::Inline(key, at, of_target) => {
                let Content::Alias { group: target, .. } = zone.group(*key)?.members.get(*at)?.content else {
                    return None;
                };
                let target = zone.group(target)?.members.get(*of_target)?.clone();
                let group = zone.group_mut(*key)?;
                let simple = group.policy == PolicyKind::Simple;
                let member = group.members.get_mut(*at)?;
                member.content = target.content;
                member.check = if simple { None } else { member.check.or(target.check) };
            }
            Step::Plain(key, at)
            | Step::WithoutCheck(key, at)
            | Step::FirstCheck(key, at)
            | Step::Evaluate(key, at)
            | Step::RoutingValue(key, at, _) => {
                let first_check = zone.checks.first().map(|check| check.key);
                let group = zone.group_mut(*key)?;
                if let Step::RoutingValue(_, _, part) = step
                    && matches!(part, RoutingValue::Geo(_) | RoutingValue::Location(_))
                    && group.members.iter().any(|member| member.part == *part)
                {
                    return None;
                }
                group.members.get_mut(*at)?.become_plainer(step, first_check)?;
            }
        }
        zone.forget_orphans(self);
        zone.settle_checked()
    }
}

/// What a plain record set holds.
const PLAIN: Content = Content::Values { ttl: 60, count: 1 };

impl SampleZone {
    fn steps_of_member(&self, group: &Group, at: usize, member: &Member, steps: &mut Vec<Step>) {
        let key = group.key;
        match member.content {
            Content::Alias { group: target, evaluate } => {
                steps.push(Step::Plain(key, at));
                let members = self.group(target).map_or(0, |target| target.members.len());
                steps.extend((0..members).map(|of_target| Step::Inline(key, at, of_target)));
                steps.extend((!evaluate).then_some(Step::Evaluate(key, at)));
            }
            Content::Resource { evaluate, .. } => {
                steps.push(Step::Plain(key, at));
                steps.extend((!evaluate).then_some(Step::Evaluate(key, at)));
            }
            Content::Values { .. } => {}
        }
        if member.check.is_some() {
            steps.extend([Step::WithoutCheck(key, at), Step::FirstCheck(key, at)]);
        }
    }

    /// The first plain name that is free, if it is plainer than the group's own.
    fn plainer_name(&self, group: &Group) -> Option<String> {
        let letters = || ('a'..='z').map(|letter| letter.to_string()).collect::<Vec<_>>();
        let names: Vec<String> = self.options.names.clone().unwrap_or_else(letters);
        let own = names.iter().position(|name| *name == group.name).unwrap_or(names.len());
        names.into_iter().take(own).find(|name| self.is_free(name, group.record_type))
    }

    /// Numbers checks, members and locations from 1.
    fn number_plainly(&mut self) {
        let check_numbers = plain_check_numbers(&self.checks);
        renumber(&mut self.checks, &check_numbers);
        let locations: Vec<u16> = self.locations.iter().map(|location| location.key).collect();
        let of = |list: &[u16], key: u16| {
            list.iter().position(|other| *other == key).map_or(key, |at| (at as u16).saturating_add(1))
        };
        for location in &mut self.locations {
            location.key = of(&locations, location.key);
        }
        let mut number = 0_u16;
        for member in self.groups.iter_mut().flat_map(|group| &mut group.members) {
            number = number.saturating_add(1);
            member.key = number;
            let check = member.check.and_then(|key| check_numbers.iter().find(|(old, _)| *old == key));
            member.check = check.map(|(_, new)| *new);
            if let RoutingValue::Location(Some(key)) = &mut member.part {
                *key = of(&locations, *key);
            }
        }
    }

    /// The group and all that aliases tie to it become type A.
    fn become_type_a(&mut self, key: u16) -> Option<()> {
        let own_type = self.group(key)?.record_type;
        if own_type == RecordType::A || !self.options.types.contains(&RecordType::A) {
            return None;
        }
        let mut tied = BTreeSet::from([key]);
        loop {
            let before = tied.len();
            for group in &self.groups {
                let touches = tied.contains(&group.key) || group.targets().any(|target| tied.contains(&target));
                if touches {
                    tied.insert(group.key);
                    tied.extend(group.targets());
                }
            }
            if tied.len() == before {
                break;
            }
        }
        for key in tied {
            let name = self.group(key)?.name.clone();
            // Out of its own way first.
            self.group_mut(key)?.record_type = RecordType::Spf;
            self.is_free(&name, RecordType::A).then_some(())?;
            self.group_mut(key)?.record_type = RecordType::A;
        }
        Some(())
    }

    fn latency_rows(&self) -> usize {
        self.latency.as_ref().map_or(0, |table| {
            table.networks.len().saturating_add(table.countries.len()).saturating_add(table.default.iter().len())
        })
    }

    /// Leaves rows out, counted through networks, countries and the default.
    fn drop_latency_rows(&mut self, piece: &Range<usize>) {
        let Some(table) = &mut self.latency else { return };
        let mut number = 0_usize;
        let mut keep = || {
            let kept = !piece.contains(&number);
            number = number.saturating_add(1);
            kept
        };
        table.networks.retain(|_| keep());
        table.countries.retain(|_| keep());
        table.default.take_if(|_| !keep());
    }
}

impl Group {
    fn become_simpler(&mut self, step: &Step, simple_allowed: bool) -> Option<()> {
        match step {
            Step::Alone(_, at) => {
                let member = self.members.get(*at)?.clone();
                self.members = alloc::vec![member];
                if simple_allowed {
                    self.policy = PolicyKind::Simple;
                }
            }
            Step::WithoutMembers(_, piece) => {
                self.members.drain(piece.clone());
                (!self.members.is_empty()).then_some(())?;
            }
            Step::Policy(_, policy) => {
                let fits = match policy {
                    PolicyKind::Simple => self.members.len() == 1,
                    PolicyKind::MultivalueAnswer => {
                        self.record_type != RecordType::Cname
                            && self.members.iter().all(|member| matches!(member.content, Content::Values { .. }))
                    }
                    PolicyKind::Failover
                    | PolicyKind::Weighted
                    | PolicyKind::Latency
                    | PolicyKind::Geolocation
                    | PolicyKind::Geoproximity
                    | PolicyKind::IpBased => true,
                };
                (fits && rank(*policy) < rank(self.policy)).then_some(())?;
                for (at, member) in self.members.iter_mut().enumerate() {
                    member.part = plain_part(*policy, at)?;
                }
                self.policy = *policy;
            }
            _ => {}
        }
        Some(())
    }

    fn become_plainer(&mut self, step: &Step) {
        match step {
            Step::PlainParts(_) => {
                for (at, member) in self.members.iter_mut().enumerate() {
                    member.part = plain_part(self.policy, at).unwrap_or(member.part);
                }
            }
            Step::PlainValues(_) => {
                for member in &mut self.members {
                    if let Content::Values { .. } = member.content {
                        member.content = PLAIN;
                    }
                }
            }
            Step::PlainSetIdentifiers(_) => {
                let mut sorted: Vec<String> = self.members.iter().map(|member| member.set_identifier.clone()).collect();
                sorted.sort_unstable();
                for member in &mut self.members {
                    let place = sorted.iter().position(|other| *other == member.set_identifier).unwrap_or(0);
                    member.set_identifier = ('a'..='z').nth(place).unwrap_or('z').to_string();
                }
            }
            _ => {}
        }
    }
}

impl Member {
    fn become_plainer(&mut self, step: &Step, first_check: Option<u16>) -> Option<()> {
        match step {
            Step::Plain(..) => self.content = PLAIN,
            Step::WithoutCheck(..) => self.check = None,
            Step::FirstCheck(..) => self.check = Some(first_check.filter(|first| Some(*first) < self.check)?),
            Step::Evaluate(..) => match &mut self.content {
                Content::Alias { evaluate, .. } | Content::Resource { evaluate, .. } => *evaluate = true,
                Content::Values { .. } => return None,
            },
            Step::RoutingValue(_, _, part) => self.part = *part,
            _ => {}
        }
        Some(())
    }
}

/// The plainest kind of check that may be made from nothing.
fn plain_kind(kinds: &[CheckType]) -> Option<CheckType> {
    CheckType::ALL.into_iter().find(|kind| kinds.contains(kind) && *kind != CheckType::Calculated)
}
