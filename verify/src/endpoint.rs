//! What can die, and which health checks notice.
//!
//! An endpoint is a distinct value, or an AWS resource that aliases lead to; an address that an AliasTargets document
//! lists for a resource is that resource. A CNAME value that is a name of the zone is no endpoint: it is followed to
//! what that name answers. [`crate::reads`] says which health checks notice the death of which endpoints.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use pointsman_core::model::record::Content;
use pointsman_core::model::{Continent, Name, RecordType, Region, RoutingPolicy};

use crate::facts::Facts;
use crate::groups::{Groups, Leads};

/// Something that clients are sent to.
#[derive(Debug, Clone, PartialEq)]
pub struct Endpoint {
    /// The value, or the DNS name of the resource.
    pub label: String,
    /// The AWS resource, when it is one.
    pub resource: Option<usize>,
    /// Where it is, as far as Region fields, DNS names and facts agree.
    pub region: Option<Region>,
    /// How much it can carry, as a share of all traffic of a name; may be above 1.
    pub capacity: Option<f64>,
}

impl Endpoint {
    /// The continent that its Region is in.
    #[must_use]
    pub fn continent(&self) -> Option<Continent> {
        self.region?.country().continent()
    }
}

/// What can die, and what notices.
#[derive(Debug, Default)]
pub struct Endpoints {
    /// Every endpoint once.
    pub list: Vec<Endpoint>,
    /// By health check: what it reads.
    pub reads: Vec<Reads>,
    /// By record set: the endpoints that it answers with itself; empty for aliases within the zone.
    pub of_record: Vec<Vec<usize>>,
    /// By endpoint: the record sets that answer with it.
    pub records: Vec<Vec<usize>>,
    /// Load balancers that may count as unhealthy, and fail their clients, while the health checks that read them
    /// [pass](Reads::may_pass).
    pub unhealthy_while_alive: BTreeSet<usize>,
    /// What fails together: a name, and endpoints and health checks.
    pub domains: Vec<Domain>,
    /// What the facts name and the zone does not have.
    pub unknown: Vec<String>,
    /// By endpoint: how answers spell it.
    spelled: Vec<BTreeSet<String>>,
    /// By spelling, as answers, health checks and facts have it: the endpoints that it may be.
    by_label: BTreeMap<String, Vec<usize>>,
}

/// When a health check that is not calculated becomes unhealthy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reads {
    /// The death of any of these makes it unhealthy.
    pub any: Vec<usize>,
    /// So does the death of all endpoints of one of these lists.
    pub all: Vec<Vec<usize>>,
    /// How that is known.
    pub seen: Seen,
    /// Whether it may find a load balancer alive that counts as unhealthy: it only connects, or asks for a path of its
    /// own that answers while the rest does not.
    pub may_pass: bool,
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

/// What fails together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Domain {
    /// Such as `us-east-1`, or a name from `[domains]`.
    pub name: String,
    /// Endpoints.
    pub endpoints: Vec<usize>,
    /// Health checks that fail with it, besides those that read its endpoints.
    pub checks: Vec<usize>,
}

/// Types whose values are places that clients go to.
fn has_endpoints(record_type: RecordType) -> bool {
    !matches!(record_type, RecordType::Soa | RecordType::Ns)
}

impl Endpoints {
    pub(crate) fn of(groups: &Groups, facts: &Facts) -> Self {
        let mut found = Builder { groups, endpoints: Self::default() };
        for resource in 0..groups.zone.alias_targets.len() {
            found.of_resource(resource);
        }
        let of_record: Vec<Vec<usize>> =
            (0..groups.zone.record_sets.len()).map(|record| found.of_record(record)).collect();
        let mut endpoints = found.endpoints;
        endpoints.records = vec![Vec::new(); endpoints.list.len()];
        for (record, list) in of_record.iter().enumerate() {
            for endpoint in list {
                if let Some(records) = endpoints.records.get_mut(*endpoint) {
                    records.push(record);
                }
            }
        }
        endpoints.of_record = of_record;
        endpoints.locate(groups, facts);
        endpoints.find_domains(groups, facts);
        endpoints
    }

    /// The endpoint that a word names: a value, an address, a DNS name with or without its final dot.
    #[must_use]
    pub fn named(&self, word: &str) -> Option<usize> {
        self.all_named(word).first().copied()
    }

    /// Every endpoint that a word may name: two resources may list one address.
    #[must_use]
    pub fn all_named(&self, word: &str) -> &[usize] {
        if let Some(known) = self.by_label.get(word) {
            return known;
        }
        let address = word.parse::<IpAddr>().map(|address| address.to_string());
        let spelled = address.or_else(|_| Name::parse(word).map(|name| name.to_string()));
        spelled.ok().and_then(|spelled| self.by_label.get(&spelled)).map(Vec::as_slice).unwrap_or_default()
    }

    /// How answers spell an endpoint.
    pub fn spellings(&self, endpoint: usize) -> impl Iterator<Item = &str> {
        self.spelled.get(endpoint).into_iter().flatten().map(String::as_str)
    }

    /// The endpoints that a record set leads to, by itself or through groups.
    #[must_use]
    pub fn below_record(&self, groups: &Groups, record: usize) -> BTreeSet<usize> {
        match groups.leads(record) {
            Leads::Group(group, _) => self.below(groups, group),
            _ => self.of_record.get(record).into_iter().flatten().copied().collect(),
        }
    }

    /// The endpoints that a group can lead to.
    #[must_use]
    pub fn below(&self, groups: &Groups, group: usize) -> BTreeSet<usize> {
        let (mut found, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![group]);
        while let Some(group) = open.pop() {
            if !seen.insert(group) {
                continue;
            }
            for record in groups.group(group).map(|group| group.members.as_slice()).unwrap_or_default() {
                match groups.leads(*record) {
                    Leads::Group(next, _) => open.push(next),
                    _ => found.extend(self.of_record.get(*record).into_iter().flatten()),
                }
            }
        }
        found
    }

