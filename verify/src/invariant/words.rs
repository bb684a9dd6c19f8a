//! What an expression names, checked before anything runs: variables, fields, and the continents, countries and Regions
//! that fields are compared with.

use std::collections::{BTreeMap, BTreeSet};

use cel::IdedExpr;
use cel::common::ast::{EntryExpr, Expr, LiteralValue};
use pointsman_core::model::{Continent, Country, IpNetwork, Region};
use pointsman_core::parse::set_fact;
use pointsman_core::query::Client;

use crate::text::listed;

/// What an expression looks at of clients.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Looks {
    /// Fields of `client`; all of them where it is used as a whole.
    pub(super) fields: BTreeSet<&'static str>,
    /// The networks that are spelled out.
    pub(super) networks: Vec<IpNetwork>,
}

const CLIENT: [&str; 4] = ["country", "continent", "state", "network"];
const ANSWER: [&str; 6] = ["values", "dead", "probability", "alive", "region", "continent"];
const ENDPOINT: [&str; 5] = ["label", "alive", "healthy", "region", "continent"];
const VARIABLES: [&str; 8] = ["answers", "endpoints", "client", "down", "moved", "moved_total", "name", "type"];
/// Names of types, which CEL has beside variables.
const TYPES: [&str; 12] =
    ["int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type", "dyn", "timestamp"];

/// What kind of value an expression has, as far as that matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Answers,
    Endpoints,
    Answer,
    Endpoint,
    Client,
    /// The text of a field, by its name.
    Field(&'static str),
    Other,
}

/// Checks an expression, and returns what it looks at.
pub(super) fn check(expression: &IdedExpr) -> Result<Looks, String> {
    let mut checker = Checker { scopes: Vec::new(), looks: Looks::default() };
    checker.kind(expression)?;
    Ok(checker.looks)
}

struct Checker {
    /// Variables of the comprehensions around, innermost last.
    scopes: Vec<BTreeMap<String, Kind>>,
    looks: Looks,
}

