//! Versions of a zone one after the other: what each alters, and whether in between a name has no answer, or a wrong one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use pointsman_core::model::RecordType;

use super::answer::Answer;
use super::ask::{Asked, Has, query};
use super::change::{Case, Change, Diff, Finding};
use super::names::{Question, questions};
use super::same::Same;
use super::states::{down_of, insufficient_of};
use crate::claim::Claim;
use crate::class::arguments;
use crate::subject::Subject;
use crate::text::listed;

/// A moment between two batches at which a name has no answer, or one that neither the first version nor the last gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Hazard {
    /// After which batch, counted from 1.
    pub after: usize,
    /// The name and type.
    pub question: (String, RecordType),
    /// The question in words, with what it stands for.
    pub asked: String,
    /// Who gets it.
    pub clients: String,
    /// Options that ask as one of them.
    pub client: Vec<String>,
    /// What is down; empty when nothing is.
    pub down: Vec<String>,
    /// Alarms without enough data.
    pub insufficient: Vec<String>,
    /// What is wrong.
    pub message: String,
    /// The answer at that moment.
    pub answer: Answer,
}

/// What several versions alter, step by step.
#[derive(Debug, Clone, Default)]
pub struct Walk {
    /// Each version against the one before it.
    pub steps: Vec<Diff>,
    /// The last version against the first.
    pub ends: Diff,
    /// Moments that neither the first version nor the last would have.
    pub hazards: Vec<Hazard>,
    /// What all of it rests on.
    pub claim: Claim,
}

impl Walk {
    /// Whether at no moment, the last included, a name that had an answer has none, or has a wrong one in between, as
    /// far as was looked: see [`claim`](Self::claim).
    #[must_use]
    pub fn is_safe(&self) -> bool {
        let dark = self.steps.iter().chain([&self.ends]).any(|step| !step.findings.is_empty());
        self.hazards.is_empty() && !dark
    }
}

/// Compares each version with the next, and looks for moments that neither the first version nor the last would have: no
/// answer where there is one before and after, or a value that neither of them answers. Every version is asked for the
/// clients that any of them tells apart.
#[must_use]
pub fn walk(versions: &[Subject]) -> Walk {
    let versions: Vec<&Subject> = versions.iter().collect();
    compare(&versions)
}

/// [`walk`] over borrowed versions.
pub(super) fn compare(versions: &[&Subject]) -> Walk {
    let mut walk = Walk { steps: vec![Diff::default(); versions.len().saturating_sub(1)], ..Walk::default() };
    let mut same: Vec<Same<'_>> = Vec::new();
    for pair in versions.windows(2) {
        if let [old, new] = pair {
            same.push(Same::new(old, new));
        }
    }
    let mut reach = Reach::default();
    for question in questions(versions) {
        let query = query(&question);
        let has: Option<Vec<Has>> = versions.iter().map(|version| Has::of(version, &query)).collect();
        let Some(has) = has else {
            reach.claim.add_not_asked(format!("{}: it cannot be evaluated", worded(&question)));
            continue;
        };
        // For each version the first one that answers the same.
        let mut columns = vec![0_usize];
        for (at, (pair, same)) in (1..).zip(has.windows(2).zip(&mut same)) {
            let is_same = match pair {
                [Has::Group(old), Has::Group(new)] => same.is_same(*old, *new),
                [Has::Fixed(old), Has::Fixed(new)] => old.key() == new.key(),
                _ => false,
            };
            columns.push(if is_same { columns.last().copied().unwrap_or(0) } else { at });
        }
        if columns.iter().any(|column| *column != 0) {
            let asked = Asked::of(versions, &question, &has, &columns);
            reach.add(&question, &asked);
            walk.add(versions.len(), &question, &asked);
        }
    }
    for quarantined in versions.iter().flat_map(|version| version.quarantined()) {
        reach.claim.add_not_asked(quarantined);
    }
    let (claim, last) = (reach.claim(), versions.len().saturating_sub(1));
    for (at, step) in walk.steps.iter_mut().enumerate() {
        step.finish(versions.get(at..at.saturating_add(2)).unwrap_or_default(), &claim);
    }
    let ends: Vec<&Subject> = [versions.first(), versions.get(last)].into_iter().flatten().copied().collect();
    walk.ends.finish(&ends, &claim);
    walk.claim = claim;
    walk
}

fn worded(question: &Question) -> String {
    question.scope.question(&question.name.to_string(), question.record_type)
}

impl Walk {
    fn add(&mut self, versions: usize, question: &Question, asked: &Asked) {
        for (at, step) in self.steps.iter_mut().enumerate() {
            step.add(question, asked.cases(at, at.saturating_add(1)));
        }
        let last = versions.saturating_sub(1);
        self.ends.add(question, asked.cases(0, last));
        for moment in 1..last {
            self.look(moment, last, question, asked);
        }
    }

