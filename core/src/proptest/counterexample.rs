//! A broken rule as a ticket that one can act upon, and the search for one.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use core::fmt;

use ::proptest::strategy::Strategy;
use ::proptest::test_runner::{TestCaseError, TestCaseResult, TestError, TestRunner};

use super::health::EntryText;
use super::questions::SampleQuestion;
use super::situations::Situation;

/// Something that a rule is tested on: a [`Situation`] of one's own zone, or a [`World`](super::World).
pub trait Case: fmt::Debug {
    /// The ticket of a rule that is broken here, with what was found instead.
    fn breaks(&self, rule: &str, found: &str) -> Counterexample;
}

impl Situation {
    /// The ticket of a rule that is broken here, with what was found instead.
    #[must_use]
    pub fn breaks(&self, rule: &str, found: &str) -> Counterexample {
        Counterexample::new(rule, found, self)
    }
}

impl Case for Situation {
    fn breaks(&self, rule: &str, found: &str) -> Counterexample {
        Self::breaks(self, rule, found)
    }
}

/// A situation that breaks a rule, printed as a ticket: rule, zone, what is down, question, answer, why, and what to
/// give any host to see it again.
///
/// ```
/// use pointsman_core::model::RecordType;
/// use pointsman_core::proptest::{Health, Situation, load};
/// use pointsman_core::query::Query;
///
/// let zone = load([r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
///     {"Name": "a.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]}"#])?;
/// let query = Query::new("a.example.com", RecordType::A).unwrap();
/// let situation = Situation::new(&zone, Health::all_up(&zone), query);
/// let ticket = situation.breaks("nothing is ever answered", "an answer").to_string();
/// assert!(ticket.starts_with("RULE BROKEN: nothing is ever answered"));
/// assert!(ticket.contains("answer    NOERROR, A, TTL 60: 192.0.2.1"));
/// # Ok::<(), String>(())
/// ```
#[derive(Clone)]
pub struct Counterexample {
    rule: String,
    found: String,
    zone: String,
    situation: Box<Situation>,
}

impl Counterexample {
    pub(super) fn new(rule: &str, found: &str, situation: &Situation) -> Self {
        let zone = situation.view.zone();
        let kind = if zone.is_private() { "private" } else { "public" };
        let (records, checks) = (zone.record_set_count(), zone.health_check_ids().len());
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        let zone = alloc::format!(
            "{} ({kind}, {records} record set{}, {checks} health check{})",
            zone.name(),
            plural(records),
            plural(checks)
        );
        Self { rule: rule.into(), found: found.into(), zone, situation: Box::new(situation.clone()) }
    }

    /// With the whole zone instead of its size, for zones that were made up.
    pub(super) fn with_zone(mut self, listing: &str) -> Self {
        self.zone = listing.into();
        self
    }

    /// The rule.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }

    /// What was found instead.
    #[must_use]
    pub fn found(&self) -> &str {
        &self.found
    }

    /// The situation that breaks it.
    #[must_use]
    pub fn situation(&self) -> &Situation {
        &self.situation
    }
}

impl fmt::Display for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Situation { view, health, query } = &*self.situation;
        let explanation = view.explain(query);
        writeln!(f, "RULE BROKEN: {}\n", self.rule)?;
        line(f, "zone", &self.zone)?;
        let mut down = health.entries.iter().filter(|entry| entry.is_down()).peekable();
        if down.peek().is_none() {
            line(f, "down", "nothing")?;
        }
        for (number, entry) in down.enumerate() {
            line(f, if number == 0 { "down" } else { "" }, &EntryText(entry).to_string())?;
        }
        line(f, "question", &explanation.question)?;
        // The explanation's own margin is narrower.
        line(f, "answer", &explanation.answer.replace("\n        ", "\n"))?;
        line(f, "found", &self.found)?;
        writeln!(f, "\nwhy")?;
        let text = explanation.to_string();
        for step in text.split_once("\n\n").map_or("", |(_, steps)| steps).lines() {
            writeln!(f, "  {step}")?;
        }
        writeln!(f, "\nto see it again")?;
        line(f, "  report", &health.to_short_json())?;
        line(f, "  query", &SampleQuestion::new(query.clone()).to_json())
    }
}

/// A word in a margin of ten, and what it stands for; further lines keep the margin.
fn line(f: &mut fmt::Formatter<'_>, name: &str, text: &str) -> fmt::Result {
    for (number, part) in text.lines().enumerate() {
        writeln!(f, "{:<10}{part}", if number == 0 { name } else { "" })?;
    }
    Ok(())
}

/// A failing test prints the ticket, not a struct.
impl fmt::Debug for Counterexample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl core::error::Error for Counterexample {}

/// Looks for a case that breaks a rule; returns the simplest one as a ticket.
///
/// The rule says `Ok(())` where it holds, else what it [`found`], or fails by `prop_assert!`. A runner that does not
/// say how long to shrink (`max_shrink_iters`) shrinks to the end.
///
/// # Errors
/// The [`Counterexample`], when there is one.
///
/// # Panics
/// When the rule could not be judged, because the strategy rejects too much or asks for what is no name.
///
/// ```
/// use pointsman_core::model::RecordType;
/// use pointsman_core::proptest::{check_rule, load, situations};
/// use proptest::prelude::*;
/// use proptest::test_runner::TestRunner;
///
/// let zone = load([r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
///     {"Name": "a.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]}"#])?;
/// let cases = situations(&zone).asking("a.example.com", RecordType::A);
/// let mut runner = TestRunner::deterministic();
/// check_rule(&mut runner, "somebody always answers", &cases, |situation| {
///     prop_assert!(!situation.answer().values.is_empty());
///     Ok(())
/// }).unwrap();
/// # Ok::<(), String>(())
/// ```
#[expect(clippy::panic, reason = "a rule that was not judged must not pass")]
pub fn check_rule<S>(
    runner: &mut TestRunner,
    rule: &str,
    cases: &S,
    holds: impl Fn(&S::Value) -> TestCaseResult,
) -> Result<(), Counterexample>
where
    S: Strategy<Value: Case>,
{
    let mut config = runner.config().clone();
    if config.source_file.is_none() {
        // There is nowhere to keep seeds, and a ticket says more.
        config.failure_persistence = None;
    }
    if config.max_shrink_iters == u32::MAX {
        config.max_shrink_iters = SHRINK_ITERATIONS;
    }
    let mut runner = TestRunner::new_with_rng(config, runner.new_rng());
    match runner.run(cases, |case| holds(&case)) {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, case)) => Err(case.breaks(rule, reason.message())),
        Err(TestError::Abort(reason)) => panic!("`{rule}` was not judged: {reason}"),
    }
}

/// Tries of shrinking where the runner does not say: enough for the smallest case of a large zone.
const SHRINK_ITERATIONS: u32 = 50_000;

/// What a rule finds broken, in its own words.
///
/// ```
/// use pointsman_core::proptest::found;
/// assert_eq!(found("an answer from us-east-1").to_string(), "Case failed: an answer from us-east-1");
/// ```
#[must_use]
pub fn found(what: impl fmt::Display) -> TestCaseError {
    TestCaseError::fail(what.to_string())
}
