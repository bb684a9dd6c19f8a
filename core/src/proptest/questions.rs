//! Questions about a zone, and draws.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::fmt;
use core::ops::Deref;

use ::proptest::strategy::{NewTree, Strategy};
use ::proptest::test_runner::{Reason, TestRunner};

use super::clients::{Clients, client_json, clients, same_client};
use super::dice::Dice;
use super::json::{Json, object, word};
use super::shrink::{Shrinking, Simplify, Tree};
use crate::compile::Zone;
use crate::model::{NameBuf, RecordType};
use crate::query::{Client, Query};

/// Draws: the numbers by which weighted and multivalue groups choose (10.37). They shrink to 0.
///
/// ```
/// use pointsman_core::proptest::draws;
/// use proptest::prelude::*;
///
/// proptest!(|(draw in draws())| {
///     prop_assert_eq!(draw.to_string().parse::<u64>(), Ok(draw));
/// });
/// ```
pub fn draws() -> impl Strategy<Value = u64> {
    ::proptest::num::u64::ANY
}

/// Questions about a zone: mostly names and types that it has, also names that only a wildcard stands for, names that
/// exist through others below them, names and types that it does not have, and names outside; asked by any of its
/// [`clients`] with any draw.
///
/// They shrink to an earlier question of the zone, to a client of whom less is known, to a small draw.
///
/// ```
/// use pointsman_core::parse::parse_query;
/// use pointsman_core::proptest::{questions, zones};
/// use proptest::prelude::*;
///
/// let zone = zones().seeded(1).compile();
/// proptest!(|(question in questions(&zone))| {
///     let read = parse_query(&question.to_json()).unwrap(); // as every host takes it
///     prop_assert_eq!(read.draw, question.draw);
/// });
/// ```
#[must_use]
pub fn questions(zone: &Zone) -> Questions {
    let exact = zone.questions().filter_map(|(name, record_type)| Some((name_of(&name.to_string())?, record_type)));
    let exact = exact.collect::<Vec<_>>().into();
    Questions { exact, asked: None, existing: false, clients: clients(zone), apex: zone.name().to_string() }
}

fn name_of(text: &str) -> Option<NameBuf> {
    NameBuf::parse(text).ok()
}

/// Strategy of [`questions`].
#[derive(Debug, Clone)]
pub struct Questions {
    /// Names and types that have record sets, in the zone's order.
    exact: Arc<[(NameBuf, RecordType)]>,
    /// The one question that is asked.
    asked: Option<(String, RecordType)>,
    existing: bool,
    clients: Clients,
    apex: String,
}

impl Questions {
    /// Only this question, by any client. A name that is none stops the test with an error.
    pub fn asking(mut self, name: &str, record_type: RecordType) -> Self {
        self.asked = Some((name.into(), record_type));
        self
    }

    /// Only names and types that have record sets.
    pub fn existing(mut self) -> Self {
        self.existing = true;
        self
    }

    /// Only these clients; the default is all that the zone can tell apart.
    pub fn clients(mut self, clients: Clients) -> Self {
        self.clients = clients;
        self
    }

    /// A question within these limits.
    pub(super) fn any(&self, dice: &mut Dice) -> Result<Query, Reason> {
        let (name, record_type) = match &self.asked {
            Some((name, record_type)) => (name.clone(), *record_type),
            None => self.name_and_type(dice),
        };
        let read = NameBuf::parse(&name);
        let name = read.map_err(|error| Reason::from(format!("cannot ask for `{name}`: {error}")))?;
        Ok(Query { name, record_type, client: self.clients.any(dice), draw: dice.word() })
    }

    fn name_and_type(&self, dice: &mut Dice) -> (String, RecordType) {
        let Some((name, record_type)) = dice.choose(&self.exact) else {
            return (self.apex.clone(), RecordType::A);
        };
        let name = name.as_ref().to_string();
        if self.existing || dice.one_in(2) {
            return (name, record_type);
        }
        let variant = match dice.below(5) {
            // What a wildcard stands for; what lies below the name.
            0 | 1 => match name.strip_prefix("*.") {
                Some(parent) => format!("{}.{parent}", if dice.one_in(2) { "any" } else { "any.deep" }),
                None => format!("below.{name}"),
            },
            // What lies above it.
            2 => name.split_once('.').map_or_else(String::new, |(_, parent)| parent.into()),
            3 => "elsewhere.example.".into(),
            _ => return (name, dice.choose(&RecordType::ALL).unwrap_or(RecordType::A)),
        };
        // A name may become too long below, and the root lies above all.
        if name_of(&variant).is_some() { (variant, record_type) } else { (name, record_type) }
    }