    /// Looks at one moment.
    fn look(&mut self, moment: usize, last: usize, question: &Question, asked: &Asked) {
        // By message: the classes, the first state, and a class and an answer that show it.
        let mut found: BTreeMap<String, (BTreeSet<usize>, usize, usize, Answer)> = BTreeMap::new();
        let mut order: Vec<String> = Vec::new();
        for state in 0..asked.states.len() {
            for class in 0..asked.classes() {
                let at = |version: usize| asked.answer(state, class, version);
                let (Some((before, _)), Some((now, is_undetermined)), Some((then, _))) = (at(0), at(moment), at(last))
                else {
                    continue;
                };
                let Some(message) = wrong(
                    before,
                    now,
                    is_undetermined,
                    then,
                    |version| at(version).is_some_and(|(answer, _)| !answer.may_be_empty()),
                    moment,
                    last,
                ) else {
                    continue;
                };
                let entry = found.entry(message.clone()).or_insert_with(|| {
                    order.push(message);
                    (BTreeSet::new(), state, class, now.clone())
                });
                entry.0.insert(class);
            }
        }
        for message in order {
            let Some((classes, state, class, answer)) = found.remove(&message) else { continue };
            let classes: Vec<usize> = classes.into_iter().collect();
            let state = asked.states.get(state).cloned().unwrap_or_default();
            let client = asked.clients.list.get(class).map(|class| arguments(&class.client)).unwrap_or_default();
            self.hazards.push(Hazard {
                after: moment,
                question: (question.name.to_string(), question.record_type),
                asked: worded(question),
                clients: asked.clients.describe(&classes),
                client,
                down: down_of(&state),
                insufficient: insufficient_of(&state),
                message,
                answer,
            });
        }
    }
}

/// What is wrong with a moment's answer.
fn wrong(
    before: &Answer,
    now: &Answer,
    is_undetermined: bool,
    then: &Answer,
    answers: impl Fn(usize) -> bool,
    moment: usize,
    last: usize,
) -> Option<String> {
    if now.may_be_empty() {
        if !before.may_be_empty() && !then.may_be_empty() {
            return Some(format!(
                "no answer ({}), though the versions before and after the change both have one",
                now.line()
            ));
        }
        let (earlier, later) = ((0..moment).any(&answers), (moment.saturating_add(1)..=last).any(&answers));
        if earlier && later {
            return Some(format!("no answer ({}), though an earlier and a later version have one", now.line()));
        }
    }
    let strange: Vec<&String> =
        now.values.iter().filter(|value| !before.values.contains(*value) && !then.values.contains(*value)).collect();
    // What a tie rule picks for a client of whom too little is known, another client may well be sent to.
    if strange.is_empty() || is_undetermined {
        return None;
    }
    Some(format!("answers {}, which neither the version before nor the one after the change does", listed(&strange, 3)))
}

/// What was looked at, gathered over all questions.
#[derive(Default)]
struct Reach {
    claim: Claim,
    /// The questions by what is sampled, and by the bound.
    sampled: BTreeMap<String, Vec<String>>,
    bounded: BTreeMap<String, Vec<String>>,
}

impl Reach {
    fn add(&mut self, question: &Question, asked: &Asked) {
        let words = worded(question);
        for sample in &asked.clients.samples {
            self.sampled.entry(sample.to_string()).or_default().push(words.clone());
        }
        if let Some(bound) = &asked.bound {
            self.bounded.entry(bound.clone()).or_default().push(words.clone());
        }
        if asked.clients.by_table {
            self.claim.add_assumed("clients have the latencies of the LatencyTable and none of their own");
        }
        if asked.is_cut {
            self.claim.add_not_asked(format!("{words}, where it has more outcomes than are listed"));
        }
        for cut in asked.answers().iter().filter_map(|answer| answer.referral.as_ref()) {
            self.claim.add_not_asked(format!("what the name servers of {cut} answer"));
        }
    }

    fn claim(mut self) -> Claim {
        for (why, questions) in self.sampled {
            self.claim.add_sampled(format!("{why}, for {}", listed(&questions, 3)));
        }
        for (bound, questions) in self.bounded {
            self.claim.add_bounded(format!("{bound}, for {}", listed(&questions, 3)));
        }
        self.claim
    }
}

impl Diff {
    /// Adds what a question's answers differ in.
    fn add(&mut self, question: &Question, cases: Vec<Case>) {
        let Some(first) = cases.first() else { return };
        let only_existence = cases.iter().all(|case| {
            [&case.before, &case.after].iter().all(|answer| answer.is_empty() && answer.rcode != "REFUSED")
        });
        if only_existence {
            let list = if first.after.rcode == "NOERROR" { &mut self.appear } else { &mut self.vanish };
            list.push(match question.scope.below.first() {
                Some(above) => format!("names below {above}"),
                None => question.name.to_string(),
            });
            return;
        }
        self.changes.push(Change {
            name: question.name.to_string(),
            record_type: question.record_type,
            scope: question.scope.clone(),
            cases,
        });
    }

