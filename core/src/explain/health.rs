//! Why a record set is healthy or not, down to the check that decides (semantics 3, 5, 6).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::codes::ReasonCode as C;
use super::member::{group_name, part, subject};
use super::sentence;
use super::steps::{GroupFacts, Health, Reason, Step, StepKind, Steps, Verdict};
use crate::compile::{CheckKind, Group, NONE, Record, Target};
use crate::model::health_check::InsufficientDataHealthStatus;
use crate::parse::{CheckerReport, RawStatus};
use crate::resolve::walk::Walk;

/// How many alias levels reasons follow; deeper trees are cut short.
const DEPTH_MAX: u32 = 12;

/// Members of one group whose reasons are spelled out.
const MEMBERS_MAX: usize = 100;

/// A member's health for this client, why, and the sentence that says so.
pub(super) fn of_member(walk: &mut Walk<'_, '_>, number: u32) -> (Health, Reason, String) {
    let healthy = walk.is_record_healthy(number);
    let Some(record) = walk.zone.record(number).copied() else {
        return (healthy.into(), Reason::new(C::NoHealthCheck), String::new());
    };
    let reason = why(walk, number, &record, healthy);
    let check = match record.check {
        NONE => String::new(),
        check => check_in_words(walk, check),
    };
    let text = sentence::health(&reason, &check);
    (healthy.into(), reason, text)
}

fn why(walk: &mut Walk<'_, '_>, number: u32, record: &Record, healthy: bool) -> Reason {
    if walk.view.is_forced(number) {
        return Reason::new(C::TakenDown);
    }
    if let Target::Quarantined { reason } = record.target {
        return Reason::new(C::NotEvaluated).with("finding", walk.zone.quarantine_code(reason));
    }
    let own_is_healthy = walk.view.own_is_healthy(record);
    let check = walk.zone.check(record.check).map(|check| check.id.to_string());
    let target = match record.target {
        Target::Values { .. } | Target::Quarantined { .. } => None,
        Target::Group { group, evaluate_target_health } => Some((group_name(walk, group), evaluate_target_health)),
        Target::Resource { resource, evaluate_target_health } => {
            let name = walk.zone.resource(resource).map(|resource| resource.name.to_string());
            Some((name.unwrap_or_default(), evaluate_target_health))
        }
    };
    let code = match (&check, own_is_healthy, &target) {
        (Some(_), false, _) => C::CheckUnhealthy,
        (_, _, Some((_, false))) => C::TargetNotEvaluated,
        (None, _, None) => C::NoHealthCheck,
        (Some(_), true, None) => C::CheckHealthy,
        (None, _, Some(_)) if healthy => C::TargetHealthy,
        (None, _, Some(_)) => C::TargetUnhealthy,
        (Some(_), true, Some(_)) if healthy => C::CheckAndTargetHealthy,
        (Some(_), true, Some(_)) => C::CheckHealthyTargetUnhealthy,
    };
    let mut reason = Reason::new(code);
    if let Some(check) = check {
        reason = reason.with("check", check);
    }
    if let Some((target, evaluated)) = target {
        reason = reason.with("target", target);
        if code == C::CheckUnhealthy && evaluated {
            reason = reason.with("target_health", Health::from(is_target_healthy(walk, record)).as_str());
        }
    }
    reason
}

/// Whether what an alias leads to is healthy for this client.
fn is_target_healthy(walk: &mut Walk<'_, '_>, record: &Record) -> bool {
    match record.target {
        Target::Values { .. } | Target::Quarantined { .. } => true,
        Target::Group { group, .. } => walk.is_group_healthy(group),
        Target::Resource { resource, .. } => walk.view.resource_is_healthy(resource),
    }
}

/// A check's name, kind and what its status came from: `health check hc-1 (HTTPS) is reported healthy`.
fn check_in_words(walk: &Walk<'_, '_>, number: u32) -> String {
    let Some(check) = walk.zone.check(number) else { return String::new() };
    let healthy = walk.view.check_is_healthy(number);
    let sentence = sentence::check(&of_check(walk, number), healthy);
    format!("health check {} ({}) {sentence}", check.id, kind_of(&check.kind))
}

