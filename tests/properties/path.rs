//! The way of an answer through the record sets of its zone, as its set identifiers show it.

use anyhow::{Context as _, Result};
use pointsman_core::health::HealthView;
use pointsman_core::model::Name;
use serde_json::Value;

use crate::list;

/// One group on the way, and what was chosen of it.
#[derive(Debug)]
pub(crate) struct Step<'w> {
    pub(crate) group: Vec<&'w Value>,
    pub(crate) chosen: Vec<&'w Value>,
}

/// A name in one spelling.
pub(crate) fn plain_name(text: &str) -> Result<String> {
    Ok(Name::parse(text).with_context(|| text.to_owned())?.to_string())
}

/// The record sets of a name and type.
pub(crate) fn group<'w>(zone: &'w Value, name: &str, kind: &str) -> Result<Vec<&'w Value>> {
    let name = plain_name(name)?;
    let mut group = Vec::new();
    for set in list(zone, "ResourceRecordSets") {
        if set["Type"] == kind && plain_name(set["Name"].as_str().unwrap_or_default())? == name {
            group.push(set);
        }
    }
    Ok(group)
}

/// The groups that an answer came through; empty when the name asked for has no group of the answer's type, as when a
/// wildcard or a delegation answers.
pub(crate) fn steps<'w>(zone: &'w Value, query: &Value, answer: &Value) -> Result<Vec<Step<'w>>> {
    let mut steps = Vec::new();
    let kind = answer["type"].as_str().unwrap_or_default();
    let mut name = query["name"].as_str().unwrap_or_default().to_owned();
    let mut identifiers = list(answer, "set_identifiers").iter().peekable();
    if answer.get("referral").is_some() {
        return Ok(steps);
    }
    loop {
        let group = group(zone, &name, kind)?;
        let Some(first) = group.first() else { return Ok(steps) };
        let chosen: Vec<&Value> = if first.get("SetIdentifier").is_none() {
            group.clone()
        } else if first.get("MultiValueAnswer").is_some() {
            let rest: Vec<&Value> = identifiers.by_ref().collect();
            group.iter().copied().filter(|set| rest.contains(&&set["SetIdentifier"])).collect()
        } else {
            // No identifier is left when the group has no candidate: no data.
            let Some(identifier) = identifiers.next() else { return Ok(steps) };
            group.iter().copied().filter(|set| set["SetIdentifier"] == *identifier).collect()
        };
        let target = chosen.first().and_then(|set| in_zone_target(zone, set)).map(str::to_owned);
        steps.push(Step { group, chosen });
        match target {
            Some(target) => name = target,
            None => return Ok(steps),
        }
    }
}

/// The name of the group that an alias leads to.
pub(crate) fn in_zone_target<'w>(zone: &Value, set: &'w Value) -> Option<&'w str> {
    let alias = set.get("AliasTarget")?;
    let target = alias["DNSName"].as_str()?;
    let is_there = group(zone, target, set["Type"].as_str()?).is_ok_and(|group| !group.is_empty());
    is_there.then_some(target)
}

/// Whether a record set's own check is healthy (3.1).
pub(crate) fn is_own_check_healthy(view: &HealthView, set: &Value) -> Result<bool> {
    match set.get("HealthCheckId").and_then(Value::as_str) {
        Some(id) => view.is_check_healthy(id).with_context(|| format!("the zone does not know {id}")),
        None => Ok(true),
    }
}

/// Whether nothing but its own check bears on a record set's health (3.2).
pub(crate) fn stands_alone(set: &Value) -> bool {
    set["AliasTarget"]["EvaluateTargetHealth"] != true
}

/// Whether every client may get the record set (4.5.2, 4.7.1).
pub(crate) fn is_for_anyone(set: &Value) -> bool {
    let is_place = set.get("GeoLocation").is_some_and(|place| place["CountryCode"] != "*");
    let is_location = set.get("CidrRoutingConfig").is_some_and(|cidr| cidr["LocationName"] != "*");
    !is_place && !is_location
}
