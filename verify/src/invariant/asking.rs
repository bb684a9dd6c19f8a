//! One question, asked in many worlds, and what a rule sees of each.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use cel::{Context, to_value};
use pointsman_core::explain::OddsAnswer;
use pointsman_core::model::{HealthCheckKind, Name, RecordType};
use pointsman_core::query::{Client, Query};
use serde::Serialize;

use super::{Counterexample, ENDPOINTS_IN_EVERY_COMBINATION, ENDPOINTS_IN_PAIRS, Rule, Verdict, is_true, set_client};
use crate::class::{Class, Classes, arguments, continent_of, describe_client};
use crate::drill::Reproduce;
use crate::rto::shares_in;
use crate::subject::Subject;
use crate::world::{World, single_failures};

/// What a rule sees besides `client`, `name` and `type`: these fields.
struct Seen<'a> {
    answers: Vec<SeenAnswer<'a>>,
    endpoints: Vec<SeenEndpoint<'a>>,
    down: Vec<String>,
    moved: f64,
    moved_total: f64,
}

#[derive(Serialize)]
pub(super) struct SeenClient {
    country: String,
    continent: &'static str,
    state: String,
    network: String,
}

impl SeenClient {
    /// What a rule sees of a client; empty where nothing is known.
    pub(super) fn of(client: &Client) -> Self {
        let country = client.country.or(client.subdivision.map(|(country, _)| country));
        Self {
            // A country with its continent stands for all that nothing names.
            country: country.filter(|_| client.continent.is_none()).map(|one| one.to_string()).unwrap_or_default(),
            continent: continent_of(client).map_or("", |continent| continent.as_str()),
            state: client.subdivision.map(|(country, part)| format!("{country}-{part}")).unwrap_or_default(),
            network: client.ecs.map(|network| network.to_string()).unwrap_or_default(),
        }
    }
}

#[derive(Serialize)]
struct SeenAnswer<'a> {
    values: Vec<&'a str>,
    probability: f64,
    alive: bool,
    region: &'a str,
    continent: &'a str,
}

#[derive(Serialize)]
struct SeenEndpoint<'a> {
    label: &'a str,
    alive: bool,
    /// Alive, and no health check of it fails by itself.
    healthy: bool,
    region: &'a str,
    continent: &'a str,
}

/// One question, asked in many worlds.
pub(super) struct Asking<'s> {
    subject: &'s Subject,
    question: usize,
    classes: Classes,
    /// The endpoint of each value that may be answered.
    by_value: BTreeMap<String, usize>,
}

impl<'s> Asking<'s> {
    pub(super) fn new(subject: &'s Subject, question: usize) -> Self {
        let mut by_value = BTreeMap::new();
        for endpoint in subject.endpoints.below(subject, question) {
            for label in crate::drill::labels(subject, &[endpoint]) {
                by_value.insert(label, endpoint);
            }
        }
        Self { subject, question, classes: Classes::of(subject, question), by_value }
    }

