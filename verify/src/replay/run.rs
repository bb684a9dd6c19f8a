//! A history of statuses played over a zone, and over another version of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use pointsman_core::health::HealthView;
use pointsman_core::model::{RecordType, Time};
use pointsman_core::parse::{AliasStatus, RawStatus};
use pointsman_core::query::Client;
use serde_json::{Value, json};

use super::history::{History, Span, Statuses};
use super::judge::{Judged, completed, dead, judge, unrecorded};
use crate::ask::{Possible, TooMany};
use crate::claim::Claim;
use crate::class::{Class, Classes, arguments, describe_classes};
use crate::subject::Subject;
use crate::text::count;

/// How long, in seconds for each client: a share of the answers counts as that share of the time.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Seconds {
    /// Sent to something that was reported dead.
    pub dead: f64,
    /// Without an answer.
    pub none: f64,
    /// Sent elsewhere than when everything is healthy.
    pub elsewhere: f64,
}

/// What was answered for a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// When it began.
    pub from: Time,
    /// When it ended.
    pub to: Time,
    /// The answers, most probable first.
    pub answers: Vec<Possible>,
    /// The shares of them that were dead, none or elsewhere.
    pub shares: Seconds,
}

/// What a class of clients was answered all the time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Timeline {
    /// How long it was no good.
    pub seconds: Seconds,
    /// What was answered; where nothing was recorded there is no step.
    pub steps: Vec<Step>,
}

/// A question of a class of clients.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The name that is asked.
    pub name: String,
    /// The type that is asked.
    pub record_type: RecordType,
    /// Who asks, in words.
    pub clients: String,
    /// The options of `explain` that ask as one of them.
    pub arguments: Vec<String>,
    /// What the zone answered.
    pub was: Timeline,
    /// What the other version would have answered.
    pub against: Option<Timeline>,
}

/// A history played over a zone.
#[derive(Debug, Clone, PartialEq)]
pub struct Replay {
    /// When the history begins.
    pub from: Time,
    /// When it ends.
    pub to: Time,
    /// Seconds in between of which nothing is known.
    pub unrecorded: f64,
    /// Each question of each class of clients, those that were worst off first.
    pub rows: Vec<Row>,
    /// What all of it rests on.
    pub claim: Claim,
}

/// Statuses that bear on a question, and what is dead below it: all that an answer follows from.
type Key = (Vec<Option<RawStatus>>, Vec<Option<AliasStatus>>, Vec<usize>);

/// A question of one version of the zone, and its clients.
struct Question {
    /// `None` where this version has no such record sets: nobody gets an answer.
    group: Option<usize>,
    clients: Vec<Client>,
    checks: BTreeSet<usize>,
    below: BTreeSet<usize>,
    known: HashMap<Key, Arc<Vec<Judged>>>,
    timelines: Vec<Timeline>,
    /// Core lists too many outcomes.
    too_many: bool,
}

impl Question {
    fn new(subject: &Subject, group: Option<usize>, clients: Vec<Client>) -> Self {
        Self {
            group,
            checks: group.map(|group| subject.checks_of(group)).unwrap_or_default(),
            below: group.map(|group| subject.endpoints.below(subject, group)).unwrap_or_default(),
            known: HashMap::new(),
            timelines: vec![Timeline::default(); clients.len()],
            clients,
            too_many: false,
        }
    }

    fn key(&self, subject: &Subject, statuses: &Statuses, dead: &BTreeSet<usize>) -> Key {
        let checks = self.checks.iter().map(|check| statuses.checks.get(subject.check_id(*check)).copied()).collect();
        let labels = self.below.iter().filter_map(|endpoint| subject.endpoints.list.get(*endpoint));
        let targets = labels.map(|endpoint| statuses.targets.get(&endpoint.label).copied()).collect();
        (checks, targets, self.below.intersection(dead).copied().collect())
    }

    fn pass(&mut self, span: &Span, judged: &[Judged]) {
        let seconds = span.to.ms_since(span.from) as f64 / 1000.0;
        for (timeline, judged) in self.timelines.iter_mut().zip(judged) {
            let shares = Seconds { dead: judged.dead, none: judged.none, elsewhere: judged.elsewhere };
            timeline.seconds.dead += shares.dead * seconds;
            timeline.seconds.none += shares.none * seconds;
            timeline.seconds.elsewhere += shares.elsewhere * seconds;
            match timeline.steps.last_mut() {
                Some(step) if step.to == span.from && step.answers == judged.answers && step.shares == shares => {
                    step.to = span.to;
                }
                _ => {
                    timeline.steps.push(Step { from: span.from, to: span.to, answers: judged.answers.clone(), shares })
                }
            }
        }
    }
}

/// A version of the zone, and what is asked of it.
struct Version<'s> {
    subject: &'s Subject,
    questions: Vec<Question>,
}

