//! Findings while they are collected, and what core has to say to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use pointsman_core::query::Client;

use super::drilled::{Drill, Options};
use super::finding::{Asked, Finding, Reproduce, Severity};
use crate::ask;
use crate::class::{Class, Classes, arguments, client_json};
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
    pub(super) about: About,
    pub(super) why: String,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// A record set.
    Record(usize),
    /// A health check.
    Check(usize),
    /// A group of record sets.
    Group(usize),
    /// An endpoint.
    Endpoint(usize),
    /// What the reason says.
    Reason,
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
    pub(super) asked: BTreeMap<usize, Whom>,
    /// The same where more fails.
    pub(super) also: BTreeMap<usize, Whom>,
    /// What core has to answer for the finding to be true.
    pub(super) confirm: Confirm,
    /// The group to ask for that, where it is not the question's: what a CNAME leads to.
    pub(super) shown_by: Option<usize>,
    /// Whether only a change of record sets ends it.
    pub(super) needs_change: bool,
    pub(super) why: String,
}

/// Clients of one question.
#[derive(Debug, Clone, Default)]
pub(super) struct Whom {
    classes: BTreeSet<usize>,
    words: String,
    /// By class of the question: its clients, as options of `resolve`.
    spelled: Arc<Vec<Vec<String>>>,
    share: f64,
}

impl Whom {
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

/// What core has to say in the finding's world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Confirm {
    /// Some possible answer has values of all of these endpoints.
    Sent(Vec<usize>),
    /// Some possible answer has a value of one of these endpoints.
    SentToSome(Vec<usize>),
    /// Some possible answer has no data.
    NoData,
    /// Some possible answer is given because nothing is healthy.
    FailsOpen,
    /// Nothing: the finding is about all worlds, or about shares.
    Nothing,
}

/// What core said.
enum Said {
    Yes,
    No,
    /// It could not be seen: too many outcomes, or none of many draws led there.
    Unseen,
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
            why: String::new(),
        }
    }

    /// A finding about all worlds, true of every client of some questions.
    pub(super) fn whole(severity: Severity, questions: impl IntoIterator<Item = usize>) -> Self {
        let everybody = |question| {
            let spelled = Arc::new(vec![vec![String::new()]]);
            let whom = Whom { classes: BTreeSet::from([0]), words: "every client".into(), spelled, share: 1.0 };
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
            why: String::new(),
        }
    }

    pub(super) fn says(mut self, message: String, why: String, help: impl Into<String>) -> Self {
        (self.message, self.why, self.help) = (message, why, help.into());
        self
    }
}

impl Found {
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
                            *of_question = Whom { classes, ..whom };
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
                let pairs = |asked: &BTreeMap<usize, Whom>| -> Vec<(usize, usize)> {
                    let of = |(question, whom): (&usize, &Whom)| {
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
            match entry.is_confirmed(subject) {
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
    }
}

impl Confirm {
    /// Whether an answer that has some spellings is what the finding says.
    fn is_in(&self, subject: &Subject, has: &dyn Fn(&str) -> bool) -> bool {
        let is_there = |endpoint: &usize| subject.endpoints.spellings(*endpoint).any(has);
        match self {
            Self::Sent(endpoints) => endpoints.iter().all(is_there),
            Self::SentToSome(endpoints) => endpoints.iter().any(is_there),
            Self::NoData | Self::FailsOpen | Self::Nothing => true,
        }
    }
}

impl Entry {
    /// Whether core answers in the finding's world what the finding says.
    fn is_confirmed(&self, subject: &Subject) -> Said {
        let Some((group, client)) = self.first.as_ref() else { return Said::Yes };
        if self.confirm == Confirm::Nothing {
            return Said::Yes;
        }
        let view = self.world.view(subject);
        if self.confirm == Confirm::FailsOpen {
            let shown = ask::draw(subject, &view, self.shown_by.unwrap_or(*group), client, |answer| answer.fail_open());
            return if shown.is_some() { Said::Yes } else { Said::Unseen };
        }
        let Ok(possible) = ask::possible(subject, &view, *group, client) else { return Said::Unseen };
        let is_so = match &self.confirm {
            Confirm::NoData => possible.iter().any(|one| one.values.is_empty()),
            Confirm::Sent(_) | Confirm::SentToSome(_) => possible
                .iter()
                .any(|one| self.confirm.is_in(subject, &|label| one.values.iter().any(|value| value == label))),
            Confirm::FailsOpen | Confirm::Nothing => true,
        };
        if is_so { Said::Yes } else { Said::No }
    }

    /// The command with which the finding is seen.
    fn reproduce(&self, subject: &Subject, code: &str) -> Option<Reproduce> {
        let (question, client) = self.first.as_ref()?;
        let shown_by = self.shown_by.unwrap_or(*question);
        let view = self.world.view(subject);
        let draw = match &self.confirm {
            Confirm::Nothing => Some(0),
            Confirm::NoData => ask::draw(subject, &view, shown_by, client, |answer| {
                answer.values().next().is_none() && answer.alias_target().is_none()
            }),
            Confirm::FailsOpen => ask::draw(subject, &view, shown_by, client, |answer| answer.fail_open()),
            Confirm::Sent(_) | Confirm::SentToSome(_) => ask::draw(subject, &view, shown_by, client, |answer| {
                let target = answer.alias_target().map(|name| name.to_string());
                let has = |label: &str| target.as_deref() == Some(label) || answer.values().any(|value| value == label);
                self.confirm.is_in(subject, &has)
            }),
        };
        let is_noticed = |dead: &usize| {
            let is_read = subject.endpoints.reads.iter().any(|reads| {
                reads.any.contains(dead)
                    || reads.all.iter().any(|all| {
                        all.contains(dead) && all.iter().all(|one| self.world.dead.binary_search(one).is_ok())
                    })
            });
            is_read || subject.endpoints.list.get(*dead).is_some_and(|endpoint| endpoint.resource.is_some())
        };
        let unnoticed = self.world.dead.iter().filter(|dead| !is_noticed(dead));
        let unnoticed = unnoticed.filter_map(|dead| subject.endpoints.list.get(*dead));
        let group = subject.group(shown_by)?;
        Some(Reproduce {
            command: if draw.is_none() || code == "load-shift" { "odds" } else { "explain" },
            question: [group.name.to_string(), group.record_type.to_string()],
            client: arguments(client),
            client_facts: client_json(client),
            draw: draw.unwrap_or(0),
            down: self.world.down(subject),
            report: self.world.report_json(subject),
            unnoticed: unnoticed.map(|endpoint| endpoint.label.clone()).collect(),
        })
    }

    fn into_finding(self, subject: &Subject, key: &Key) -> Finding {
        let reproduce = self.reproduce(subject, key.code);
        let asked = |(question, whom): (usize, Whom)| {
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
        let mut questions: Vec<(usize, Whom)> = self.asked.into_iter().collect();
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
            reproduce,
        }
    }
}

impl About {
    /// The record set, health check, name or endpoint.
    fn called(self, subject: &Subject) -> String {
        match self {
            Self::Record(record) => subject.selector(record),
            Self::Check(check) => subject.check_id(check).into(),
            Self::Group(group) => {
                subject.group(group).map(|group| format!("{}/{}", group.name, group.record_type)).unwrap_or_default()
            }
            Self::Endpoint(endpoint) => {
                subject.endpoints.list.get(endpoint).map(|endpoint| endpoint.label.clone()).unwrap_or_default()
            }
            Self::Reason => String::new(),
        }
    }
}
