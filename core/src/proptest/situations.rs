//! A zone of one's own, its health and a question, made together so that they shrink together.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use ::proptest::strategy::{NewTree, Strategy};
use ::proptest::test_runner::TestRunner;

use super::clients::Clients;
use super::dice::Dice;
use super::health::{Health, Step as HealthStep, any_failures, any_report};
use super::questions::{Questions, SampleQuestion, Step as QuestionStep, questions, same_query};
use super::shrink::{Shrinking, Simplify, Tree};
use crate::answer::Reply;
use crate::compile::Zone;
use crate::health::HealthView;
use crate::model::RecordType;
use crate::query::Query;
use crate::resolve::Scratch;

/// Situations of a zone: any health of it, and any question about it. What a rule is tested over.
///
/// They shrink to the fewest failures, then to the question whose client and draw say the least.
///
/// ```
/// use pointsman_core::model::RecordType;
/// use pointsman_core::proptest::{load, situations};
/// use proptest::prelude::*;
///
/// let zone = load([r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
///     {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "1", "Failover": "PRIMARY", "HealthCheckId": "hc-1",
///      "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
///     {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "2", "Failover": "SECONDARY",
///      "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}],
///   "HealthChecks": [{"Id": "hc-1", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 53}}]}"#])?;
/// proptest!(|(situation in situations(&zone).asking("a.example.com", RecordType::A).failures(1))| {
///     let wanted = if situation.is_up("hc-1") { "192.0.2.1" } else { "192.0.2.2" };
///     prop_assert_eq!(situation.answer().values, [wanted]);
/// });
/// # Ok::<(), String>(())
/// ```
#[must_use]
pub fn situations(zone: &Arc<Zone>) -> Situations {
    Situations {
        up: Health::all_up(zone),
        questions: questions(zone).existing(),
        zone: Arc::clone(zone),
        failures: None,
    }
}

/// Strategy of [`situations`].
#[derive(Debug, Clone)]
pub struct Situations {
    zone: Arc<Zone>,
    up: Health,
    questions: Questions,
    /// At most so many failures; `None` is any report.
    failures: Option<usize>,
}

impl Situations {
    /// Only this question, by any client. A name that is none stops the test with an error.
    pub fn asking(mut self, name: &str, record_type: RecordType) -> Self {
        self.questions = self.questions.asking(name, record_type);
        self
    }

    /// Only these clients; the default is all that the zone can tell apart.
    pub fn clients(mut self, clients: Clients) -> Self {
        self.questions = self.questions.clients(clients);
        self
    }

    /// Only these questions; the default is all names and types that have record sets.
    pub fn questions(mut self, questions: Questions) -> Self {
        self.questions = questions;
        self
    }

    /// At most so many health checks and alias targets fail, all else is up; the default is any report at all.
    pub fn failures(mut self, max: usize) -> Self {
        self.failures = Some(max);
        self
    }
}

impl Strategy for Situations {
    type Tree = Tree<Situation>;
    type Value = Situation;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        let mut dice = Dice::new(runner)?;
        let health = match self.failures {
            Some(max) => any_failures(&self.up, max, &mut dice),
            None => any_report(&self.up, &mut dice),
        };
        let query = self.questions.any(&mut dice)?;
        Ok(Shrinking::tree(Draft { limits: self.clone(), health, query }))
    }
}

/// A situation while it shrinks.
#[derive(Clone)]
struct Draft {
    limits: Situations,
    health: Health,
    query: Query,
}

impl PartialEq for Draft {
    fn eq(&self, other: &Self) -> bool {
        self.health == other.health && same_query(&self.query, &other.query)
    }
}

enum Step {
    Health(HealthStep),
    Question(QuestionStep),
}

impl Simplify for Draft {
    type Value = Situation;
    type Step = Step;

    fn value(&self) -> Situation {
        Situation::new(&self.limits.zone, self.health.clone(), self.query.clone())
    }

    fn steps(&self) -> Vec<Step> {
        let health = self.health.steps().into_iter().map(Step::Health);
        health.chain(self.limits.questions.steps(&self.query).into_iter().map(Step::Question)).collect()
    }

    fn after(&self, step: &Step) -> Option<Self> {
        let mut draft = self.clone();
        match step {
            Step::Health(step) => draft.health = self.health.after(step)?,
            Step::Question(step) => draft.query = step.apply(&self.query),
        }
        Some(draft)
    }
}

/// A zone under some health, and a question about it. It prints as the question and what is down.
#[derive(Clone)]
pub struct Situation {
    pub(super) view: HealthView,
    pub(super) health: Health,
    pub(super) query: Query,
}

impl Situation {
    /// The situation of a zone.
    #[must_use]
    pub fn new(zone: &Arc<Zone>, health: Health, query: Query) -> Self {
        Self { view: health.view(zone), health, query }
    }

    /// The zone under this health, for odds, explanations and "what if that were down as well".
    #[must_use]
    pub fn view(&self) -> &HealthView {
        &self.view
    }

    /// What is reported.
    #[must_use]
    pub fn health(&self) -> &Health {
        &self.health
    }

    /// The question.
    #[must_use]
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// Whether a health check is healthy in the end, or an alias target is; `false` for an id that the zone lacks.
    #[must_use]
    pub fn is_up(&self, id: &str) -> bool {
        match self.view.is_check_healthy(id) {
            Some(healthy) => healthy,
            None => self.health.entries.iter().any(|entry| entry.id == id && !entry.is_down()),
        }
    }

    /// The answer.
    #[must_use]
    pub fn answer(&self) -> Reply {
        let mut scratch = Scratch::new(self.view.zone());
        Reply::from(&self.view.resolve(&self.query, &mut scratch))
    }

    /// Values that some draw would answer: all that this client may be sent to.
    ///
    /// # Panics
    /// When there are more than 100,000 different answers, which `odds` does not list.
    #[must_use]
    #[expect(clippy::panic, reason = "a rule over half of the answers would be judged wrongly")]
    pub fn possible_values(&self) -> Vec<String> {
        use crate::explain::OddsAnswer;
        let odds = match self.view.odds(&self.query) {
            Ok(odds) => odds,
            Err(error) => panic!("{error}"),
        };
        let mut values: Vec<String> = odds
            .outcomes
            .iter()
            .flat_map(|outcome| match &outcome.answer {
                OddsAnswer::Values { values, .. } => values.clone(),
                OddsAnswer::Members { members, .. } => {
                    members.iter().flat_map(|member| member.values.clone()).collect()
                }
                OddsAnswer::Resource(_) => Vec::new(),
            })
            .map(ToString::to_string)
            .collect();
        values.sort_unstable();
        values.dedup();
        values
    }
}

impl fmt::Debug for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}, {:?}", SampleQuestion::new(self.query.clone()), self.health)
    }
}