impl Version<'_> {
    fn pass(&mut self, span: &Span, statuses: &Statuses, dead: &BTreeSet<usize>) {
        // It costs as much as the zone is large, and most spans repeat what was seen before.
        let mut view: Option<HealthView> = None;
        for question in self.questions.iter_mut().filter(|question| !question.too_many) {
            let key = question.key(self.subject, statuses, dead);
            let judged = match (question.known.get(&key), question.group) {
                (Some(known), _) => Arc::clone(known),
                (None, None) => {
                    let nothing = Possible { probability: 1.0, values: Vec::new() };
                    let none = Judged { answers: vec![nothing], dead: 0.0, none: 1.0, elsewhere: 0.0 };
                    Arc::new(vec![none; question.clients.len()])
                }
                (None, Some(group)) => {
                    let view = view.get_or_insert_with(|| {
                        HealthView::new(Arc::clone(self.subject.view.zone()), &statuses.report()).0
                    });
                    match judge(self.subject, view, group, &question.clients, dead) {
                        Ok(judged) => Arc::new(judged),
                        Err(TooMany) => {
                            question.too_many = true;
                            continue;
                        }
                    }
                }
            };
            question.pass(span, &judged);
            question.known.insert(key, judged);
        }
    }
}

/// Plays a history over a zone, and over another version of it: who was answered what and when, and for how long that was no
/// good.
///
/// An endpoint counts as dead while a health check that reads it, or its own alias target, is reported unhealthy. What the
/// other version checks and the history has no status of is taken to notice the dead at once.
#[must_use]
pub fn replay(subject: &Subject, against: Option<&Subject>, history: &History) -> Replay {
    let mut claim = claim(subject, against, history);
    let (mut rows, mut own, mut others) = (Vec::new(), Vec::new(), Vec::new());
    let is_destination = |kind: RecordType| !matches!(kind, RecordType::Soa | RecordType::Ns);
    for (number, group) in subject.questions().filter(|(_, group)| is_destination(group.record_type)) {
        let other = against.map(|other| (other, other.answering(&group.name, group.record_type)));
        let classes = joint_classes(subject, number, other, &mut claim);
        let clients: Vec<Client> = classes.iter().map(|class| class.client.clone()).collect();
        for class in 0..classes.len() {
            rows.push(Row {
                name: group.name.to_string(),
                record_type: group.record_type,
                clients: describe_classes(&classes, &[class]),
                arguments: clients.get(class).map(arguments).unwrap_or_default(),
                was: Timeline::default(),
                against: None,
            });
        }
        if let Some((other, group)) = other {
            others.push(Question::new(other, group, clients.clone()));
        }
        own.push(Question::new(subject, Some(number), clients));
    }
    let mut own = Version { subject, questions: own };
    let mut others = against.map(|subject| Version { subject, questions: others });
    let mut unrecorded = 0.0;
    for span in &history.spans {
        let Some(statuses) = &span.statuses else {
            unrecorded += span.to.ms_since(span.from) as f64 / 1000.0;
            continue;
        };
        let dead_here = dead(subject, statuses);
        own.pass(span, statuses, &dead_here);
        if let Some(version) = &mut others {
            let named = dead_here.iter().filter_map(|number| subject.endpoints.list.get(*number));
            let mut dead_there = dead(version.subject, statuses);
            dead_there.extend(named.flat_map(|endpoint| version.subject.endpoints.all_named(&endpoint.label)));
            let statuses = completed(version.subject, statuses, &dead_there);
            version.pass(span, &statuses, &dead_there);
        }
    }
    let mut places = rows.iter_mut();
    for (at, question) in own.questions.into_iter().enumerate() {
        let other = others.as_mut().and_then(|version| version.questions.get_mut(at));
        let unlisted = question.too_many || other.as_ref().is_some_and(|other| other.too_many);
        let mut theirs = other.map(|other| std::mem::take(&mut other.timelines)).unwrap_or_default().into_iter();
        for timeline in question.timelines {
            let Some(row) = places.next() else { break };
            row.was = timeline;
            row.against = theirs.next();
            if unlisted {
                (row.was, row.against) = (Timeline::default(), None);
                let name = format!("`{}` {}", row.name, row.record_type);
                claim.add_not_asked(format!("{name}: it has more outcomes than are listed"));
            }
        }
    }
    rows.retain(|row| !row.was.steps.is_empty());
    rows.sort_by(|one, other| other.weight().total_cmp(&one.weight()));
    let time = |span: Option<&Span>, of: fn(&Span) -> Time| span.map(of).unwrap_or_default();
    if unrecorded > 0.0 {
        claim.add_not_asked(format!("{unrecorded:.0} s of which nothing was recorded"));
    }
    Replay {
        from: time(history.spans.first(), |span| span.from),
        to: time(history.spans.last(), |span| span.to),
        unrecorded,
        rows,
        claim,
    }
}

