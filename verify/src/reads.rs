//! Which health checks notice the death of which endpoints, as far as documents and facts tell.
//!
//! A check reads what it names: by IPAddress, by a DNS name that is an alias target or a CNAME value, or by a name of the
//! zone. A name that leads to one record set without any policy is what that record set answers; behind a policy it is
//! unhealthy for certain only when everything below is dead. A check that names an address which none of its record
//! sets has, or a host beside another child of its calculated check that names the endpoint, does not see the endpoint.
//! Any other host is *taken* to be what the check hangs on, and that is an [assumption](Seen::Assumed).

use std::collections::BTreeSet;
use std::net::IpAddr;

use pointsman_core::model::health_check::{EndpointCheck, HealthCheckKind};
use pointsman_core::model::{Name, RecordType};

use crate::endpoint::Endpoints;
use crate::facts::Facts;
use crate::groups::{Groups, Leads};

/// When a health check that is not calculated becomes unhealthy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reads {
    /// The death of any of these makes it unhealthy.
    pub any: Vec<usize>,
    /// So does the death of all endpoints of one of these lists.
    pub all: Vec<Vec<usize>>,
    /// How that is known.
    pub seen: Seen,
}

/// How it is known what a health check reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Seen {
    /// It hangs on nothing, or is calculated: it reads nothing.
    #[default]
    Nothing,
    /// The check names it.
    Named,
    /// The check names the very name that its status routes: everything below that name.
    OwnName,
    /// The check names something that the zone does not have, and that is plainly not what it hangs on.
    Elsewhere,
    /// Nothing says; it is taken to notice what it hangs on.
    Assumed,
    /// The user's facts say so.
    Told,
}

/// By health check: what it reads.
pub(crate) fn reads(groups: &Groups, facts: &Facts, endpoints: &mut Endpoints) -> Vec<Reads> {
    let mut unknown = Vec::new();
    let checks = 0..groups.zone.health_checks.len();
    let mut found: Vec<Reads> = {
        let named = Naming { groups, endpoints };
        checks
            .map(|check| told(groups, facts, named.endpoints, check, &mut unknown).unwrap_or_else(|| named.of(check)))
            .collect()
    };
    for id in facts.reads.keys() {
        if !groups.zone.health_checks.iter().any(|check| &*check.id == id) {
            unknown.push(id.clone());
        }
    }
    hang(groups, endpoints, &mut found);
    endpoints.unknown.extend(unknown);
    found
}

/// What `[reads]` says of a check.
fn told(
    groups: &Groups,
    facts: &Facts,
    endpoints: &Endpoints,
    check: usize,
    unknown: &mut Vec<String>,
) -> Option<Reads> {
    let words = facts.reads.get(groups.check_id(check))?;
    let mut any = Vec::new();
    for word in words {
        match endpoints.named(word) {
            Some(endpoint) => any.push(endpoint),
            None => unknown.push(word.clone()),
        }
    }
    any.sort_unstable();
    any.dedup();
    Some(Reads { any, all: Vec::new(), seen: Seen::Told })
}

/// What checks name.
struct Naming<'a> {
    groups: &'a Groups,
    endpoints: &'a Endpoints,
}

impl Naming<'_> {
    fn of(&self, check: usize) -> Reads {
        let Some(known) = endpoint_check(self.groups, check) else { return Reads::default() };
        let named = |any: Vec<usize>| Reads { any, all: Vec::new(), seen: Seen::Named };
        if let Some(address) = known.ip_address {
            return self.endpoints.named(&address.to_string()).map(|one| named(vec![one])).unwrap_or_default();
        }
        let Some(name) = host(known) else { return Reads::default() };
        if let Some(endpoint) = self.endpoints.named(&name.to_string()) {
            return named(vec![endpoint]);
        }
        let Some(group) = self.groups.answering_addresses(&name) else { return Reads::default() };
        if let Some(alone) = self.without_policy(group) {
            return if alone.is_empty() { Reads::default() } else { named(alone) };
        }
        let below: Vec<usize> = self.endpoints.below(self.groups, group).into_iter().collect();
        let is_own = hung_on(self.groups, check).any(|(record, _)| {
            let own = self.groups.group_of(record);
            own.is_some_and(|own| reaches(self.groups, group, own))
        });
        let all = if below.is_empty() { Vec::new() } else { vec![below] };
        Reads { any: Vec::new(), all, seen: if is_own { Seen::OwnName } else { Seen::Named } }
    }

    /// The endpoints of a group, when no policy decides on the way to them.
    fn without_policy(&self, group: usize) -> Option<Vec<usize>> {
        let mut at = group;
        // Targets are followed down, and neither aliases nor CNAMEs loop here.
        for _ in 0..=self.groups.groups.len() {
            let [record] = self.groups.group(at)?.members.as_slice() else { return None };
            match self.groups.leads(*record) {
                Leads::Group(next, _) => at = next,
                _ => return Some(self.endpoints.of_record.get(*record).cloned().unwrap_or_default()),
            }
        }
        None
    }
}