const fn kind_of(kind: &CheckKind) -> &'static str {
    match kind {
        CheckKind::Calculated { .. } => "CALCULATED",
        CheckKind::CloudwatchMetric(_) => "CLOUDWATCH_METRIC",
        CheckKind::Reported(kind) => kind,
    }
}

/// What a check's status came from.
fn of_check(walk: &Walk<'_, '_>, number: u32) -> Reason {
    let view = walk.view;
    let Some(check) = walk.zone.check(number) else { return Reason::new(C::NoData) };
    let reason = match (&check.kind, view.raw_status(number)) {
        _ if check.disabled => Reason::new(C::Disabled),
        (CheckKind::Calculated { threshold, children }, _) => {
            let healthy = children.iter().filter(|child| view.check_is_healthy(**child)).count();
            let enough = healthy >= *threshold as usize;
            let code = if enough { C::EnoughChildrenHealthy } else { C::TooFewChildrenHealthy };
            Reason::new(code).with("healthy", healthy).with("children", children.len()).with("threshold", *threshold)
        }
        (CheckKind::CloudwatchMetric(setting), RawStatus::Insufficient { last_known_unhealthy }) => {
            let setting = match setting {
                InsufficientDataHealthStatus::Healthy => "Healthy",
                InsufficientDataHealthStatus::Unhealthy => "Unhealthy",
                InsufficientDataHealthStatus::LastKnownStatus => "LastKnownStatus",
            };
            let last = Health::from(!last_known_unhealthy).as_str();
            let reason = Reason::new(C::InsufficientData).with("insufficient_data_health_status", setting);
            reason.with("last_known", last)
        }
        (_, RawStatus::Healthy) => with_reports(Reason::new(C::ReportedHealthy), &view.checker_reports(number)),
        (_, RawStatus::Unhealthy) => with_reports(Reason::new(C::ReportedUnhealthy), &view.checker_reports(number)),
        (_, RawStatus::NoData | RawStatus::Insufficient { .. }) => Reason::new(C::NoData),
    };
    if check.inverted { reason.with("inverted", true) } else { reason }
}

/// Repeats what checkers reported, where the health report holds it.
fn with_reports(reason: Reason, reports: &[CheckerReport]) -> Reason {
    if reports.is_empty() {
        return reason;
    }
    let successes = reports.iter().filter(|report| report.is_success()).count();
    let words = |CheckerReport { region, status }: &CheckerReport| match &**region {
        "" => status.to_string(),
        region => format!("{region}: {status}"),
    };
    let lines: Vec<String> = reports.iter().map(words).collect();
    reason.with("successes", successes).with("checkers", reports.len()).with("reports", lines)
}

/// Adds the checks, resources and groups that make a member healthy or not. The walk itself goes on below a chosen member.
pub(super) fn add_evidence(
    steps: &mut Steps,
    walk: &mut Walk<'_, '_>,
    parent: u32,
    number: u32,
    is_chosen: bool,
    depth: u32,
) {
    let Some(record) = walk.zone.record(number).copied() else { return };
    if record.check != NONE {
        add_check(steps, walk, parent, record.check);
    }
    match record.target {
        Target::Resource { resource, evaluate_target_health } => {
            add_resource(steps, walk, parent, resource, evaluate_target_health);
        }
        Target::Group { group, evaluate_target_health: true } if !is_chosen && !walk.is_group_healthy(group) => {
            add_dead_group(steps, walk, parent, group, depth);
        }
        _ => {}
    }
}

