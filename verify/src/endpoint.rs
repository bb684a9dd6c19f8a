//! What can die, and which health checks notice.
//!
//! An endpoint is a distinct value, or an AWS resource that aliases lead to; an address that an AliasTargets document
//! lists for a resource is that resource. A health check reads the endpoint that it names: by IPAddress, by a DNS name
//! that is an alias target or a CNAME value, or by a name of the zone that leads to one endpoint without any policy.
//! A check that names none of them reads what it hangs on: it is taken to notice the death of any endpoint of the
//! record sets that name it, directly or as a child of a calculated check, and on an alias over a group the death of
//! all endpoints below.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use pointsman_core::model::health_check::HealthCheckKind;
use pointsman_core::model::record::Content;
use pointsman_core::model::{Continent, Name, RecordType, Region, RoutingPolicy};

use crate::subject::{Leads, Subject};

/// Something that clients are sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// The value, or the DNS name of the resource.
    pub label: String,
    /// The AWS resource, when it is one.
    pub resource: Option<usize>,
    /// Where it is, as far as Region fields, DNS names and facts agree.
    pub region: Option<Region>,
}

impl Endpoint {
    /// The continent that its Region is in.
    #[must_use]
    pub fn continent(&self) -> Option<Continent> {
        self.region?.country().continent()
    }
}