/// Gives checks that name nothing of the zone what they hang on, unless that is plainly something else.
fn hang(groups: &Groups, endpoints: &Endpoints, found: &mut [Reads]) {
    let named: Vec<bool> = found.iter().map(|reads| reads.seen != Seen::Nothing).collect();
    let by_name: Vec<BTreeSet<usize>> = found
        .iter()
        .map(|reads| if reads.seen == Seen::Assumed { BTreeSet::new() } else { reads.any.iter().copied().collect() })
        .collect();
    for (check, reads) in found.iter_mut().enumerate() {
        if named.get(check) == Some(&true) || groups.is_calculated(check) {
            continue;
        }
        let mut is_hung = false;
        for (record, parent) in hung_on(groups, check) {
            is_hung = true;
            let own: BTreeSet<usize> = endpoints.of_record.get(record).into_iter().flatten().copied().collect();
            // Another child of the calculated check names the endpoint: then this one is there for something else.
            let siblings = parent.into_iter().flat_map(|parent| groups.checks_below(parent).skip(1));
            let beside = endpoint_check(groups, check).is_some() && { siblings }
                .any(|sibling| sibling != check && by_name.get(sibling).is_some_and(|reads| !reads.is_disjoint(&own)));
            if beside || is_another_address(groups, endpoints, check, record) {
                continue;
            }
            match groups.leads(record) {
                Leads::Group(group, _) => {
                    let all: Vec<usize> = endpoints.below(groups, group).into_iter().collect();
                    if !all.is_empty() && !reads.all.contains(&all) {
                        reads.all.push(all);
                    }
                }
                _ => reads.any.extend(own),
            }
        }
        reads.any.sort_unstable();
        reads.any.dedup();
        reads.seen = match (is_hung, reads.any.is_empty() && reads.all.is_empty()) {
            (false, _) => Seen::Nothing,
            (true, true) => Seen::Elsewhere,
            (true, false) => Seen::Assumed,
        };
    }
}

/// The record sets that a check bears on, with the calculated check in between, if there is one.
fn hung_on(groups: &Groups, check: usize) -> impl Iterator<Item = (usize, Option<usize>)> + '_ {
    groups.record_sets_of(check).iter().map(|(record, parent)| (*record, *parent))
}

/// Whether a check names an address, and its record set answers with public ones of that family only, none of them
/// this: Route 53's checkers reach a private address by another one.
fn is_another_address(groups: &Groups, endpoints: &Endpoints, check: usize, record: usize) -> bool {
    let Some(address) = endpoint_check(groups, check).and_then(|check| check.ip_address) else { return false };
    let is_address =
        groups.record(record).is_some_and(|set| matches!(set.record_type, RecordType::A | RecordType::Aaaa));
    let values = endpoints.of_record.get(record).map(Vec::as_slice).unwrap_or_default();
    is_address
        && groups.leads(record) == Leads::Values
        && !values.is_empty()
        && values.iter().filter_map(|endpoint| endpoints.list.get(*endpoint)).all(|endpoint| {
            endpoint.label.parse::<IpAddr>().is_ok_and(|value| {
                value.is_ipv4() == address.is_ipv4() && value != address && is_reached_from_outside(value)
            })
        })
}

/// Whether checkers on the Internet may reach an address by itself: not one of a private network.
fn is_reached_from_outside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [first, second, ..] = v4.octets();
            let is_shared = first == 100 && (64..128).contains(&second);
            !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || is_shared)
        }
        IpAddr::V6(v6) => {
            let first = v6.segments().first().copied().unwrap_or_default();
            let is_local = first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80;
            !(v6.is_loopback() || is_local)
        }
    }
}

/// Whether a group leads to another, or is it.
fn reaches(groups: &Groups, from: usize, to: usize) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(group) = open.pop() {
        if group == to {
            return true;
        }
        if !seen.insert(group) {
            continue;
        }
        for record in groups.group(group).map(|group| group.members.as_slice()).unwrap_or_default() {
            if let Leads::Group(next, _) = groups.leads(*record) {
                open.push(next);
            }
        }
    }
    false
}

/// What a check names, in words: an address or a host; `None` where it names neither.
#[must_use]
pub fn names(groups: &Groups, check: usize) -> Option<String> {
    let known = endpoint_check(groups, check)?;
    let host = || known.fully_qualified_domain_name.as_deref().map(str::to_owned);
    known.ip_address.map(|address| address.to_string()).or_else(host)
}

fn host(check: &EndpointCheck) -> Option<Name> {
    Name::parse(check.fully_qualified_domain_name.as_deref()?).ok()
}

fn endpoint_check(groups: &Groups, check: usize) -> Option<&EndpointCheck> {
    match &groups.zone.health_checks.get(check)?.kind {
        HealthCheckKind::Endpoint(check) => Some(check),
        _ => None,
    }
}
