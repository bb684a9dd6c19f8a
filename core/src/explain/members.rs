//! A group on the way: every member, what the policy measures of it, and why it was chosen or not.

#[cfg(test)]
mod tests;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::reasons::{Reasons, part_in_words};
use super::steps::{StepKind, Steps, Verdict};
use super::text::{count, kilometres, milliseconds};
use crate::answer::Undetermined;
use crate::compile::{Group, NONE, Part, Target};
use crate::model::routing::PolicyKind;
use crate::model::{Country, Failover, Region};
use crate::policy::latency::Nearness;
use crate::resolve::walk::{Picked, Walk, biased_distance};

/// The members that apply to this client, as record numbers, in the order that the policy looks at them.
pub(super) fn candidates(walk: &mut Walk<'_, '_>, number: u32, group: &Group) -> Vec<u32> {
    let default = (group.default_member != NONE).then_some(group.default_member);
    match group.policy {
        PolicyKind::Geolocation => walk.ladder(number, group).into_iter().flatten().collect(),
        PolicyKind::IpBased => {
            let mut candidates: Vec<u32> = Vec::new();
            for member in walk.blocks(number, group).chain(default) {
                if !candidates.contains(&member) {
                    candidates.push(member);
                }
            }
            candidates
        }
        _ => group.members().collect(),
    }
}

/// A member's name in a line: its SetIdentifier and its part in the policy.
pub(super) fn subject(walk: &Walk<'_, '_>, group: &Group, number: u32) -> String {
    let part = walk.zone.record(number).map(|record| part_in_words(walk, record, group)).unwrap_or_default();
    match (walk.zone.set_identifier(number), part.as_str()) {
        (None, _) => "the only record set".into(),
        (Some(set_identifier), part) if part.is_empty() || part == set_identifier => set_identifier.into(),
        (Some(set_identifier), part) => format!("{set_identifier} ({part})"),
    }
}

/// Adds a group with its members; answers the step of the chosen one, under which the walk goes on.
pub(super) fn add_group(
    steps: &mut Steps,
    under: Option<u32>,
    walk: &mut Walk<'_, '_>,
    number: u32,
    level: u64,
    picked: &Picked,
) -> Option<u32> {
    let zone = walk.zone;
    let group = zone.group(number)?;
    let undetermined = walk.undetermined;
    let name = format!("{} {}", zone.node_name(group.node), group.record_type);
    if let Some(Target::Quarantined { reason }) = zone.record(group.first).map(|record| record.target) {
        let reason = format!("cannot be evaluated [{}] and is kept out", zone.quarantine_code(reason));
        return Some(steps.add(under, StepKind::Group, name, Verdict::None, reason));
    }
    let reason = format!("{}, {}", group.policy.as_str(), count(group.count as usize, "record set"));
    let step = steps.add(under, StepKind::Group, name, Verdict::None, reason);
    let candidates = candidates(walk, number, group);
    let chosen: Vec<u32> = match picked {
        Picked::One(record, _) => alloc::vec![*record],
        Picked::Several(chosen) => chosen.members().iter().map(|member| group.first.saturating_add(*member)).collect(),
        Picked::Nothing => Vec::new(),
    };
    if picked.fail_open() {
        let who = match candidates.len() {
            1 => "the only candidate is unhealthy; it is answered all the same (fail open)".into(),
            2 => "both candidates are unhealthy, so both count as healthy (fail open)".into(),
            all => format!("all {all} candidates are unhealthy, so all count as healthy (fail open)"),
        };
        steps.note(Some(step), who);
    }
    let mut chosen_step = None;
    for record in &candidates {
        let is_chosen = chosen.contains(record);
        let mut reasons = Reasons { steps, walk };
        let health = reasons.health_in_words(*record);
        let measure = measure(reasons.walk, group, *record);
        let healthy = reasons.walk.is_record_healthy(*record);
        let (verdict, why) = match (is_chosen, healthy) {
            (true, _) => (Verdict::Chosen, chosen_because(reasons.walk, group, *record, level, picked, &candidates)),
            (false, true) => (Verdict::Healthy, not_chosen_because(reasons.walk, group, *record, &chosen)),
            (false, false) => (Verdict::Unhealthy, String::new()),
        };
        let parts = [measure, health, why];
        let reason = parts.iter().filter(|part| !part.is_empty()).fold(String::new(), |mut text, part| {
            if !text.is_empty() {
                text.push_str("; ");
            }
            text.push_str(part);
            text
        });
        let subject = subject(reasons.walk, group, *record);
        let member = reasons.steps.add(Some(step), StepKind::Member, subject, verdict, reason);
        if is_chosen {
            chosen_step = Some(member);
        }
        if !reasons.steps.is_full() {
            reasons.add_evidence(member, *record, 0);
        }
    }
    for record in group.members().filter(|record| !candidates.contains(record)) {
        let subject = subject(walk, group, record);
        steps.add(Some(step), StepKind::Member, subject, Verdict::NotACandidate, "does not apply to this client");
    }
    add_notes(steps, step, walk, group, &candidates, picked, undetermined);
    chosen_step.or(Some(step))
}

