//! What a batch answers for: the findings that the zone did not have before.

use alloc::boxed::Box;
use alloc::string::{String, ToString};

use crate::map::Set;

use crate::diagnostic::{Class, Diagnostic, Place, Severity, Step};
use crate::model::{NameBuf, RecordType};
use crate::parse::{Document, RecordSetFields};

/// The findings of the zone before the batch.
pub(super) struct Before {
    known: Set<Key>,
}

/// What makes two findings one: an error of the same kind about the same group, or a warning of the same words.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    code: &'static str,
    context: RecordSetContext,
    message: Option<String>,
}

#[derive(PartialEq, Eq, Hash)]
enum RecordSetContext {
    Nothing,
    Group(Box<[u8]>, Option<RecordType>),
    Place(usize, String),
}

impl Before {
    /// What was found before.
    pub(super) fn of(findings: &[Diagnostic], documents: &[&Document<'_>]) -> Self {
        Self { known: findings.iter().map(|finding| Key::of(finding, documents)).collect() }
    }

    /// A finding of the result as the batch's author should see it; `None` for a warning that was there before.
    pub(super) fn judge(
        &self,
        finding: Diagnostic,
        batch: &Document<'_>,
        documents: &[&Document<'_>],
    ) -> Option<Diagnostic> {
        let is_in_batch = finding.place.as_ref().is_some_and(|place| place.document == batch.number);
        let key = Key::of(&finding, documents);
        let was_there = !is_in_batch && self.known.contains(&key);
        if finding.severity == Severity::Warning {
            return (!was_there).then_some(finding);
        }
        let mut finding = finding;
        // Of the documents themselves, a batch changes nothing, and there is nothing to set right.
        if matches!(key.context, RecordSetContext::Group(..)) && !is_in_batch {
            let when =
                if was_there { " (so it was before the batch)" } else { " (after the batch; it was not so before)" };
            finding.message.push_str(when);
        }
        // What Route 53 holds already, it will not refuse now; what cannot be evaluated stays quarantined (10.51).
        let is_about_record_sets = matches!(key.context, RecordSetContext::Group(..));
        let is_lived_with = finding.class == Class::RefusedByApi || is_about_record_sets;
        Some(if was_there && is_lived_with { finding.downgraded() } else { finding })
    }
}

impl Key {
    fn of(finding: &Diagnostic, documents: &[&Document<'_>]) -> Self {
        let context = match &finding.place {
            None => RecordSetContext::Nothing,
            Some(place) => match record_set_at(place, documents).and_then(group) {
                Some((name, record_type)) => RecordSetContext::Group(name, record_type),
                None => RecordSetContext::Place(place.document, place.path.to_string()),
            },
        };
        let message = (finding.severity == Severity::Warning).then(|| finding.message.clone());
        Self { code: finding.code, context, message }
    }
}

fn group(fields: &RecordSetFields<'_>) -> Option<(Box<[u8]>, Option<RecordType>)> {
    let name = NameBuf::parse(fields.name.as_deref()?).ok()?;
    Some((name.as_ref().wire().into(), super::working_copy::record_type(fields)))
}

/// The record set of a listing that a place lies in.
fn record_set_at<'d>(place: &Place, documents: &'d [&Document<'_>]) -> Option<&'d RecordSetFields<'d>> {
    let [Step::Key(key), Step::Index(index), ..] = place.path.0.as_slice() else { return None };
    if key != "ResourceRecordSets" {
        return None;
    }
    let document = documents.iter().find(|document| document.number == place.document)?;
    let record_sets = document.record_sets.as_ref()?;
    // An element that is no object is left out, so that numbers may have gaps.
    let at = record_sets.binary_search_by_key(index, |fields| fields.origin.index as usize).ok()?;
    record_sets.get(at)
}

/// Findings made step by step, so that the result's are not told again.
pub(super) struct Told {
    known: Set<(&'static str, usize, usize)>,
}

impl Told {
    /// What has been reported.
    pub(super) fn of(findings: &[Diagnostic]) -> Self {
        Self { known: findings.iter().filter_map(key_of).collect() }
    }

    /// Whether a finding of the same kind about the same change has been reported.
    pub(super) fn has(&self, finding: &Diagnostic) -> bool {
        key_of(finding).is_some_and(|key| self.known.contains(&key))
    }
}

/// The finding's code, document and array element.
fn key_of(finding: &Diagnostic) -> Option<(&'static str, usize, usize)> {
    element(finding).map(|(document, index)| (finding.code, document, index))
}

/// The finding's document and array element.
pub(super) fn element(finding: &Diagnostic) -> Option<(usize, usize)> {
    let place = finding.place.as_ref()?;
    let index = place.path.0.iter().find_map(|step| match step {
        Step::Index(index) => Some(*index),
        Step::Key(_) => None,
    })?;
    Some((place.document, index))
}
