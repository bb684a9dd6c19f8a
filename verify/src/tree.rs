//! What one class of clients can be answered, as a tree without anything that these clients do not tell apart, and its
//! conditions over many worlds at once.
//!
//! Each record set's health and the condition under which it is answered are Boolean functions of what is dead. They are
//! worked out by one function ([`evaluate`]) in any [`Algebra`]: over decision diagrams for all worlds, or over machine
//! words for 64 worlds in one go. Tests hold both against core's own answers, world by world.

use std::collections::HashMap;

use pointsman_core::model::routing::PolicyKind;
use pointsman_core::query::Client;

use crate::algebra::{Algebra, Statuses};
use crate::subject::{Leads, Subject};

/// The groups that a class of clients can reach, targets before those that lead to them; the last is the one asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tree {
    /// The groups.
    pub nodes: Vec<Node>,
}

/// A group with the members that apply.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Node {
    /// The group, by its number in the subject.
    pub group: usize,
    /// Its policy.
    pub policy: PolicyKind,
    /// The candidates, in the order that core gives.
    pub branches: Vec<Branch>,
}

/// A candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Branch {
    /// The record set.
    pub record: usize,
    /// Its weight in a weighted group, else 0.
    pub weight: u8,
    /// Where it leads.
    pub leads: Towards,
}

/// Where a branch leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Towards {
    /// An answer: values, or a resource whose health may count.
    Answer,
    /// An answer without data: no target, or no address of the type asked for.
    NoData,
    /// Another node of the tree, and whether its health counts.
    Node(usize, bool),
}

impl Tree {
    /// The tree of a group for a client. `candidates` answers for core, and may remember.
    #[must_use]
    pub fn of(subject: &Subject, group: usize, client: &Client) -> Self {
        let mut tree = Self { nodes: Vec::new() };
        let mut numbers = HashMap::new();
        tree.add(subject, group, client, &mut numbers);
        tree
    }

    /// Adds a group and what it leads to; an alias chain is as deep as the zone allows, which has no loops.
    fn add(&mut self, subject: &Subject, group: usize, client: &Client, numbers: &mut HashMap<usize, usize>) -> usize {
        if let Some(known) = numbers.get(&group) {
            return *known;
        }
        let mut node = Node { group, policy: PolicyKind::Simple, branches: Vec::new() };
        if let Some(known) = subject.group(group) {
            node.policy = known.policy;
            let whole =
                matches!(known.policy, PolicyKind::Simple | PolicyKind::Weighted | PolicyKind::MultivalueAnswer);
            let order: Vec<usize> = if whole {
                (0..known.members.len()).collect()
            } else {
                let candidates = subject.view.candidates(known.name.as_ref(), known.record_type, client);
                candidates.iter().flat_map(|found| &found.members).map(|member| *member as usize).collect()
            };
            for record in order.into_iter().filter_map(|member| known.members.get(member).copied()) {
                let leads = match subject.leads(record) {
                    Leads::Values => Towards::Answer,
                    Leads::Nowhere => Towards::NoData,
                    Leads::Resource(resource, _) => match has_addresses(subject, resource, group) {
                        true => Towards::Answer,
                        false => Towards::NoData,
                    },
                    Leads::Group(next, counts) => Towards::Node(self.add(subject, next, client, numbers), counts),
                };
                node.branches.push(Branch { record, weight: subject.weight(record), leads });
            }
        }
        self.nodes.push(node);
        let number = self.nodes.len().saturating_sub(1);
        numbers.insert(group, number);
        number
    }

    /// Every branch with the number of its node, in the order of [`Evaluated`]'s lists.
    pub fn branches(&self) -> impl Iterator<Item = (usize, &Branch)> {
        self.nodes.iter().enumerate().flat_map(|(node, group)| group.branches.iter().map(move |branch| (node, branch)))
    }

    /// The branches of each node, with the places of their first among all branches.
    pub fn with_places(&self) -> impl Iterator<Item = (usize, &Node)> {
        let mut next = 0_usize;
        self.nodes.iter().map(move |node| {
            let first = next;
            next = next.saturating_add(node.branches.len());
            (first, node)
        })
    }

