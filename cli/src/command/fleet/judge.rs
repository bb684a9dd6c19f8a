//! What a version would make worse, judged before anybody gets it.

use std::collections::{BTreeMap, BTreeSet};

use pointsman_core::model::{HostedZone, RecordType};
use pointsman_core::{Query, Zone};
use pointsman_verify::claim::Claim;
use pointsman_verify::diff::diff;
use pointsman_verify::drill::{Options, Severity, drill};
use pointsman_verify::facts::Facts;
use pointsman_verify::subject::Subject;
use serde_json::{Value, json};

use super::document::zone_of;

/// What one version makes worse than another.
pub(super) struct Worse {
    /// In words: findings of a drill that are new, and names that go dark.
    pub(super) what: Vec<String>,
    /// What that rests on.
    pub(super) claim: Claim,
    /// Names and types whose answers differ.
    pub(super) changes: Vec<String>,
}

impl Worse {
    /// For a machine.
    pub(super) fn to_json(&self) -> Value {
        json!({"Worse": self.what, "Changes": self.changes, "Claim": self.claim.to_json()})
    }
}

/// Drills both versions and compares them. Without a version before, all that a drill finds is new.
pub(super) fn worse(old: Option<HostedZone>, new: HostedZone) -> Worse {
    let new = Subject::new(new, Facts::default());
    let drilled = |subject: &Subject| drill(subject, &Options::default(), &mut |_, _| true);
    let after = drilled(&new);
    let mut claim = after.claim.clone();
    let mut known = BTreeSet::new();
    let (mut what, mut changes) = (Vec::new(), Vec::new());
    if let Some(old) = old {
        let old = Subject::new(old, Facts::default());
        let before = drilled(&old);
        claim.join(&before.claim);
        known.extend(before.findings.iter().map(pointsman_verify::drill::Finding::fingerprint));
        let difference = diff(&old, &new);
        claim.join(&difference.claim);
        changes.extend(difference.changes.iter().map(|change| change.question()));
        what.extend(difference.findings.iter().map(|finding| format!("{}: {}", finding.code, finding.message)));
        what.extend(difference.vanish.iter().map(|name| format!("name-vanishes: {name} does not exist any more")));
    }
    let is_new = |finding: &&pointsman_verify::drill::Finding| {
        finding.severity != Severity::Note && !known.contains(&finding.fingerprint())
    };
    let findings = after.findings.iter().filter(is_new);
    what.extend(
        findings.map(|finding| format!("{}[{}]: {}", finding.severity.as_str(), finding.code, finding.message)),
    );
    Worse { what, claim, changes }
}

/// What a name is answered with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answered {
    /// The values, or what an alias leads to.
    pub(super) values: Vec<String>,
    /// Whether nothing is healthy behind it.
    pub(super) fail_open: bool,
}

impl std::fmt::Display for Answered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let values = if self.values.is_empty() { "nothing".to_owned() } else { self.values.join(", ") };
        f.write_str(&values)?;
        f.write_str(if self.fail_open { ", failing open" } else { "" })
    }
}

/// What each name and type is answered with by this report, for a client of whom nothing is known, with draw 0.
pub(super) fn answered(document: &str, report: &str) -> BTreeMap<String, Answered> {
    let (Some(zone), Ok(loaded)) = (zone_of(document), Zone::load([document])) else { return BTreeMap::new() };
    let Ok(view) = loaded.health(report) else { return BTreeMap::new() };
    let subject = Subject::new(zone, Facts::default());
    let questions = subject.questions().map(|(_, group)| (group.name.to_string(), group.record_type));
    let answer = |(name, record_type): (String, RecordType)| {
        let answer = view.resolve(&Query::new(&name, record_type).ok()?);
        let mut values = answer.values;
        values.extend(answer.alias_target.map(|target| target.to_string()));
        Some((format!("{name} {}", record_type.as_str()), Answered { values, fail_open: answer.fail_open }))
    };
    questions.filter_map(answer).collect()
}

/// Names and types that fail open by this report, asked as [`answered`] asks.
pub(super) fn failing_open(document: &str, report: &str) -> BTreeSet<String> {
    let fails_open = |(question, answer): (String, Answered)| answer.fail_open.then_some(question);
    answered(document, report).into_iter().filter_map(fails_open).collect()
}
