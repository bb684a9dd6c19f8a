//! Making a zone: tree by tree, from the top down.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use super::options::{NAMES, Zones};
use super::parts::{COUNTRIES, any_locations, any_parts};
use super::sample::{Content, Group, LatencyRow, LatencyRows, Member, RoutingValue, SampleZone};
use crate::model::routing::PolicyKind;
use crate::model::{Country, IpNetwork, RecordType, Region};
use crate::proptest::checks::{Check, CheckType};
use crate::proptest::dice::Dice;

/// Groups beyond which trees grow no deeper.
const GROUPS_MAX: usize = 16;
/// Members of a multivalue group that is to be larger than an answer.
const MANY_MEMBERS: usize = 12;

impl Zones {
    /// A zone within these options.
    pub(super) fn generate(&self, dice: &mut Dice) -> SampleZone {
        let private = self.private.unwrap_or_else(|| dice.one_in(5));
        let zone = SampleZone {
            apex: self.apex.clone(),
            private,
            groups: Vec::new(),
            checks: Vec::new(),
            locations: Vec::new(),
            latency: None,
            resources: Vec::new(),
            soa: dice.one_in(2).then(|| (dice.below(1000) as u32, dice.below(100_000) as u32)),
            delegation: (self.names.is_none() && dice.one_in(6)).then(|| "sub".to_string()),
            options: Arc::new(self.clone()),
        };
        let mut builder = Builder { options: self, dice, zone, heights: Vec::new(), next_key: 1, groups_made: 0 };
        for _ in 0..=builder.dice.below(self.max_trees) {
            let record_type = builder.dice.choose(&self.types).unwrap_or(RecordType::A);
            builder.group(record_type, self.max_depth);
        }
        builder.finish()
    }
}

struct Builder<'z, 'd> {
    options: &'z Zones,
    dice: &'d mut Dice,
    zone: SampleZone,
    /// Finished groups: key, and groups on the longest path down.
    heights: Vec<(u16, usize)>,
    next_key: u16,
    groups_made: usize,
}

impl Builder<'_, '_> {
    fn key(&mut self) -> u16 {
        let key = self.next_key;
        self.next_key = self.next_key.saturating_add(1);
        key
    }

    /// Makes a group and all that it leads to, at most `depth` groups deep; returns its key.
    fn group(&mut self, record_type: RecordType, depth: usize) -> u16 {
        let key = self.key();
        self.groups_made = self.groups_made.saturating_add(1);
        let depth = if self.groups_made >= GROUPS_MAX { 1 } else { depth };
        let policy = self.policy(record_type);
        let name = self.name(key, record_type);
        // Its place is taken now, so that names below it are others.
        self.zone.groups.push(Group { key, name, record_type, policy, members: Vec::new() });
        if policy == PolicyKind::IpBased && self.zone.locations.is_empty() {
            self.zone.locations = any_locations(1, self.dice);
        }
        let parts = any_parts(policy, self.member_count(policy), &self.zone.locations, self.dice);
        let set_identifiers = self.set_identifiers(parts.len());
        let ttl = self.ttl();
        let mut members = Vec::with_capacity(parts.len());
        let mut height = 1;
        for (part, set_identifier) in parts.into_iter().zip(set_identifiers) {
            let content = self.content(policy, record_type, depth, ttl);
            if let Content::Alias { group, .. } = content {
                let below = self.heights.iter().find(|(of, _)| *of == group).map_or(0, |(_, height)| *height);
                height = height.max(below.saturating_add(1));
            }
            let check = self.check(policy);
            members.push(Member { key: self.key(), set_identifier, part, check, content });
        }
        if let Some(group) = self.zone.group_mut(key) {
            group.members = members;
        }
        self.heights.push((key, height));
        key
    }

