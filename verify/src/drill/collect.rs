//! Findings while they are collected, and what core has to say to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pointsman_core::query::Client;

use super::about::About;
use super::confirm::{Confirm, Said, Shown};
use super::drilled::{Cause, Drill, Options};
use super::finding::{Asked, Finding, Severity};
use crate::class::{Class, Classes, arguments};
use crate::subject::Subject;
use crate::world::World;

/// Findings while they are collected: one for each key and world, with everybody it is true of.
#[derive(Debug, Default)]
pub(super) struct Collected {
    by_key: BTreeMap<(Key, World), Entry>,
}

/// What makes two findings one: kind, what it is about, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) code: &'static str,
    pub(super) about: About,
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
    /// Questions, with their clients.
    pub(super) asked: BTreeMap<usize, Clients>,
    /// The same where more fails.
    pub(super) also: BTreeMap<usize, Clients>,
    /// What core has to answer for the finding to be true.
    pub(super) confirm: Confirm,
    /// The group to ask for that, where it is not the question's: what a CNAME leads to.
    pub(super) shown_by: Option<usize>,
    /// Whether only a change of record sets ends it.
    pub(super) needs_change: bool,
    /// What to mend, where that is another thing than what it is about.
    pub(super) cause: About,
    pub(super) why: String,
}

/// Clients of one question.
#[derive(Debug, Clone, Default)]
pub(super) struct Clients {
    classes: BTreeSet<usize>,
    words: String,
    /// By class of the question: its clients, as options of `resolve`.
    spelled: Arc<Vec<Vec<String>>>,
    share: f64,
}

impl Clients {
    /// Every client.
    fn clients(&self) -> Vec<String> {
        let of = self.classes.iter().filter_map(|class| self.spelled.get(*class)).flatten();
        of.cloned().collect::<BTreeSet<String>>().into_iter().collect()
    }

    /// Adds clients of the same question.
    fn add(&mut self, other: Self) {
        if self.words.is_empty() {
            *self = other;
            return;
        }
        self.words = format!("{} and {}", self.words, other.words);
        self.classes.extend(other.classes);
        self.share = (self.share + other.share).min(1.0);
    }
}

impl Entry {
    /// A finding about one class of a question in one world; the rest is filled in.
    pub(super) fn new(severity: Severity, world: World, first: (usize, Client), confirm: Confirm) -> Self {
        Self {
            severity,
            world,
            message: String::new(),
            help: String::new(),
            first: Some(first),
            asked: BTreeMap::new(),
            also: BTreeMap::new(),
            confirm,
            shown_by: None,
            needs_change: false,
            cause: About::Reason,
            why: String::new(),
        }
    }

    /// A finding about all worlds, true of every client of some questions.
    pub(super) fn whole(severity: Severity, questions: impl IntoIterator<Item = usize>) -> Self {
        let everybody = |question| {
            let spelled = Arc::new(vec![vec![String::new()]]);
            let whom = Clients { classes: BTreeSet::from([0]), words: "every client".into(), spelled, share: 1.0 };
            (question, whom)
        };
        Self {
            severity,
            world: World::default(),
            message: String::new(),
            help: String::new(),
            first: None,
            asked: questions.into_iter().map(everybody).collect(),
            also: BTreeMap::new(),
            confirm: Confirm::Nothing,
            shown_by: None,
            needs_change: false,
            cause: About::Reason,
            why: String::new(),
        }
    }

    pub(super) fn says(mut self, message: String, why: String, help: impl Into<String>) -> Self {
        (self.message, self.why, self.help) = (message, why, help.into());
        self
    }
}

impl Collected {
    /// Adds a finding about a class of a question, or another class or question to a known one.
    pub(super) fn add(&mut self, code: &'static str, about: About, entry: Entry, question: usize, class: usize) {
        let key = Key { code, about, why: entry.why.clone() };
        let known = self.by_key.entry((key, entry.world.clone())).or_insert(entry);
        known.asked.entry(question).or_default().classes.insert(class);
    }

    /// Adds a finding about the zone.
    pub(super) fn add_whole(&mut self, code: &'static str, about: About, entry: Entry) {
        let key = Key { code, about, why: entry.why.clone() };
        self.by_key.entry((key, entry.world.clone())).or_insert(entry);
    }

