//! Which health checks notice the death of which endpoints, as far as documents and facts tell.
//!
//! A check reads what it names: by IPAddress, by a DNS name that is an alias target or a CNAME value, or by a name of the
//! zone. A name that leads to one record set without any policy is what that record set answers; behind a policy it is
//! unhealthy for certain only when everything below is dead. A check that names an address which none of its record
//! sets has, or a host beside another child of its calculated check that names the endpoint, does not see the endpoint.
//! Any other host is *taken* to be what the check hangs on, and that is an [assumption](Seen::Assumed).

use std::collections::BTreeSet;
use std::net::IpAddr;

use pointsman_core::model::health_check::{EndpointCheck, HealthCheckKind, Protocol};
use pointsman_core::model::{Name, RecordType};

use crate::endpoint::{Endpoint, Endpoints, Reads, Seen};
use crate::facts::{Facts, ReadsFact};
use crate::groups::{Groups, Leads};

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
    for (id, fact) in &facts.reads {
        let is_check = groups.zone.health_checks.iter().any(|check| &*check.id == id);
        // What is said of a load balancer stands under its name.
        if !is_check && (fact.unhealthy_while_alive().is_none() || endpoints.named(id).is_none()) {
            unknown.push(id.clone());
        }
    }
    hang(groups, endpoints, &mut found);
    for (check, reads) in found.iter_mut().enumerate() {
        miss(groups, facts, endpoints, check, reads, &mut unknown);
        reads.may_pass = reads.seen != Seen::Told && endpoint_check(groups, check).is_some_and(asks_for_little);
    }
    endpoints.unhealthy_while_alive = unhealthy_while_alive(groups, facts, endpoints, &found);
    endpoints.unknown.extend(unknown);
    found
}

/// Takes away what `[reads]` says that a check misses.
fn miss(
    groups: &Groups,
    facts: &Facts,
    endpoints: &Endpoints,
    check: usize,
    reads: &mut Reads,
    unknown: &mut Vec<String>,
) {
    let words = facts.reads.get(groups.check_id(check)).map(ReadsFact::misses).unwrap_or_default();
    for word in words {
        let Some(endpoint) = endpoints.named(word) else {
            unknown.push(word.clone());
            continue;
        };
        reads.any.retain(|one| *one != endpoint);
        reads.all.retain(|all| !all.contains(&endpoint));
        reads.seen = Seen::Told;
    }
}

/// Whether a check that finds its endpoint alive says little of what clients get: it only connects, or asks for a path
/// of its own.
fn asks_for_little(check: &EndpointCheck) -> bool {
    check.protocol == Protocol::Tcp || !matches!(&*check.resource_path, "" | "/")
}

/// Load balancers whose own health counts for nothing on some alias, and is not what the checks there find out.
fn unhealthy_while_alive(groups: &Groups, facts: &Facts, endpoints: &Endpoints, reads: &[Reads]) -> BTreeSet<usize> {
    let may = |(number, endpoint): &(usize, &Endpoint)| {
        let is_balancer = endpoint.resource.is_some() && endpoint.label.split('.').any(|label| label == "elb");
        let said = { facts.reads.iter() }
            .find_map(|(id, fact)| fact.unhealthy_while_alive().filter(|_| endpoints.named(id) == Some(*number)));
        let is_deaf = |record: &usize| matches!(groups.leads(*record), Leads::Resource(_, false));
        let is_read = || {
            reads.iter().any(|reads| reads.may_pass && reads.seen == Seen::Named && reads.any.contains(number))
                && endpoints.records.get(*number).is_some_and(|records| records.iter().any(is_deaf))
        };
        said.unwrap_or_else(|| is_balancer && is_read())
    };
    endpoints.list.iter().enumerate().filter(may).map(|(number, _)| number).collect()
}

/// What `[reads]` says of a check.
fn told(
    groups: &Groups,
    facts: &Facts,
    endpoints: &Endpoints,
    check: usize,
    unknown: &mut Vec<String>,
) -> Option<Reads> {
    let words = facts.reads.get(groups.check_id(check))?.sees()?;
    let mut any = Vec::new();
    for word in words {
        match endpoints.named(word) {
            Some(endpoint) => any.push(endpoint),
            None => unknown.push(word.clone()),
        }
    }
    any.sort_unstable();
    any.dedup();
    Some(Reads { any, seen: Seen::Told, ..Reads::default() })
}

/// What checks name.
struct Naming<'a> {
    groups: &'a Groups,
    endpoints: &'a Endpoints,
}

impl Naming<'_> {
    fn of(&self, check: usize) -> Reads {
        let Some(known) = endpoint_check(self.groups, check) else { return Reads::default() };
        let named = |any: Vec<usize>| Reads { any, seen: Seen::Named, ..Reads::default() };
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
        Reads { all, seen: if is_own { Seen::OwnName } else { Seen::Named }, ..Reads::default() }
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
