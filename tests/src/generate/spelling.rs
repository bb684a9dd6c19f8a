//! A zone, a report and questions of the kit in other words that mean the same: names and ids in other spellings, record sets in
//! any order, no HostedZone document where nothing needs it.

use pointsman_core::model::Name;
use pointsman_core::proptest::spellings;
use serde_json::{Map, Value, json};

use super::Rng;

/// A name as somebody may write it: mostly as Route 53 does, with or without the final dot.
fn name(rng: &mut Rng, text: &str) -> Value {
    let read = Name::parse(text).ok().filter(|_| rng.percent(20));
    match read {
        Some(name) => spellings(&name).seeded(rng.number()).into(),
        None if rng.percent(30) && text.len() > 1 => text.trim_end_matches('.').into(),
        None => text.into(),
    }
}

/// Writes a field of an object in another way, if it is there.
fn respell(rng: &mut Rng, object: &mut Value, field: &str, way: impl Fn(&mut Rng, &str) -> Value) {
    if let Some(value) = object.get_mut(field)
        && let Some(text) = value.as_str()
    {
        *value = way(rng, text);
    }
}

/// The id of a hosted zone, as some calls of the API print it and as others do.
fn zone_id(rng: &mut Rng, id: &str) -> Value {
    let bare = id.trim_start_matches("/hostedzone/");
    // A longer one is refused.
    let prefixed = format!("/hostedzone/{bare}");
    if rng.percent(50) && prefixed.len() <= 32 { prefixed.into() } else { bare.into() }
}

/// The documents of a zone.
pub(super) fn zone(rng: &mut Rng, mut zone: Value) -> Value {
    if let Some(sets) = zone.get_mut("ResourceRecordSets").and_then(Value::as_array_mut) {
        for set in sets.iter_mut() {
            respell(rng, set, "Name", name);
            if let Some(alias) = set.get_mut("AliasTarget") {
                respell(rng, alias, "DNSName", name);
                respell(rng, alias, "HostedZoneId", zone_id);
            }
        }
        // Some listings are in order, most are not.
        if rng.percent(80) {
            *sets = rng.some_of(sets, sets.len());
        }
    }
    let is_public = zone["HostedZone"]["Config"]["PrivateZone"] == false;
    let has_soa = zone["ResourceRecordSets"].as_array().into_iter().flatten().any(|set| set["Type"] == "SOA");
    respell(rng, &mut zone["HostedZone"], "Id", zone_id);
    respell(rng, &mut zone["HostedZone"], "Name", name);
    let Some(parts) = zone.as_object_mut() else { return zone };
    // Without it the SOA record names the zone, and nothing says that it is private.
    if is_public && has_soa && rng.percent(20) {
        parts.shift_remove("HostedZone");
    }
    if rng.percent(5) {
        parts.shift_remove("HealthChecks");
    }
    if let Some(Value::Object(targets)) = parts.get_mut("AliasTargets") {
        let entries = std::mem::take(targets).into_iter();
        targets.extend(entries.map(|(target, addresses)| match rng.below(3) {
            0 => (target.to_uppercase(), addresses),
            1 => (target.trim_end_matches('.').to_owned(), addresses),
            _ => (target, addresses),
        }));
    }
    zone
}

/// A health report, of which some lines may be missing.
pub(super) fn report(rng: &mut Rng, mut report: Value) -> Value {
    for (_, statuses) in report.as_object_mut().into_iter().flatten() {
        let Some(statuses) = statuses.as_object_mut() else { continue };
        statuses.retain(|_, _| !rng.percent(10));
    }
    for (_, status) in report["HealthChecks"].as_object_mut().into_iter().flatten() {
        if status.is_string() && rng.percent(15) {
            *status = json!({"Status": status});
        }
    }
    report
}

/// A query, its draw in each of the forms that one may have.
pub(super) fn query(rng: &mut Rng, mut query: Value) -> Value {
    respell(rng, &mut query, "name", name);
    let Some(fields) = query.as_object_mut() else { return query };
    if rng.percent(5) {
        fields.shift_remove("client");
    }
    draw(rng, fields);
    query
}

fn draw(rng: &mut Rng, query: &mut Map<String, Value>) {
    match rng.below(5) {
        0 => drop(query.shift_remove("draw")),
        1 => drop(query.insert("draw".into(), json!(rng.number() >> 11))),
        2 => drop(query.insert("draw".into(), json!(rng.below(4)))),
        _ => {}
    }
}
