//! Between the WIT's types and core's, one function a type. Nothing is decided here.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use pointsman_core::answer::{Answer, Rcode};
use pointsman_core::diagnostic::{Class, Diagnostic, Severity};
use pointsman_core::explain::{
    Explanation, Health, Odds, OddsAnswer, OddsError, OddsMember, OddsOutcome, Parameter, Reason, Step, StepKind,
    Verdict,
};
use pointsman_core::health::DownError;
use pointsman_core::parse::Locator;
use pointsman_core::query::{Client, Fact, Query, QueryError};

use crate::bindings::wit;

/// Findings about documents, each placed in the text that it is about.
pub(crate) fn diagnostics(findings: &[Diagnostic], documents: &[wit::Document]) -> Vec<wit::Diagnostic> {
    if findings.is_empty() {
        return Vec::new();
    }
    let locators: Vec<Locator> = documents.iter().map(|document| Locator::new(&document.text)).collect();
    findings.iter().map(|finding| diagnostic(finding, documents, &locators)).collect()
}

fn diagnostic(finding: &Diagnostic, documents: &[wit::Document], locators: &[Locator]) -> wit::Diagnostic {
    let place = finding.place.as_ref();
    let document = place.and_then(|place| documents.get(place.document));
    let location = place
        .zip(document)
        .and_then(|(place, document)| Some(locators.get(place.document)?.locate(&document.text, place)));
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
        document: document.map(|document| document.name.clone()),
        path: place.map(|place| place.path.to_string()),
        line: location.and_then(|location| u32::try_from(location.line).ok()),
        column: location.and_then(|location| u32::try_from(location.column).ok()),
    }
}

/// Reads a query into room that is there; core checks each fact and words what is wrong.
pub(crate) fn query(words: &wit::Query, query: &mut Query) -> Result<(), wit::QueryError> {
    let checked = query.ask(&words.name, &words.type_).and_then(|()| client(&words.client, &mut query.client));
    query.draw = words.draw;
    checked.map_err(query_error)
}

/// Reads what is known of a client into a client of whom nothing is.
pub(crate) fn client(facts: &wit::Client, client: &mut Client) -> Result<(), QueryError> {
    for (fact, word) in [
        (Fact::Ip, &facts.ip),
        (Fact::Ecs, &facts.ecs),
        (Fact::Country, &facts.country),
        (Fact::Continent, &facts.continent),
        (Fact::Subdivision, &facts.subdivision),
        (Fact::VpcRegion, &facts.vpc_region),
    ] {
        if let Some(word) = word {
            client.set(fact, word)?;
        }
    }
    if let Some(wit::Coordinates { latitude, longitude }) = facts.location {
        client.set_position(latitude, longitude)?;
    }
    for wit::Latency { region, milliseconds } in &facts.latency {
        client.set_latency(region, *milliseconds)?;
    }
    Ok(())
}

/// Why a query has no answer.
pub(crate) fn query_error(error: QueryError) -> wit::QueryError {
    wit::QueryError { field: error.field, message: error.message }
}

/// An answer.
pub(crate) fn answer(answer: &Answer<'_>) -> wit::Answer {
    wit::Answer {
        rcode: rcode(answer.rcode()),
        type_: answer.record_type().as_str().to_owned(),
        ttl: answer.ttl(),
        values: answer.values().map(str::to_owned).collect(),
        set_identifiers: answer.set_identifiers().map(str::to_owned).collect(),
        fail_open: answer.fail_open(),
        scope_prefix_length: answer.scope_prefix_length(),
        referral: answer.referral().map(|name| name.to_string()),
        alias_target: answer.alias_target().map(|name| name.to_string()),
        undetermined: answer.undetermined().map(|reason| reason.as_str().to_owned()),
    }
}

/// A response code.
pub(crate) fn rcode(rcode: Rcode) -> wit::Rcode {
    match rcode {
        Rcode::NoError => wit::Rcode::Noerror,
        Rcode::NxDomain => wit::Rcode::Nxdomain,
        Rcode::Refused => wit::Rcode::Refused,
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
