//! What a zone answers under the statuses of one moment, and how good that is.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_core::health::HealthView;
use pointsman_core::parse::{AliasStatus, RawStatus};
use pointsman_core::query::Client;

use super::history::Statuses;
use crate::ask::{Possible, TooMany, possible};
use crate::subject::Subject;
use crate::world::World;

/// The shares of a client's answers that were no good, and the answers.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Judged {
    /// What was answered, most probable first.
    pub(super) answers: Vec<Possible>,
    /// Sent to something that was reported dead.
    pub(super) dead: f64,
    /// Without an answer.
    pub(super) none: f64,
    /// Sent elsewhere than when everything is healthy.
    pub(super) elsewhere: f64,
}

/// The endpoints that are dead by what reports said: a health check that reads them, or their alias target, is unhealthy.
pub(super) fn dead(subject: &Subject, statuses: &Statuses) -> BTreeSet<usize> {
    let mut dead = BTreeSet::new();
    for (check, reads) in subject.endpoints.reads.iter().enumerate() {
        if statuses.checks.get(subject.check_id(check)) != Some(&RawStatus::Unhealthy) {
            continue;
        }
        dead.extend(&reads.any);
        // Of several such lists nothing says which one it is.
        if let (true, [only]) = (reads.any.is_empty(), reads.all.as_slice()) {
            dead.extend(only);
        }
    }
    for (number, endpoint) in subject.endpoints.list.iter().enumerate() {
        if endpoint.resource.is_some() && statuses.targets.get(&endpoint.label) == Some(&AliasStatus::Unhealthy) {
            dead.insert(number);
        }
    }
    dead
}

/// The same statuses as another version of the zone would have had them: what it checks and nobody recorded is taken to
/// notice the dead as well, at once.
pub(super) fn completed(subject: &Subject, statuses: &Statuses, dead: &BTreeSet<usize>) -> Statuses {
    let world = World { dead: dead.iter().copied().collect(), ..World::default() };
    let mut completed = statuses.clone();
    for check in unrecorded(subject, statuses) {
        let is_unhealthy = world.is_raw_unhealthy(subject, check);
        let raw = if is_unhealthy { RawStatus::Unhealthy } else { RawStatus::Healthy };
        completed.checks.insert(subject.check_id(check).to_owned(), raw);
    }
    for endpoint in dead.iter().filter_map(|number| subject.endpoints.list.get(*number)) {
        if endpoint.resource.is_some() {
            completed.targets.entry(endpoint.label.clone()).or_insert(AliasStatus::Unhealthy);
        }
    }
    completed
}

/// The checks of endpoints that a history has no status of.
pub(super) fn unrecorded<'s>(subject: &'s Subject, statuses: &'s Statuses) -> impl Iterator<Item = usize> + 's {
    let checks = 0..subject.zone.health_checks.len();
    checks.filter(|check| !subject.is_calculated(*check) && !statuses.checks.contains_key(subject.check_id(*check)))
}

/// What a question is answered to each of these clients.
pub(super) fn judge(
    subject: &Subject,
    view: &HealthView,
    question: usize,
    clients: &[Client],
    dead: &BTreeSet<usize>,
) -> Result<Vec<Judged>, TooMany> {
    clients.iter().map(|client| judge_one(subject, view, question, client, dead)).collect()
}

fn judge_one(
    subject: &Subject,
    view: &HealthView,
    question: usize,
    client: &Client,
    dead: &BTreeSet<usize>,
) -> Result<Judged, TooMany> {
    let usual = joined(&possible(subject, &subject.view, question, client)?);
    let answers = joined(&possible(subject, view, question, client)?);
    let mut judged = Judged { answers: Vec::new(), dead: 0.0, none: 0.0, elsewhere: 0.0 };
    let is_dead = |value: &String| {
        let endpoints = subject.endpoints.all_named(value);
        !endpoints.is_empty() && endpoints.iter().all(|endpoint| dead.contains(endpoint))
    };
    for (values, probability) in &answers {
        if values.is_empty() {
            judged.none += probability;
            continue;
        }
        // Clients take one of the values, each as likely as the next.
        judged.dead += probability * values.iter().filter(|value| is_dead(value)).count() as f64 / values.len() as f64;
        judged.elsewhere += (probability - usual.get(values).copied().unwrap_or(0.0)).max(0.0);
    }
    judged.answers = answers.into_iter().map(|(values, probability)| Possible { probability, values }).collect();
    judged.answers.sort_by(|one, other| other.probability.total_cmp(&one.probability));
    Ok(judged)
}

/// Outcomes with the same values are one.
fn joined(outcomes: &[Possible]) -> BTreeMap<Vec<String>, f64> {
    let mut joined: BTreeMap<Vec<String>, f64> = BTreeMap::new();
    for outcome in outcomes {
        *joined.entry(outcome.values.clone()).or_default() += outcome.probability;
    }
    joined
}
