//! What there is to watch in a zone: which checks are probed, how, and which are reported from outside.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use pointsman_core::health::TrackerKind;
use pointsman_core::model::health_check::{EndpointCheck, Protocol as CheckProtocol};
use pointsman_core::model::record::Content;
use pointsman_core::model::{AliasTarget, HealthCheck, HealthCheckKind, HostedZone};

use crate::probe::{Protocol, Target};
use crate::rules::{Probing, Rules};

pub use pointsman_fleet::Subject;

/// How a status comes about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// An endpoint is tried again and again.
    Probe(Probing),
    /// The state of a CloudWatch alarm is reported from outside (6.4).
    Alarm,
    /// The state of a routing control is reported from outside (6.5).
    Control,
    /// It follows from other checks (6.3).
    Calculated {
        /// How many of them must be healthy.
        threshold: u16,
        /// Their ids.
        children: Vec<String>,
    },
    /// Nothing is done, for this reason.
    Nothing(String),
}

/// One thing to watch.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What it is.
    pub subject: Subject,
    /// Its id as JSON, so that a report of many is written without looking at each character.
    pub(crate) key: String,
    /// The API word for its type; `ALIAS` for an alias target.
    pub kind: String,
    /// What is tried, as a person would write it.
    pub endpoint: String,
    /// How its status comes about.
    pub work: Work,
    /// How results are counted; `None` for what is calculated.
    pub tracker: Option<TrackerKind>,
    /// Whether the status is flipped (6.6).
    pub inverted: bool,
    /// Whether the raw status is replaced by healthy (6.6).
    pub disabled: bool,
}

impl Item {
    /// Whether results of checkers bear on it.
    #[must_use]
    pub const fn takes_results(&self) -> bool {
        matches!(self.tracker, Some(TrackerKind::Endpoint { .. })) && !self.disabled
    }
}

/// Everything there is to watch in a zone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// The zone's name.
    pub zone: String,
    /// Checks in the zone's order, then alias targets by name.
    pub items: Vec<Arc<Item>>,
    index: HashMap<Subject, usize>,
}

impl Plan {
    /// The plan for a zone. `verify` asks for valid certificates, which Route 53 does not.
    #[must_use]
    pub fn of(zone: &HostedZone, rules: &Rules, verify: bool) -> Self {
        let mut items: Vec<Arc<Item>> =
            zone.health_checks.iter().map(|check| Arc::new(of_check(zone, check, verify))).collect();
        let mut names: Vec<String> = zone.record_sets.iter().filter_map(|set| aws_name(zone, &set.content)).collect();
        names.sort();
        names.dedup();
        items.extend(names.iter().map(|name| Arc::new(of_alias(name, rules, verify))));
        let index = items.iter().enumerate().map(|(at, item)| (item.subject.clone(), at)).collect();
        Self { zone: zone.name.to_string(), items, index }
    }

    /// Whether reports hold the status of an item: not that of a calculated one.
    #[must_use]
    pub const fn is_reported(item: &Item) -> bool {
        !matches!(item.work, Work::Calculated { .. })
    }

    /// Where in [`items`](Self::items) a subject stands.
    #[must_use]
    pub fn place(&self, subject: &Subject) -> Option<usize> {
        self.index.get(subject).copied()
    }

    /// The item about a subject.
    #[must_use]
    pub fn item(&self, subject: &Subject) -> Option<&Item> {
        self.items.get(self.place(subject)?).map(|item| &**item)
    }

    /// How many subjects this plan lets go of that the plan before it had a status for, and how many that one had.
    #[must_use]
    pub fn lost(&self, before: &Self) -> (usize, usize) {
        let had = || before.items.iter().filter(|item| Self::is_reported(item));
        (had().filter(|item| self.place(&item.subject).is_none()).count(), had().count())
    }

    /// Rules for names that no record set of the zone leads to, as after a slip of the pen.
    #[must_use]
    pub fn unused<'r>(&self, rules: &'r Rules) -> Vec<&'r str> {
        let is_unused = |name: &&str| self.item(&Subject::AliasTarget((*name).into())).is_none();
        rules.names().filter(is_unused).collect()
    }
}

