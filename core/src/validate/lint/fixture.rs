//! Zones for the lints' tests, a line a record set or check.
//!
//! ```text
//! check ID 30x3 [disabled] [inverted]     an endpoint check of that interval and threshold
//! check ID alarm                          a CloudWatch check
//! check ID of:A,B                         a calculated check
//! cidr LOCATION BLOCK...                  blocks of the one collection
//! NAME TYPE [ID POLICY] [check:ID] TTL VALUE
//! NAME TYPE [ID POLICY] [check:ID] => TARGET [eth]       TARGET in the zone, or `aws:DNSNAME`
//! ```
//! POLICY is PRIMARY, SECONDARY, weight=N, region=CODE, geo=EU|DE|US-WA|*, cidr=LOCATION|* or multi.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use alloc::{format, vec};

use super::lint;
use crate::diagnostic::Diagnostic;
use crate::model::health_check::{EndpointCheck, InsufficientDataHealthStatus, Protocol};
use crate::model::record::{Content, Routing};
use crate::model::routing::CidrRoutingConfig;
use crate::model::zone::AwsResource;
use crate::model::{
    AliasTarget, CidrCollection, Continent, Country, EvaluateTargetHealth, Failover, GeoLocation, HealthCheck,
    HealthCheckKind, HostedZone, IpNetwork, Name, RecordType, Region, ResourceRecordSet, RoutingPolicy, Subdivision,
};
use crate::parse::{Origin, SourceArray};
use crate::validate::places::Places;

/// What the lints say about a zone.
pub(super) fn findings(text: &str) -> Vec<Diagnostic> {
    let zone = zone(text);
    let origin = |array| move |index| Origin { document: 0, array, index };
    let places = Places {
        record_sets: (0..).map(origin(SourceArray::ResourceRecordSets)).take(zone.record_sets.len()).collect(),
        health_checks: (0..).map(origin(SourceArray::HealthChecks)).map(Some).take(zone.health_checks.len()).collect(),
    };
    let mut out = vec![];
    lint(&zone, &places, &mut out);
    for finding in &out {
        assert!(!finding.help.is_empty() && finding.place.is_some(), "{finding:?}");
        assert!(!finding.message.ends_with('.') && finding.message.len() < 600, "{finding:?}");
    }
    out
}

/// The path that a finding points at.
pub(super) fn place(finding: &Diagnostic) -> String {
    finding.place.as_ref().unwrap().path.to_string()
}

/// The codes alone.
pub(super) fn codes(text: &str) -> Vec<&'static str> {
    findings(text).iter().map(|finding| finding.code).collect()
}

fn zone(text: &str) -> HostedZone {
    let mut zone = HostedZone {
        name: Name::parse("example.com").unwrap(),
        id: None,
        private: false,
        record_sets: vec![],
        quarantined: vec![],
        health_checks: vec![],
        cidr_collections: vec![],
        alias_targets: vec![],
        latency_table: None,
    };
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            ["check", id, how @ ..] => {
                let check = check(&zone, id, how);
                zone.health_checks.push(check);
            }
            ["cidr", location, blocks @ ..] => {
                if zone.cidr_collections.is_empty() {
                    zone.cidr_collections.push(CidrCollection { id: "collection".into(), blocks: vec![] });
                }
                let blocks = blocks.iter().map(|block| (IpNetwork::parse(block).unwrap(), Box::from(*location)));
                zone.cidr_collections[0].blocks.extend(blocks);
            }
            [name, record_type, rest @ ..] => {
                let set = record_set(&mut zone, name, RecordType::parse(record_type).unwrap(), rest);
                zone.record_sets.push(set);
            }
            [_] => panic!("{line}"),
        }
    }
    zone
}

