//! Instances of traffic policies: which name a policy answers, with which TTL.

use std::collections::BTreeSet;

use pointsman_core::diagnostic::{Path, Place};

use crate::tree::Node;

/// An instance of a traffic policy, as list-traffic-policy-instances and get-traffic-policy-instance print it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its id, which record sets name as TrafficPolicyInstanceId.
    pub id: String,
    /// The name that it answers.
    pub name: String,
    /// Its TTL in seconds.
    pub ttl: u32,
    /// The id of its policy.
    pub policy: String,
    /// The version of the policy.
    pub version: i64,
    /// The id of the hosted zone that the name is in, where it is said.
    pub hosted_zone: Option<String>,
}

/// The instances that the texts of one zone describe. Where a listing of the zone is among them, those that the listing has:
/// an account has instances of other zones, too.
///
/// ```
/// let instances = r#"{"TrafficPolicyInstances": [{"Id": "i-1", "HostedZoneId": "Z1", "Name": "www.example.com.", "TTL": 60,
///     "State": "Applied", "TrafficPolicyId": "p-1", "TrafficPolicyVersion": 2, "TrafficPolicyType": "A"}]}"#;
/// assert_eq!(pointsman_import::instances(&[instances])[0].name, "www.example.com.");
/// let listing = r#"{"ResourceRecordSets": [{"Name": "www.example.com.", "Type": "A", "TrafficPolicyInstanceId": "i-2"}]}"#;
/// assert!(pointsman_import::instances(&[instances, listing]).is_empty());
/// ```
#[must_use]
pub fn instances(texts: &[&str]) -> Vec<Instance> {
    let described = texts.iter().filter(|text| is_list(text)).filter_map(|text| read(text)).flatten();
    let mut described: Vec<Instance> = described.collect();
    let mut seen = BTreeSet::new();
    described.retain(|instance| seen.insert(instance.id.clone()));
    if described.is_empty() {
        return described;
    }
    let listings: Vec<Node<'_>> = texts
        .iter()
        .filter(|text| text.contains("\"ResourceRecordSets\"") && !is_list(text))
        .filter_map(|text| Node::read(strip(text)).ok())
        .collect();
    if !listings.is_empty() {
        let elements = listings.iter().filter_map(|node| node.get("ResourceRecordSets")).flat_map(Node::elements);
        let listed: BTreeSet<&str> =
            elements.filter_map(|record_set| record_set.get("TrafficPolicyInstanceId")?.as_text()).collect();
        described.retain(|instance| listed.contains(instance.id.as_str()));
    }
    described
}

/// Whether a text lists instances, by its keys.
fn is_list(text: &str) -> bool {
    text.contains("\"TrafficPolicyInstances\"") || text.contains("\"TrafficPolicyInstance\"")
}

fn strip(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn read(text: &str) -> Option<Vec<Instance>> {
    let node = Node::read(strip(text)).ok()?;
    Some(elements(&node).into_iter().filter_map(|(element, _)| instance(element)).collect())
}

/// The instances of a document, each with its place.
fn elements<'n, 't>(node: &'n Node<'t>) -> Vec<(&'n Node<'t>, Path)> {
    let one = node.get("TrafficPolicyInstance").map(|one| (one, Path::root().key("TrafficPolicyInstance")));
    let many = node.get("TrafficPolicyInstances").map(Node::elements).unwrap_or_default();
    let many = many.iter().enumerate();
    one.into_iter()
        .chain(many.map(|(index, each)| (each, Path::root().key("TrafficPolicyInstances").index(index))))
        .collect()
}

fn instance(node: &Node<'_>) -> Option<Instance> {
    let text = |key| Some(node.get(key)?.as_text()?.to_owned());
    let integer = |key| match node.get(key) {
        Some(Node::Integer(value)) => Some(*value),
        _ => None,
    };
    Some(Instance {
        id: text("Id")?,
        name: text("Name")?,
        ttl: integer("TTL").and_then(|ttl| u32::try_from(ttl).ok())?,
        policy: text("TrafficPolicyId")?,
        version: integer("TrafficPolicyVersion")?,
        hosted_zone: text("HostedZoneId"),
    })
}

/// The place of the first instance that says too little.
pub(super) fn incomplete(node: &Node<'_>) -> Option<Place> {
    elements(node).into_iter().find(|(element, _)| instance(element).is_none()).map(|(_, path)| Place::new(0, path))
}