    /// Works out where endpoints are.
    fn locate(&mut self, groups: &Groups, facts: &Facts) {
        let mut regions: Vec<BTreeSet<Region>> = vec![BTreeSet::new(); self.list.len()];
        for record in 0..groups.zone.record_sets.len() {
            let region = match groups.policy_part(record) {
                Some(RoutingPolicy::Latency(region)) => Some(*region),
                Some(RoutingPolicy::Geoproximity(place)) => place.region,
                _ => None,
            };
            let Some(region) = region else { continue };
            for endpoint in self.below_record(groups, record) {
                if let Some(regions) = regions.get_mut(endpoint) {
                    regions.insert(region);
                }
            }
        }
        for (endpoint, regions) in self.list.iter_mut().zip(regions) {
            // What a resource's own name says beats the fields of those that lead to it.
            endpoint.region = region_in_name(&endpoint.label).or(match regions.len() {
                1 => regions.first().copied(),
                _ => None,
            });
        }
        for (label, most) in &facts.capacity {
            match self.named(label).and_then(|endpoint| self.list.get_mut(endpoint)) {
                Some(endpoint) => endpoint.capacity = Some(most / facts.all_traffic()),
                None => self.unknown.push(label.clone()),
            }
        }
        for (label, region) in &facts.regions {
            match self.named(label).and_then(|endpoint| self.list.get_mut(endpoint)) {
                Some(endpoint) => endpoint.region = Region::parse(region),
                None => self.unknown.push(label.clone()),
            }
        }
    }

    fn find_domains(&mut self, groups: &Groups, facts: &Facts) {
        let mut by_region: BTreeMap<Region, Vec<usize>> = BTreeMap::new();
        for (number, endpoint) in self.list.iter().enumerate() {
            if let Some(region) = endpoint.region {
                by_region.entry(region).or_default().push(number);
            }
        }
        for (region, endpoints) in by_region {
            self.domains.push(Domain { name: region.to_string(), endpoints, checks: Vec::new() });
        }
        for (name, items) in &facts.domains {
            let mut domain = Domain { name: name.clone(), endpoints: Vec::new(), checks: Vec::new() };
            for item in items {
                let check = groups.zone.health_checks.iter().position(|check| &*check.id == item);
                match (self.named(item), check) {
                    (Some(endpoint), _) => domain.endpoints.push(endpoint),
                    (None, Some(check)) => domain.checks.push(check),
                    (None, None) => self.unknown.push(item.clone()),
                }
            }
            // Names of one endpoint in two spellings are one endpoint.
            for list in [&mut domain.endpoints, &mut domain.checks] {
                list.sort_unstable();
                list.dedup();
            }
            self.domains.push(domain);
        }
    }
}

struct Builder<'g> {
    groups: &'g Groups,
    endpoints: Endpoints,
}

impl Builder<'_> {
    fn add(&mut self, label: String, resource: Option<usize>) -> usize {
        if let Some(known) = self.endpoints.by_label.get(&label).and_then(|all| all.first()) {
            return *known;
        }
        let number = self.endpoints.list.len();
        self.endpoints.by_label.insert(label.clone(), vec![number]);
        self.endpoints.spelled.push(BTreeSet::from([label.clone()]));
        self.endpoints.list.push(Endpoint { label, resource, region: None, capacity: None });
        number
    }

    fn spell(&mut self, endpoint: usize, as_answered: &str) {
        if let Some(spelled) = self.endpoints.spelled.get_mut(endpoint) {
            spelled.insert(as_answered.into());
        }
    }

    fn of_record(&mut self, record: usize) -> Vec<usize> {
        let groups = self.groups;
        let Some(set) = groups.record(record).filter(|set| has_endpoints(set.record_type)) else {
            return Vec::new();
        };
        let mut found = match (&set.content, groups.leads(record)) {
            (Content::Values { values, .. }, Leads::Values) => {
                values.iter().map(|value| self.of_value(set.record_type, value)).collect()
            }
            (_, Leads::Resource(resource, _)) => vec![self.of_resource(resource)],
            _ => Vec::new(),
        };
        found.sort_unstable();
        found.dedup();
        found
    }

    fn of_value(&mut self, record_type: RecordType, value: &str) -> usize {
        let label = match record_type {
            RecordType::A | RecordType::Aaaa => {
                value.parse::<IpAddr>().map_or_else(|_| value.into(), |address| address.to_string())
            }
            RecordType::Cname => Name::parse(value).map_or_else(|_| value.into(), |name| name.to_string()),
            _ => value.into(),
        };
        let endpoint = self.add(label, None);
        self.spell(endpoint, value);
        endpoint
    }

    fn of_resource(&mut self, resource: usize) -> usize {
        let groups = self.groups;
        let Some(known) = groups.zone.alias_targets.get(resource) else { return self.add(String::new(), None) };
        let endpoint = self.add(known.dns_name.to_string(), Some(resource));
        for address in [&known.a, &known.aaaa].into_iter().flatten().flatten() {
            let label = address.parse::<IpAddr>().map_or_else(|_| address.to_string(), |address| address.to_string());
            let all = self.endpoints.by_label.entry(label).or_default();
            if !all.contains(&endpoint) {
                all.push(endpoint);
            }
            self.spell(endpoint, address);
        }
        endpoint
    }
}

/// The Region that is a label of a DNS name.
fn region_in_name(name: &str) -> Option<Region> {
    name.split('.').find_map(Region::parse)
}
