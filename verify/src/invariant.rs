//! Promises of the user's own, in CEL, held against every class of clients and every failure.
//!
//! A rule speaks of one question, one class and one world. It is tried in every combination of the name's endpoints being
//! dead while there are at most eight of them, else with at most two dead at once; in each failure domain; and with each
//! health check failing by itself. The first world that breaks it, smallest first, is the counterexample.

use std::collections::{BTreeMap, BTreeSet};

use cel::{Context, Program, Value, to_value};
use pointsman_core::explain::OddsAnswer;
use pointsman_core::model::Name;
use pointsman_core::model::{HealthCheckKind, RecordType};
use pointsman_core::query::{Client, Query};
use serde::{Deserialize, Serialize};

use crate::class::{Class, Classes, arguments, continent_of, describe_client};
use crate::drill::Reproduce;
use crate::rto::shares_in;
use crate::subject::Subject;
use crate::world::{World, single_failures};

/// Up to so many endpoints every combination of them is tried.
pub const ENDPOINTS_IN_EVERY_COMBINATION: usize = 8;

/// The rules of a TOML file.
#[derive(Debug)]
pub struct Invariants {
    /// The rules, in the order of the file.
    pub rules: Vec<Rule>,
}

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// What it says.
    pub name: String,
    /// The names and types that it speaks of; all when empty.
    pub asks: Vec<(Name, RecordType)>,
    failures: Option<usize>,
    clients: Option<Program>,
    holds: Program,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    invariant: Vec<RuleFields>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleFields {
    name: String,
    #[serde(default)]
    ask: Vec<String>,
    failures: Option<usize>,
    clients: Option<String>,
    holds: String,
}

/// How a rule fared.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The rule's name.
    pub name: String,
    /// Combinations of question, class and world that were tried; none when the zone has none of its names.
    pub tried: usize,
    /// The smallest world that breaks it.
    pub broken: Option<Counterexample>,
    /// Whether worlds were left out for their number.
    pub is_bounded: bool,
}

/// A situation that breaks a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Counterexample {
    /// The name and type.
    pub question: String,
    /// The clients.
    pub clients: String,
    /// What is down; empty when nothing is.
    pub failures: Vec<String>,
    /// How many failures that is; a failure domain is one.
    pub size: usize,
    /// What is answered, in words.
    pub answers: String,
    /// How to see it.
    pub reproduce: Reproduce,
}

/// What a rule sees besides `client`, `name` and `type`: these fields.
#[derive(Serialize)]
struct Seen<'a> {
    answers: Vec<SeenAnswer<'a>>,
    endpoints: Vec<SeenEndpoint<'a>>,
    down: Vec<String>,
    moved: f64,
    moved_total: f64,
}

#[derive(Serialize)]
struct SeenClient<'a> {
    country: String,
    continent: &'a str,
    state: String,
    network: String,
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

impl Invariants {
    /// Reads the file.
    ///
    /// # Errors
    /// What is wrong, with the rule's name or the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        if file.invariant.is_empty() {
            return Err("there is no [[invariant]]".into());
        }
        let rules = file.invariant.into_iter().map(Rule::new).collect::<Result<_, _>>()?;
        Ok(Self { rules })
    }

    /// Checks every rule against a zone.
    ///
    /// # Errors
    /// The rule that cannot be evaluated, and why.
    ///
    /// ```
    /// # use pointsman_core::{parse::parse, validate::{Options, validate}};
    /// # use pointsman_verify::{facts::Facts, invariant::Invariants, subject::Subject};
    /// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
    /// #  {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "one", "Weight": 1, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
    /// #  {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "two", "Weight": 1, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}]}"#;
    /// # let subject = Subject::new(validate(&[parse(0, zone)], &Options::default()).zone.unwrap(), Facts::default());
    /// let rules = Invariants::parse(r#"
    ///     [[invariant]]
    ///     name = "nobody is sent to a dead endpoint while a live one is there"
    ///     holds = "answers.all(a, a.alive) || !endpoints.exists(e, e.alive)"
    /// "#)?;
    /// // Two record sets by weight, without health checks:
    /// let verdicts = rules.check(&subject)?;
    /// assert_eq!(verdicts[0].broken.as_ref().unwrap().failures, ["192.0.2.1"]);
    /// # Ok::<(), String>(())
    /// ```
    pub fn check(&self, subject: &Subject) -> Result<Vec<Verdict>, String> {
        let mut verdicts: Vec<Verdict> = self
            .rules
            .iter()
            .map(|rule| Verdict { name: rule.name.clone(), tried: 0, broken: None, is_bounded: false })
            .collect();
        for (question, group) in subject.questions() {
            let speaks = |rule: &Rule| match rule.asks.is_empty() {
                true => !matches!(group.record_type, RecordType::Ns | RecordType::Soa),
                false => rule.asks.iter().any(|(name, kind)| *name == group.name && *kind == group.record_type),
            };
            let mut rules: Vec<(&Rule, &mut Verdict)> =
                self.rules.iter().zip(&mut verdicts).filter(|(rule, _)| speaks(rule)).collect();
            if !rules.is_empty() {
                Asking::new(subject, question).check(&mut rules)?;
            }
        }
        Ok(verdicts)
    }
}

