//! Drill and diff against the plain way: core asked in every world of small zones.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use pointsman_core::diagnostic::{Path, Place};
use pointsman_core::explain::OddsAnswer;
use pointsman_core::model::record::{Content, Routing};
use pointsman_core::model::routing::PolicyKind;
use pointsman_core::model::{
    AliasTarget, EvaluateTargetHealth, HealthCheckKind, HostedZone, RecordType, RoutingPolicy,
};
use pointsman_core::parse::{AliasStatus, HealthReport, RawStatus};
use pointsman_core::proptest::zones;
use pointsman_core::query::Query;
use pointsman_verify::class::{Class, Classes};
use pointsman_verify::diff::diff;
use pointsman_verify::drill::{Options, drill};
use pointsman_verify::facts::Facts;
use pointsman_verify::subject::Subject;
use pointsman_verify::tree::{Towards, answers};
use pointsman_verify::world::World;

/// Whether core sends some of these clients to a dead endpoint while another one is alive, in service and in reach.
fn sends_to_the_dead(subject: &Subject, class: &Class, world: &World, query: &Query) -> bool {
    let leaves = || class.tree.branches().filter(|(_, branch)| branch.leads == Towards::Answer);
    let is_dead = |record: usize| {
        let endpoints = answers(subject, record);
        !endpoints.is_empty() && endpoints.iter().all(|endpoint| world.dead.contains(endpoint))
    };
    let some_alive = leaves().any(|(_, branch)| {
        !subject.is_switched_off(branch.record)
            && !answers(subject, branch.record).is_empty()
            && !is_dead(branch.record)
    });
    if !some_alive {
        return false;
    }
    // What dead record sets answer, as core spells it.
    let spelled = |record: usize| -> (Vec<String>, Option<String>) {
        let set = subject.record(record).unwrap();
        match &set.content {
            Content::Values { values, .. } => (values.iter().map(|value| value.to_string()).collect(), None),
            Content::Alias(AliasTarget::AwsResource { resource, .. }) => {
                let resource = &subject.zone.alias_targets[*resource as usize];
                let list = if set.record_type == RecordType::A { &resource.a } else { &resource.aaaa };
                let values = list.iter().flatten().map(|address| address.to_string()).collect();
                (values, Some(resource.dns_name.to_string()))
            }
            Content::Alias(_) => (Vec::new(), None),
        }
    };
    let dead: Vec<_> = leaves().filter(|(_, branch)| is_dead(branch.record)).map(|(_, b)| spelled(b.record)).collect();
    let view = world.view(subject);
    view.odds(query).unwrap().outcomes.iter().any(|outcome| match &outcome.answer {
        OddsAnswer::Values { values, .. } => {
            let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
            !values.is_empty() && dead.iter().any(|(spelled, _)| *spelled == values)
        }
        OddsAnswer::Resource(name) => dead.iter().any(|(_, spelled)| spelled.as_deref() == Some(&*name.to_string())),
        OddsAnswer::Members { .. } => false,
    })
}

#[test]
fn a_drill_finds_what_every_world_shows_and_nothing_else() {
    // Multivalue answers and SECONDARYs that cannot be unhealthy are judged apart, so they are left out here.
    let policies =
        [PolicyKind::Simple, PolicyKind::Weighted, PolicyKind::Latency, PolicyKind::Geolocation, PolicyKind::IpBased];
    let (mut asked, mut positive) = (0_usize, 0_usize);
    for seed in 0..260 {
        let sample = zones().policies(policies).max_members(3).max_trees(2).seeded(seed);
        let subject = Subject::new(sample.hosted_zone(), Facts::default());
        let endpoints = subject.endpoints.list.len();
        if endpoints > 7 {
            continue;
        }
        let found = drill(&subject, &Options::default(), &mut |_, _| true);
        assert_eq!(found.unconfirmed, [""; 0], "zone {seed}");
        let told: BTreeSet<&str> = found
            .findings
            .iter()
            .filter(|finding| finding.code == "dead-endpoint")
            .flat_map(|finding| finding.questions.iter().chain(&finding.also))
            .map(|asked| asked.question.as_str())
            .collect();
        for (number, group) in subject.questions() {
            let question = format!("{} {}", group.name, group.record_type);
            let mut query = Query::new(&group.name.to_string(), group.record_type).unwrap();
            let classes = Classes::of(&subject, number);
            let shows = classes.list.iter().any(|class| {
                query.client = class.client.clone();
                (0_u32..1 << endpoints).any(|bits| {
                    let dead = (0..endpoints).filter(|endpoint| bits >> endpoint & 1 == 1).collect();
                    sends_to_the_dead(&subject, class, &World { dead, ..World::default() }, &query)
                })
            });
            assert_eq!(told.contains(question.as_str()), shows, "zone {seed}, {question}");
            asked += 1;
            positive += usize::from(shows);
        }
    }
    assert!(asked > 250 && positive > 25 && asked - positive > 25, "{asked} questions, {positive} with a finding");
}