    /// Puts the classes of a question into words, once all are known.
    pub(super) fn name(&mut self, question: usize, classes: &Classes) {
        let even = 1.0 / classes.list.len().max(1) as f64;
        let mut asked = self.by_key.values_mut().filter_map(|entry| entry.asked.get_mut(&question)).peekable();
        if asked.peek().is_none() {
            return;
        }
        // Once for the question: most findings are dropped for smaller ones, and clients may be many.
        let spell = |class: &Class| -> Vec<String> {
            let clients: BTreeSet<String> = class.clients().map(|client| arguments(client).join(" ")).collect();
            clients.into_iter().collect()
        };
        let spelled: Arc<Vec<Vec<String>>> = Arc::new(classes.list.iter().map(spell).collect());
        for whom in asked {
            let list: Vec<usize> = whom.classes.iter().copied().collect();
            whom.words = classes.describe_all(&list);
            whom.spelled = Arc::clone(&spelled);
            let classes = list.iter().filter_map(|class| classes.list.get(*class));
            whom.share = classes.map(|class| class.traffic.unwrap_or(even)).sum();
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        for (key, entry) in other.by_key {
            match self.by_key.get_mut(&key) {
                None => {
                    self.by_key.insert(key, entry);
                }
                Some(known) => {
                    for (question, whom) in entry.asked {
                        let of_question = known.asked.entry(question).or_default();
                        of_question.classes.extend(&whom.classes);
                        if !whom.words.is_empty() {
                            let classes = std::mem::take(&mut of_question.classes);
                            *of_question = Clients { classes, ..whom };
                        }
                    }
                }
            }
        }
    }

    /// One finding for each key, with its smallest world: another of that size only for somebody whom it alone is true
    /// of. Of larger ones the names and clients are kept that no smaller one has.
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
                let pairs = |asked: &BTreeMap<usize, Clients>| -> Vec<(usize, usize)> {
                    let of = |(question, whom): (&usize, &Clients)| {
                        whom.classes.iter().map(|class| (*question, *class)).collect::<Vec<_>>()
                    };
                    asked.iter().flat_map(of).collect()
                };
                let is_new = kept.len() == first || pairs(&entry.asked).iter().any(|pair| !told.contains(pair));
                if is_new && entry.world.size() == smallest {
                    told.extend(pairs(&entry.asked));
                    kept.push((key.clone(), entry));
                } else if let (true, Some((_, main))) = (is_new, kept.get_mut(first)) {
                    told.extend(pairs(&entry.asked));
                    for (question, whom) in entry.asked {
                        main.also.entry(question).or_default().add(whom);
                    }
                }
            }
        }
        kept
    }

    /// Asks core, sorts, and makes findings of what is left.
    pub(super) fn finish(self, subject: &Subject, options: &Options, drill: &mut Drill) {
        for (key, entry) in self.smallest() {
            if options.depth.is_some_and(|depth| entry.world.size() > depth) {
                continue;
            }
            match entry.shown().is_confirmed(subject) {
                Said::Yes => {}
                Said::No => {
                    drill.unconfirmed.push(format!("{}: {}", key.code, entry.message));
                    continue;
                }
                Said::Unseen => drill
                    .claim
                    .add_unconfirmed(format!("{}: {}: not seen among so many outcomes", key.code, entry.message)),
            }
            drill.findings.push(entry.into_finding(subject, &key));
        }
        drill.findings.sort_by_cached_key(Finding::rank);
        drill.causes = Cause::of(&drill.findings, subject);
    }
}

impl Entry {
    fn shown(&self) -> Shown<'_> {
        Shown { world: &self.world, first: self.first.as_ref(), confirm: &self.confirm, shown_by: self.shown_by }
    }

    fn into_finding(self, subject: &Subject, key: &Key) -> Finding {
        let reproduce = self.shown().reproduce(subject, key.code);
        let cause = if self.cause == About::Reason { key.about } else { self.cause };
        let asked = |(question, whom): (usize, Clients)| {
            let group = subject.group(question)?;
            Some(Asked {
                question: format!("{} {}", group.name, group.record_type),
                clients: whom.clients(),
                words: whom.words,
                share: whom.share,
            })
        };
        // The question that the message is about comes first.
        let first = self.first.as_ref().map(|(question, _)| *question);
        let mut questions: Vec<(usize, Clients)> = self.asked.into_iter().collect();
        questions.sort_by_key(|(question, _)| (Some(*question) != first, *question));
        Finding {
            code: key.code,
            severity: self.severity,
            message: self.message,
            why: self.why,
            help: self.help,
            about: key.about.called(subject),
            failures: match self.world.domain {
                Some(_) => vec![self.world.describe(subject)],
                None => self.world.items(subject),
            },
            size: self.world.size(),
            questions: questions.into_iter().filter_map(asked).collect(),
            also: self.also.into_iter().filter_map(asked).collect(),
            needs_change: self.needs_change,
            cause,
            reproduce,
        }
    }
}