impl Checker {
    fn kind(&mut self, expression: &IdedExpr) -> Result<Kind, String> {
        match &expression.expr {
            Expr::Ident(name) => {
                let kind = self.variable(name)?;
                if kind == Kind::Client {
                    self.looks.fields.extend(CLIENT);
                }
                Ok(kind)
            }
            Expr::Select(select) => {
                // A field of the client is that field alone.
                let operand = match &select.operand.expr {
                    Expr::Ident(name) => self.variable(name)?,
                    _ => self.kind(&select.operand)?,
                };
                self.field(operand, &select.field)
            }
            Expr::Call(call) => {
                let mut kinds = Vec::new();
                for one in call.target.as_deref().into_iter().chain(&call.args) {
                    kinds.push(self.kind(one)?);
                }
                if matches!(call.func_name.as_str(), "_==_" | "_!=_" | "@in") {
                    for (at, kind) in kinds.iter().enumerate() {
                        let Kind::Field(field) = kind else { continue };
                        for other in call.args.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, one)| one)
                        {
                            literals(other).into_iter().try_for_each(|word| is_known(field, word))?;
                        }
                    }
                }
                if call.func_name == "_[_]"
                    && let Some(Kind::Answers | Kind::Endpoints) = kinds.first()
                {
                    let is_answers = kinds.first() == Some(&Kind::Answers);
                    return Ok(if is_answers { Kind::Answer } else { Kind::Endpoint });
                }
                Ok(Kind::Other)
            }
            Expr::Comprehension(inner) => {
                let range = self.kind(&inner.iter_range)?;
                self.kind(&inner.accu_init)?;
                let member = match range {
                    Kind::Answers => Kind::Answer,
                    Kind::Endpoints => Kind::Endpoint,
                    _ => Kind::Other,
                };
                let mut scope = BTreeMap::from([(inner.accu_var.clone(), Kind::Other)]);
                scope.insert(inner.iter_var.clone(), member);
                if let Some(second) = &inner.iter_var2 {
                    scope.insert(second.clone(), Kind::Other);
                }
                self.scopes.push(scope);
                for part in [&inner.loop_cond, &inner.loop_step, &inner.result] {
                    self.kind(part)?;
                }
                self.scopes.pop();
                Ok(Kind::Other)
            }
            Expr::List(list) => {
                for one in &list.elements {
                    self.kind(one)?;
                }
                Ok(Kind::Other)
            }
            Expr::Map(map) => {
                map.entries.iter().try_for_each(|entry| self.entry(&entry.expr))?;
                Ok(Kind::Other)
            }
            Expr::Struct(fields) => {
                fields.entries.iter().try_for_each(|entry| self.entry(&entry.expr))?;
                Ok(Kind::Other)
            }
            Expr::Literal(LiteralValue::String(text)) => {
                self.looks.networks.extend(IpNetwork::parse(text.inner()));
                Ok(Kind::Other)
            }
            Expr::Literal(_) | Expr::Unspecified => Ok(Kind::Other),
        }
    }

    fn entry(&mut self, entry: &EntryExpr) -> Result<(), String> {
        match entry {
            EntryExpr::StructField(field) => self.kind(&field.value)?,
            EntryExpr::MapEntry(entry) => {
                self.kind(&entry.key)?;
                self.kind(&entry.value)?
            }
        };
        Ok(())
    }

    fn variable(&self, name: &str) -> Result<Kind, String> {
        if let Some(kind) = self.scopes.iter().rev().find_map(|scope| scope.get(name)) {
            return Ok(*kind);
        }
        match name {
            "answers" => Ok(Kind::Answers),
            "endpoints" => Ok(Kind::Endpoints),
            "client" => Ok(Kind::Client),
            _ if VARIABLES.contains(&name) || TYPES.contains(&name) => Ok(Kind::Other),
            _ => Err(format!("there is no variable `{name}`; a rule sees {}", listed(&VARIABLES, 8))),
        }
    }

    fn field(&mut self, of: Kind, field: &str) -> Result<Kind, String> {
        let (fields, whose): (&[&'static str], &str) = match of {
            Kind::Client => (&CLIENT, "a client"),
            Kind::Answer => (&ANSWER, "an answer"),
            Kind::Endpoint => (&ENDPOINT, "an endpoint"),
            Kind::Answers | Kind::Endpoints => {
                return Err(format!(
                    "`{field}` is a field of each of them, and this is a list: write `.all(one, ...)`"
                ));
            }
            Kind::Field(_) | Kind::Other => return Ok(Kind::Other),
        };
        let Some(known) = fields.iter().find(|known| **known == field) else {
            return Err(format!("{whose} has no field `{field}`; it has {}", listed(fields, 8)));
        };
        if of == Kind::Client {
            self.looks.fields.insert(known);
        }
        Ok(Kind::Field(known))
    }
}

/// The texts that are spelled out: one, or those of a list.
fn literals(expression: &IdedExpr) -> Vec<&str> {
    match &expression.expr {
        Expr::Literal(LiteralValue::String(text)) => vec![text.inner()],
        Expr::List(list) => list.elements.iter().flat_map(literals).collect(),
        _ => Vec::new(),
    }
}

/// Whether a field may ever have this text; the empty one stands for what is not known.
fn is_known(field: &str, word: &str) -> Result<(), String> {
    let (is_known, what) = match field {
        _ if word.is_empty() => return Ok(()),
        "continent" => (Continent::parse(word).is_some(), "a continent: AF, AN, AS, EU, NA, OC or SA"),
        "country" => {
            let is_listed = Country::parse(word).is_some_and(|country| Country::all().any(|known| known == country));
            (is_listed, "a country that Route 53 knows, such as DE")
        }
        "region" => (Region::parse(word).is_some(), "a Region, such as eu-west-1"),
        "state" => (set_fact(&mut Client::default(), "subdivision", word).is_ok(), "a state, such as US-WA"),
        "network" => (IpNetwork::parse(word).is_some(), "a network, such as 203.0.113.0/24"),
        _ => return Ok(()),
    };
    if is_known { Ok(()) } else { Err(format!("`{word}` is not {what}")) }
}