fn add_resource(steps: &mut Steps, walk: &Walk<'_, '_>, parent: u32, resource: u32, evaluated: bool) {
    let Some(name) = walk.zone.resource(resource).map(|resource| resource.name.to_string()) else { return };
    let healthy = walk.view.resource_is_healthy(resource);
    let (code, verdict) = match (evaluated, healthy) {
        (true, true) => (C::ResourceHealthy, Verdict::Healthy),
        (true, false) => (C::ResourceUnhealthy, Verdict::Unhealthy),
        (false, _) => (C::ResourceNotEvaluated, Verdict::None),
    };
    let reason = Reason::new(code);
    let text = sentence::alias_target(&reason);
    let step = Step::new(StepKind::AliasTarget, name, reason);
    steps.add(Some(parent), Step { verdict, health: Some(healthy.into()), text, ..step });
}

/// Adds a check with what its status came from, and the children of a calculated one.
fn add_check(steps: &mut Steps, walk: &Walk<'_, '_>, parent: u32, number: u32) {
    let Some(check) = walk.zone.check(number) else { return };
    let healthy = walk.view.check_is_healthy(number);
    let verdict = if healthy { Verdict::Healthy } else { Verdict::Unhealthy };
    let reason = of_check(walk, number);
    let text = sentence::check(&reason, healthy);
    let step = Step::new(StepKind::HealthCheck, &*check.id, reason);
    let part = kind_of(&check.kind).into();
    let step = steps.add(Some(parent), Step { part, verdict, health: Some(healthy.into()), text, ..step });
    if let CheckKind::Calculated { children, .. } = &check.kind {
        for child in children.iter().take(MEMBERS_MAX) {
            if !steps.is_full() {
                add_check(steps, walk, step, *child);
            }
        }
    }
}

/// Counts the candidates of a group and the healthy ones among them.
pub(super) fn facts(walk: &mut Walk<'_, '_>, group: &Group, candidates: &[u32], fail_open: bool) -> (GroupFacts, C) {
    let healthy = candidates.iter().filter(|record| walk.is_record_healthy(**record)).count() as u32;
    let facts = GroupFacts {
        policy: group.policy,
        record_sets: group.count,
        candidates: candidates.len() as u32,
        healthy,
        fail_open,
    };
    let code = match (candidates.len(), healthy) {
        (0, _) => C::NoCandidate,
        (_, 0) => C::NoHealthyCandidate,
        _ => C::HealthyCandidates,
    };
    (facts, code)
}

/// Adds why nothing of a group is healthy for this client.
fn add_dead_group(steps: &mut Steps, walk: &mut Walk<'_, '_>, parent: u32, number: u32, depth: u32) {
    let zone = walk.zone;
    let Some(group) = zone.group(number) else { return };
    let candidates = walk.candidates(number, group);
    let (facts, code) = facts(walk, group, &candidates, false);
    let step = Step::new(StepKind::Group, group_name(walk, number), Reason::new(code));
    let text = sentence::group_health(&facts);
    let step = steps.add(Some(parent), Step { verdict: Verdict::Unhealthy, group: Some(facts), text, ..step });
    if depth >= DEPTH_MAX || steps.is_full() {
        add_note(steps, step, Reason::new(C::LeftOut));
        return;
    }
    for record in candidates.iter().take(MEMBERS_MAX) {
        let (health, why, text) = of_member(walk, *record);
        let member = Step::new(StepKind::Member, subject(walk, *record), Reason::new(C::Unhealthy));
        let part = part(walk, *record);
        let health = Some(health);
        let member = Step { part, verdict: Verdict::Unhealthy, health, health_reason: Some(why), text, ..member };
        let member = steps.add(Some(step), member);
        add_evidence(steps, walk, member, *record, false, depth.saturating_add(1));
    }
    if candidates.len() > MEMBERS_MAX {
        add_note(steps, step, Reason::new(C::LeftOut).with("count", candidates.len().saturating_sub(MEMBERS_MAX)));
    }
}

/// Adds a note.
pub(super) fn add_note(steps: &mut Steps, parent: u32, reason: Reason) {
    let text = sentence::note(&reason);
    steps.add(Some(parent), Step { text, ..Step::new(StepKind::Note, "note", reason) });
}