    fn policy(&mut self, record_type: RecordType) -> PolicyKind {
        let allowed: Vec<PolicyKind> = self
            .options
            .policies
            .iter()
            .copied()
            .filter(|policy| match policy {
                PolicyKind::IpBased => !self.zone.private,
                PolicyKind::MultivalueAnswer => record_type != RecordType::Cname,
                PolicyKind::Simple
                | PolicyKind::Failover
                | PolicyKind::Weighted
                | PolicyKind::Latency
                | PolicyKind::Geolocation
                | PolicyKind::Geoproximity => true,
            })
            .collect();
        self.dice.choose(&allowed).unwrap_or(PolicyKind::Simple)
    }

    fn member_count(&mut self, policy: PolicyKind) -> usize {
        let most = match policy {
            PolicyKind::Simple => 1,
            PolicyKind::Failover => self.options.max_members.min(2),
            PolicyKind::MultivalueAnswer if self.options.max_members >= 4 && self.dice.one_in(4) => MANY_MEMBERS,
            PolicyKind::Weighted
            | PolicyKind::Latency
            | PolicyKind::Geolocation
            | PolicyKind::Geoproximity
            | PolicyKind::IpBased
            | PolicyKind::MultivalueAnswer => self.options.max_members,
        };
        // Two or more are worth more tests than one.
        self.dice.below(most).max(self.dice.below(most)).saturating_add(1)
    }

    fn name(&mut self, key: u16, record_type: RecordType) -> String {
        let own: Vec<String> = match &self.options.names {
            Some(names) => names.clone(),
            None => NAMES.map(String::from).into(),
        };
        // Several picks first, so that all are seen; then any that is free; then one that surely is.
        for _ in 0..4 {
            let picked = own.get(self.dice.below(own.len()));
            if let Some(name) = picked.filter(|name| self.zone.is_free(name, record_type)) {
                return name.clone();
            }
        }
        if let Some(name) = own.iter().find(|name| self.zone.is_free(name, record_type)) {
            return name.clone();
        }
        match own.first().filter(|first| !first.is_empty()) {
            Some(first) => format!("t{key}.{first}"),
            None => format!("t{key}"),
        }
    }

    fn set_identifiers(&mut self, count: usize) -> Vec<String> {
        const WORDS: [&str; 13] =
            ["blue", "green", "canary", "eu", "us", "ap", "one", "two", "z 9", "\u{e9}t\u{e9}", "A", "\"q\"", "-"];
        if count > 6 {
            // Numbers of different length: byte order is not the order of numbers.
            return (1..=count).map(|number| number.to_string()).collect();
        }
        self.dice.sample(&WORDS, count).into_iter().map(String::from).collect()
    }

    fn ttl(&mut self) -> u32 {
        self.dice.choose(&[60, 60, 300, 30, 0, 86_400]).unwrap_or(60)
    }

    fn content(&mut self, policy: PolicyKind, record_type: RecordType, depth: usize, ttl: u32) -> Content {
        let alias_allowed = policy != PolicyKind::MultivalueAnswer;
        let evaluate = !self.dice.one_in(3);
        if alias_allowed && depth > 1 && self.dice.one_in(2) {
            let group = self.target(record_type, depth.saturating_sub(1));
            return Content::Alias { group, evaluate };
        }
        let has_addresses = matches!(record_type, RecordType::A | RecordType::Aaaa);
        if alias_allowed && has_addresses && self.dice.one_in(8) {
            let key = self.dice.within(1, 4) as u16;
            return Content::Resource { key, evaluate };
        }
        // Weighted members have one TTL (1.5.3).
        let ttl = if policy == PolicyKind::Weighted || !self.dice.one_in(4) { ttl } else { self.ttl() };
        let several = record_type != RecordType::Cname && self.dice.one_in(4);
        Content::Values { ttl, count: if several { self.dice.within(2, 3) as u8 } else { 1 } }
    }

    /// A new group to lead to, or now and then one that is there already.
    fn target(&mut self, record_type: RecordType, depth: usize) -> u16 {
        let fitting: Vec<u16> = self
            .heights
            .iter()
            .filter(|(key, height)| {
                *height <= depth && self.zone.group(*key).is_some_and(|group| group.record_type == record_type)
            })
            .map(|(key, _)| *key)
            .collect();
        match self.dice.choose(&fitting) {
            Some(shared) if self.dice.one_in(4) => shared,
            _ => self.group(record_type, depth),
        }
    }