    pub(super) fn check(&self, rules: &mut [(&Rule, &mut Verdict)]) -> Result<(), String> {
        let subject = self.subject;
        let Some(group) = subject.group(self.question) else { return Ok(()) };
        let (worlds, is_bounded) = self.worlds();
        let even = 1.0 / self.classes.list.len().max(1) as f64;
        let weight = |class: &Class| class.traffic.unwrap_or(even);
        let calm: Vec<BTreeMap<usize, f64>> =
            self.classes.list.iter().map(|class| shares_in(subject, &class.tree, &World::default())).collect();
        let Ok(mut query) = Query::new(&group.name.to_string(), group.record_type) else { return Ok(()) };
        let members = self.by_value.len();
        for (rule, _) in rules.iter() {
            rule.can_be_tried(worlds.len().saturating_mul(self.classes.list.len()), members)?;
        }
        let mut concerned: BTreeMap<(usize, usize), Vec<Client>> = BTreeMap::new();
        for world in &worlds {
            let view = world.view(subject);
            let moved: Vec<f64> = self
                .classes
                .list
                .iter()
                .zip(&calm)
                .map(|(class, calm)| moved(calm, &shares_in(subject, &class.tree, world)))
                .collect();
            let moved_total = self.classes.list.iter().zip(&moved).map(|(class, moved)| weight(class) * moved).sum();
            for (number, class) in self.classes.list.iter().enumerate() {
                query.client = class.client.clone();
                let Ok(odds) = view.odds(&query) else { continue };
                let seen = Seen {
                    answers: odds.outcomes.iter().map(|outcome| self.answer(outcome, world)).collect(),
                    endpoints: self.endpoints(class, world),
                    down: world.items(subject),
                    moved: moved.get(number).copied().unwrap_or(0.0),
                    moved_total,
                };
                let mut context = Context::default();
                fill(&mut context, &seen, &group.name, group.record_type)?;
                for (at, (rule, verdict)) in rules.iter_mut().enumerate() {
                    verdict.is_bounded |= is_bounded;
                    // Whom the rule speaks of is settled in the first world, in which nothing is down.
                    let key = (at, number);
                    let speaks_of = match concerned.entry(key) {
                        Entry::Occupied(known) => known.into_mut(),
                        Entry::Vacant(open) => open.insert(rule.concerned(class, &mut context)?),
                    };
                    let smallest = verdict.broken.as_ref().map_or(usize::MAX, |broken| broken.size);
                    if world.size() >= smallest || rule.failures.is_some_and(|most| world.size() > most) {
                        continue;
                    }
                    for one in speaks_of.iter() {
                        set_client(&mut context, one)?;
                        verdict.tried = verdict.tried.saturating_add(1);
                        if !is_true(&rule.holds, &context, rule, "holds")? {
                            verdict.broken = Some(self.counterexample(one, world, &seen));
                            break;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// The worlds to try, few failures first.
    fn worlds(&self) -> (Vec<World>, bool) {
        let subject = self.subject;
        let endpoints: Vec<usize> = subject.endpoints.below(subject, self.question).into_iter().collect();
        let all = endpoints.len() <= ENDPOINTS_IN_EVERY_COMBINATION;
        let mut dead: BTreeSet<Vec<usize>> = BTreeSet::from([Vec::new()]);
        if all {
            for bits in 0..1_u32 << endpoints.len() {
                dead.insert(
                    endpoints.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, one)| *one).collect(),
                );
            }
        } else {
            dead.extend(endpoints.iter().map(|one| vec![*one]));
            let paired = if endpoints.len() <= ENDPOINTS_IN_PAIRS { endpoints.as_slice() } else { &[] };
            for (at, one) in paired.iter().enumerate() {
                dead.extend(paired.iter().skip(at.saturating_add(1)).map(|other| vec![*one, *other]));
            }
        }
        let mut worlds: Vec<World> = dead.into_iter().map(|dead| World { dead, ..World::default() }).collect();
        let checks = subject.checks_of(self.question);
        let reported = |check: &usize| {
            let check = subject.zone.health_checks.get(*check);
            check.is_some_and(|check| !matches!(check.kind, HealthCheckKind::Calculated { .. }))
        };
        let failing = checks.into_iter().filter(reported);
        worlds.extend(failing.map(|check| World { failing: vec![check], ..World::default() }));
        let here = |world: &World| world.domain.is_some() && world.dead.iter().any(|dead| endpoints.contains(dead));
        worlds.extend(single_failures(subject).into_iter().filter(here));
        worlds.sort_by_key(World::size);
        (worlds, !all)
    }

    fn answer<'a>(&'a self, outcome: &pointsman_core::explain::OddsOutcome<'a>, world: &World) -> SeenAnswer<'a> {
        let values: Vec<&str> = match &outcome.answer {
            OddsAnswer::Values { values, .. } => values.clone(),
            OddsAnswer::Resource(name) => {
                let spelled = name.to_string();
                self.by_value.get_key_value(&spelled).map(|(label, _)| label.as_str()).into_iter().collect()
            }
            OddsAnswer::Members { members, .. } => members.iter().flat_map(|member| member.values.clone()).collect(),
        };
        let endpoints: Vec<usize> = values.iter().filter_map(|value| self.by_value.get(*value).copied()).collect();
        let first = endpoints.first().and_then(|endpoint| self.subject.endpoints.list.get(*endpoint));
        SeenAnswer {
            alive: !endpoints.is_empty() && endpoints.iter().any(|endpoint| !world.dead.contains(endpoint)),
            values,
            probability: outcome.probability.as_f64(),
            region: first.and_then(|endpoint| endpoint.region).map_or("", |region| region.as_str()),
            continent: first.and_then(|endpoint| endpoint.continent()).map_or("", |continent| continent.as_str()),
        }
    }

    fn endpoints<'a>(&'a self, class: &Class, world: &World) -> Vec<SeenEndpoint<'a>> {
        let fails = |endpoint: usize| {
            let reads = world.failing.iter().filter_map(|check| self.subject.endpoints.reads.get(*check));
            { reads }.any(|reads| reads.any.contains(&endpoint))
        };
        let of = |endpoint: usize| {
            let known = self.subject.endpoints.list.get(endpoint)?;
            Some(SeenEndpoint {
                label: &known.label,
                alive: !world.dead.contains(&endpoint),
                healthy: !world.dead.contains(&endpoint) && !fails(endpoint),
                region: known.region.map_or("", |region| region.as_str()),
                continent: known.continent().map_or("", |continent| continent.as_str()),
            })
        };
        class.tree.endpoints(self.subject).into_iter().filter_map(of).collect()
    }

    fn counterexample(&self, client: &Client, world: &World, seen: &Seen<'_>) -> Counterexample {
        let group = self.subject.group(self.question);
        let spelled = group.map(|group| [group.name.to_string(), group.record_type.to_string()]).unwrap_or_default();
        let answers: Vec<String> = seen
            .answers
            .iter()
            .map(|answer| {
                let values = if answer.values.is_empty() { "no data".into() } else { answer.values.join(" ") };
                let dead = if answer.alive || answer.values.is_empty() { "" } else { ", dead" };
                format!("{values} ({}{dead})", crate::text::percent(answer.probability))
            })
            .collect();
        Counterexample {
            question: spelled.join(" "),
            clients: if self.classes.list.len() == 1 { "every client".into() } else { describe_client(client) },
            size: world.size(),
            failures: match world.domain {
                Some(_) => vec![world.describe(self.subject)],
                None => world.items(self.subject),
            },
            answers: answers.join(", "),
            reproduce: Reproduce {
                question: spelled,
                client: arguments(client),
                down: world.down(self.subject),
                unnoticed: Vec::new(),
            },
        }
    }
}

/// How much of a class's traffic goes elsewhere: half the sum of all differences.
fn moved(before: &BTreeMap<usize, f64>, after: &BTreeMap<usize, f64>) -> f64 {
    let endpoints: BTreeSet<usize> = before.keys().chain(after.keys()).copied().collect();
    let of = |shares: &BTreeMap<usize, f64>, endpoint| shares.get(&endpoint).copied().unwrap_or(0.0);
    endpoints.into_iter().map(|one| (of(before, one) - of(after, one)).abs()).sum::<f64>() / 2.0
}

fn fill(context: &mut Context<'_, '_>, seen: &Seen<'_>, name: &Name, kind: RecordType) -> Result<(), String> {
    let told = |error: cel::SerializationError| error.to_string();
    context.add_variable_from_value("answers", to_value(&seen.answers).map_err(told)?);
    context.add_variable_from_value("endpoints", to_value(&seen.endpoints).map_err(told)?);
    context.add_variable_from_value("down", to_value(&seen.down).map_err(told)?);
    context.add_variable_from_value("moved", seen.moved);
    context.add_variable_from_value("moved_total", seen.moved_total);
    context.add_variable_from_value("name", name.to_string());
    context.add_variable_from_value("type", kind.as_str());
    Ok(())
}
