//! The recorded walk as data: a list of steps, each with the number of the step it belongs under.

use alloc::string::String;
use alloc::vec::Vec;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::members;
use super::reasons::Reasons;
use crate::answer::Answer;
use crate::compile::Zone;
use crate::health::HealthView;
use crate::query::Query;
use crate::resolve::walk::{Picked, Walk};
use crate::resolve::{Found, Observer, Scratch};

/// What a step is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// Looking the name up.
    Lookup,
    /// A group: all record sets of one name and type.
    Group,
    /// A record set of the group above it.
    Member,
    /// A health check that bears on the step above it.
    HealthCheck,
    /// An AWS resource that an alias leads to.
    AliasTarget,
    /// Something to know: a tie, fail open, too little known of the client.
    Note,
}

impl StepKind {
    /// The JSON word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lookup => "lookup",
            Self::Group => "group",
            Self::Member => "member",
            Self::HealthCheck => "health-check",
            Self::AliasTarget => "alias-target",
            Self::Note => "note",
        }
    }
}

/// What became of a step's subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It was chosen.
    Chosen,
    /// It is healthy and was not chosen.
    Healthy,
    /// It is unhealthy.
    Unhealthy,
    /// It does not apply to this client.
    NotACandidate,
    /// It is neither: a lookup, a group or a note.
    None,
}

impl Verdict {
    /// The JSON word; `None` for no verdict.
    #[must_use]
    pub const fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Chosen => Some("chosen"),
            Self::Healthy => Some("healthy"),
            Self::Unhealthy => Some("unhealthy"),
            Self::NotACandidate => Some("not-a-candidate"),
            Self::None => None,
        }
    }
}

/// One step of an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The number of the step that this one belongs under; it is lower than this step's own.
    pub parent: Option<u32>,
    /// What the step is about.
    pub kind: StepKind,
    /// The thing: a SetIdentifier, `NAME TYPE`, a health check's id, a DNS name.
    pub subject: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Why, in words.
    pub reason: String,
}

/// Why a query is answered as it is. [`Display`](core::fmt::Display) draws it as a tree for people.
///
/// ```
/// # use std::sync::Arc;
/// # use pointsman_core::{compile::compile, health::HealthView, model::RecordType, query::Query, validate::{Options, validate}};
/// # use pointsman_core::parse::{parse, parse_report};
/// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
/// #  {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "1", "Failover": "PRIMARY", "HealthCheckId": "hc-1", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
/// #  {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "2", "Failover": "SECONDARY", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}],
/// #  "HealthChecks": [{"Id": "hc-1", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 53}}]}"#;
/// # let zone = Arc::new(compile(&validate(&[parse(0, zone)], &Options::default()).zone.unwrap()));
/// # let (report, _) = parse_report(0, r#"{"HealthChecks": {"hc-1": "unhealthy"}}"#).unwrap();
/// # let (view, _) = HealthView::new(zone, &report);
/// // A failover pair whose primary's check hc-1 is unhealthy:
/// let explanation = view.explain(&Query::new("a.example.com", RecordType::A).unwrap());
/// let text = explanation.to_string();
/// assert!(text.contains("health check hc-1 (TCP) is unhealthy"), "{text}");
/// ```
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The question with what is known of the client, in words.
    pub question: String,
    /// The steps; the first one is the lookup.
    pub steps: Vec<Step>,
    /// The answer in words.
    pub answer: String,
    /// The answer as [`Answer::to_json`] writes it.
    pub answer_json: String,
}

/// Steps beyond which an explanation says that more was left out.
const STEPS_MAX: usize = 5000;

/// The steps while they are made.
pub(super) struct Steps {
    list: Vec<Step>,
}

impl Steps {
    /// Adds a step; answers its number.
    pub(super) fn add(
        &mut self,
        parent: Option<u32>,
        kind: StepKind,
        subject: impl Into<String>,
        verdict: Verdict,
        reason: impl Into<String>,
    ) -> u32 {
        self.push(Step { parent, kind, subject: subject.into(), verdict, reason: reason.into() })
    }

    #[inline(never)]
    fn push(&mut self, step: Step) -> u32 {
        let number = self.list.len() as u32;
        self.list.push(step);
        number
    }

    /// Adds a note.
    pub(super) fn note(&mut self, parent: Option<u32>, reason: impl Into<String>) {
        self.add(parent, StepKind::Note, "note", Verdict::None, reason);
    }

    /// Whether details shall be left out because there are too many steps already.
    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= STEPS_MAX
    }
}

/// Hears what is picked on the way, and writes it down with the health of each member.
struct Recorder {
    steps: Steps,
    /// The step that the next group belongs under.
    under: Option<u32>,
    lookup: Option<Found>,
}

impl Observer for Recorder {
    fn found(&mut self, found: &Found) {
        self.lookup = Some(*found);
    }

    fn picked(&mut self, walk: &mut Walk<'_, '_>, group: u32, level: u64, picked: &Picked) {
        if level == 0 {
            self.add_lookup(walk.zone);
        }
        self.under = members::add_group(&mut self.steps, self.under, walk, group, level, picked);
    }
}

impl Recorder {
    fn add_lookup(&mut self, zone: &Zone) {
        let Some(found) = self.lookup else { return };
        let (subject, reason) = super::text::lookup_in_words(zone, &found);
        self.under = Some(self.steps.add(None, StepKind::Lookup, subject, Verdict::None, reason));
    }
}

impl HealthView {
    /// Explains the answer to a query: every member of each group on the way, why it was passed over or chosen, and the
    /// health check that decided.
    #[must_use]
    pub fn explain(&self, query: &Query) -> Explanation {
        let mut scratch = Scratch::new(self.zone());
        let mut recorder = Recorder { steps: Steps { list: Vec::new() }, under: None, lookup: None };
        self.resolve_observed(query, &mut scratch, &mut recorder);
        // Telling of members looks at more than answering does, which would widen the answer's scope (10.41).
        let mut scratch = Scratch::new(self.zone());
        let answer = self.resolve(query, &mut scratch);
        if recorder.steps.list.is_empty() {
            recorder.add_lookup(self.zone());
        }
        Reasons::note_outcome(&mut recorder.steps, recorder.under, &answer);
        let steps = recorder.steps.list;
        Explanation {
            question: super::client::question_in_words(self.zone(), query),
            steps,
            answer: super::text::answer_in_words(&answer),
            answer_json: Answer::to_json(&answer),
        }
    }
}

impl Explanation {
    /// The explanation as one line of JSON: question, steps, answer.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for Explanation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Explanation", 4)?;
        object.serialize_field("question", &self.question)?;
        object.serialize_field("steps", &self.steps)?;
        object.serialize_field("summary", &self.answer)?;
        let answer = serde_json::value::RawValue::from_string(self.answer_json.clone());
        object.serialize_field("answer", &answer.map_err(serde::ser::Error::custom)?)?;
        object.end()
    }
}

impl Serialize for Step {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Step", 5)?;
        object.serialize_field("parent", &self.parent)?;
        object.serialize_field("kind", self.kind.as_str())?;
        object.serialize_field("subject", &self.subject)?;
        object.serialize_field("verdict", &self.verdict.as_str())?;
        object.serialize_field("reason", &self.reason)?;
        object.end()
    }
}
