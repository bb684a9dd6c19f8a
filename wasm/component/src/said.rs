//! What only the full world says: findings, odds and explanations.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use pointsman_core::diagnostic::{Class, Severity};
use pointsman_core::explain::{
    Explanation, Health, Odds, OddsAnswer, OddsError, OddsMember, OddsOutcome, Parameter, Reason, Step, StepKind,
    Verdict,
};
use pointsman_core::health::DownError;
use pointsman_core::{Findings, Located};

use crate::bindings::wit;
use crate::convert::rcode;

/// Findings, each placed in the text that it is about.
pub(crate) fn findings(findings: &Findings) -> Vec<wit::Diagnostic> {
    findings.iter().map(finding).collect()
}

fn finding(finding: &Located) -> wit::Diagnostic {
    wit::Diagnostic {
        code: finding.code.to_owned(),
        severity: match finding.severity {
            Severity::Error => wit::Severity::Error,
            Severity::Warning => wit::Severity::Warning,
        },
        class: match finding.class {
            Class::CannotBeEvaluated => wit::Class::CannotBeEvaluated,
            Class::RefusedByApi => wit::Class::RefusedByApi,
            Class::Lint => wit::Class::Lint,
        },
        message: finding.message.clone(),
        help: finding.help.clone(),
        route53_error: finding.route53_error.map(|error| error.as_str().to_owned()),
        route53_message: finding.route53_message.clone(),
        document: finding.document.clone(),
        path: finding.place.as_ref().map(|place| place.path.to_string()),
        line: finding.location.and_then(|location| u32::try_from(location.line).ok()),
        column: finding.location.and_then(|location| u32::try_from(location.column).ok()),
    }
}

/// Why something could not be taken down.
pub(crate) fn selection_error(error: DownError) -> wit::SelectionError {
    wit::SelectionError { message: error.message, help: error.help }
}

/// The odds of a query.
pub(crate) fn odds(odds: &Odds<'_>) -> wit::Odds {
    wit::Odds {
        rcode: rcode(odds.rcode),
        outcomes: odds.outcomes.iter().map(outcome).collect(),
        exact: odds.is_exact(),
        undetermined: odds.undetermined.map(|reason| reason.as_str().to_owned()),
    }
}

fn outcome(outcome: &OddsOutcome<'_>) -> wit::Outcome {
    let answer = match &outcome.answer {
        OddsAnswer::Values { ttl, values, referral } => wit::PossibleAnswer::Values(wit::PossibleValues {
            ttl: *ttl,
            values: owned(values),
            referral: referral.map(|name| name.to_string()),
        }),
        OddsAnswer::Resource(name) => wit::PossibleAnswer::AliasTarget(name.to_string()),
        OddsAnswer::Members { choose, members } => wit::PossibleAnswer::Members(wit::Choice {
            choose: u32::try_from(*choose).unwrap_or(u32::MAX),
            members: members.iter().map(member).collect(),
        }),
    };
    wit::Outcome {
        probability: outcome.probability.as_f64(),
        ratio: outcome.probability.ratio(),
        type_: outcome.record_type.as_str().to_owned(),
        answer,
    }
}

fn member(member: &OddsMember<'_>) -> wit::Member {
    wit::Member { set_identifier: member.set_identifier.to_owned(), ttl: member.ttl, values: owned(&member.values) }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Why a query has no odds.
pub(crate) fn odds_error(error: OddsError) -> wit::QueryError {
    wit::QueryError { field: String::new(), message: error.to_string() }
}

/// An explanation, with the answer that it explains.
pub(crate) fn explanation(explanation: Explanation, answer: wit::Answer) -> wit::Explanation {
    let text = explanation.to_string();
    wit::Explanation {
        question: explanation.question,
        steps: explanation.steps.into_iter().map(step).collect(),
        summary: explanation.answer,
        answer,
        text,
    }
}

fn step(step: Step) -> wit::Step {
    wit::Step {
        parent: step.parent,
        kind: match step.kind {
            StepKind::Lookup => wit::StepKind::Lookup,
            StepKind::Group => wit::StepKind::Group,
            StepKind::Member => wit::StepKind::Member,
            StepKind::HealthCheck => wit::StepKind::HealthCheck,
            StepKind::AliasTarget => wit::StepKind::AliasTarget,
            StepKind::Note => wit::StepKind::Note,
        },
        subject: step.subject,
        part: step.part,
        verdict: match step.verdict {
            Verdict::Chosen => Some(wit::Verdict::Chosen),
            Verdict::Healthy => Some(wit::Verdict::Healthy),
            Verdict::Unhealthy => Some(wit::Verdict::Unhealthy),
            Verdict::NotACandidate => Some(wit::Verdict::NotACandidate),
            Verdict::None => None,
        },
        health: step.health.map(|health| match health {
            Health::Healthy => wit::Health::Healthy,
            Health::Unhealthy => wit::Health::Unhealthy,
        }),
        group: step.group.map(|group| wit::GroupFacts {
            policy: group.policy.as_str().to_owned(),
            record_sets: group.record_sets,
            candidates: group.candidates,
            healthy: group.healthy,
            fail_open: group.fail_open,
        }),
        reason: reason(step.reason),
        health_reason: step.health_reason.map(reason),
        text: step.text,
    }
}

fn reason(reason: Reason) -> wit::Reason {
    let parameter = |(name, value): (&str, Parameter)| wit::Parameter {
        name: name.to_owned(),
        value: match value {
            Parameter::Text(text) => wit::ParameterValue::Text(text),
            Parameter::Texts(texts) => wit::ParameterValue::Texts(texts),
            Parameter::Number(number) => wit::ParameterValue::Number(number as f64),
            Parameter::Microseconds(value) => wit::ParameterValue::Number(f64::from(value) / 1000.0),
            Parameter::Flag(flag) => wit::ParameterValue::Flag(flag),
        },
    };
    wit::Reason {
        code: reason.code.as_str().to_owned(),
        parameters: reason.parameters.into_iter().map(parameter).collect(),
    }
}
