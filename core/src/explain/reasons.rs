//! Why a record set is healthy or not, down to the check that decides (semantics 3, 5, 6).

use alloc::format;
use alloc::string::{String, ToString};

use super::steps::{StepKind, Steps, Verdict};
use crate::answer::{Answer, Outcome};
use crate::compile::{CheckKind, Group, NONE, Part, Record, Target};
use crate::parse::RawStatus;
use crate::resolve::walk::Walk;

/// How many alias levels reasons follow; deeper trees are told in short.
const DEPTH_MAX: u32 = 12;

/// Members of one group whose reasons are spelled out.
const MEMBERS_MAX: usize = 100;

/// Writes reasons under steps.
pub(super) struct Reasons<'a, 'w, 's> {
    pub(super) steps: &'a mut Steps,
    pub(super) walk: &'a mut Walk<'w, 's>,
}

impl Reasons<'_, '_, '_> {
    /// In words why a record is healthy or unhealthy for this client.
    pub(super) fn health_in_words(&mut self, number: u32) -> String {
        let Some(record) = self.walk.zone.record(number).copied() else { return String::new() };
        if self.walk.is_record_healthy(number) {
            return self.healthy_because(&record);
        }
        if self.walk.view.is_forced(number) {
            return "unhealthy: taken down by request".into();
        }
        if !self.walk.view.own_is_healthy(&record) {
            return format!("unhealthy: health check {}", self.check_in_words(record.check));
        }
        match record.target {
            Target::Group { group, .. } => {
                format!("unhealthy: no record set of its target {} is healthy for this client", self.group_name(group))
            }
            Target::Resource { .. } => "unhealthy: its alias target is unhealthy".into(),
            Target::Values { .. } | Target::Quarantined { .. } => "unhealthy".into(),
        }
    }

    fn healthy_because(&self, record: &Record) -> String {
        let own = (record.check != NONE).then(|| format!("health check {}", self.check_in_words(record.check)));
        let target = match record.target {
            Target::Group { evaluate_target_health: true, .. } => Some("its target has a healthy record set".into()),
            Target::Resource { evaluate_target_health: true, .. } => Some("its alias target is healthy".into()),
            Target::Group { .. } | Target::Resource { .. } => {
                Some(String::from("EvaluateTargetHealth is false, so its target's health does not count"))
            }
            Target::Values { .. } => None,
            Target::Quarantined { reason } => {
                let code = self.walk.zone.quarantine_code(reason);
                return format!("cannot be evaluated [{code}]; counts as healthy");
            }
        };
        match (own, target) {
            (None, None) => "healthy: it has no health check".into(),
            (Some(reason), None) | (None, Some(reason)) => format!("healthy: {reason}"),
            (Some(own), Some(target)) => format!("healthy: {own}, and {target}"),
        }
    }

    /// Adds the checks, resources and groups that make a record healthy or not.
    pub(super) fn add_evidence(&mut self, parent: u32, number: u32, depth: u32) {
        let Some(record) = self.walk.zone.record(number).copied() else { return };
        if record.check != NONE {
            self.add_check(parent, record.check);
        }
        match record.target {
            Target::Resource { resource, evaluate_target_health } => {
                self.add_resource(parent, resource, evaluate_target_health);
            }
            Target::Group { group, evaluate_target_health: true } if !self.walk.is_record_healthy(number) => {
                self.add_dead_group(parent, group, depth);
            }
            _ => {}
        }
    }

    fn add_resource(&mut self, parent: u32, resource: u32, evaluated: bool) {
        let Some(name) = self.walk.zone.resource(resource).map(|resource| resource.name.to_string()) else { return };
        let healthy = self.walk.view.resource_is_healthy(resource);
        let verdict = if healthy { Verdict::Healthy } else { Verdict::Unhealthy };
        let reason = match (evaluated, healthy) {
            (true, true) => "is healthy",
            (true, false) => "is unhealthy",
            (false, _) => "is not asked: EvaluateTargetHealth is false",
        };
        let verdict = if evaluated { verdict } else { Verdict::None };
        self.steps.add(Some(parent), StepKind::AliasTarget, name, verdict, reason);
    }

    /// A check's id, kind and what its status came from: `hc-1 (HTTPS) is unhealthy`.
    fn check_in_words(&self, number: u32) -> String {
        let (subject, reason) = self.check_parts(number);
        format!("{subject} {reason}")
    }

    fn check_parts(&self, number: u32) -> (String, String) {
        let view = self.walk.view;
        let Some(check) = self.walk.zone.check(number) else { return Default::default() };
        let (kind, mut reason) = match &check.kind {
            CheckKind::Calculated { threshold, children } => {
                let up = children.iter().filter(|child| view.check_is_healthy(**child)).count();
                ("CALCULATED", format!("has {up} of {} children healthy and needs {threshold}", children.len()))
            }
            CheckKind::CloudwatchMetric(insufficient) => {
                let words = match view.raw_status(number) {
                    RawStatus::Insufficient { last_known_unhealthy } => {
                        let last = if last_known_unhealthy { "unhealthy" } else { "healthy" };
                        format!("has insufficient data, for which it says {insufficient:?} (last known: {last})")
                    }
                    other => raw_in_words(other).into(),
                };
                ("CLOUDWATCH_METRIC", words)
            }
            CheckKind::Reported(kind) => (*kind, raw_in_words(view.raw_status(number)).into()),
        };
        if check.disabled {
            reason.push_str(", but is disabled, which counts as healthy");
        }
        if check.inverted {
            let word = if view.check_is_healthy(number) { "healthy" } else { "unhealthy" };
            reason.push_str(&format!(", and is inverted, which makes it {word}"));
        }
        (format!("{} ({kind})", check.id), reason)
    }

    /// Adds a check with what its status came from.
    fn add_check(&mut self, parent: u32, number: u32) {
        let Some(check) = self.walk.zone.check(number) else { return };
        let healthy = self.walk.view.check_is_healthy(number);
        let verdict = if healthy { Verdict::Healthy } else { Verdict::Unhealthy };
        let (subject, reason) = self.check_parts(number);
        let step = self.steps.add(Some(parent), StepKind::HealthCheck, subject, verdict, reason);
        if let CheckKind::Calculated { children, .. } = &check.kind {
            for child in children.iter().take(MEMBERS_MAX) {
                if !self.steps.is_full() {
                    self.add_check(step, *child);
                }
            }
        }
    }

    /// Adds why nothing of a group is healthy for this client.
    fn add_dead_group(&mut self, parent: u32, number: u32, depth: u32) {
        let zone = self.walk.zone;
        let Some(group) = zone.group(number) else { return };
        let name = self.group_name(number);
        let candidates = super::members::candidates(self.walk, number, group);
        let reason = match candidates.len() {
            0 => "no record set there applies to this client, so the alias counts as unhealthy".into(),
            count => format!("{}, {}: none healthy", group.policy.as_str(), super::text::count(count, "candidate")),
        };
        let step = self.steps.add(Some(parent), StepKind::Group, name, Verdict::Unhealthy, reason);
        if depth >= DEPTH_MAX || self.steps.is_full() {
            self.steps.note(Some(step), "the reasons further down are left out");
            return;
        }
        for record in candidates.iter().take(MEMBERS_MAX) {
            let subject = super::members::subject(self.walk, group, *record);
            let reason = self.health_in_words(*record);
            let member = self.steps.add(Some(step), StepKind::Member, subject, Verdict::Unhealthy, reason);
            self.add_evidence(member, *record, depth.saturating_add(1));
        }
        if candidates.len() > MEMBERS_MAX {
            self.steps.note(Some(step), "the other candidates are unhealthy too");
        }
    }

    fn group_name(&self, group: u32) -> String {
        self.walk
            .zone
            .group(group)
            .map_or_else(String::new, |group| format!("{} {}", self.walk.zone.node_name(group.node), group.record_type))
    }

    /// Adds what the end of the walk needs said.
    pub(super) fn note_outcome(steps: &mut Steps, under: Option<u32>, answer: &Answer<'_>) {
        match answer.outcome {
            Outcome::Resource(resource) | Outcome::UnknownResource(resource) => {
                let Some(name) = answer.zone.resource(resource).map(|resource| resource.name.to_string()) else {
                    return;
                };
                let reason = match answer.outcome {
                    Outcome::Resource(_) => "answers with its addresses from the AliasTargets document",
                    _ => "answers with addresses that no AliasTargets document tells",
                };
                steps.add(under, StepKind::AliasTarget, name, Verdict::None, reason);
            }
            _ => {}
        }
    }
}

