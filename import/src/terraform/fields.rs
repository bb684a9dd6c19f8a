//! Which field of Terraform's AWS provider is which field of the Route 53 API, read in both directions: values one way,
//! the places of findings the other.

use std::borrow::Cow;

use crate::tree::Members;
use crate::tree::Node;
use pointsman_core::diagnostic::{Path, Step};

/// The code of every finding about a value that only `apply` can tell.
pub(super) const KNOWN_AFTER_APPLY: &str = "known-after-apply";

/// A field under both its names.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) terraform: &'static str,
    pub(super) api: &'static str,
    pub(super) shape: Shape,
}

/// How a field's value differs.
#[derive(Debug)]
pub(super) enum Shape {
    /// It does not; zero is a value.
    Plain,
    /// It does not; zero and false are written where nothing is given.
    NotZero,
    /// Texts; in the API objects with a `Value`.
    Values,
    /// A list of at most one block; in the API an object.
    Block(&'static [Field]),
    /// A list of at most one block with this one field; in the API its value.
    Only(&'static str),
    /// In the API a part of the object that stands in the row before.
    Part,
}

use Shape::{Block, NotZero, Only, Part, Plain, Values};

const fn field(terraform: &'static str, api: &'static str, shape: Shape) -> Field {
    Field { terraform, api, shape }
}

/// `aws_route53_record`
pub(super) const RECORD: &[Field] = &[
    field("name", "Name", Plain),
    field("type", "Type", Plain),
    field("set_identifier", "SetIdentifier", Plain),
    field("ttl", "TTL", Plain),
    field("records", "ResourceRecords", Values),
    field("health_check_id", "HealthCheckId", Plain),
    field("multivalue_answer_routing_policy", "MultiValueAnswer", NotZero),
    field("weighted_routing_policy", "Weight", Only("weight")),
    field("latency_routing_policy", "Region", Only("region")),
    field("failover_routing_policy", "Failover", Only("type")),
    field(
        "alias",
        "AliasTarget",
        Block(&[
            field("zone_id", "HostedZoneId", Plain),
            field("name", "DNSName", Plain),
            field("evaluate_target_health", "EvaluateTargetHealth", Plain),
        ]),
    ),
    field(
        "geolocation_routing_policy",
        "GeoLocation",
        Block(&[
            field("continent", "ContinentCode", Plain),
            field("country", "CountryCode", Plain),
            field("subdivision", "SubdivisionCode", Plain),
        ]),
    ),
    field(
        "geoproximity_routing_policy",
        "GeoProximityLocation",
        Block(&[
            field("aws_region", "AWSRegion", Plain),
            field("local_zone_group", "LocalZoneGroup", Plain),
            field("bias", "Bias", Plain),
            field(
                "coordinates",
                "Coordinates",
                Block(&[field("latitude", "Latitude", Plain), field("longitude", "Longitude", Plain)]),
            ),
        ]),
    ),
    field(
        "cidr_routing_policy",
        "CidrRoutingConfig",
        Block(&[field("collection_id", "CollectionId", Plain), field("location_name", "LocationName", Plain)]),
    ),
];

/// `aws_route53_health_check`, under HealthCheckConfig.
pub(super) const HEALTH_CHECK: &[Field] = &[
    field("type", "Type", Plain),
    field("ip_address", "IPAddress", Plain),
    field("port", "Port", NotZero),
    field("resource_path", "ResourcePath", Plain),
    field("fqdn", "FullyQualifiedDomainName", Plain),
    field("search_string", "SearchString", Plain),
    field("request_interval", "RequestInterval", NotZero),
    field("failure_threshold", "FailureThreshold", NotZero),
    field("measure_latency", "MeasureLatency", NotZero),
    field("invert_healthcheck", "Inverted", NotZero),
    field("disabled", "Disabled", NotZero),
    field("child_health_threshold", "HealthThreshold", NotZero),
    field("child_healthchecks", "ChildHealthChecks", Plain),
    field("enable_sni", "EnableSNI", NotZero),
    field("regions", "Regions", Plain),
    field("insufficient_data_health_status", "InsufficientDataHealthStatus", Plain),
    field("routing_control_arn", "RoutingControlArn", Plain),
    field("cloudwatch_alarm_name", "AlarmIdentifier", Part),
    field("cloudwatch_alarm_region", "Region", Part),
];

/// `aws_route53_zone`
pub(super) const ZONE: &[Field] =
    &[field("zone_id", "Id", Plain), field("name", "Name", Plain), field("vpc", "Config", Plain)];

/// The members under their API names; what has no value is left out.
pub(super) fn converted<'t>(values: Members<'t>, fields: &[Field]) -> Members<'t> {
    let mut members = Vec::new();
    for (key, node) in values {
        let Some(field) = fields.iter().find(|field| field.terraform == key) else { continue };
        members.extend(convert(node, &field.shape).map(|node| (Cow::Borrowed(field.api), node)));
    }
    members
}

fn convert<'t>(node: Node<'t>, shape: &Shape) -> Option<Node<'t>> {
    if is_empty(&node) {
        return None;
    }
    match shape {
        Plain => Some(node),
        NotZero => Some(node).filter(|node| !matches!(node, Node::Bool(false) | Node::Integer(0))),
        Values => {
            let Node::Array(elements) = node else { return Some(node) };
            let value = |node| Node::Object([(Cow::Borrowed("Value"), node)].into());
            Some(Node::Array(elements.into_iter().map(value).collect()))
        }
        Block(inner) => Some(Node::Object(converted(only_block(node)?, inner))),
        Only(name) => only_block(node)?.into_iter().find(|(key, _)| key == name).map(|(_, node)| node),
        Part => None,
    }
}

/// Terraform takes an empty text or list for none.
fn is_empty(node: &Node<'_>) -> bool {
    match node {
        Node::Null => true,
        Node::Text(text) => text.is_empty(),
        Node::Array(elements) => elements.is_empty(),
        _ => false,
    }
}

fn only_block(node: Node<'_>) -> Option<Members<'_>> {
    let Node::Array(elements) = node else { return None };
    match elements.into_iter().next() {
        Some(Node::Object(members)) => Some(members),
        _ => None,
    }
}

/// Goes from a resource's values to the field that these steps lead to in the API's words.
pub(super) fn terraform_path(path: Path, steps: &[Step], fields: &[Field]) -> Path {
    let Some((first, rest)) = steps.split_first() else { return path };
    let field = match first {
        Step::Key(api) => fields.iter().find(|field| field.api == api),
        Step::Index(_) => None,
    };
    let Some(field) = field else { return path };
    let path = path.key(field.terraform);
    match (&field.shape, rest) {
        (Block(_), []) => path,
        (Block(inner), rest) => terraform_path(path.index(0), rest, inner),
        (Only(name), _) => path.index(0).key(name),
        (_, [Step::Index(index), ..]) => path.index(*index),
        _ => path,
    }
}

/// The steps to a field in the API's words, such as `AliasTarget.DNSName` for `alias`, `name`.
pub(super) fn api_steps(fields: &'static [Field], names: &[&str]) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut fields = fields;
    for name in names {
        let Some(field) = fields.iter().find(|field| field.terraform == *name) else { break };
        steps.push(Step::Key(field.api.to_string()));
        fields = if let Block(inner) = &field.shape { inner } else { &[] };
    }
    steps
}