impl Rule {
    fn new(fields: RuleFields) -> Result<Self, String> {
        let wrong = |what: &str, why: String| format!("invariant `{}`: {what}: {why}", fields.name);
        let program = |what: &str, text: &str| {
            Program::compile(text).map_err(|error| wrong(what, first_line(&error.to_string())))
        };
        let ask = |text: &String| {
            let (name, kind) =
                text.split_once(' ').ok_or_else(|| wrong("ask", format!("write `NAME TYPE`, not `{text}`")))?;
            let name = Name::parse(name).map_err(|error| wrong("ask", error.to_string()))?;
            let kind =
                RecordType::parse(kind.trim()).ok_or_else(|| wrong("ask", format!("`{kind}` is no record type")))?;
            Ok::<_, String>((name, kind))
        };
        Ok(Self {
            asks: fields.ask.iter().map(ask).collect::<Result<_, _>>()?,
            failures: fields.failures,
            clients: fields.clients.as_deref().map(|text| program("clients", text)).transpose()?,
            holds: program("holds", &fields.holds)?,
            name: fields.name,
        })
    }
}

impl Rule {
    /// The clients of a class that the rule speaks of: one stands for all, unless the rule looks at them.
    fn concerned(&self, class: &Class, context: &mut Context<'_, '_>) -> Result<Vec<Client>, String> {
        let mut found = Vec::new();
        for one in class.clients() {
            set_client(context, one)?;
            let is_meant = match &self.clients {
                Some(clients) => is_true(clients, context, self, "clients")?,
                None => true,
            };
            if is_meant {
                found.push(one.clone());
                if !self.holds.references().has_variable("client") {
                    break;
                }
            }
        }
        Ok(found)
    }
}

fn set_client(context: &mut Context<'_, '_>, one: &Client) -> Result<(), String> {
    let value = to_value(client(one)).map_err(|error| error.to_string())?;
    context.add_variable_from_value("client", value);
    Ok(())
}

/// One question, asked in many worlds.
struct Asking<'s> {
    subject: &'s Subject,
    question: usize,
    classes: Classes,
    /// The endpoint of each value that may be answered.
    by_value: BTreeMap<String, usize>,
}

impl<'s> Asking<'s> {
    fn new(subject: &'s Subject, question: usize) -> Self {
        let mut by_value = BTreeMap::new();
        for endpoint in subject.endpoints.below(subject, question) {
            for label in crate::drill::labels(subject, &[endpoint]) {
                by_value.insert(label, endpoint);
            }
        }
        Self { subject, question, classes: Classes::of(subject, question), by_value }
    }

    fn check(&self, rules: &mut [(&Rule, &mut Verdict)]) -> Result<(), String> {
        let subject = self.subject;
        let Some(group) = subject.group(self.question) else { return Ok(()) };
        let (worlds, is_bounded) = self.worlds();
        let even = 1.0 / self.classes.list.len().max(1) as f64;
        let weight = |class: &Class| class.traffic.unwrap_or(even);
        let calm: Vec<BTreeMap<usize, f64>> =
            self.classes.list.iter().map(|class| shares_in(subject, &class.tree, &World::default())).collect();
        let Ok(mut query) = Query::new(&group.name.to_string(), group.record_type) else { return Ok(()) };
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
                    if !concerned.contains_key(&key) {
                        concerned.insert(key, rule.concerned(class, &mut context)?);
                    }
                    let smallest = verdict.broken.as_ref().map_or(usize::MAX, |broken| broken.size);
                    if world.size() >= smallest || rule.failures.is_some_and(|most| world.size() > most) {
                        continue;
                    }
                    for one in concerned.get(&key).into_iter().flatten() {
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
            for (at, one) in endpoints.iter().enumerate() {
                dead.insert(vec![*one]);
                dead.extend(endpoints.iter().skip(at.saturating_add(1)).map(|other| vec![*one, *other]));
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

/// The first of a parser's complaints; the others follow from it.
fn first_line(error: &str) -> String {
    error.lines().next().unwrap_or_default().trim_start_matches("ERROR: <input>:").into()
}

/// How much of a class's traffic goes elsewhere: half the sum of all differences.
fn moved(before: &BTreeMap<usize, f64>, after: &BTreeMap<usize, f64>) -> f64 {
    let endpoints: BTreeSet<usize> = before.keys().chain(after.keys()).copied().collect();
    let of = |shares: &BTreeMap<usize, f64>, endpoint| shares.get(&endpoint).copied().unwrap_or(0.0);
    endpoints.into_iter().map(|one| (of(before, one) - of(after, one)).abs()).sum::<f64>() / 2.0
}

fn client(client: &Client) -> SeenClient<'_> {
    let country = client.country.or(client.subdivision.map(|(country, _)| country));
    SeenClient {
        // A country with its continent stands for all that nothing names.
        country: country.filter(|_| client.continent.is_none()).map(|country| country.to_string()).unwrap_or_default(),
        continent: continent_of(client).map_or("", |continent| continent.as_str()),
        state: client.subdivision.map(|(country, part)| format!("{country}-{part}")).unwrap_or_default(),
        network: client.ecs.map(|network| network.to_string()).unwrap_or_default(),
    }
}

fn fill(context: &mut Context<'_, '_>, seen: &Seen<'_>, name: &Name, kind: RecordType) -> Result<(), String> {
    let Ok(Value::Map(map)) = to_value(seen) else { return Err("the situation cannot be told to CEL".into()) };
    for (key, value) in map.map.iter() {
        context.add_variable_from_value(key.to_string(), value.clone());
    }
    context.add_variable_from_value("name", name.to_string());
    context.add_variable_from_value("type", kind.as_str());
    Ok(())
}

fn is_true(program: &Program, context: &Context<'_, '_>, rule: &Rule, what: &str) -> Result<bool, String> {
    match program.execute(context) {
        Ok(Value::Bool(value)) => Ok(value),
        Ok(_) => Err(format!("invariant `{}`: `{what}` is neither true nor false", rule.name)),
        Err(error) => Err(format!("invariant `{}`: `{what}`: {error}", rule.name)),
    }
}
