//! The fields of a rule's members in the API's words.

use crate::tree::{Members, Node};

/// An alias; where a policy does not say whether a target's health is evaluated, it is not.
pub(super) fn alias(zone: &str, target: &str, member: &Node<'_>) -> Members<'static> {
    let evaluate = match member.get("EvaluateTargetHealth") {
        Some(Node::Bool(evaluate)) => *evaluate,
        Some(Node::Text(evaluate)) => evaluate.eq_ignore_ascii_case("true"),
        _ => false,
    };
    let target = vec![
        ("HostedZoneId".into(), Node::text(zone.to_owned())),
        ("DNSName".into(), Node::text(target.to_owned())),
        ("EvaluateTargetHealth".into(), Node::Bool(evaluate)),
    ];
    vec![("AliasTarget".into(), Node::Object(target))]
}

pub(super) fn copied(node: &Node<'_>, key: &str) -> Node<'static> {
    node.get(key).cloned().map_or(Node::Null, Node::into_owned)
}

/// A number that may be written as a text.
pub(super) fn integer(node: &Node<'_>, key: &str) -> Node<'static> {
    match node.get(key) {
        Some(Node::Text(text)) => text.trim().parse().map_or_else(|_| copied(node, key), Node::Integer),
        _ => copied(node, key),
    }
}

pub(super) fn geo_location(member: &Node<'_>) -> Node<'static> {
    let mut location = Members::new();
    let is_default = match member.get("IsDefault") {
        Some(Node::Bool(is_default)) => *is_default,
        Some(Node::Text(is_default)) => is_default.eq_ignore_ascii_case("true"),
        _ => false,
    };
    let given = [("Continent", "ContinentCode"), ("Country", "CountryCode"), ("Subdivision", "SubdivisionCode")];
    for (key, api) in given {
        if member.get(key).is_some_and(|node| *node != Node::Null) {
            location.push((api.into(), copied(member, key)));
        }
    }
    if is_default && location.is_empty() {
        location.push(("CountryCode".into(), Node::text("*")));
    }
    Node::Object(location)
}

pub(super) fn geo_proximity(member: &Node<'_>) -> Node<'static> {
    // 2023-05-09 has the place in an object of its own.
    let place = member.get("Location").unwrap_or(member);
    let code =
        |key| place.get(key).and_then(Node::as_text).map(|code| code.strip_prefix("aws:route53:").unwrap_or(code));
    let mut location = Members::new();
    let is_local = place.get("Type").and_then(Node::as_text) == Some("LocalZone");
    match code("LocationName").or_else(|| code("Region")) {
        // A group of Local Zones is named like the zones without the letter at their end.
        Some(zone) if is_local => {
            let group = zone.trim_end_matches(|c: char| c.is_ascii_lowercase());
            location.push(("LocalZoneGroup".into(), Node::text(group.to_owned())));
        }
        Some(region) => location.push(("AWSRegion".into(), Node::text(region.to_owned()))),
        None => {
            let coordinates = ["Latitude", "Longitude"].map(|key| {
                (
                    key.into(),
                    match place.get(key) {
                        Some(number @ (Node::Integer(_) | Node::Number(_))) => Node::text(number.json()),
                        _ => copied(place, key),
                    },
                )
            });
            location.push(("Coordinates".into(), Node::Object(coordinates.into())));
        }
    }
    if member.get("Bias").is_some() {
        location.push(("Bias".into(), integer(member, "Bias")));
    }
    Node::Object(location)
}

/// An id as a label of a domain name.
pub(super) fn label(id: &str) -> String {
    const LONGEST: usize = 62;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    id.chars().map(|c| if is_plain(c) { c.to_ascii_lowercase() } else { '-' }).take(LONGEST).collect()
}
