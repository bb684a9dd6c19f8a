//! What a change alters: which clients get another answer, in which states of health, and with which odds.
//!
//! Names whose record sets, targets and health checks are the same in both versions are not asked. Every other name is
//! asked for each class of clients that either version tells apart, in every state of the health checks and alias
//! targets that bear on it; past 12 of them, in each state with at most two down. Core answers.

mod same;
mod walk;

use std::collections::{BTreeMap, BTreeSet};

use pointsman_core::answer::Rcode;
use pointsman_core::diagnostic::{Path, Place};
use pointsman_core::explain::{Odds, OddsAnswer};
use pointsman_core::health::HealthView;
use pointsman_core::model::{HealthCheckKind, Name, RecordType};
use pointsman_core::parse::{AliasStatus, HealthReport, RawStatus};
use pointsman_core::query::{Client, Query};
use serde_json::{Value, json};

use crate::class::{Classes, arguments};
use crate::subject::{Leads, Subject};
use crate::text::{listed, percent};

pub use walk::{Hazard, walk};

/// Up to so many health checks and alias targets every state of them is tried.
pub const STATES_OF: usize = 12;

/// What differs between two versions.
#[derive(Debug, Clone, Default)]
pub struct Diff {
    /// By name and type, in order.
    pub changes: Vec<Change>,
    /// Names and types that were compared, those that are the same by their text included.
    pub compared: usize,
    /// Names for which not every state was tried.
    pub bounded: Vec<String>,
}

/// One name and type whose answers differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The name.
    pub name: String,
    /// The type.
    pub record_type: RecordType,
    /// Who gets what instead of what, and when.
    pub cases: Vec<Case>,
}

/// Some clients, some states, one answer before and one after.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The clients in words.
    pub clients: String,
    /// Options that ask as one of them.
    pub client: Vec<String>,
    /// What is down in the smallest such state; empty when nothing is.
    pub down: Vec<String>,
    /// In how many of the states that were tried it is so.
    pub states: usize,
    /// The answer before.
    pub before: Answer,
    /// The answer after.
    pub after: Answer,
}

/// What is answered, with odds.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// `NOERROR`, `NXDOMAIN` or `REFUSED`.
    pub rcode: &'static str,
    /// Probability, and what is answered: values with their TTL, or that there is no data.
    pub outcomes: Vec<(f64, String)>,
    /// Core's own JSON.
    pub json: String,
    /// Every value that may be answered.
    pub values: BTreeSet<String>,
}

impl Answer {
    /// Whether there may be an answer without data.
    #[must_use]
    pub fn may_be_empty(&self) -> bool {
        self.rcode != "NOERROR" || self.outcomes.iter().any(|(_, text)| text == NO_DATA)
    }

    /// In one line: `90 % 192.0.2.1 (60 s), 10 % 192.0.2.2 (60 s)`.
    #[must_use]
    pub fn line(&self) -> String {
        if self.rcode != "NOERROR" {
            return self.rcode.into();
        }
        let of = |(probability, text): &(f64, String)| match self.outcomes.len() {
            1 => text.clone(),
            _ => format!("{} {text}", percent(*probability)),
        };
        self.outcomes.iter().map(of).collect::<Vec<_>>().join(", ")
    }
}

const NO_DATA: &str = "no data";

/// Compares two versions of a zone.
///
/// ```
/// # use pointsman_core::{parse::parse, validate::{Options, validate}};
/// # use pointsman_verify::{diff::diff, facts::Facts, subject::Subject};
/// let version = |weight: u8| {
///     let zone = format!(r#"{{"HostedZone": {{"Id": "Z1", "Name": "example.com."}}, "ResourceRecordSets": [
///         {{"Name": "a.example.com.", "Type": "A", "SetIdentifier": "1", "Weight": 9, "TTL": 60, "ResourceRecords": [{{"Value": "192.0.2.1"}}]}},
///         {{"Name": "a.example.com.", "Type": "A", "SetIdentifier": "2", "Weight": {weight}, "TTL": 60, "ResourceRecords": [{{"Value": "192.0.2.2"}}]}}]}}"#);
///     Subject::new(validate(&[parse(0, &zone)], &Options::default()).zone.unwrap(), Facts::default())
/// };
/// let found = diff(&version(0), &version(1));
/// assert_eq!(found.changes[0].cases[0].before.line(), "192.0.2.1 (60 s)");
/// assert_eq!(found.changes[0].cases[0].after.line(), "90 % 192.0.2.1 (60 s), 10 % 192.0.2.2 (60 s)");
/// assert!(diff(&version(1), &version(1)).changes.is_empty());
/// ```
#[must_use]
pub fn diff(old: &Subject, new: &Subject) -> Diff {
    let mut questions: BTreeSet<(Name, RecordType)> = BTreeSet::new();
    for subject in [old, new] {
        questions.extend(subject.questions().map(|(_, group)| (group.name.clone(), group.record_type)));
    }
    let mut found = Diff { compared: questions.len(), ..Diff::default() };
    let mut same = same::Same::new(old, new);
    for (name, record_type) in questions {
        let groups = (old.find(&name, record_type), new.find(&name, record_type));
        if let (Some(before), Some(after)) = groups
            && same.is_same(before, after)
        {
            continue;
        }
        let (cases, is_bounded) = compare(old, new, &name, record_type, groups);
        if is_bounded {
            found.bounded.push(format!("{name} {record_type}"));
        }
        if !cases.is_empty() {
            found.changes.push(Change { name: name.to_string(), record_type, cases });
        }
    }
    found
}

