//! The answer to one query: walk down, choose, follow aliases (5.1).

use serde_json::{Map, Value, json};

use super::draw::DrawStream;
use super::health::World;
use super::lookup::Found;
use super::name::{self, Name};
use super::policy::Choice;
use super::zone::{Content, Record};

/// Members in a multivalue answer (4.8.1).
pub(super) const SEVERAL: usize = 8;

/// What was met on the way down.
#[derive(Debug, Default)]
struct Trail {
    set_identifiers: Vec<String>,
    fail_open: bool,
    undetermined: bool,
}

/// The answer as core writes it; `undetermined` is `true` instead of its draws.
pub(super) fn answer(world: &World<'_>, name: &Name, kind: &str, draw: u64) -> Value {
    let mut trail = Trail::default();
    let (rcode, outcome) = match world.zone.find(name, kind) {
        Found::Group { name, kind } => {
            let draws = DrawStream::new(draw);
            ("NOERROR", walk(world, &world.zone.group(&name, &kind), &kind, draws, &mut trail))
        }
        found => ended(world, &found, kind),
    };
    let mut answer = Map::new();
    answer.insert("rcode".into(), rcode.into());
    answer.extend(outcome);
    answer.insert("set_identifiers".into(), trail.set_identifiers.into());
    answer.insert("fail_open".into(), trail.fail_open.into());
    answer.insert("scope_prefix_length".into(), world.scope.get().into());
    if trail.undetermined {
        answer.insert("undetermined".into(), true.into());
    }
    Value::Object(answer)
}

/// An outcome where no group is asked.
pub(super) fn ended(world: &World<'_>, found: &Found<'_>, kind: &str) -> (&'static str, Map<String, Value>) {
    match found {
        Found::Refused => ("REFUSED", outcome(kind, Some(0), &[])),
        Found::NxDomain => ("NXDOMAIN", no_data(world, kind)),
        Found::NoData | Found::Group { .. } => ("NOERROR", no_data(world, kind)),
        Found::Referral(cut) => {
            let mut referral = match &cut.content {
                Content::Values { ttl, values } => outcome("NS", Some(*ttl), values),
                _ => no_data(world, "NS"),
            };
            referral.insert("referral".into(), name::print(&cut.name).into());
            ("NOERROR", referral)
        }
    }
}

/// Type, TTL and values.
fn outcome(kind: &str, ttl: Option<u64>, values: &[String]) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("type".into(), kind.into());
    map.insert("ttl".into(), json!(ttl));
    map.insert("values".into(), values.into());
    map
}

/// NODATA (2.7, 10.1).
pub(super) fn no_data(world: &World<'_>, kind: &str) -> Map<String, Value> {
    outcome(kind, Some(world.zone.negative_ttl()), &[])
}

fn walk(world: &World<'_>, group: &[&Record], kind: &str, draws: DrawStream, trail: &mut Trail) -> Map<String, Value> {
    let decision = world.choose(group, Some(draws));
    trail.fail_open |= decision.fail_open;
    trail.undetermined |= decision.undetermined;
    let member = match decision.choice {
        Choice::Nothing | Choice::Weighted(_) => return no_data(world, kind),
        Choice::One(member) => member,
        Choice::Several(pool) => {
            let mut chosen = if pool.len() > SEVERAL { draws.eight(pool) } else { pool };
            // They are returned in SetIdentifier order (10.37).
            chosen.sort_by(|left, right| left.id.cmp(&right.id));
            trail.set_identifiers.extend(chosen.iter().filter_map(|member| member.id.clone()));
            return merged_answer(&chosen, kind);
        }
    };
    trail.set_identifiers.extend(member.id.clone());
    match &member.content {
        Content::InZone { target, .. } => walk(world, &world.zone.group(target, kind), kind, draws.deeper(), trail),
        _ => leaf(world, member, kind),
    }
}

/// The values of several members with the smallest TTL among them (4.8.3, 10.18).
pub(super) fn merged_answer(members: &[&Record], kind: &str) -> Map<String, Value> {
    let mut smallest = None::<u64>;
    let mut all = Vec::new();
    for member in members {
        if let Content::Values { ttl, values } = &member.content {
            smallest = Some(smallest.map_or(*ttl, |smallest| smallest.min(*ttl)));
            all.extend(values.iter().cloned());
        }
    }
    outcome(kind, smallest, &all)
}

/// What a record set at the end of the way holds: its values, or the addresses of an AWS resource.
pub(super) fn leaf(world: &World<'_>, member: &Record, kind: &str) -> Map<String, Value> {
    match &member.content {
        Content::Aws { target, .. } => {
            let known = world.zone.resources.iter().find(|resource| resource.name == *target);
            let Some(resource) = known.filter(|resource| resource.a.is_some() || resource.aaaa.is_some()) else {
                // Nothing is said of its addresses: a symbolic answer (10.35).
                let mut unknown = outcome(kind, None, &[]);
                unknown.insert("alias_target".into(), name::print(target).into());
                return unknown;
            };
            let addresses = match kind {
                "A" => resource.a.as_deref(),
                "AAAA" => resource.aaaa.as_deref(),
                _ => None,
            };
            match addresses {
                Some(addresses) if !addresses.is_empty() => outcome(kind, Some(resource.ttl), addresses),
                _ => no_data(world, kind),
            }
        }
        _ => merged_answer(&[member], kind),
    }
}
