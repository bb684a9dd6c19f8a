//! Promises of the user's own, in CEL, held against every class of clients and every failure.
//!
//! A rule speaks of one question, one class and one world. It is tried in every combination of the name's endpoints being
//! dead while there are at most eight of them, else with at most two dead at once, past a hundred with one; in each failure domain; and with each
//! health check failing by itself. The first world that breaks it, smallest first, is the counterexample.

mod asking;
mod cost;

use cel::{Context, Program, Value, to_value};
use pointsman_core::model::{Name, RecordType};
use pointsman_core::query::Client;
use serde::Deserialize;

use crate::class::Class;
use crate::drill::Reproduce;
use crate::subject::Subject;
use asking::{Asking, SeenClient};

/// Up to so many endpoints every combination of them is tried.
pub const ENDPOINTS_IN_EVERY_COMBINATION: usize = 8;
/// Up to so many endpoints each pair of them is tried.
pub const ENDPOINTS_IN_PAIRS: usize = 100;

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

impl Invariants {
    /// Reads the file.
    ///
    /// # Errors
    /// What is wrong, with the rule's name or the line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|error| crate::text::toml_error(text, &error))?;
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
    /// Refuses to begin what nobody would wait for.
    fn can_be_tried(&self, situations: usize, members: usize) -> Result<(), String> {
        let members = members.max(1) as f64;
        let of = |program: &Program| cost::steps(program.expression(), members);
        let steps = (of(&self.holds) + self.clients.as_ref().map_or(0.0, of)) * situations as f64;
        if steps <= cost::STEPS_MAX {
            return Ok(());
        }
        Err(format!(
            "invariant `{}` would take about {steps:.0e} steps, more than {:.0e}: put fewer of `all`, `exists`, `map` and \
             `filter` inside each other, or name fewer clients and failures",
            self.name,
            cost::STEPS_MAX
        ))
    }

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
    let value = to_value(SeenClient::of(one)).map_err(|error| error.to_string())?;
    context.add_variable_from_value("client", value);
    Ok(())
}

/// The first of a parser's complaints; the others follow from it.
fn first_line(error: &str) -> String {
    error.lines().next().unwrap_or_default().trim_start_matches("ERROR: <input>:").into()
}

fn is_true(program: &Program, context: &Context<'_, '_>, rule: &Rule, what: &str) -> Result<bool, String> {
    match program.execute(context) {
        Ok(Value::Bool(value)) => Ok(value),
        Ok(_) => Err(format!("invariant `{}`: `{what}` is neither true nor false", rule.name)),
        Err(error) => Err(format!("invariant `{}`: `{what}`: {error}", rule.name)),
    }
}
