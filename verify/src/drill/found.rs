//! Findings while they are collected, and what core has to say to them.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_core::explain::OddsAnswer;
use pointsman_core::query::{Client, Query};

use super::{Drill, Options, Severity, labels};
use crate::class::Classes;
use crate::subject::Subject;
use crate::world::World;

/// Findings while they are collected: one for each key and world, with everybody it is true of.
#[derive(Debug, Default)]
pub(super) struct Found {
    by_key: BTreeMap<(Key, World), Entry>,
}

/// What makes two findings one: kind, what it is about, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) code: &'static str,
    pub(super) about: usize,
    pub(super) why: String,
}

#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) severity: Severity,
    pub(super) world: World,
    pub(super) message: String,
    pub(super) help: String,
    /// The question and the client that the message is about.
    pub(super) first: Option<(usize, Client)>,
    /// Questions, with the classes in words.
    pub(super) asked: BTreeMap<usize, (BTreeSet<usize>, String)>,
    /// Questions that it is true of when more fails.
    pub(super) also: BTreeSet<usize>,
    /// What core has to answer for the finding to be true.
    pub(super) confirm: Confirm,
    pub(super) why: String,
}

/// What core has to say in the finding's world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Confirm {
    /// Some possible answer has a value of these endpoints.
    Sent(Vec<usize>),
    /// Some possible answer has no data.
    NoData,
    /// Nothing: the finding is about all worlds, about shares, or about how the answer came to be.
    Nothing,
}

impl Found {
    /// Adds a finding about a class of a question, or another class or question to a known one.
    pub(super) fn add(&mut self, key: Key, entry: Entry, question: usize, class: usize) {
        let known = self.by_key.entry((key, entry.world.clone())).or_insert(entry);
        known.asked.entry(question).or_default().0.insert(class);
    }

    /// Adds a finding about the zone.
    pub(super) fn add_whole(&mut self, key: Key, entry: Entry) {
        self.by_key.entry((key, entry.world.clone())).or_insert(entry);
    }

    /// Puts the classes of a question into words, once all are known.
    pub(super) fn name(&mut self, question: usize, classes: &Classes) {
        for (asked, words) in self.by_key.values_mut().filter_map(|entry| entry.asked.get_mut(&question)) {
            *words = classes.describe_all(&asked.iter().copied().collect::<Vec<_>>());
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        for (key, entry) in other.by_key {
            match self.by_key.get_mut(&key) {
                None => {
                    self.by_key.insert(key, entry);
                }
                Some(known) => {
                    for (question, (classes, words)) in &entry.asked {
                        let of_question = known.asked.entry(*question).or_default();
                        of_question.0.extend(classes);
                        if !words.is_empty() {
                            of_question.1.clone_from(words);
                        }
                    }
                }
            }
        }
    }

    /// One finding for each key, with its smallest world: another of that size only for somebody whom it alone is true
    /// of, and of larger ones only the names.
    fn smallest(self) -> Vec<(Key, Entry)> {
        let mut by_key: BTreeMap<Key, Vec<Entry>> = BTreeMap::new();
        for ((key, _), entry) in self.by_key {
            by_key.entry(key).or_default().push(entry);
        }
        let mut kept: Vec<(Key, Entry)> = Vec::new();
        for (key, mut entries) in by_key {
            // A death says more than a check that fails by itself.
            entries.sort_by_key(|entry| (entry.world.size(), entry.world.dead.is_empty()));
            let smallest = entries.first().map_or(0, |entry| entry.world.size());
            let first = kept.len();
            let mut told: BTreeSet<(usize, usize)> = BTreeSet::new();
            for entry in entries {
                let of_question = |(question, (classes, _)): (&usize, &(BTreeSet<usize>, String))| {
                    classes.iter().map(|class| (*question, *class)).collect::<Vec<_>>()
                };
                let pairs: Vec<(usize, usize)> = entry.asked.iter().flat_map(of_question).collect();
                let is_new = kept.len() == first || pairs.iter().any(|pair| !told.contains(pair));
                if is_new && entry.world.size() == smallest {
                    told.extend(pairs);
                    kept.push((key.clone(), entry));
                } else if let (true, Some((_, main))) = (is_new, kept.get_mut(first)) {
                    let asked = entry.asked.keys().filter(|question| !main.asked.contains_key(question));
                    main.also.extend(asked.copied());
                }
            }
        }
        kept
    }

    /// Asks core, sorts, and makes findings of what is left.
    pub(super) fn finish(self, subject: &Subject, options: Options, drill: &mut Drill) {
        for (key, entry) in self.smallest() {
            if options.depth.is_some_and(|depth| entry.world.size() > depth) {
                continue;
            }
            if !entry.is_confirmed(subject) {
                drill.unconfirmed.push(format!("{}: {}", key.code, entry.message));
                continue;
            }
            drill.findings.push(entry.into_finding(subject, key.code));
        }
        drill.findings.sort_by(|a, b| a.rank().cmp(&b.rank()));
    }
}

impl Entry {
    /// Whether core answers in the finding's world what the finding says.
    fn is_confirmed(&self, subject: &Subject) -> bool {
        let Some((group, client)) = self.first.as_ref().and_then(|(question, client)| {
            Some((subject.group(*question)?, client)).filter(|_| self.confirm != Confirm::Nothing)
        }) else {
            return true;
        };
        let Ok(mut query) = Query::new(&group.name.to_string(), group.record_type) else { return false };
        query.client = client.clone();
        let view = self.world.view(subject);
        let Ok(odds) = view.odds(&query) else { return true };
        match &self.confirm {
            Confirm::NoData => odds
                .outcomes
                .iter()
                .any(|outcome| matches!(&outcome.answer, OddsAnswer::Values { values, .. } if values.is_empty())),
            Confirm::Sent(endpoints) => {
                let labels = labels(subject, endpoints);
                odds.outcomes.iter().any(|outcome| match &outcome.answer {
                    OddsAnswer::Values { values, .. } => values.iter().any(|value| labels.contains(*value)),
                    OddsAnswer::Resource(name) => labels.contains(&name.to_string()),
                    OddsAnswer::Members { members, .. } => {
                        members.iter().flat_map(|member| &member.values).any(|value| labels.contains(*value))
                    }
                })
            }
            Confirm::Nothing => true,
        }
    }
}