    /// The steps that make a question simpler.
    pub(super) fn steps(&self, query: &Query) -> Vec<Step> {
        let own =
            |asked: &(NameBuf, RecordType)| asked.0.as_ref() == query.name.as_ref() && asked.1 == query.record_type;
        let earlier = self.exact.iter().take_while(|asked| !own(asked)).take(EARLIER_MAX);
        let mut steps: Vec<Step> = match self.asked {
            Some(_) => Vec::new(),
            None => earlier.map(|(name, record_type)| Step::Ask(Box::new(*name), *record_type)).collect(),
        };
        steps.extend(self.clients.simpler(&query.client).into_iter().map(|client| Step::By(Box::new(client))));
        steps.extend(smaller_draws(query.draw).map(Step::Draw));
        steps
    }
}

/// Earlier questions that shrinking tries.
const EARLIER_MAX: usize = 20;

/// One way for a question to be simpler.
pub(super) enum Step {
    Ask(Box<NameBuf>, RecordType),
    By(Box<Client>),
    Draw(u64),
}

impl Step {
    pub(super) fn apply(&self, query: &Query) -> Query {
        let mut query = query.clone();
        match self {
            Self::Ask(name, record_type) => (query.name, query.record_type) = (**name, *record_type),
            Self::By(client) => query.client = (**client).clone(),
            Self::Draw(draw) => query.draw = *draw,
        }
        query
    }
}

/// Draws to try before one: a draw is as good as any other, so that small numbers come first.
pub(super) fn smaller_draws(draw: u64) -> impl Iterator<Item = u64> {
    (0..100).chain([draw >> 48, draw >> 32, draw >> 16]).filter(move |smaller| *smaller < draw)
}

impl Strategy for Questions {
    type Tree = Tree<SampleQuestion>;
    type Value = SampleQuestion;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let query = self.any(&mut Dice::new(runner)?)?;
        Ok(Shrinking::tree(Draft { question: SampleQuestion(query), limits: self.clone() }))
    }
}

/// A question while it shrinks.
#[derive(Clone)]
struct Draft {
    question: SampleQuestion,
    limits: Questions,
}

impl PartialEq for Draft {
    fn eq(&self, other: &Self) -> bool {
        self.question == other.question
    }
}

impl Simplify for Draft {
    type Value = SampleQuestion;
    type Step = Step;

    fn value(&self) -> SampleQuestion {
        self.question.clone()
    }

    fn steps(&self) -> Vec<Step> {
        self.limits.steps(&self.question)
    }

    fn after(&self, step: &Step) -> Option<Self> {
        Some(Self { question: SampleQuestion(step.apply(&self.question)), limits: self.limits.clone() })
    }
}

/// A question made by [`questions`], with its client and its draw. It prints as its JSON.
#[derive(Clone)]
pub struct SampleQuestion(Query);

impl SampleQuestion {
    /// The question of a query.
    #[must_use]
    pub fn new(query: Query) -> Self {
        Self(query)
    }

    /// The query.
    #[must_use]
    pub fn into_inner(self) -> Query {
        self.0
    }

    /// The query as one line of JSON, as every host takes it.
    #[must_use]
    pub fn to_json(&self) -> String {
        query_json(&self.0).line()
    }
}

impl Deref for SampleQuestion {
    type Target = Query;

    fn deref(&self) -> &Query {
        &self.0
    }
}

impl PartialEq for SampleQuestion {
    fn eq(&self, other: &Self) -> bool {
        same_query(self, other)
    }
}

/// Whether two queries ask the same.
pub(super) fn same_query(one: &Query, other: &Query) -> bool {
    (one.name.as_ref(), one.record_type, one.draw) == (other.name.as_ref(), other.record_type, other.draw)
        && same_client(&one.client, &other.client)
}

impl fmt::Debug for SampleQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}

fn query_json(query: &Query) -> Json {
    object(vec![
        ("name", word(query.name.as_ref().to_string())),
        ("type", word(query.record_type.as_str())),
        ("client", client_json(&query.client)),
        // A text: not every reader of JSON holds 64 bits.
        ("draw", word(query.draw.to_string())),
    ])
}