/// When a health check that is not calculated becomes unhealthy.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reads {
    /// The death of any of these makes it unhealthy.
    pub any: Vec<usize>,
    /// So does the death of all endpoints of one of these lists.
    pub all: Vec<Vec<usize>>,
    /// Whether the check itself names what it reads.
    pub by_name: bool,
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
    /// What fails together: a name, and endpoints and health checks.
    pub domains: Vec<Domain>,
    /// What `[domains]` and `[regions]` name and the zone does not have.
    pub unknown: Vec<String>,
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
    pub(crate) fn of(subject: &Subject) -> Self {
        let mut found = Builder { subject, list: Vec::new(), by_label: BTreeMap::new() };
        for resource in 0..subject.zone.alias_targets.len() {
            found.of_resource(resource);
        }
        let of_record: Vec<Vec<usize>> =
            (0..subject.zone.record_sets.len()).map(|record| found.of_record(record)).collect();
        let mut records = vec![Vec::new(); found.list.len()];
        for (record, list) in of_record.iter().enumerate() {
            for endpoint in list {
                if let Some(records) = records.get_mut(*endpoint) {
                    records.push(record);
                }
            }
        }
        let mut endpoints = Self { list: found.list, of_record, records, ..Self::default() };
        let by_label = found.by_label;
        endpoints.reads = (0..subject.zone.health_checks.len())
            .map(|check| endpoints.what_it_names(subject, &by_label, check))
            .collect();
        endpoints.hang(subject);
        endpoints.locate(subject, &by_label);
        endpoints.find_domains(subject, &by_label);
        endpoints
    }

    /// The endpoints that a group can lead to.
    #[must_use]
    pub fn below(&self, subject: &Subject, group: usize) -> BTreeSet<usize> {
        let (mut found, mut seen, mut open) = (BTreeSet::new(), BTreeSet::new(), vec![group]);
        while let Some(group) = open.pop() {
            if !seen.insert(group) {
                continue;
            }
            for record in subject.group(group).map(|group| group.members.as_slice()).unwrap_or_default() {
                match subject.leads(*record) {
                    Leads::Group(next, _) => open.push(next),
                    _ => found.extend(self.of_record.get(*record).into_iter().flatten()),
                }
            }
        }
        found
    }

    fn what_it_names(&self, subject: &Subject, by_label: &BTreeMap<String, usize>, check: usize) -> Reads {
        let Some(HealthCheckKind::Endpoint(check)) = subject.zone.health_checks.get(check).map(|check| &check.kind)
        else {
            return Reads::default();
        };
        let named: Vec<usize> = match (check.ip_address, &check.fully_qualified_domain_name) {
            (Some(address), _) => by_label.get(&address.to_string()).copied().into_iter().collect(),
            (None, Some(name)) => match Name::parse(name) {
                Ok(name) => match by_label.get(&name.to_string()) {
                    Some(endpoint) => vec![*endpoint],
                    None => self.without_policy(subject, &name),
                },
                Err(_) => Vec::new(),
            },
            (None, None) => Vec::new(),
        };
        Reads { by_name: !named.is_empty(), any: named, all: Vec::new() }
    }

    /// The endpoints of a name of the zone, when no policy decides on the way to them.
    fn without_policy(&self, subject: &Subject, name: &Name) -> Vec<usize> {
        let mut at = name.clone();
        for _ in 0..=subject.groups.len() {
            let group = [RecordType::A, RecordType::Cname].into_iter().find_map(|kind| subject.find(&at, kind));
            let Some([record]) = group.and_then(|group| subject.group(group)).map(|group| group.members.as_slice())
            else {
                return Vec::new();
            };
            match subject.leads(*record) {
                Leads::Group(next, _) => match subject.group(next) {
                    Some(next) => at = next.name.clone(),
                    None => return Vec::new(),
                },
                _ => return self.of_record.get(*record).cloned().unwrap_or_default(),
            }
        }
        Vec::new()
    }

    /// Gives checks that name nothing what they hang on.
    fn hang(&mut self, subject: &Subject) {
        for (record, set) in subject.zone.record_sets.iter().enumerate() {
            let Some(check) = set.health_check.map(|check| check as usize) else { continue };
            let mut checks = vec![check];
            if let Some(HealthCheckKind::Calculated { children, .. }) =
                subject.zone.health_checks.get(check).map(|check| &check.kind)
            {
                checks.extend(children.iter().map(|child| *child as usize));
            }
            let (any, all): (Vec<usize>, Vec<usize>) = match subject.leads(record) {
                Leads::Group(group, _) => (Vec::new(), self.below(subject, group).into_iter().collect()),
                _ => (self.of_record.get(record).cloned().unwrap_or_default(), Vec::new()),
            };
            for check in checks {
                if let Some(reads) = self.reads.get_mut(check).filter(|reads| !reads.by_name) {
                    reads.any.extend(&any);
                    if !all.is_empty() && !reads.all.contains(&all) {
                        reads.all.push(all.clone());
                    }
                }
            }
        }
        for reads in &mut self.reads {
            reads.any.sort_unstable();
            reads.any.dedup();
        }
    }

    /// Works out where endpoints are.
    fn locate(&mut self, subject: &Subject, by_label: &BTreeMap<String, usize>) {
        let mut regions: Vec<BTreeSet<Region>> = vec![BTreeSet::new(); self.list.len()];
        for record in 0..subject.zone.record_sets.len() {
            let region = match subject.policy_part(record) {
                Some(RoutingPolicy::Latency(region)) => Some(*region),
                Some(RoutingPolicy::Geoproximity(place)) => place.region,
                _ => None,
            };
            let Some(region) = region else { continue };
            let below: Vec<usize> = match subject.leads(record) {
                Leads::Group(group, _) => self.below(subject, group).into_iter().collect(),
                _ => self.of_record.get(record).cloned().unwrap_or_default(),
            };
            for endpoint in below {
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
        for (label, region) in &subject.facts.regions {
            match find_label(by_label, label).and_then(|endpoint| self.list.get_mut(endpoint)) {
                Some(endpoint) => endpoint.region = Region::parse(region),
                None => self.unknown.push(label.clone()),
            }
        }
    }

    fn find_domains(&mut self, subject: &Subject, by_label: &BTreeMap<String, usize>) {
        let mut by_region: BTreeMap<Region, Vec<usize>> = BTreeMap::new();
        for (number, endpoint) in self.list.iter().enumerate() {
            if let Some(region) = endpoint.region {
                by_region.entry(region).or_default().push(number);
            }
        }
        for (region, endpoints) in by_region {
            self.domains.push(Domain { name: region.to_string(), endpoints, checks: Vec::new() });
        }
        for (name, items) in &subject.facts.domains {
            let mut domain = Domain { name: name.clone(), endpoints: Vec::new(), checks: Vec::new() };
            for item in items {
                let check = subject.zone.health_checks.iter().position(|check| &*check.id == item);
                match (find_label(by_label, item), check) {
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

struct Builder<'s> {
    subject: &'s Subject,
    list: Vec<Endpoint>,
    by_label: BTreeMap<String, usize>,
}

impl Builder<'_> {
    fn add(&mut self, label: String, resource: Option<usize>) -> usize {
        if let Some(known) = self.by_label.get(&label) {
            return *known;
        }
        self.by_label.insert(label.clone(), self.list.len());
        self.list.push(Endpoint { label, resource, region: None });
        self.list.len().saturating_sub(1)
    }

    fn of_record(&mut self, record: usize) -> Vec<usize> {
        let Some(set) = self.subject.record(record).filter(|set| has_endpoints(set.record_type)) else {
            return Vec::new();
        };
        let mut found = match (&set.content, self.subject.leads(record)) {
            (Content::Values { values, .. }, _) => {
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
        self.add(label, None)
    }

    fn of_resource(&mut self, resource: usize) -> usize {
        let Some(known) = self.subject.zone.alias_targets.get(resource) else { return self.add(String::new(), None) };
        let endpoint = self.add(known.dns_name.to_string(), Some(resource));
        for address in [&known.a, &known.aaaa].into_iter().flatten().flatten() {
            let label = address.parse::<IpAddr>().map_or_else(|_| address.to_string(), |address| address.to_string());
            self.by_label.entry(label).or_insert(endpoint);
        }
        endpoint
    }
}

/// The endpoint that a word of the user's names.
fn find_label(by_label: &BTreeMap<String, usize>, word: &str) -> Option<usize> {
    let spelled = Name::parse(word).map(|name| name.to_string()).unwrap_or_default();
    by_label.get(word).or_else(|| by_label.get(&spelled)).copied()
}

/// The Region that is a label of a DNS name.
fn region_in_name(name: &str) -> Option<Region> {
    name.split('.').find_map(Region::parse)
}