    /// The endpoints in reach of these clients: those that they can be sent to, without what is out of service.
    #[must_use]
    pub fn in_reach(&self, subject: &Subject) -> Vec<usize> {
        self.leading_to(subject, |record| !subject.is_switched_off(record))
    }

    /// The endpoints that these clients can be sent to.
    #[must_use]
    pub fn endpoints(&self, subject: &Subject) -> Vec<usize> {
        self.leading_to(subject, |_| true)
    }

    fn leading_to(&self, subject: &Subject, counts: impl Fn(usize) -> bool) -> Vec<usize> {
        let leaves = self.branches().filter(|(_, branch)| branch.leads == Towards::Answer && counts(branch.record));
        let mut all: Vec<usize> = leaves.flat_map(|(_, branch)| answers(subject, branch.record)).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }
}

/// The endpoints of a record set that answers itself.
#[must_use]
pub fn answers(subject: &Subject, record: usize) -> &[usize] {
    subject.endpoints.of_record.get(record).map(Vec::as_slice).unwrap_or_default()
}

/// Whether a resource has an address of the group's type, or may have: its addresses may not be known (10.35).
fn has_addresses(subject: &Subject, resource: usize, group: usize) -> bool {
    use pointsman_core::model::RecordType;
    let (Some(resource), Some(group)) = (subject.zone.alias_targets.get(resource), subject.group(group)) else {
        return false;
    };
    if resource.a.is_none() && resource.aaaa.is_none() {
        return true;
    }
    let has = |list: &Option<Vec<Box<str>>>| list.as_ref().is_some_and(|list| !list.is_empty());
    match group.record_type {
        RecordType::A => has(&resource.a),
        RecordType::Aaaa => has(&resource.aaaa),
        _ => false,
    }
}

/// The conditions of a tree; lists by branch follow [`Tree::branches`].
#[derive(Debug, Clone)]
pub struct Evaluated<V> {
    /// By branch: whether its record set is healthy for these clients (3.3).
    pub healthy: Vec<V>,
    /// By branch: whether some draw leads through it.
    pub picked: Vec<V>,
    /// By node: whether some draw leads to it.
    pub reached: Vec<V>,
    /// By node: whether some candidate is healthy.
    pub live: Vec<V>,
    /// Whether some draw ends without data.
    pub no_data: V,
}

/// Works out a tree. `skip` leaves branches out of what is picked, not out of anybody's health.
pub fn evaluate<A: Algebra>(
    subject: &Subject,
    tree: &Tree,
    algebra: &mut A,
    statuses: &Statuses<A::Value>,
    skip: impl Fn(usize) -> bool,
) -> Evaluated<A::Value> {
    let (always, never) = (algebra.constant(true), algebra.constant(false));
    let mut healthy: Vec<A::Value> = Vec::new();
    let mut live: Vec<A::Value> = Vec::with_capacity(tree.nodes.len());
    for node in &tree.nodes {
        let mut any = never;
        for branch in &node.branches {
            let own = health(subject, branch, algebra, statuses, &live);
            healthy.push(own);
            any = algebra.or(any, own);
        }
        live.push(any);
    }
    let mut reached = vec![never; tree.nodes.len()];
    if let Some(root) = reached.last_mut() {
        *root = always;
    }
    let mut picked = vec![never; healthy.len()];
    let mut no_data = never;
    let mut end = healthy.len();
    for (number, node) in tree.nodes.iter().enumerate().rev() {
        let first = end.saturating_sub(node.branches.len());
        let own = healthy.get(first..end).unwrap_or_default();
        end = first;
        let (Some(here), Some(any)) = (reached.get(number).copied(), live.get(number).copied()) else { continue };
        if node.branches.is_empty() {
            no_data = algebra.or(no_data, here);
            continue;
        }
        let conditions = choices(node, algebra, own, any);
        for (offset, (branch, condition)) in node.branches.iter().zip(conditions).enumerate() {
            if skip(branch.record) {
                continue;
            }
            let through = algebra.and(here, condition);
            if let Some(slot) = picked.get_mut(first.saturating_add(offset)) {
                *slot = through;
            }
            match branch.leads {
                Towards::Answer => {}
                Towards::NoData => no_data = algebra.or(no_data, through),
                Towards::Node(next, _) => {
                    if let Some(slot) = reached.get_mut(next) {
                        *slot = algebra.or(*slot, through);
                    }
                }
            }
        }
    }
    Evaluated { healthy, picked, reached, live, no_data }
}

