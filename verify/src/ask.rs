//! Core's own answers to a question of the zone, CNAMEs that lead to names of the zone followed to the end.

use pointsman_core::answer::Answer;
use pointsman_core::explain::OddsAnswer;
use pointsman_core::health::HealthView;
use pointsman_core::model::RecordType;
use pointsman_core::model::record::Content;
use pointsman_core::query::{Client, Query};
use pointsman_core::resolve::Scratch;

use crate::subject::{Leads, Subject};

/// Draws that are tried to see one answer among several. A member of weight 1 beside one of 255 is missed by all of them
/// once in 50 times.
const DRAWS: u64 = 1_000;

/// One possible answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Possible {
    /// Its probability over all draws.
    pub probability: f64,
    /// The values, or the name of a resource whose addresses are not known (10.35); none when there is no data.
    pub values: Vec<String>,
}

/// More outcomes than core lists (10.40).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

/// What a group may answer a client.
///
/// # Errors
/// [`TooMany`] when core does not list the outcomes for their number.
pub fn possible(subject: &Subject, view: &HealthView, group: usize, client: &Client) -> Result<Vec<Possible>, TooMany> {
    let mut found = Vec::new();
    let mut open = vec![(group, 1.0)];
    // Chains do not loop (`Groups` cuts them), and each step goes one down.
    while let Some((group, share)) = open.pop() {
        let Some(query) = query(subject, group, client) else { continue };
        let odds = view.odds(&query).map_err(|_| TooMany)?;
        for outcome in &odds.outcomes {
            let probability = share * outcome.probability.as_f64();
            let values: Vec<String> = match &outcome.answer {
                OddsAnswer::Values { values, .. } => values.iter().map(|value| (*value).to_owned()).collect(),
                OddsAnswer::Resource(name) => vec![name.to_string()],
                OddsAnswer::Members { members, .. } => {
                    members.iter().flat_map(|member| &member.values).map(|value| (*value).to_owned()).collect()
                }
            };
            let next = match (outcome.record_type, values.as_slice()) {
                (RecordType::Cname, [value]) => chain(subject, group, value),
                _ => None,
            };
            match next {
                Some(next) => open.push((next, probability)),
                None => found.push(Possible { probability, values }),
            }
        }
    }
    Ok(found)
}

/// Where a CNAME value that a group may answer leads within the zone.
fn chain(subject: &Subject, group: usize, value: &str) -> Option<usize> {
    let (mut seen, mut open) = (std::collections::BTreeSet::new(), vec![group]);
    while let Some(group) = open.pop() {
        let Some(known) = subject.group(group).filter(|_| seen.insert(group)) else { continue };
        for record in &known.members {
            let set = subject.record(*record)?;
            match (&set.content, subject.leads(*record)) {
                (Content::Values { values, .. }, Leads::Group(next, _)) if values.iter().any(|one| &**one == value) => {
                    return Some(next);
                }
                // An alias of type CNAME leads to CNAMEs.
                (Content::Alias(_), Leads::Group(next, _)) => open.push(next),
                _ => {}
            }
        }
    }
    None
}

/// The first draw with which core's answer is as wanted; `None` when none of a thousand is.
#[must_use]
pub fn draw(
    subject: &Subject,
    view: &HealthView,
    group: usize,
    client: &Client,
    wanted: impl Fn(&Answer<'_>) -> bool,
) -> Option<u64> {
    let mut query = query(subject, group, client)?;
    let mut scratch = Scratch::new(view.zone());
    (0..DRAWS).find(|draw| {
        query.draw = *draw;
        wanted(&view.resolve(&query, &mut scratch))
    })
}

fn query(subject: &Subject, group: usize, client: &Client) -> Option<Query> {
    let group = subject.group(group)?;
    let mut query = Query::new(&group.name.to_string(), group.record_type).ok()?;
    query.client = client.clone();
    Some(query)
}
