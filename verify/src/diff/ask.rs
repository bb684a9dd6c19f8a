//! One question, asked of every version, for every class of clients, in every state.

use std::collections::{BTreeMap, HashMap};

use pointsman_core::health::HealthView;
use pointsman_core::model::NameBuf;
use pointsman_core::query::{Client, Query};

use super::answer::Answer;
use super::change::Case;
use super::names;
use super::states::{Down, down_of, insufficient_of, levers_of, states, view};
use crate::class::{Refinement, arguments};
use crate::subject::Subject;

/// What a version has for a question.
#[derive(Debug, Clone)]
pub(super) enum Has {
    /// A group answers.
    Group(usize),
    /// The same for every client: no data, no such name, a referral.
    Fixed(Box<Answer>),
}

impl Has {
    /// What a version has for a name and type; `None` when core cannot say.
    pub(super) fn of(subject: &Subject, query: &Query) -> Option<Self> {
        if let Some((name, record_type)) = subject.view.answering_group(query.name.as_ref(), query.record_type) {
            return subject.find(&name.to_name(), record_type).map(Self::Group);
        }
        subject.view.odds(query).ok().map(|odds| Self::Fixed(Box::new(Answer::of(&odds))))
    }

    const fn group(&self) -> Option<usize> {
        match self {
            Self::Group(group) => Some(*group),
            Self::Fixed(_) => None,
        }
    }
}

/// Every answer to a question.
pub(super) struct Asked {
    /// Clients that no version tells apart.
    pub(super) clients: Refinement,
    /// Few things down first.
    pub(super) states: Vec<Down>,
    /// What the states leave out.
    pub(super) bound: Option<String>,
    /// Whether some answer has more outcomes than core lists.
    pub(super) is_cut: bool,
    answers: Vec<Answer>,
    /// By state, by column: the answer of each of its classes.
    numbers: Vec<Vec<Vec<Number>>>,
    /// By version: the column of its answers, and the version that was asked for it.
    columns: Vec<usize>,
}

/// Two answers by number, the first state in which they are given, and in how many states they are.
type Pair = (usize, usize, usize, usize);

impl Asked {
    /// Asks. `columns` has for each version the first one that answers the same.
    pub(super) fn of(versions: &[&Subject], question: &names::Question, has: &[Has], columns: &[usize]) -> Self {
        let firsts: Vec<usize> = (0..versions.len()).filter(|at| columns.get(*at) == Some(at)).collect();
        let column = |version: &usize| firsts.iter().position(|first| first == version).unwrap_or(0);
        let groups: Vec<(&Subject, Option<usize>)> =
            firsts.iter().filter_map(|at| Some((*versions.get(*at)?, has.get(*at)?.group()))).collect();
        let clients = Refinement::of(&groups);
        let costs: usize = clients.own.iter().map(Vec::len).sum();
        let states = states(&levers_of(&groups), costs);
        let (mut answers, mut is_cut, mut numbers) = (Answers::default(), false, Vec::new());
        let mut query = query(question);
        for state in &states.list {
            let mut by_column = Vec::with_capacity(firsts.len());
            for (at, own) in firsts.iter().zip(&clients.own) {
                let (Some(version), Some(has)) = (versions.get(*at), has.get(*at)) else { continue };
                if let Has::Fixed(answer) = has {
                    by_column.push(vec![answers.number((**answer).clone())]);
                    continue;
                }
                let view = view(version, state);
                let mut column = Vec::with_capacity(own.len());
                for client in own {
                    query.client = client.clone();
                    let number = ask(&view, &query).map(|answer| answers.number(answer));
                    is_cut |= number.is_none();
                    column.push(number.unwrap_or(Number::NONE));
                }
                by_column.push(column);
            }
            numbers.push(by_column);
        }
        Self {
            clients,
            states: states.list,
            bound: states.bound,
            is_cut,
            answers: answers.list,
            numbers,
            columns: columns.iter().map(column).collect(),
        }
    }

    /// The answer of a version to a class in a state, by its number.
    fn number(&self, state: usize, class: usize, version: usize) -> Option<Number> {
        let column = *self.columns.get(version)?;
        let own = *self.clients.numbers.get(class)?.get(column)?;
        let number = self.numbers.get(state)?.get(column)?.get(own).copied();
        number.filter(|number| *number != Number::NONE)
    }

    /// The answer of a version to a class in a state, and whether only a tie rule picked it; `None` where core lists none.
    pub(super) fn answer(&self, state: usize, class: usize, version: usize) -> Option<(&Answer, bool)> {
        let number = self.number(state, class, version)?;
        Some((self.answers.get(number.answer())?, number.is_undetermined()))
    }

