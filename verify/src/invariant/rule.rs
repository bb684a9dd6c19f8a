//! The rules of a file, and how each fared.

use cel::{Context, Program, Value};
use pointsman_core::model::{Name, RecordType};
use serde::Deserialize;

use super::cost;
use super::words::{self, Looks};
use crate::drill::Reproduce;

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// What it says.
    pub name: String,
    /// The names and types that it speaks of; all when empty.
    pub asks: Vec<(Name, RecordType)>,
    pub(super) failures: Option<usize>,
    pub(super) clients: Option<Program>,
    pub(super) holds: Program,
    /// What `clients` and `holds` look at of clients.
    pub(super) looks: Looks,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleFields {
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
    /// Combinations of question, class and world that were tried; none when it was not asked.
    pub tried: usize,
    /// Why nothing was tried.
    pub not_asked: Option<String>,
    /// The smallest world that breaks it, or in which it cannot be evaluated.
    pub broken: Option<Counterexample>,
    /// Names for which worlds were left out for their number.
    pub bounded: Vec<String>,
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
    /// Why the rule could not be evaluated there; `None` when it is false.
    pub error: Option<String>,
    /// How to see it.
    pub reproduce: Reproduce,
}

impl Verdict {
    pub(super) fn new(rule: &Rule) -> Self {
        Self { name: rule.name.clone(), tried: 0, not_asked: None, broken: None, bounded: Vec::new() }
    }
}

impl Rule {
    pub(super) fn new(fields: RuleFields) -> Result<Self, String> {
        let wrong = |what: &str, why: String| format!("invariant `{}`: {what}: {why}", fields.name);
        let program = |what: &str, text: &str| {
            if text.len() > cost::TEXT_MAX {
                let (length, most) = (text.len(), cost::TEXT_MAX);
                return Err(wrong(what, format!("{length} bytes are more than {most}: split the rule in several")));
            }
            let program = Program::compile(text).map_err(|error| wrong(what, first_line(&error.to_string())))?;
            if cost::depth(program.expression()) > cost::DEPTH_MAX {
                let most = cost::DEPTH_MAX;
                let why =
                    format!("it is more than {most} levels deep, and each further term of a sum is one: split it");
                return Err(wrong(what, why));
            }
            let looks = words::check(program.expression()).map_err(|why| wrong(what, why))?;
            Ok::<_, String>((program, looks))
        };
        let ask = |text: &String| {
            let (name, kind) =
                text.split_once(' ').ok_or_else(|| wrong("ask", format!("write `NAME TYPE`, not `{text}`")))?;
            let name = Name::parse(name).map_err(|error| wrong("ask", error.to_string()))?;
            let kind =
                RecordType::parse(kind.trim()).ok_or_else(|| wrong("ask", format!("`{kind}` is no record type")))?;
            Ok::<_, String>((name, kind))
        };
        let clients = fields.clients.as_deref().map(|text| program("clients", text)).transpose()?;
        let (holds, mut looks) = program("holds", &fields.holds)?;
        let clients = clients.map(|(clients, more)| {
            looks.fields.extend(more.fields);
            looks.networks.extend(more.networks);
            clients
        });
        Ok(Self {
            asks: fields.ask.iter().map(ask).collect::<Result<_, _>>()?,
            failures: fields.failures,
            clients,
            holds,
            looks,
            name: fields.name,
        })
    }

    /// Whether it speaks of a name and type.
    pub(super) fn speaks_of(&self, name: &Name, record_type: RecordType) -> bool {
        match self.asks.is_empty() {
            true => !matches!(record_type, RecordType::Ns | RecordType::Soa),
            false => self.asks.iter().any(|(known, kind)| known == name && *kind == record_type),
        }
    }

    /// Whether what it says of an answer depends on the client.
    pub(super) fn looks_at_clients(&self) -> bool {
        self.holds.references().has_variable("client")
    }

    /// Refuses to begin what nobody would wait for.
    pub(super) fn can_be_tried(&self, situations: usize, members: usize) -> Result<(), String> {
        let members = members.max(1) as f64;
        let costs: Vec<cost::Cost> = std::iter::once(&self.holds)
            .chain(&self.clients)
            .map(|program| cost::cost(program.expression(), members))
            .collect();
        let parts = costs.iter().map(|cost| cost.parts).fold(0.0, f64::max);
        let most = cost::parts_max(members);
        if parts > most {
            return Err(format!(
                "invariant `{}` could make a value of {parts:.0e} parts, more than {:.0e}: add up fewer lists or texts \
                 inside `map`",
                self.name, most
            ));
        }
        let steps = costs.iter().map(|cost| cost.steps).sum::<f64>() * situations as f64;
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
}

/// Whether an expression holds; else why that cannot be said.
pub(super) fn is_true(program: &Program, context: &Context<'_, '_>, what: &str) -> Result<bool, String> {
    match program.execute(context) {
        Ok(Value::Bool(value)) => Ok(value),
        Ok(_) => Err(format!("`{what}` is neither true nor false")),
        Err(error) => Err(format!("`{what}`: {error}")),
    }
}

/// The first of a parser's complaints; the others follow from it.
fn first_line(error: &str) -> String {
    error.lines().next().unwrap_or_default().trim_start_matches("ERROR: <input>:").into()
}