/// A pair of answers, the smallest state in which it is given, and in how many states it is.
type Pair = (Answer, Answer, Down, usize);

/// Health checks and alias targets by the names that both versions share.
pub(crate) type Down = BTreeSet<(Kind, String)>;

/// What can be down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    Check,
    Target,
}

fn compare(
    old: &Subject,
    new: &Subject,
    name: &Name,
    record_type: RecordType,
    groups: (Option<usize>, Option<usize>),
) -> (Vec<Case>, bool) {
    let (clients, describe) = clients(old, new, groups);
    let mut levers = Down::new();
    levers.extend(groups.0.into_iter().flat_map(|group| levers_of(old, group)));
    levers.extend(groups.1.into_iter().flat_map(|group| levers_of(new, group)));
    let (states, is_bounded) = states(&levers);
    let Ok(mut query) = Query::new(&name.to_string(), record_type) else { return (Vec::new(), false) };
    // By client: the pairs of answers, each with its smallest state and how many there are.
    let mut by_client: Vec<Vec<Pair>> = vec![Vec::new(); clients.len()];
    for down in &states {
        let (before, after) = (view(old, down), view(new, down));
        for (client, pairs) in clients.iter().zip(&mut by_client) {
            query.client = client.clone();
            let (Ok(a), Ok(b)) = (before.odds(&query), after.odds(&query)) else { continue };
            let (a, b) = (answer(&a), answer(&b));
            if a.json == b.json {
                continue;
            }
            match pairs.iter_mut().find(|(before, after, ..)| before.json == a.json && after.json == b.json) {
                Some((.., count)) => *count = count.saturating_add(1),
                None => pairs.push((a, b, down.clone(), 1)),
            }
        }
    }
    // Clients with the same differences are told together.
    let mut told: Vec<(Vec<usize>, Vec<Pair>)> = Vec::new();
    for (client, pairs) in by_client.into_iter().enumerate().filter(|(_, pairs)| !pairs.is_empty()) {
        match told.iter_mut().find(|(_, known)| *known == pairs) {
            Some((clients, _)) => clients.push(client),
            None => told.push((vec![client], pairs)),
        }
    }
    let mut cases = Vec::new();
    for (members, pairs) in told {
        let words = describe(&members);
        let client = members.first().and_then(|first| clients.get(*first)).map(arguments).unwrap_or_default();
        for (before, after, down, states) in pairs {
            let down = down.into_iter().map(|(_, id)| id).collect();
            cases.push(Case { clients: words.clone(), client: client.clone(), down, states, before, after });
        }
    }
    (cases, is_bounded)
}

/// Clients that either version tells apart, and their words.
pub(crate) fn clients(
    old: &Subject,
    new: &Subject,
    groups: (Option<usize>, Option<usize>),
) -> (Vec<Client>, impl Fn(&[usize]) -> String) {
    let of = |subject: &Subject, group: Option<usize>| group.map(|group| Classes::of(subject, group));
    let (before, after) = (of(old, groups.0), of(new, groups.1));
    let every = [&before, &after].into_iter().flatten().flat_map(|classes| &classes.list);
    let every: Vec<Client> = every.flat_map(|class| class.clients().cloned()).collect();
    let class = |subject: &Subject, group: Option<usize>, classes: &Option<Classes>, client: &Client| {
        classes.as_ref().zip(group).and_then(|(classes, group)| classes.classify(subject, group, client))
    };
    let mut by_classes: BTreeMap<(Option<usize>, Option<usize>), crate::class::Class> = BTreeMap::new();
    for client in every {
        let key = (class(old, groups.0, &before, &client), class(new, groups.1, &after, &client));
        by_classes
            .entry(key)
            .and_modify(|known| known.others.push(client.clone()))
            .or_insert_with(|| crate::class::Class::only(client.clone()));
    }
    let list: Vec<crate::class::Class> = by_classes.into_values().collect();
    let clients = list.iter().map(|class| class.client.clone()).collect();
    (clients, move |members: &[usize]| crate::class::describe_together(&list, members))
}

/// The health checks that are not calculated, and the alias targets, that bear on a group.
pub(crate) fn levers_of(subject: &Subject, group: usize) -> Down {
    let is_reported = |check: &usize| {
        let check = subject.zone.health_checks.get(*check);
        check.is_some_and(|check| !matches!(check.kind, HealthCheckKind::Calculated { .. }) && !check.disabled)
    };
    let checks = subject.checks_of(group);
    let mut levers: Down = checks
        .iter()
        .filter(|check| is_reported(check))
        .map(|check| (Kind::Check, subject.check_id(*check).into()))
        .collect();
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
    levers
}