    /// Every answer that some version gives to somebody.
    pub(super) fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// How many classes there are.
    pub(super) fn classes(&self) -> usize {
        self.clients.list.len()
    }

    /// Who gets another answer from one version than from another, and when.
    pub(super) fn cases(&self, before: usize, after: usize) -> Vec<Case> {
        if self.columns.get(before) == self.columns.get(after) {
            return Vec::new();
        }
        let mut by_class: Vec<Vec<Pair>> = vec![Vec::new(); self.classes()];
        for state in 0..self.states.len() {
            let differing = self.differing(state, before, after);
            // Where nobody but clients of unknown place or latency differs, only the tie rule does, which goes by
            // SetIdentifier: what Route 53 picks for them is not known, before and after.
            if differing.iter().all(|(_, a, b)| a.is_undetermined() && b.is_undetermined()) {
                continue;
            }
            for (class, a, b) in differing {
                let (a, b) = (a.answer(), b.answer());
                let Some(pairs) = by_class.get_mut(class) else { continue };
                match pairs.iter_mut().find(|(before, after, ..)| (*before, *after) == (a, b)) {
                    Some((.., count)) => *count = count.saturating_add(1),
                    None => pairs.push((a, b, state, 1)),
                }
            }
        }
        self.told(by_class)
    }

    /// The classes that differ in a state, with both answers.
    fn differing(&self, state: usize, before: usize, after: usize) -> Vec<(usize, Number, Number)> {
        let pairs = (0..self.classes()).filter_map(|class| {
            let (a, b) = (self.number(state, class, before)?, self.number(state, class, after)?);
            (a.answer() != b.answer()).then_some((class, a, b))
        });
        pairs.collect()
    }

    /// Clients with the same differences are listed together.
    fn told(&self, by_class: Vec<Vec<Pair>>) -> Vec<Case> {
        let mut order: Vec<Vec<Pair>> = Vec::new();
        let mut members: BTreeMap<Vec<Pair>, Vec<usize>> = BTreeMap::new();
        for (class, pairs) in by_class.into_iter().enumerate().filter(|(_, pairs)| !pairs.is_empty()) {
            let classes = members.entry(pairs.clone()).or_default();
            if classes.is_empty() {
                order.push(pairs);
            }
            classes.push(class);
        }
        let mut cases = Vec::new();
        for pairs in order {
            let Some(classes) = members.get(&pairs) else { continue };
            let words = self.clients.describe(classes);
            let first = classes.first().and_then(|class| self.clients.list.get(*class));
            let client = first.map(|class| arguments(&class.client)).unwrap_or_default();
            for (before, after, state, states) in pairs {
                let (Some(before), Some(after)) = (self.answers.get(before), self.answers.get(after)) else {
                    continue;
                };
                let state = self.states.get(state).cloned().unwrap_or_default();
                cases.push(Case {
                    clients: words.clone(),
                    client: client.clone(),
                    earth: self.clients.share(classes),
                    down: down_of(&state),
                    insufficient: insufficient_of(&state),
                    states,
                    before: before.clone(),
                    after: after.clone(),
                });
            }
        }
        cases
    }
}

fn ask(view: &HealthView, query: &Query) -> Option<Answer> {
    view.odds(query).ok().map(|odds| Answer::of(&odds))
}

/// An answer by number, and whether only a tie rule picked it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Number(u32);

impl Number {
    /// No answer: core lists none.
    const NONE: Self = Self(u32::MAX);

    const fn answer(self) -> usize {
        (self.0 >> 1) as usize
    }

    const fn is_undetermined(self) -> bool {
        self.0 & 1 == 1
    }
}

/// Answers, each once.
#[derive(Default)]
struct Answers {
    list: Vec<Answer>,
    numbers: HashMap<String, u32>,
}

impl Answers {
    fn number(&mut self, answer: Answer) -> Number {
        let flag = u32::from(answer.undetermined);
        let known = self.numbers.get(answer.key()).copied();
        let number = known.unwrap_or_else(|| {
            let number = u32::try_from(self.list.len()).unwrap_or(u32::MAX);
            self.numbers.insert(answer.key().to_owned(), number);
            self.list.push(answer);
            number
        });
        Number((number << 1) | flag)
    }
}

/// The question without a client.
pub(super) fn query(question: &names::Question) -> Query {
    Query {
        name: NameBuf::from_wire(question.name.as_ref().wire()).unwrap_or(NameBuf::ROOT),
        record_type: question.record_type,
        client: Client::default(),
        draw: 0,
    }
}