const fn raw_in_words(status: RawStatus) -> &'static str {
    match status {
        RawStatus::NoData => "has no data yet, which counts as healthy",
        RawStatus::Healthy => "is healthy",
        RawStatus::Unhealthy => "is unhealthy",
        RawStatus::Insufficient { .. } => "has insufficient data",
    }
}

/// A member's part in its policy, for its line: `weight 90`, `us-east-1`, `country SG`.
pub(super) fn part_in_words(walk: &Walk<'_, '_>, record: &Record, group: &Group) -> String {
    use crate::compile::Place;
    use crate::model::GeoLocation as G;
    match record.part {
        Part::None => String::new(),
        Part::Weight { weight, .. } => format!("weight {weight}"),
        Part::Region(region) => region.to_string(),
        Part::Role(role) => role.as_str().into(),
        Part::Location(NONE) => "location *".into(),
        Part::Location(text) => format!("location {}", walk.zone.texts().get(text)),
        Part::Place(place) => match walk.zone.place(place) {
            Some(Place::Geolocation(G::Default)) => "default *".into(),
            Some(Place::Geolocation(G::Continent(continent))) => format!("continent {}", continent.as_str()),
            Some(Place::Geolocation(G::Country(country))) => format!("country {country}"),
            Some(Place::Geolocation(G::Subdivision(country, subdivision))) => format!("{country}-{subdivision}"),
            Some(Place::Geoproximity { bias: 0, name, .. }) => name.to_string(),
            Some(Place::Geoproximity { bias, name, .. }) => format!("{name} with bias {bias:+}"),
            None => group.policy.as_str().into(),
        },
    }
}