    fn check(&mut self, policy: PolicyKind) -> Option<u16> {
        if policy == PolicyKind::Simple || self.options.check_types.is_empty() || self.dice.one_in(3) {
            return None;
        }
        let known: Vec<u16> = self.zone.checks.iter().map(|check| check.key).collect();
        if let Some(key) = self.dice.choose(&known).filter(|_| self.dice.one_in(4)) {
            return Some(key);
        }
        Some(self.new_check())
    }

    /// A check; a calculated one brings a child or two of its own.
    fn new_check(&mut self) -> u16 {
        let kinds = &self.options.check_types;
        let plain: Vec<CheckType> = kinds.iter().copied().filter(|kind| *kind != CheckType::Calculated).collect();
        let add = |kinds: &[CheckType], zone: &mut SampleZone, dice: &mut Dice| {
            let key = zone.checks.len().saturating_add(1) as u16;
            let check = Check::any(key, kinds, &zone.checks, dice);
            zone.checks.push(check);
            key
        };
        if plain.len() < kinds.len() && !plain.is_empty() && self.dice.one_in(4) {
            for _ in 0..=self.dice.below(2) {
                add(&plain, &mut self.zone, self.dice);
            }
            return add(&[CheckType::Calculated], &mut self.zone, self.dice);
        }
        add(if plain.is_empty() { kinds } else { &plain }, &mut self.zone, self.dice)
    }

    fn finish(mut self) -> SampleZone {
        self.zone.latency = self.latency_table();
        let keys: Vec<u16> = (1..=4).filter(|_| self.dice.one_in(2)).collect();
        self.zone.resources = keys;
        in_order(&mut self.zone.groups);
        // By construction nothing but what no member uses is left to put right.
        let mut zone = self.zone;
        if !zone.settle() {
            // No kind of check is allowed, and a plain PRIMARY without one is not either.
            for group in zone.groups.iter_mut().filter(|group| group.policy == PolicyKind::Failover) {
                group.policy = PolicyKind::Simple;
            }
            zone.settle();
        }
        zone
    }

    fn latency_table(&mut self) -> Option<LatencyRows> {
        let regions: Vec<Region> = self
            .zone
            .groups
            .iter()
            .flat_map(|group| &group.members)
            .filter_map(|member| match member.part {
                RoutingValue::Region(region) => Some(region),
                _ => None,
            })
            .collect();
        if regions.is_empty() || self.zone.private || !self.dice.one_in(3) {
            return None;
        }
        let networks = ["10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32"].into_iter().filter_map(IpNetwork::parse);
        let countries = COUNTRIES.into_iter().filter_map(Country::parse);
        let row = |dice: &mut Dice| -> LatencyRow {
            let mut row: LatencyRow = Vec::new();
            for region in &regions {
                if !dice.one_in(5) && !row.iter().any(|(known, _)| known == region) {
                    row.push((*region, dice.below(300) as u16));
                }
            }
            row
        };
        let mut table = LatencyRows::default();
        for network in networks.filter(|_| self.dice.one_in(2)).collect::<Vec<_>>() {
            table.networks.push((network, row(self.dice)));
        }
        for country in countries.filter(|_| self.dice.one_in(4)).collect::<Vec<_>>() {
            table.countries.push((country, row(self.dice)));
        }
        table.default = self.dice.one_in(2).then(|| row(self.dice));
        Some(table)
    }
}

/// Puts groups before those that they lead to; otherwise they stay as they are.
fn in_order(groups: &mut Vec<Group>) {
    let mut waiting = core::mem::take(groups);
    while !waiting.is_empty() {
        let free = |at: &usize| {
            let key = waiting.get(*at).map(|group| group.key);
            !waiting.iter().any(|group| group.targets().any(|target| Some(target) == key))
        };
        let next = (0..waiting.len()).find(free).unwrap_or(0);
        groups.push(waiting.remove(next));
    }
}
