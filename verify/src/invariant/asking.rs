//! One question, asked in many worlds, and what a rule sees of each.

use std::collections::{BTreeMap, BTreeSet};

use cel::{Context, to_value};
use pointsman_core::model::routing::PolicyKind;
use pointsman_core::model::{Name, RecordType, Region};
use pointsman_core::query::Client;
use serde::Serialize;

use super::places;
use super::rule::{Counterexample, Rule, Verdict, is_true};
use super::words::Looks;
use crate::algebra::Lanes;
use crate::ask::{self, Possible};
use crate::class::{Class, Classes, arguments, client_json, continent_of, describe_client};
use crate::drill::Reproduce;
use crate::reach::Reach;
use crate::subject::Subject;
use crate::traffic::shares_in;
use crate::tree::{Evaluated, Towards, answers, evaluate};
use crate::world::{World, single_failures};

/// Up to so many endpoints every combination of them is tried.
pub const ENDPOINTS_IN_EVERY_COMBINATION: usize = 8;
/// Up to so many endpoints each pair of them is tried.
pub const ENDPOINTS_IN_PAIRS: usize = 100;

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
        let country = country.or(client.vpc_region.map(Region::country));
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
    /// Those of the values that are dead.
    dead: Vec<&'a str>,
    probability: f64,
    /// Whether each record set of the answer has a live value.
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
    /// Whether every place was tried in every class that it may be in.
    is_whole: bool,
    /// The endpoints that each value may be, of those below.
    by_value: BTreeMap<String, Vec<usize>>,
}