/// A record set's health: its check, and its target as far as that counts (3.1 - 3.4).
fn health<A: Algebra>(
    subject: &Subject,
    branch: &Branch,
    algebra: &mut A,
    statuses: &Statuses<A::Value>,
    live: &[A::Value],
) -> A::Value {
    let always = algebra.constant(true);
    let check = subject.record(branch.record).and_then(|set| set.health_check);
    let own = check.and_then(|check| statuses.healthy.get(check as usize).copied()).unwrap_or(always);
    let target = match (branch.leads, subject.leads(branch.record)) {
        (Towards::Node(next, true), _) => live.get(next).copied().unwrap_or(always),
        (Towards::Node(..), _) => always,
        // A group that does not exist has no healthy member.
        (_, Leads::Nowhere) => return counts_nowhere(subject, branch.record, algebra, own),
        (_, Leads::Resource(_, true)) => {
            let dead = answers(subject, branch.record).first().and_then(|endpoint| statuses.dead.get(*endpoint));
            match dead.copied() {
                Some(dead) => algebra.not(dead),
                None => always,
            }
        }
        _ => always,
    };
    algebra.and(own, target)
}

fn counts_nowhere<A: Algebra>(subject: &Subject, record: usize, algebra: &mut A, own: A::Value) -> A::Value {
    use pointsman_core::model::record::Content;
    use pointsman_core::model::{AliasTarget, EvaluateTargetHealth};
    match subject.record(record).map(|set| &set.content) {
        Some(Content::Alias(AliasTarget::InZone { evaluate_target_health: EvaluateTargetHealth::Yes, .. })) => {
            algebra.constant(false)
        }
        _ => own,
    }
}

/// By branch of a node: whether it may be chosen once the node is reached (4, 3.7).
fn choices<A: Algebra>(node: &Node, algebra: &mut A, healthy: &[A::Value], any: A::Value) -> Vec<A::Value> {
    let none = algebra.not(any);
    match node.policy {
        PolicyKind::MultivalueAnswer => healthy.iter().map(|own| algebra.or(*own, none)).collect(),
        PolicyKind::Weighted => {
            let never = algebra.constant(false);
            let with_weight = || node.branches.iter().zip(healthy).filter(|(branch, _)| branch.weight > 0);
            let live_weighted = with_weight().fold(never, |sum, (_, own)| algebra.or(sum, *own));
            let has_weighted = with_weight().next().is_some();
            let no_weighted = algebra.not(live_weighted);
            let each = node.branches.iter().zip(healthy).map(|(branch, own)| match branch.weight > 0 {
                // 4.3.6 a, c
                true => algebra.or(*own, none),
                // 4.3.6 b, d
                false if has_weighted => algebra.and(*own, no_weighted),
                false => algebra.or(*own, none),
            });
            each.collect()
        }
        PolicyKind::Simple
        | PolicyKind::Failover
        | PolicyKind::Latency
        | PolicyKind::Geolocation
        | PolicyKind::Geoproximity
        | PolicyKind::IpBased => {
            let mut before = algebra.constant(true);
            let mut conditions = Vec::with_capacity(healthy.len());
            for own in healthy {
                let chosen = algebra.and(before, *own);
                conditions.push(chosen);
                let dead = algebra.not(*own);
                before = algebra.and(before, dead);
            }
            if let Some(first) = conditions.first_mut() {
                *first = algebra.or(*first, none);
            }
            conditions
        }
    }
}