/// What the policy measures of a member for this client.
fn measure(walk: &mut Walk<'_, '_>, group: &Group, record: u32) -> String {
    let Some(part) = walk.zone.record(record).map(|record| record.part) else { return String::new() };
    match (group.policy, part) {
        (PolicyKind::Latency, Part::Region(region)) => match walk.latency_source().nearness(region) {
            Nearness::Microseconds(value) => milliseconds(value),
            Nearness::Kilometres(value) if value < 0.0 => "the VPC's own Region".into(),
            Nearness::Kilometres(value) => format!("{} from the VPC's Region", kilometres(value)),
            Nearness::Unknown => "latency unknown".into(),
        },
        (PolicyKind::Geoproximity, Part::Place(place)) => {
            let Some(position) = walk.facts.position else { return "distance unknown".into() };
            let biased = biased_distance(walk.zone, place, position).unwrap_or_default();
            match walk.zone.place(place) {
                Some(crate::compile::Place::Geoproximity { position: at, bias, .. }) => {
                    let real = crate::policy::geoproximity::distance_km(position, *at);
                    match bias {
                        0 => kilometres(real),
                        _ => format!("{}, counted as {}", kilometres(real), kilometres(biased)),
                    }
                }
                _ => String::new(),
            }
        }
        (PolicyKind::IpBased, Part::Location(location)) if location != NONE => {
            let Some((locations, network)) = walk.zone.locations(group).zip(walk.facts.network) else {
                return String::new();
            };
            let number = walk.zone.record(record).map_or(NONE, |record| record.group);
            let mut blocks = locations.table.lookup(&network).0;
            while let (Some(block), Some(value)) = (blocks.network(), blocks.next()) {
                if locations.member(number, value) == Some(record) {
                    return format!("{block} contains {network}");
                }
            }
            String::new()
        }
        _ => String::new(),
    }
}

fn chosen_because(
    walk: &mut Walk<'_, '_>,
    group: &Group,
    record: u32,
    level: u64,
    picked: &Picked,
    candidates: &[u32],
) -> String {
    let zone = walk.zone;
    let part = zone.record(record).map(|record| record.part);
    let fail_open = picked.fail_open();
    if group.count == 1 && !group.policy.candidates_depend_on_client() {
        return "chosen: there is no other".into();
    }
    match group.policy {
        PolicyKind::Simple => "chosen: there is no other".into(),
        PolicyKind::Failover => match (part, fail_open) {
            (Some(Part::Role(Failover::Primary)), false) => "chosen: the primary is healthy".into(),
            (Some(Part::Role(Failover::Primary)), true) => {
                "chosen: with primary and secondary unhealthy the primary answers".into()
            }
            _ => "chosen: the primary is unhealthy".into(),
        },
        PolicyKind::Weighted => {
            let weight = |record: &u32| match zone.record(*record).map(|record| record.part) {
                Some(Part::Weight { weight, .. }) => u32::from(weight),
                _ => 0,
            };
            let pool: Vec<u32> =
                candidates.iter().copied().filter(|member| fail_open || walk.is_record_healthy(*member)).collect();
            let total: u32 = pool.iter().map(weight).fold(0, u32::saturating_add);
            if pool.len() == 1 {
                return "chosen: no other is healthy".into();
            }
            match (weight(&record), total) {
                (_, 0) => {
                    format!("chosen by the draw at level {level}: 1 of {} with weight 0, equally likely", pool.len())
                }
                (own, total) => format!("chosen by the draw at level {level}: weight {own} of {total}"),
            }
        }
        PolicyKind::Latency => match part {
            Some(Part::Region(Region::CN_NORTH_1)) if walk.facts.country == Some(Country::CN) => {
                "chosen: clients in China get cn-north-1".into()
            }
            _ if walk.undetermined.is_some() => "chosen: the first Region code, as no latency is known".into(),
            _ if fail_open => "chosen: lowest latency of all".into(),
            _ => "chosen: lowest latency of the healthy ones".into(),
        },
        PolicyKind::Geolocation if candidates.first() == Some(&record) => {
            "chosen: the smallest place that matches".into()
        }
        PolicyKind::Geolocation => "chosen: the smallest place that matches and is healthy".into(),
        PolicyKind::Geoproximity if walk.undetermined.is_some() => {
            "chosen: the first SetIdentifier, as the client's position is unknown".into()
        }
        PolicyKind::Geoproximity if fail_open => "chosen: nearest of all after bias".into(),
        PolicyKind::Geoproximity => "chosen: nearest of the healthy ones after bias".into(),
        PolicyKind::IpBased if record == group.default_member => {
            "chosen: the default, as no healthier block matches".into()
        }
        PolicyKind::IpBased if candidates.first() == Some(&record) => "chosen: the longest block that matches".into(),
        PolicyKind::IpBased => "chosen: the longest block that matches and is healthy".into(),
        PolicyKind::MultivalueAnswer => "chosen".into(),
    }
}