/// A zone with one thing changed; `None` when there is nothing of the kind.
fn changed(zone: &HostedZone, kind: u64, at: usize) -> Option<HostedZone> {
    let mut zone = zone.clone();
    let (count, checks) = (zone.record_sets.len(), zone.health_checks.len().max(1));
    let set = zone.record_sets.get_mut(at % count.max(1))?;
    match kind {
        0 => match &mut set.routing {
            Routing::Member { policy: RoutingPolicy::Weighted(weight), .. } => *weight = weight.wrapping_add(1),
            _ => return None,
        },
        1 => match &mut set.content {
            Content::Alias(
                AliasTarget::InZone { evaluate_target_health, .. }
                | AliasTarget::AwsResource { evaluate_target_health, .. },
            ) => {
                *evaluate_target_health = match evaluate_target_health {
                    EvaluateTargetHealth::Yes => EvaluateTargetHealth::No,
                    EvaluateTargetHealth::No => EvaluateTargetHealth::Yes,
                }
            }
            Content::Values { .. } => return None,
        },
        2 => set.health_check.take().map(|_| ())?,
        3 => match &mut set.content {
            Content::Values { ttl, .. } => *ttl += 1,
            Content::Alias(_) => return None,
        },
        4 => {
            let check = zone.health_checks.get_mut(at % checks)?;
            check.inverted = !check.inverted;
        }
        _ => {
            let check = zone.health_checks.get_mut(at % checks)?;
            match &mut check.kind {
                HealthCheckKind::Calculated { health_threshold, .. } => *health_threshold += 1,
                _ => return None,
            }
        }
    }
    Some(zone)
}

/// Odds as a difference counts: how long a lack of data may be cached is none.
fn told_apart(odds: &str) -> serde_json::Value {
    let mut odds: serde_json::Value = serde_json::from_str(odds).unwrap();
    for outcome in odds["outcomes"].as_array_mut().into_iter().flatten() {
        if outcome["values"].as_array().is_some_and(Vec::is_empty) {
            outcome["ttl"] = 0.into();
        }
    }
    odds
}

#[test]
fn a_diff_names_what_answers_differently_in_some_state_and_nothing_else() {
    let (mut compared, mut differing) = (0_usize, 0_usize);
    for seed in 0..260_u64 {
        let old = zones().max_members(3).max_trees(2).seeded(seed).hosted_zone();
        let Some(new) = changed(&old, seed % 6, seed as usize / 6) else { continue };
        let levers: Vec<(bool, String)> = old
            .health_checks
            .iter()
            .filter(|check| !matches!(check.kind, HealthCheckKind::Calculated { .. }))
            .map(|check| (true, check.id.to_string()))
            .chain(old.alias_targets.iter().map(|target| (false, target.dns_name.to_string())))
            .collect();
        if levers.len() > 8 {
            continue;
        }
        let [old, new] = [old, new].map(|zone| Subject::new(zone, Facts::default()));
        let found = diff(&old, &new);
        let told: BTreeSet<(String, RecordType)> = found
            .changes
            .iter()
            .filter(|change| change.scope.is_one())
            .map(|change| (change.name.clone(), change.record_type))
            .collect();
        let mut shown = BTreeSet::new();
        for bits in 0_u32..1 << levers.len() {
            let mut report = HealthReport::default();
            for (_, (is_check, id)) in levers.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1) {
                let place = Place::new(0, Path::root());
                match is_check {
                    true => report.health_checks.push((id.as_str().into(), RawStatus::Unhealthy, place)),
                    false => report.alias_targets.push((id.as_str().into(), AliasStatus::Unhealthy, place)),
                }
            }
            let views = [&old, &new].map(|subject| subject.view.updated(&report).0);
            for (number, group) in old.questions() {
                let mut query = Query::new(&group.name.to_string(), group.record_type).unwrap();
                for class in Classes::of(&old, number).list {
                    query.client = class.client;
                    let answers = [0, 1].map(|version| told_apart(&views[version].odds(&query).unwrap().to_json()));
                    if answers[0] != answers[1] {
                        shown.insert((group.name.to_string(), group.record_type));
                    }
                }
            }
        }
        assert_eq!(told, shown, "zone {seed}, change {}", seed % 6);
        compared += found.compared;
        differing += shown.len();
        assert!(diff(&old, &old).changes.is_empty() && found.claim.bounded.is_empty());
    }
    assert!(compared > 200 && differing > 20, "{compared} names compared, {differing} differ");
}

/// Every policy, any shape: what the reasoning finds, core says too; and nothing stops it.
#[test]
fn core_confirms_every_finding() {
    let (mut findings, mut codes) = (0_usize, BTreeSet::new());
    for seed in 1001..1050 {
        let subject = Subject::new(zones().max_members(6).seeded(seed).hosted_zone(), Facts::default());
        let found = drill(&subject, &Options::default(), &mut |_, _| true);
        assert_eq!(found.unconfirmed, [""; 0], "zone {seed}");
        assert!(found.bounded.is_empty());
        findings += found.findings.len();
        codes.extend(found.findings.iter().map(|finding| finding.code));
        // With hardly any room, fewer worlds are looked at, and what is reported is confirmed by core all the same.
        let cramped = drill(&subject, &Options { nodes_max: 60, ..Options::default() }, &mut |_, _| true);
        assert_eq!(cramped.unconfirmed, [""; 0], "zone {seed}");
    }
    assert!(findings > 200 && codes.len() >= 8, "{findings} {codes:?}");
}
