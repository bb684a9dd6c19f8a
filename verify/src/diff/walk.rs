//! A change in several batches, step by step: is there a moment in which a name has no answer, or a wrong one?

use std::collections::BTreeSet;

use pointsman_core::model::{Name, RecordType};
use pointsman_core::query::Query;

use super::{Answer, Diff, Down, answer, clients, diff, levers_of, states, view};
use crate::class::arguments;
use crate::subject::Subject;
use crate::text::listed;

/// A moment between two batches at which a name answers what neither the first version nor the last does.
#[derive(Debug, Clone, PartialEq)]
pub struct Hazard {
    /// After which batch, counted from 1.
    pub after: usize,
    /// The name and type.
    pub question: (String, RecordType),
    /// Who gets it.
    pub clients: String,
    /// Options that ask as one of them.
    pub client: Vec<String>,
    /// What is down; empty when nothing is.
    pub down: Vec<String>,
    /// What is wrong.
    pub message: String,
    /// The answer at that moment.
    pub answer: Answer,
}

/// Compares each version with the next, and looks for moments that neither the first version nor the last would have:
/// no answer where both have one, or a value that neither answers. All is well, or one thing is down.
#[must_use]
pub fn walk(versions: &[Subject]) -> (Vec<Diff>, Vec<Hazard>) {
    let steps = versions.windows(2).filter_map(|pair| match pair {
        [old, new] => Some(diff(old, new)),
        _ => None,
    });
    let steps: Vec<Diff> = steps.collect();
    let (Some(first), Some(last)) = (versions.first(), versions.last()) else { return (steps, Vec::new()) };
    let mut hazards = Vec::new();
    for (after, between) in versions.iter().enumerate().skip(1).take(versions.len().saturating_sub(2)) {
        // Only names that some batch touched can be wrong.
        let touched: BTreeSet<(&str, RecordType)> = steps
            .iter()
            .flat_map(|step| &step.changes)
            .map(|change| (change.name.as_str(), change.record_type))
            .collect();
        for (name, record_type) in touched {
            if let Ok(name) = Name::parse(name) {
                look(first, between, last, after, &name, record_type, &mut hazards);
            }
        }
    }
    (steps, hazards)
}

fn look(
    first: &Subject,
    between: &Subject,
    last: &Subject,
    after: usize,
    name: &Name,
    record_type: RecordType,
    hazards: &mut Vec<Hazard>,
) {
    let group = |subject: &Subject| subject.find(name, record_type);
    let (people, describe) = clients(between, last, (group(between), group(last)));
    // A name that is gone for a moment tells no clients apart.
    let people = if people.is_empty() { vec![Default::default()] } else { people };
    let mut levers = Down::new();
    for subject in [first, between, last] {
        levers.extend(group(subject).into_iter().flat_map(|group| levers_of(subject, group)));
    }
    let Ok(mut query) = Query::new(&name.to_string(), record_type) else { return };
    let mut told: BTreeSet<String> = BTreeSet::new();
    for down in states(&levers).0.into_iter().filter(|down| down.len() <= 1) {
        let views = [first, between, last].map(|subject| view(subject, &down));
        for (number, client) in people.iter().enumerate() {
            query.client = client.clone();
            let [Ok(before), Ok(now), Ok(then)] = [views[0].odds(&query), views[1].odds(&query), views[2].odds(&query)]
            else {
                continue;
            };
            let (before, now, then) = (answer(&before), answer(&now), answer(&then));
            let message = if now.may_be_empty() && !before.may_be_empty() && !then.may_be_empty() {
                format!("no answer ({}), though the versions before and after the change both have one", now.line())
            } else {
                let strange: Vec<&String> = now
                    .values
                    .iter()
                    .filter(|value| !before.values.contains(*value) && !then.values.contains(*value))
                    .collect();
                if strange.is_empty() || before.may_be_empty() || then.may_be_empty() {
                    continue;
                }
                format!(
                    "answers {}, which neither the version before nor the one after the change does",
                    listed(&strange, 3)
                )
            };
            if told.insert(message.clone()) {
                hazards.push(Hazard {
                    after,
                    question: (name.to_string(), record_type),
                    clients: describe(&[number]),
                    client: arguments(client),
                    down: down.iter().map(|(_, id)| id.clone()).collect(),
                    message,
                    answer: now,
                });
            }
        }
    }
}