fn not_chosen_because(walk: &mut Walk<'_, '_>, group: &Group, record: u32, chosen: &[u32]) -> String {
    let part = |record: u32| walk.zone.record(record).map(|record| record.part);
    let (own, best) = (part(record), chosen.first().and_then(|record| part(*record)));
    match group.policy {
        PolicyKind::Weighted => match (own, best) {
            (Some(Part::Weight { weight: 0, .. }), Some(Part::Weight { weight: 1.., .. })) => {
                "weight 0 waits until nothing else is healthy".into()
            }
            _ => "not drawn".into(),
        },
        PolicyKind::Failover => "stands by".into(),
        PolicyKind::Latency => not_nearest(walk, own, best).into(),
        PolicyKind::Geolocation => "a wider place".into(),
        PolicyKind::IpBased => "a shorter block".into(),
        PolicyKind::Geoproximity => not_closest(walk, own, best).into(),
        PolicyKind::MultivalueAnswer => "not among the eight drawn".into(),
        PolicyKind::Simple => String::new(),
    }
}

/// Why latency routing did not choose a healthy member.
fn not_nearest(walk: &mut Walk<'_, '_>, own: Option<Part>, chosen: Option<Part>) -> &'static str {
    let (Some(Part::Region(own)), Some(Part::Region(chosen))) = (own, chosen) else { return "not the lowest latency" };
    if chosen == Region::CN_NORTH_1 && walk.facts.country == Some(Country::CN) {
        return "clients in China get cn-north-1";
    }
    if walk.undetermined.is_some() {
        return "a later Region code";
    }
    let source = walk.latency_source();
    if source.nearness(own) == source.nearness(chosen) {
        "as near, with a later Region code"
    } else {
        "not the lowest latency"
    }
}

/// Why geoproximity routing did not choose a healthy member.
fn not_closest(walk: &Walk<'_, '_>, own: Option<Part>, chosen: Option<Part>) -> &'static str {
    let Some(position) = walk.facts.position else { return "a later SetIdentifier" };
    let distance = |part: Option<Part>| match part {
        Some(Part::Place(place)) => biased_distance(walk.zone, place, position),
        _ => None,
    };
    if distance(own) == distance(chosen) { "equally far, with a later SetIdentifier" } else { "farther after bias" }
}

/// Ties, near ties and what could not be told apart.
fn add_notes(
    steps: &mut Steps,
    step: u32,
    walk: &mut Walk<'_, '_>,
    group: &Group,
    candidates: &[u32],
    picked: &Picked,
    undetermined: Option<Undetermined>,
) {
    if matches!(picked, Picked::Nothing) {
        steps.note(
            Some(step),
            match group.policy {
                PolicyKind::Geolocation => {
                    "no record set serves this client's place and there is no default: no answer"
                }
                _ => "no block contains this client's network and there is no default *: no answer",
            },
        );
    }
    let pool: Vec<u32> =
        candidates.iter().copied().filter(|record| picked.fail_open() || walk.is_record_healthy(*record)).collect();
    if let Some(reason) = undetermined {
        let names: Vec<String> = pool.iter().map(|record| subject(walk, group, *record)).collect();
        let rule = match reason {
            Undetermined::LatencyUnknown => "the first Region code is taken",
            Undetermined::PositionUnknown => "the first SetIdentifier is taken",
        };
        steps.note(Some(step), format!("undetermined: {}; {rule}; possible are {}", reason.as_str(), names.join(", ")));
    }
    let Picked::One(chosen, _) = picked else { return };
    let part = |record: u32| walk.zone.record(record).map(|record| record.part);
    match (group.policy, part(*chosen)) {
        (PolicyKind::Latency, Some(Part::Region(region))) if undetermined.is_none() => {
            let parts: Vec<(u32, Option<Part>)> = pool.iter().map(|record| (*record, part(*record))).collect();
            let source = walk.latency_source();
            let nearness = source.nearness(region);
            for (record, part) in parts {
                if let (true, Some(Part::Region(other))) = (record != *chosen, part)
                    && nearness != Nearness::Unknown
                    && source.nearness(other) == nearness
                {
                    let text = format!("tie: {other} is as near as {region}; the first Region code in byte order wins");
                    steps.note(Some(step), text);
                }
            }
        }
        (PolicyKind::Geoproximity, Some(Part::Place(place))) => {
            let Some(position) = walk.facts.position else { return };
            let best = biased_distance(walk.zone, place, position).unwrap_or_default();
            for record in pool.iter().filter(|record| *record != chosen) {
                let Some(Part::Place(other)) = part(*record) else { continue };
                let distance = biased_distance(walk.zone, other, position).unwrap_or_default();
                let name = walk.zone.set_identifier(*record).unwrap_or_default();
                if distance == best {
                    steps.note(Some(step), format!("tie: {name} is equally far; the first SetIdentifier wins"));
                } else if distance <= best * 1.02 {
                    let text = format!(
                        "close: {name} is less than 2 % farther; AWS's own positions are not published and may decide \
                         otherwise"
                    );
                    steps.note(Some(step), text);
                }
            }
        }
        _ => {}
    }
}
