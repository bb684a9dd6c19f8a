//! A checked hosted zone: what `validate` makes and `compile` takes.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::{CidrCollection, HealthCheck, LatencyTable, Name, RecordType, ResourceRecordSet};

/// A hosted zone in which every reference holds: what can be evaluated, whether or not Route 53 would store it.
#[derive(Debug, Clone)]
pub struct HostedZone {
    /// The apex.
    pub name: Name,
    /// The id without `/hostedzone/`, when it is known (10.44).
    pub id: Option<Box<str>>,
    /// Whether the zone is private, so that the VPC's Region is the client's place (1.8).
    pub private: bool,
    /// The record sets, those outside the zone and those of `quarantined` left out.
    pub record_sets: Vec<ResourceRecordSet>,
    /// What is there and cannot be evaluated, by name and type (10.51).
    pub quarantined: Vec<Quarantined>,
    /// The health checks.
    pub health_checks: Vec<HealthCheck>,
    /// The CIDR collections.
    pub cidr_collections: Vec<CidrCollection>,
    /// The AWS resources that aliases lead to, each once.
    pub alias_targets: Vec<AwsResource>,
    /// Latencies by client network and place.
    pub latency_table: Option<LatencyTable>,
}

/// Record sets that the zone has and that cannot be evaluated: every question that they bear on is answered SERVFAIL
/// (10.51).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    /// The owner name.
    pub name: Name,
    /// Which types of the name.
    pub types: QuarantinedTypes,
    /// The code of the finding that says why, such as `ttl-missing`.
    pub code: &'static str,
}

/// Which types of a name are quarantined (10.51).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QuarantinedTypes {
    /// One type: the others are answered as if nothing were wrong.
    One(RecordType),
    /// Every type, since nothing says which one the record set has.
    All,
    /// A type that Route 53 does not have, which nobody can ask for: the name exists, and that is all.
    Unknown,
}

/// An AWS resource that an alias leads to, and what it resolves to if that is known (10.35).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsResource {
    /// The DNS name of the alias target.
    pub dns_name: Name,
    /// The IPv4 addresses, when an AliasTargets document has them.
    pub a: Option<Vec<Box<str>>>,
    /// The IPv6 addresses, when an AliasTargets document has them.
    pub aaaa: Option<Vec<Box<str>>>,
    /// The resource's own TTL in seconds; load balancers have 60 (1.5.2).
    pub ttl: u32,
}