fn claim(subject: &Subject, against: Option<&Subject>, history: &History) -> Claim {
    let mut claim = Claim::default();
    claim.add_assumed(
        "an endpoint is dead while a health check that reads it, or its alias target, is reported unhealthy",
    );
    claim.add_assumed(
        "clients ask anew all the time: what caches keep, and the time until a check notices, come on top",
    );
    let mut seen = Statuses::default();
    for statuses in history.spans.iter().filter_map(|span| span.statuses.as_ref()) {
        seen.checks.extend(statuses.checks.iter().map(|(id, raw)| (id.clone(), *raw)));
    }
    let missing = unrecorded(subject, &seen).count();
    if missing > 0 {
        claim.add_assumed(format!(
            "{} without a status in the history count as healthy",
            count(missing, "health check")
        ));
    }
    subject.quarantined().for_each(|words| claim.add_not_asked(words));
    if let Some(other) = against {
        other.quarantined().for_each(|words| claim.add_not_asked(words));
        let missing = unrecorded(other, &seen).count();
        if missing > 0 {
            let checks = count(missing, "health check");
            claim.add_assumed(format!("{checks} of the other version, not in the history, notice the dead at once"));
        }
    }
    claim
}

/// The clients that either version tells apart.
fn joint_classes(
    subject: &Subject,
    group: usize,
    other: Option<(&Subject, Option<usize>)>,
    claim: &mut Claim,
) -> Vec<Class> {
    let own = Classes::of(subject, group);
    own.sampled.iter().for_each(|why| claim.add_sampled(*why));
    let Some((other, Some(there))) = other else { return own.list };
    let theirs = Classes::of(other, there);
    theirs.sampled.iter().for_each(|why| claim.add_sampled(*why));
    if own.list.len() > 1 && theirs.list.len() > 1 {
        claim.add_sampled("clients that either version tells apart, not every combination of the two");
    }
    let mut joint: BTreeMap<(Option<usize>, Option<usize>), Class> = BTreeMap::new();
    for client in own.list.iter().chain(&theirs.list).flat_map(Class::clients) {
        let key = (own.classify(subject, group, client), theirs.classify(other, there, client));
        match joint.get_mut(&key) {
            Some(class) => class.others.push(client.clone()),
            None => drop(joint.insert(key, Class::only(client.clone()))),
        }
    }
    joint.into_values().collect()
}

impl Seconds {
    /// As JSON.
    fn to_json(self) -> Value {
        let rounded = |value: f64| (value * 1000.0).round() / 1000.0;
        json!({"dead": rounded(self.dead), "no_answer": rounded(self.none), "elsewhere": rounded(self.elsewhere)})
    }
}

impl Timeline {
    fn to_json(&self) -> Value {
        let answers = |step: &Step| {
            let each = |one: &Possible| json!({"probability": one.probability, "values": one.values});
            step.answers.iter().map(each).collect::<Value>()
        };
        let steps = self.steps.iter().map(|step| {
            json!({"from": step.from.to_string(), "to": step.to.to_string(), "answers": answers(step),
                "shares": step.shares.to_json()})
        });
        json!({"seconds": self.seconds.to_json(), "steps": steps.collect::<Value>()})
    }
}

impl Row {
    /// By which rows are ordered: dead or without an answer, in either version, before elsewhere.
    fn weight(&self) -> f64 {
        let of = |timeline: &Timeline| timeline.seconds.dead + timeline.seconds.none;
        let worst = of(&self.was).max(self.against.as_ref().map_or(0.0, of));
        worst * 1e6 + self.was.seconds.elsewhere
    }

    /// Whether anything was other than when everything is healthy, in either version.
    #[must_use]
    pub fn is_hit(&self) -> bool {
        let any = |timeline: &Timeline| timeline.seconds != Seconds::default();
        any(&self.was) || self.against.as_ref().is_some_and(any)
    }

    fn to_json(&self) -> Value {
        let mut value = json!({"name": self.name, "type": self.record_type.as_str(), "clients": self.clients,
            "arguments": self.arguments, "was": self.was.to_json()});
        if let (Some(against), Some(object)) = (&self.against, value.as_object_mut()) {
            object.insert("against".into(), against.to_json());
        }
        value
    }
}

impl Replay {
    /// An object with `from`, `to`, `unrecorded_seconds`, `rows` (each with `was` and, where there is another version,
    /// `against`) and the fields of the claim.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut value = json!({"from": self.from.to_string(), "to": self.to.to_string(),
            "unrecorded_seconds": self.unrecorded, "rows": self.rows.iter().map(Row::to_json).collect::<Value>()});
        if let Some(object) = value.as_object_mut() {
            self.claim.add_to(object);
        }
        value
    }
}