/// Every state of a few levers, or those with at most two down; and whether that leaves some out. Few down come first.
pub(crate) fn states(levers: &Down) -> (Vec<Down>, bool) {
    let levers: Vec<&(Kind, String)> = levers.iter().collect();
    let mut states = Vec::new();
    if levers.len() <= STATES_OF {
        for bits in 0..1_u32 << levers.len() {
            let down = levers.iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1);
            states.push(down.map(|(_, lever)| (*lever).clone()).collect::<Down>());
        }
        states.sort_by_key(Down::len);
        return (states, false);
    }
    states.push(Down::new());
    states.extend(levers.iter().map(|lever| Down::from([(*lever).clone()])));
    for (at, one) in levers.iter().enumerate() {
        let others = levers.iter().skip(at.saturating_add(1));
        states.extend(others.map(|other| Down::from([(*one).clone(), (*other).clone()])));
    }
    (states, true)
}

/// A version in a state.
pub(crate) fn view(subject: &Subject, down: &Down) -> HealthView {
    let place = || Place::new(0, Path::root());
    let mut report = HealthReport::default();
    for (kind, id) in down {
        match kind {
            Kind::Check => report.health_checks.push((id.as_str().into(), RawStatus::Unhealthy, place())),
            Kind::Target => report.alias_targets.push((id.as_str().into(), AliasStatus::Unhealthy, place())),
        }
    }
    subject.view.updated(&report).0
}

/// An answer in words and as core writes it.
pub(crate) fn answer(odds: &Odds<'_>) -> Answer {
    let mut values = BTreeSet::new();
    let mut outcomes = Vec::with_capacity(odds.outcomes.len());
    for outcome in &odds.outcomes {
        let text = match &outcome.answer {
            OddsAnswer::Values { values, .. } if values.is_empty() => NO_DATA.into(),
            OddsAnswer::Values { ttl, values: here, .. } => {
                values.extend(here.iter().map(|value| (*value).to_owned()));
                format!("{} ({ttl} s)", here.join(" "))
            }
            OddsAnswer::Resource(name) => {
                values.insert(name.to_string());
                name.to_string()
            }
            OddsAnswer::Members { choose, members } => {
                values.extend(members.iter().flat_map(|member| &member.values).map(|value| (*value).to_owned()));
                let ids: Vec<&str> = members.iter().map(|member| member.set_identifier).collect();
                format!("{choose} of {}", listed(&ids, 12))
            }
        };
        outcomes.push((outcome.probability.as_f64(), text));
    }
    let rcode = match odds.rcode {
        Rcode::NoError => "NOERROR",
        Rcode::NxDomain => "NXDOMAIN",
        Rcode::Refused => "REFUSED",
        Rcode::ServFail => "SERVFAIL",
    };
    Answer { rcode, outcomes, json: odds.to_json(), values }
}

impl Diff {
    /// The difference as JSON, answers as core writes them.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let own = |answer: &Answer| serde_json::from_str::<Value>(&answer.json).unwrap_or_default();
        let case = |case: &Case| {
            json!({"clients": case.clients, "client": case.client, "down": case.down, "states": case.states,
                "before": own(&case.before), "after": own(&case.after)})
        };
        let change = |change: &Change| {
            json!({"name": change.name, "type": change.record_type.as_str(),
                "cases": change.cases.iter().map(case).collect::<Vec<_>>()})
        };
        json!({"compared": self.compared, "exact": self.bounded.is_empty(), "bounded": self.bounded,
            "changes": self.changes.iter().map(change).collect::<Vec<_>>()})
    }

    /// The difference as Markdown, for a comment on a pull request.
    #[must_use]
    pub fn to_markdown(&self) -> String {
        if self.changes.is_empty() {
            return format!(
                "No client gets another answer, in any state of health ({} names compared).\n",
                self.compared
            );
        }
        let cell = |text: &str| text.replace('|', "\\|").replace('`', "'");
        let mut text = format!("**{} of {} names answer differently.**\n", self.changes.len(), self.compared);
        for change in &self.changes {
            text.push_str(&format!("\n#### `{}` {}\n\n", change.name, change.record_type));
            text.push_str("| clients | when | before | after |\n|---|---|---|---|\n");
            for case in &change.cases {
                text.push_str(&format!(
                    "| {} | {} | {} | {} |\n",
                    cell(&case.clients),
                    cell(&case.when()),
                    cell(&case.before.line()),
                    cell(&case.after.line())
                ));
            }
        }
        if !self.bounded.is_empty() {
            text.push_str(&format!("\nNot every state of health was tried for {}.\n", listed(&self.bounded, 5)));
        }
        text
    }
}

impl Case {
    /// `all is well`, or what is down.
    #[must_use]
    pub fn when(&self) -> String {
        let more = match self.states.saturating_sub(1) {
            0 => String::new(),
            1 => " (and in 1 other state)".into(),
            more => format!(" (and in {more} other states)"),
        };
        match self.down.is_empty() {
            true => format!("all is well{more}"),
            false => format!("{} down{more}", listed(&self.down, 4)),
        }
    }
}
