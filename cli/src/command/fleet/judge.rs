//! What a version would make worse, judged before anybody gets it.

use std::collections::BTreeSet;

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

/// Names and types that would fail open by this report for a client of whom nothing is known, with draw 0.
pub(super) fn failing_open(document: &str, report: &str) -> BTreeSet<String> {
    let (Some(zone), Ok(loaded)) = (zone_of(document), Zone::load([document])) else { return BTreeSet::new() };
    let Ok(view) = loaded.health(report) else { return BTreeSet::new() };
    let subject = Subject::new(zone, Facts::default());
    let questions = subject.questions().map(|(_, group)| (group.name.to_string(), group.record_type));
    let fails_open = |(name, record_type): &(String, RecordType)| {
        Query::new(name, *record_type).is_ok_and(|query| view.resolve(&query).fail_open)
    };
    questions.filter(fails_open).map(|(name, record_type)| format!("{name} {}", record_type.as_str())).collect()
}