fn check(zone: &HostedZone, id: &str, how: &[&str]) -> HealthCheck {
    let kind = match how[0] {
        "alarm" => HealthCheckKind::CloudwatchMetric(InsufficientDataHealthStatus::Healthy),
        children if children.starts_with("of:") => HealthCheckKind::Calculated {
            health_threshold: 1,
            children: children[3..].split(',').map(|id| check_number(zone, id)).collect(),
        },
        timing => {
            let (interval, threshold) = timing.split_once('x').unwrap();
            HealthCheckKind::Endpoint(Box::new(EndpointCheck {
                protocol: Protocol::Tcp,
                ip_address: Some([192, 0, 2, 1].into()),
                fully_qualified_domain_name: None,
                port: 443,
                resource_path: "".into(),
                search_string: None,
                request_interval: interval.parse().unwrap(),
                failure_threshold: threshold.parse().unwrap(),
                enable_sni: false,
                regions: 8,
            }))
        }
    };
    HealthCheck { id: id.into(), kind, inverted: how.contains(&"inverted"), disabled: how.contains(&"disabled") }
}

fn check_number(zone: &HostedZone, id: &str) -> u32 {
    u32::try_from(zone.health_checks.iter().position(|check| &*check.id == id).unwrap()).unwrap()
}

fn record_set(zone: &mut HostedZone, name: &str, record_type: RecordType, words: &[&str]) -> ResourceRecordSet {
    let full_name = |name: &str| Name::parse(&format!("{name}.example.com")).unwrap();
    let mut words = words;
    let mut routing = Routing::Simple;
    if let [id, policy, rest @ ..] = words
        && let Some(policy) = self::policy(policy)
    {
        routing = Routing::Member { set_identifier: (*id).into(), policy };
        words = rest;
    }
    let mut health_check = None;
    if let [check, rest @ ..] = words
        && let Some(id) = check.strip_prefix("check:")
    {
        health_check = Some(check_number(zone, id));
        words = rest;
    }
    let content = match words {
        ["=>", target, eth @ ..] => {
            let evaluate_target_health =
                if *eth == ["eth"] { EvaluateTargetHealth::Yes } else { EvaluateTargetHealth::No };
            Content::Alias(match target.strip_prefix("aws:") {
                None => AliasTarget::InZone { name: full_name(target), evaluate_target_health },
                Some(dns_name) => {
                    let dns_name = Name::parse(dns_name).unwrap();
                    zone.alias_targets.push(AwsResource { dns_name, a: None, aaaa: None, ttl: 60 });
                    let resource = u32::try_from(zone.alias_targets.len() - 1).unwrap();
                    AliasTarget::AwsResource { resource, evaluate_target_health }
                }
            })
        }
        [ttl, value] => {
            Content::Values { ttl: ttl.parse().unwrap(), values: vec![String::into_boxed_str((*value).to_owned())] }
        }
        other => panic!("{other:?}"),
    };
    ResourceRecordSet { name: full_name(name), record_type, routing, content, health_check }
}

fn policy(word: &str) -> Option<RoutingPolicy> {
    let (key, value) = word.split_once('=').unwrap_or((word, ""));
    Some(match key {
        "PRIMARY" => RoutingPolicy::Failover(Failover::Primary),
        "SECONDARY" => RoutingPolicy::Failover(Failover::Secondary),
        "weight" => RoutingPolicy::Weighted(value.parse().unwrap()),
        "region" => RoutingPolicy::Latency(Region::parse(value).unwrap()),
        "multi" => RoutingPolicy::MultivalueAnswer,
        "cidr" => RoutingPolicy::IpBased(CidrRoutingConfig {
            collection: 0,
            location: (value != "*").then(|| Box::from(value)),
        }),
        "geo" => RoutingPolicy::Geolocation(match (value.split_once('-'), Continent::parse(value)) {
            _ if value == "*" => GeoLocation::Default,
            (Some((country, state)), _) => {
                GeoLocation::Subdivision(Country::parse(country).unwrap(), Subdivision::parse(state).unwrap())
            }
            (None, Some(continent)) => GeoLocation::Continent(continent),
            (None, None) => GeoLocation::Country(Country::parse(value).unwrap()),
        }),
        _ => return None,
    })
}