    /// Counts, folds what is the same further down, and says what goes dark.
    fn finish(&mut self, versions: &[&Subject], claim: &Claim) {
        self.claim = claim.clone();
        let mut listed: BTreeSet<(String, RecordType)> = BTreeSet::new();
        for version in versions {
            listed.extend(version.questions().map(|(_, group)| (group.name.to_string(), group.record_type)));
        }
        listed.extend(self.changes.iter().map(|change| (change.name.clone(), change.record_type)));
        self.compared = listed.len();
        self.fold_cnames();
        self.fold();
        self.fold_wildcards();
        // A name with another difference is named there.
        let changed: BTreeSet<String> = self
            .changes
            .iter()
            .flat_map(|change| match change.scope.below.as_slice() {
                [] => match change.name.strip_prefix("*.") {
                    Some(above) => vec![change.name.clone(), format!("names below {above}")],
                    None => vec![change.name.clone()],
                },
                below => below.iter().map(|name| format!("names below {name}")).collect(),
            })
            .collect();
        for list in [&mut self.appear, &mut self.vanish] {
            list.retain(|name| !changed.contains(name));
            list.dedup();
        }
        self.findings = self.changes.iter().filter_map(Finding::of).collect();
    }

    /// A CNAME answers every type that its name lacks (2.1), so what differs alike for those is reported as CNAME.
    fn fold_cnames(&mut self) {
        let key = |change: &Change| (change.name.clone(), change.scope.below.clone());
        let cnames = self.changes.iter().enumerate().filter(|(_, change)| change.record_type == RecordType::Cname);
        let cnames: HashMap<(String, Vec<String>), usize> = cnames.map(|(at, change)| (key(change), at)).collect();
        let is_told = |change: &Change| {
            let cname = cnames.get(&key(change)).and_then(|at| self.changes.get(*at));
            change.scope.types_but.is_some() && cname.is_some_and(|cname| are_alike(&cname.cases, &change.cases))
        };
        let told: Vec<bool> = self.changes.iter().map(is_told).collect();
        let mut told = told.into_iter();
        self.changes.retain(|_| !told.next().unwrap_or(false));
    }

    /// A wildcard's name stands for the names that it answers.
    fn fold_wildcards(&mut self) {
        let key = |change: &Change| (change.name.clone(), change.record_type, change.scope.types_but.clone());
        let alone = self.changes.iter().enumerate().filter(|(_, change)| change.scope.below.is_empty());
        let alone: HashMap<_, usize> = alone.map(|(at, change)| (key(change), at)).collect();
        let is_told = |change: &Change| {
            let [above] = change.scope.below.as_slice() else { return false };
            let key = (format!("*.{above}"), change.record_type, change.scope.types_but.clone());
            let wildcard = alone.get(&key).and_then(|at| self.changes.get(*at));
            wildcard.is_some_and(|wildcard| wildcard.cases == change.cases)
        };
        let told: Vec<bool> = self.changes.iter().map(is_told).collect();
        let mut told = told.into_iter();
        self.changes.retain(|_| !told.next().unwrap_or(false));
    }

    /// What differs alike below a name and below a name below that is reported once.
    fn fold(&mut self) {
        let mut first: HashMap<(String, RecordType, Option<Vec<RecordType>>), usize> = HashMap::new();
        let mut kept: Vec<Change> = Vec::with_capacity(self.changes.len());
        let mut changes = std::mem::take(&mut self.changes);
        // Upper names first, in their order otherwise.
        let depth = |change: &Change| change.scope.below.first().map_or(0, |name| name.matches('.').count());
        let mut order: Vec<usize> = (0..changes.len()).collect();
        order.sort_by_key(|at| changes.get(*at).map(depth));
        let mut into: Vec<Option<usize>> = vec![None; changes.len()];
        for at in order {
            let Some(change) = changes.get(at) else { continue };
            let Some(below) = change.scope.below.first() else { continue };
            let key = |name: &str| (name.to_owned(), change.record_type, change.scope.types_but.clone());
            let above = std::iter::successors(parent(below), |name| parent(name));
            let upper = above.filter_map(|name| first.get(&key(name)).copied()).next();
            let same = upper.filter(|upper| changes.get(*upper).is_some_and(|upper| upper.cases == change.cases));
            if let Some(slot) = into.get_mut(at) {
                *slot = same;
            }
            first.insert(key(below), same.unwrap_or(at));
        }
        for (at, target) in into.iter().enumerate() {
            let more = target.and_then(|_| changes.get(at)).map(|change| change.scope.below.clone());
            if let (Some(more), Some(upper)) = (more, target.and_then(|target| changes.get_mut(target))) {
                upper.scope.below.extend(more);
            }
        }
        for (change, target) in changes.into_iter().zip(into) {
            if target.is_none() {
                kept.push(change);
            }
        }
        self.changes = kept;
    }
}

/// Whether two questions' cases say the same to a reader: each question has states of its own, which are counted apart.
fn are_alike(one: &[Case], other: &[Case]) -> bool {
    let said = |case: &Case| {
        let words = (case.clients.clone(), case.down.clone(), case.insufficient.clone());
        (words, case.before.line(), case.after.line())
    };
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| said(one) == said(other))
}

/// The name above, as names are spelled here: dots in labels are escaped.
fn parent(name: &str) -> Option<&str> {
    name.split_once('.').map(|(_, parent)| parent).filter(|parent| !parent.is_empty())
}