fn of_check(zone: &HostedZone, check: &HealthCheck, verify: bool) -> Item {
    let (work, endpoint) = match &check.kind {
        _ if check.disabled => {
            (Work::Nothing("Disabled: nobody looks, and it counts as healthy".into()), String::new())
        }
        HealthCheckKind::Endpoint(endpoint) => {
            let target = target_of(endpoint, verify);
            let described = described(&target);
            let interval = Duration::from_secs(endpoint.request_interval.into());
            (Work::Probe(Probing { target, interval, failure_threshold: endpoint.failure_threshold }), described)
        }
        HealthCheckKind::Calculated { health_threshold, children } => {
            let child = |number: &u32| Some(zone.health_checks.get(*number as usize)?.id.to_string());
            let children = children.iter().filter_map(child).collect();
            (Work::Calculated { threshold: *health_threshold, children }, String::new())
        }
        HealthCheckKind::CloudwatchMetric(_) => (Work::Alarm, String::new()),
        HealthCheckKind::RecoveryControl => (Work::Control, String::new()),
        HealthCheckKind::Unknown => {
            (Work::Nothing("no HealthChecks document says what it checks".into()), String::new())
        }
    };
    Item {
        subject: Subject::HealthCheck(check.id.to_string()),
        key: serde_json::Value::from(&*check.id).to_string(),
        kind: check.kind.as_str().into(),
        endpoint,
        work,
        tracker: TrackerKind::of(&check.kind),
        inverted: check.inverted,
        disabled: check.disabled,
    }
}

fn of_alias(name: &str, rules: &Rules, verify: bool) -> Item {
    let (work, endpoint, failure_threshold) = match rules.probing(name, verify) {
        Some(probing) => {
            let (endpoint, threshold) = (described(&probing.target), probing.failure_threshold);
            (Work::Probe(probing), endpoint, threshold)
        }
        None => (Work::Nothing("no rule says how to try it (--targets)".into()), String::new(), 1),
    };
    Item {
        subject: Subject::AliasTarget(name.into()),
        key: serde_json::Value::from(name).to_string(),
        kind: "ALIAS".into(),
        endpoint,
        work,
        tracker: Some(TrackerKind::Endpoint { failure_threshold }),
        inverted: false,
        disabled: false,
    }
}

fn target_of(check: &EndpointCheck, verify: bool) -> Target {
    let protocol = match check.protocol {
        CheckProtocol::Tcp => Protocol::Tcp,
        CheckProtocol::Http | CheckProtocol::HttpStrMatch => Protocol::Http,
        CheckProtocol::Https | CheckProtocol::HttpsStrMatch => Protocol::Https { sni: check.enable_sni, verify },
    };
    Target {
        protocol,
        address: check.ip_address,
        host: check.fully_qualified_domain_name.as_deref().map(Into::into),
        port: check.port,
        path: check.resource_path.to_string(),
        search: check.search_string.as_deref().map(Into::into),
    }
}

/// A target as a URL, with the address that it goes to where that is given.
fn described(target: &Target) -> String {
    let scheme = match target.protocol {
        Protocol::Tcp => "tcp",
        Protocol::Http => "http",
        Protocol::Https { .. } => "https",
    };
    let address = |address: IpAddr| match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    };
    let (host, at) = match (&target.host, target.address) {
        (Some(host), Some(ip)) => (host.clone(), format!(" at {}", address(ip))),
        (Some(host), None) => (host.clone(), String::new()),
        (None, Some(ip)) => (address(ip), String::new()),
        (None, None) => (String::new(), String::new()),
    };
    let path = if target.protocol == Protocol::Tcp { "" } else { &target.path };
    format!("{scheme}://{host}:{}{path}{at}", target.port)
}

/// The name of the AWS resource that a record set leads to.
fn aws_name(zone: &HostedZone, content: &Content) -> Option<String> {
    match content {
        Content::Alias(AliasTarget::AwsResource { resource, .. }) => {
            Some(zone.alias_targets.get(*resource as usize)?.dns_name.to_string())
        }
        _ => None,
    }
}
