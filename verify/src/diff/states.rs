//! The states of health that a comparison looks at: what is down, and which alarms lack data.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_core::diagnostic::{Path, Place};
use pointsman_core::health::HealthView;
use pointsman_core::model::HealthCheckKind;
use pointsman_core::parse::{AliasStatus, HealthReport, RawStatus};

use crate::subject::{Leads, Subject};

/// Up to so many health checks and alias targets every state of them is tried.
pub const STATES_OF: usize = 12;

/// The most answers that are asked for one question; past it, fewer states are tried.
const ANSWERS_MAX: usize = 4_000_000;

/// Health checks and alias targets by the names that all versions share.
pub(super) type Down = BTreeSet<(Kind, String)>;

/// What can be other than well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A health check is unhealthy.
    Check,
    /// An alias target is unhealthy.
    Target,
    /// An alarm lacks data, and was healthy when it last had any.
    Insufficient,
    /// An alarm lacks data, and was unhealthy when it last had any.
    InsufficientAndUnhealthy,
}

/// The states to try, few things down first.
pub(super) struct States {
    pub(super) list: Vec<Down>,
    /// What they leave out, in words; `None` when they are all.
    pub(super) bound: Option<String>,
}

/// What bears on the answers of these groups, each in its version.
pub(super) fn levers_of(groups: &[(&Subject, Option<usize>)]) -> Down {
    let mut levers = Down::new();
    // What each alarm's lack of data means; `None` in versions where it is no alarm.
    let mut alarms: BTreeMap<&str, Vec<Option<_>>> = BTreeMap::new();
    for (subject, group) in groups.iter().filter_map(|(subject, group)| Some((*subject, (*group)?))) {
        for check in subject.checks_of(group) {
            let Some(check) = subject.zone.health_checks.get(check) else { continue };
            let insufficient = match &check.kind {
                HealthCheckKind::Calculated { .. } => continue,
                HealthCheckKind::CloudwatchMetric(insufficient) => Some(insufficient),
                _ => None,
            };
            if !check.disabled {
                levers.insert((Kind::Check, check.id.to_string()));
                let known = alarms.entry(&check.id).or_default();
                if !known.contains(&insufficient) {
                    known.push(insufficient);
                }
            }
        }
        targets_of(subject, group, &mut levers);
    }
    // Where versions agree on what a lack of data means, it is one of the two other states.
    for (id, _) in alarms.into_iter().filter(|(_, meanings)| meanings.len() > 1) {
        levers.insert((Kind::Insufficient, id.into()));
        levers.insert((Kind::InsufficientAndUnhealthy, id.into()));
    }
    levers
}

/// The alias targets whose health counts.
fn targets_of(subject: &Subject, group: usize, levers: &mut Down) {
    let (mut open, mut seen) = (vec![group], BTreeSet::new());
    while let Some(number) = open.pop() {
        let Some(group) = subject.group(number).filter(|_| seen.insert(number)) else { continue };
        for record in &group.members {
            match subject.leads(*record) {
                Leads::Group(next, _) => open.push(next),
                Leads::Resource(resource, true) => {
                    let resource = subject.zone.alias_targets.get(resource);
                    levers.extend(resource.map(|resource| (Kind::Target, resource.dns_name.to_string())));
                }
                _ => {}
            }
        }
    }
}

/// Every state of a few levers, or those with few things down; `answers` is how many answers each state costs.
pub(super) fn states(levers: &Down, answers: usize) -> States {
    let levers: Vec<&(Kind, String)> = levers.iter().collect();
    let affordable = ANSWERS_MAX / answers.max(1);
    let count = levers.len();
    let pairs = count.saturating_mul(count.saturating_sub(1)) / 2;
    if count <= STATES_OF && 1_usize << count <= affordable {
        let mut list: Vec<Down> = (0..1_u32 << count)
            .map(|bits| {
                let down = levers.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1);
                down.map(|(_, lever)| (*lever).clone()).collect()
            })
            .filter(is_possible)
            .collect();
        list.sort_by_key(Down::len);
        return States { list, bound: None };
    }
    let mut list = vec![Down::new()];
    let singles = levers.iter().map(|lever| Down::from([(*lever).clone()]));
    list.extend(singles.take(affordable.saturating_sub(1)));
    let mut bound =
        format!("{} of {count} health checks and alias targets down, one at a time", list.len().saturating_sub(1));
    if count.saturating_add(pairs) < affordable {
        for (at, one) in levers.iter().enumerate() {
            let others = levers.iter().skip(at.saturating_add(1));
            list.extend(others.map(|other| Down::from([(*one).clone(), (*other).clone()])).filter(is_possible));
        }
        bound = format!("at most two of {count} health checks and alias targets down at once");
    }
    States { list, bound: Some(bound) }
}

/// Whether nothing is in two states at once.
fn is_possible(down: &Down) -> bool {
    let checks = || down.iter().filter(|(kind, _)| *kind != Kind::Target);
    checks().map(|(_, id)| id).collect::<BTreeSet<_>>().len() == checks().count()
}

/// A version in a state.
pub(super) fn view(subject: &Subject, down: &Down) -> HealthView {
    let place = || Place::new(0, Path::root());
    let mut report = HealthReport::default();
    let mut check = |id: &str, status| report.health_checks.push((id.into(), status, place()));
    for (kind, id) in down {
        match kind {
            Kind::Check => check(id, RawStatus::Unhealthy),
            Kind::Insufficient => check(id, RawStatus::Insufficient { last_known_unhealthy: false }),
            Kind::InsufficientAndUnhealthy => check(id, RawStatus::Insufficient { last_known_unhealthy: true }),
            Kind::Target => {}
        }
    }
    for (_, id) in down.iter().filter(|(kind, _)| *kind == Kind::Target) {
        report.alias_targets.push((id.as_str().into(), AliasStatus::Unhealthy, place()));
    }
    subject.view.updated(&report).0
}

/// What is down, as `--down` takes it.
pub(super) fn down_of(state: &Down) -> Vec<String> {
    let down = state.iter().filter(|(kind, _)| matches!(kind, Kind::Check | Kind::Target));
    down.map(|(_, id)| id.clone()).collect()
}

/// Which alarms lack data, in words.
pub(super) fn insufficient_of(state: &Down) -> Vec<String> {
    let words = state.iter().filter_map(|(kind, id)| match kind {
        Kind::Insufficient => Some(format!("{id} without enough data")),
        Kind::InsufficientAndUnhealthy => Some(format!("{id} without enough data, last unhealthy")),
        Kind::Check | Kind::Target => None,
    });
    words.collect()
}