impl<'s> Asking<'s> {
    pub(super) fn new<'r>(subject: &'s Subject, question: usize, looks: impl Iterator<Item = &'r Looks>) -> Self {
        let mut by_value: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for endpoint in subject.endpoints.below(subject, question) {
            for spelling in subject.endpoints.spellings(endpoint) {
                by_value.entry(spelling.into()).or_default().push(endpoint);
            }
        }
        let (classes, is_whole) = places::classes(subject, question, looks);
        Self { subject, question, classes, is_whole, by_value }
    }

    pub(super) fn check(&self, rules: &mut [(&Rule, &mut Verdict)]) -> Result<(), String> {
        let subject = self.subject;
        let Some(group) = subject.group(self.question) else { return Ok(()) };
        let (worlds, is_bounded) = self.worlds();
        let members = self.by_value.len();
        for (rule, _) in rules.iter() {
            rule.can_be_tried(worlds.len().saturating_mul(self.classes.list.len()), members)?;
        }
        let even = 1.0 / self.classes.list.len().max(1) as f64;
        let weight = |class: &Class| class.traffic.unwrap_or(even);
        let calm: Vec<BTreeMap<usize, f64>> =
            self.classes.list.iter().map(|class| shares_in(subject, &class.tree, &World::default())).collect();
        let spelled = format!("{} {}", group.name, group.record_type);
        for (_, verdict) in rules.iter_mut() {
            if is_bounded {
                verdict.bounded.push(format!("{spelled}: few endpoints dead at once"));
            }
            if !self.is_whole {
                verdict.bounded.push(format!("{spelled}: more than 200,000 clients; the rest is left out"));
            }
        }
        let concerned = self.concerned(group.record_type, &group.name, rules)?;
        for world in &worlds {
            let is_open = |(rule, verdict): &(&Rule, &mut Verdict)| {
                let smallest = verdict.broken.as_ref().map_or(usize::MAX, |broken| broken.size);
                world.size() < smallest && rule.failures.is_none_or(|most| world.size() <= most)
            };
            if !rules.iter().any(is_open) {
                continue;
            }
            let view = world.view(subject);
            let trees = self.classes.list.iter().map(|class| shares_in(subject, &class.tree, world));
            let moved: Vec<f64> = trees.zip(&calm).map(|(now, calm)| moved(calm, &now)).collect();
            let moved_total = self.classes.list.iter().zip(&moved).map(|(class, moved)| weight(class) * moved).sum();
            for (number, class) in self.classes.list.iter().enumerate() {
                let speaks = |at: usize| concerned.get(&(at, number)).is_some_and(|list| !list.is_empty());
                if !(0..rules.len()).any(speaks) {
                    continue;
                }
                let Ok(possible) = ask::possible(subject, &view, self.question, &class.client) else {
                    for (_, verdict) in rules.iter_mut() {
                        let words = format!("{spelled}: core does not list so many outcomes");
                        if !verdict.bounded.contains(&words) {
                            verdict.bounded.push(words);
                        }
                    }
                    continue;
                };
                let state = self.state(class, world);
                let seen = Seen {
                    answers: possible.iter().map(|one| self.answer(one, class, &state, world)).collect(),
                    endpoints: self.endpoints(class, world),
                    down: world.items(subject),
                    moved: moved.get(number).copied().unwrap_or(0.0),
                    moved_total,
                };
                let mut context = Context::default();
                fill(&mut context, &seen, &group.name, group.record_type)?;
                for (at, pair) in rules.iter_mut().enumerate() {
                    if !is_open(&(pair.0, &mut *pair.1)) {
                        continue;
                    }
                    let (rule, verdict) = pair;
                    for one in concerned.get(&(at, number)).into_iter().flatten() {
                        set_client(&mut context, one)?;
                        verdict.tried = verdict.tried.saturating_add(1);
                        let error = match is_true(&rule.holds, &context, "holds") {
                            Ok(true) => continue,
                            Ok(false) => None,
                            Err(error) => Some(error),
                        };
                        let is_everybody = self.classes.list.len() == 1 && rule.clients.is_none();
                        verdict.broken = Some(self.counterexample(one, is_everybody, world, &seen, error));
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// By rule and class, the clients that the rule speaks of: one stands for all, unless the rule looks at them.
    fn concerned(
        &self,
        record_type: RecordType,
        name: &Name,
        rules: &mut [(&Rule, &mut Verdict)],
    ) -> Result<BTreeMap<(usize, usize), Vec<Client>>, String> {
        let calm = World::default();
        let mut concerned = BTreeMap::new();
        for (number, class) in self.classes.list.iter().enumerate() {
            let view = &self.subject.view;
            let possible = ask::possible(self.subject, view, self.question, &class.client).unwrap_or_default();
            let state = self.state(class, &calm);
            let seen = Seen {
                answers: possible.iter().map(|one| self.answer(one, class, &state, &calm)).collect(),
                endpoints: self.endpoints(class, &calm),
                down: Vec::new(),
                moved: 0.0,
                moved_total: 0.0,
            };
            let mut context = Context::default();
            fill(&mut context, &seen, name, record_type)?;
            for (at, (rule, verdict)) in rules.iter_mut().enumerate() {
                let mut found = Vec::new();
                for one in class.clients() {
                    set_client(&mut context, one)?;
                    let is_meant = match &rule.clients {
                        Some(clients) => is_true(clients, &context, "clients"),
                        None => Ok(true),
                    };
                    match is_meant {
                        Ok(true) => found.push(one.clone()),
                        Ok(false) => {}
                        Err(error) => {
                            let broken = self.counterexample(one, false, &calm, &seen, Some(error));
                            verdict.broken.get_or_insert(broken);
                            break;
                        }
                    }
                    if !found.is_empty() && !rule.looks_at_clients() {
                        break;
                    }
                }
                concerned.insert((at, number), found);
            }
        }
        Ok(concerned)
    }

    /// What health makes of a class's tree in a world.
    fn state(&self, class: &Class, world: &World) -> Evaluated<u64> {
        let statuses = world.statuses(self.subject);
        evaluate(self.subject, &class.tree, &mut Lanes, &statuses, |_| false)
    }

    /// The worlds to try, few failures first.
    fn worlds(&self) -> (Vec<World>, bool) {
        let subject = self.subject;
        // Also what only health checks read: its death may move answers.
        let reach = Reach::of(subject, self.question);
        let endpoints: Vec<usize> = reach.endpoints.iter().copied().collect();
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
        let mut worlds: Vec<World> = dead.into_iter().flat_map(|dead| deaths(subject, dead)).collect();
        let failing = reach.checks.iter().copied().filter(|check| !subject.is_calculated(*check));
        worlds.extend(failing.map(|check| World { failing: vec![check], ..World::default() }));
        let here = |world: &World| world.domain.is_some() && world.dead.iter().any(|dead| endpoints.contains(dead));
        worlds.extend(single_failures(subject).into_iter().filter(here));
        worlds.sort_by_key(World::size);
        (worlds, !all)
    }

    fn answer<'a>(&'a self, one: &'a Possible, class: &Class, state: &Evaluated<u64>, world: &World) -> SeenAnswer<'a> {
        let is_dead = |endpoint: &usize| world.dead.binary_search(endpoint).is_ok();
        let of = |value: &str| self.by_value.get(value).map(Vec::as_slice).unwrap_or_default();
        let dead: Vec<&str> = one
            .values
            .iter()
            .map(String::as_str)
            .filter(|value| !of(value).is_empty() && of(value).iter().all(is_dead))
            .collect();
        // A multivalue answer has several record sets: one of them may be dead beside others that live.
        let mut members = class.tree.branches().zip(&state.picked).filter(|((node, branch), picked)| {
            let node = class.tree.nodes.get(*node);
            let is_multivalue = node.is_some_and(|node| node.policy == PolicyKind::MultivalueAnswer);
            is_multivalue && branch.leads == Towards::Answer && **picked & 1 == 1
        });
        let stays_dead = members.any(|((_, branch), _)| {
            let endpoints = answers(self.subject, branch.record);
            let mut spelled = endpoints.iter().map(|endpoint| self.subject.endpoints.spellings(*endpoint));
            !endpoints.is_empty()
                && endpoints.iter().all(is_dead)
                && spelled
                    .all(|mut spellings| spellings.any(|spelling| one.values.iter().any(|value| value == spelling)))
        });
        let first = one.values.iter().find_map(|value| of(value).first());
        let first = first.and_then(|endpoint| self.subject.endpoints.list.get(*endpoint));
        SeenAnswer {
            alive: dead.len() < one.values.len() && !stays_dead,
            values: one.values.iter().map(String::as_str).collect(),
            dead,
            probability: one.probability,
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
        class.tree.in_reach(self.subject).into_iter().filter_map(of).collect()
    }

    fn counterexample(
        &self,
        client: &Client,
        is_everybody: bool,
        world: &World,
        seen: &Seen<'_>,
        error: Option<String>,
    ) -> Counterexample {
        let group = self.subject.group(self.question);
        let spelled = group.map(|group| [group.name.to_string(), group.record_type.to_string()]).unwrap_or_default();
        let answers: Vec<String> = seen
            .answers
            .iter()
            .map(|answer| {
                let values = if answer.values.is_empty() { "no data".into() } else { answer.values.join(" ") };
                let dead = match (answer.dead.len(), answer.values.len()) {
                    (0, _) => String::new(),
                    (dead, all) if dead == all => ", dead".into(),
                    _ => format!(", {} dead", answer.dead.join(" ")),
                };
                format!("{values} ({}{dead})", crate::text::percent(answer.probability))
            })
            .collect();
        Counterexample {
            question: spelled.join(" "),
            clients: if is_everybody { "every client".into() } else { describe_client(client) },
            size: world.size(),
            failures: match world.domain {
                Some(_) => vec![world.describe(self.subject)],
                None => world.items(self.subject),
            },
            answers: answers.join(", "),
            error,
            reproduce: Reproduce {
                command: "odds",
                question: spelled,
                client: arguments(client),
                client_facts: client_json(client),
                draw: 0,
                down: world.down(self.subject),
                report: world.report_json(self.subject),
                unnoticed: Vec::new(),
            },
        }
    }
}

fn set_client(context: &mut Context<'_, '_>, one: &Client) -> Result<(), String> {
    let value = to_value(SeenClient::of(one)).map_err(|error| error.to_string())?;
    context.add_variable_from_value("client", value);
    Ok(())
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

/// The worlds in which these endpoints are dead: load balancers that may be unhealthy while their checks pass, once each way.
fn deaths(subject: &Subject, dead: Vec<usize>) -> impl Iterator<Item = World> {
    let may = |one: &&usize| subject.endpoints.unhealthy_while_alive.contains(*one);
    let passing: Vec<usize> = dead.iter().filter(may).copied().take(16).collect();
    (0..1_u32 << passing.len()).map(move |bits| World {
        dead: dead.clone(),
        passing: { passing.iter().enumerate() }.filter(|(at, _)| bits >> at & 1 == 1).map(|(_, one)| *one).collect(),
        ..World::default()
    })
}
