//! An explanation as data: a list of steps, each with the number of the step it belongs under.

use alloc::string::String;
use alloc::vec::Vec;

use serde::ser::{Serialize, SerializeMap, SerializeStruct, Serializer};

use super::codes::ReasonCode;
use crate::model::routing::PolicyKind;

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
    /// Something to know: fail open, too little known of the client.
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
    /// It is unhealthy and was not chosen.
    Unhealthy,
    /// It does not apply to this client.
    NotACandidate,
    /// There is none: a lookup, a group that was chosen from, a note, or a resource whose health does not count.
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

/// The health of a record set, an AWS resource or a health check, for this client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the two states say it")]
pub enum Health {
    Healthy,
    Unhealthy,
}

impl Health {
    /// The JSON word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
        }
    }
}

impl From<bool> for Health {
    fn from(healthy: bool) -> Self {
        if healthy { Self::Healthy } else { Self::Unhealthy }
    }
}

/// What a reason is given with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
    /// A name, an id or a word.
    Text(String),
    /// Several of these.
    Texts(Vec<String>),
    /// A whole number: a count, kilometres, a rank from 1.
    Number(u64),
    /// A latency in microseconds; JSON has milliseconds.
    Microseconds(u32),
    /// Something that holds.
    Flag(bool),
}

/// Why something is so: a code and its parameters, as docs/explanations.md lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The code.
    pub code: ReasonCode,
    /// The parameters by name; those that do not apply are left out.
    pub parameters: Vec<(&'static str, Parameter)>,
}

impl Reason {
    pub(super) const fn new(code: ReasonCode) -> Self {
        Self { code, parameters: Vec::new() }
    }

    /// The same reason with a parameter more.
    #[inline(never)]
    pub(super) fn with(mut self, name: &'static str, value: impl Into<Parameter>) -> Self {
        self.parameters.push((name, value.into()));
        self
    }

    /// A parameter.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// A parameter that is a text; empty when there is none of the name.
    pub(super) fn text(&self, name: &str) -> &str {
        match self.parameter(name) {
            Some(Parameter::Text(text)) => text,
            _ => "",
        }
    }

    /// A parameter that is a whole number.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        match self.parameter(name) {
            Some(Parameter::Number(number)) => Some(*number),
            _ => None,
        }
    }
}

impl From<String> for Parameter {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Parameter {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<Vec<String>> for Parameter {
    fn from(texts: Vec<String>) -> Self {
        Self::Texts(texts)
    }
}

impl From<u64> for Parameter {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Parameter {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<usize> for Parameter {
    fn from(number: usize) -> Self {
        Self::Number(number as u64)
    }
}

impl From<bool> for Parameter {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

/// What a group's step says besides its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupFacts {
    /// The group's policy.
    pub policy: PolicyKind,
    /// How many record sets the group has.
    pub record_sets: u32,
    /// How many of them apply to this client.
    pub candidates: u32,
    /// How many of the candidates are healthy for this client.
    pub healthy: u32,
    /// Whether a record set was chosen although no candidate is healthy (3.7).
    pub fail_open: bool,
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
    /// A member's part in its policy, such as `weight 90`, or a health check's type; empty where there is none.
    pub part: String,
    /// What became of it.
    pub verdict: Verdict,
    /// The health of a member, an AWS resource or a health check for this client, whatever the verdict.
    pub health: Option<Health>,
    /// What there is to say of a group.
    pub group: Option<GroupFacts>,
    /// Why the verdict is what it is.
    pub reason: Reason,
    /// Why a member is healthy or not.
    pub health_reason: Option<Reason>,
    /// The reasons as a sentence.
    pub text: String,
}

impl Step {
    /// A step that has nothing but a reason.
    pub(super) fn new(kind: StepKind, subject: impl Into<String>, reason: Reason) -> Self {
        Self {
            parent: None,
            kind,
            subject: subject.into(),
            part: String::new(),
            verdict: Verdict::None,
            health: None,
            group: None,
            reason,
            health_reason: None,
            text: String::new(),
        }
    }
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
/// use pointsman_core::explain::{ReasonCode, Verdict};
/// // A failover pair whose primary's check hc-1 is unhealthy:
/// let explanation = view.explain(&Query::new("a.example.com", RecordType::A).unwrap());
/// let chosen = explanation.steps.iter().find(|step| step.verdict == Verdict::Chosen).unwrap();
/// assert_eq!((&*chosen.subject, chosen.reason.code), ("2", ReasonCode::PrimaryUnhealthy));
/// let text = explanation.to_string();
/// assert!(text.contains("health check hc-1 (TCP) is reported unhealthy"), "{text}");
/// ```
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The question with what is known of the client, in words.
    pub question: String,
    /// The steps; the first one is the lookup.
    pub steps: Vec<Step>,
    /// The answer in words.
    pub answer: String,
    /// The answer as [`Answer::to_json`](crate::answer::Answer::to_json) writes it.
    pub answer_json: String,
}

/// Steps beyond which an explanation says that more was left out.
const STEPS_MAX: usize = 5000;

/// The steps while they are made.
#[derive(Default)]
pub(super) struct Steps {
    pub(super) list: Vec<Step>,
}

impl Steps {
    /// Adds a step under another one; returns its number.
    #[inline(never)]
    pub(super) fn add(&mut self, parent: Option<u32>, step: Step) -> u32 {
        let number = self.list.len() as u32;
        self.list.push(Step { parent, ..step });
        number
    }

    /// Whether details shall be left out because there are too many steps already.
    pub(super) fn is_full(&self) -> bool {
        self.list.len() >= STEPS_MAX
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
        let mut object = serializer.serialize_struct("Step", 14)?;
        object.serialize_field("parent", &self.parent)?;
        object.serialize_field("kind", self.kind.as_str())?;
        object.serialize_field("subject", &self.subject)?;
        if !self.part.is_empty() {
            object.serialize_field("part", &self.part)?;
        }
        object.serialize_field("verdict", &self.verdict.as_str())?;
        if let Some(health) = self.health {
            object.serialize_field("health", health.as_str())?;
        }
        if let Some(group) = self.group {
            object.serialize_field("policy", group.policy.as_str())?;
            object.serialize_field("record_sets", &group.record_sets)?;
            object.serialize_field("candidates", &group.candidates)?;
            object.serialize_field("healthy", &group.healthy)?;
            object.serialize_field("fail_open", &group.fail_open)?;
        }
        object.serialize_field("reason", &self.reason)?;
        if let Some(reason) = &self.health_reason {
            object.serialize_field("health_reason", reason)?;
        }
        object.serialize_field("text", &self.text)?;
        object.end()
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry("code", self.code.as_str())?;
        for (name, value) in &self.parameters {
            object.serialize_entry(name, value)?;
        }
        object.end()
    }
}

impl Serialize for Parameter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Texts(texts) => texts.serialize(serializer),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Microseconds(value) if value % 1000 == 0 => serializer.serialize_u32(value / 1000),
            Self::Microseconds(value) => serializer.serialize_f64(f64::from(*value) / 1000.0),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
        }
    }
}
