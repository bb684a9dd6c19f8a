//! What cannot be evaluated is kept out of the zone, so that it silences its own name and type and nothing else (10.51).

#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use super::record::Records;
use crate::diagnostic::{Class, Diagnostic, Place, Step};
use crate::map::{Map, Set};
use crate::model::{HealthCheck, HealthCheckKind, Name, NameBuf, Quarantined, QuarantinedTypes, RecordType};
use crate::parse::{Origin, RecordSetFields, SourceArray};

/// An array element: its document, whether a change batch holds it, and its number.
type Element = (usize, bool, usize);

/// Names and types with the finding that keeps them out, in the order that they were found in.
#[derive(Default)]
struct Kept {
    list: Vec<Quarantined>,
    known: Set<(Name, QuarantinedTypes)>,
}

impl Kept {
    fn add(&mut self, name: Name, types: QuarantinedTypes, code: &'static str) {
        if self.known.insert((name.clone(), types)) {
            self.list.push(Quarantined { name, types, code });
        }
    }
}

/// Takes the record sets that cannot be evaluated out of `records` and answers what they are; `None` when a finding is
/// about more than record sets, so that no answer of the zone can be trusted.
///
/// `looped` are record sets, by number, of every group on a loop of aliases; `twins` are those that repeat another one to
/// the letter, so that nothing is lost without them; `checks` are the health checks with where they are described.
pub(super) fn take_out(
    findings: &[Diagnostic],
    given: &[&RecordSetFields<'_>],
    (looped, twins): (&[u32], &[u32]),
    (checks, origins): (&[HealthCheck], &[Option<Origin>]),
    records: &mut Records,
) -> Option<Vec<Quarantined>> {
    let cannot = |finding: &&Diagnostic| finding.class == Class::CannotBeEvaluated;
    if !findings.iter().any(|finding| cannot(&finding)) {
        if !twins.is_empty() {
            records.keep(|number, _| twins.binary_search(&number).is_err());
        }
        return Some(Vec::new());
    }
    let by_element: Map<Element, &RecordSetFields<'_>> =
        given.iter().map(|fields| (element_of(&fields.origin), *fields)).collect();
    let check_of: Map<Element, u32> =
        (0_u32..).zip(origins).filter_map(|(number, origin)| Some((element_of(origin.as_ref()?), number))).collect();

    let mut kept = Kept::default();
    let mut broken: Map<u32, &'static str> = Map::default();
    for finding in findings.iter().filter(cannot) {
        match element(finding.place.as_ref()?)? {
            (ElementKind::RecordSets, element) => add_record_set(by_element.get(&element)?, finding.code, &mut kept)?,
            (ElementKind::HealthChecks, element) => {
                broken.insert(*check_of.get(&element)?, finding.code);
            }
        }
    }
    for set in looped.iter().filter_map(|number| records.sets.get(*number as usize)) {
        kept.add(set.name.clone(), QuarantinedTypes::One(set.record_type), "alias-loop");
    }
    break_parents(checks, &mut broken);
    for set in &records.sets {
        if let Some(code) = set.health_check.and_then(|check| broken.get(&check)) {
            kept.add(set.name.clone(), QuarantinedTypes::One(set.record_type), code);
        }
    }
    // Of a record set without a type nobody knows which group lacks it.
    let whole: Map<Name, &'static str> = kept
        .list
        .iter()
        .filter(|each| each.types == QuarantinedTypes::All)
        .map(|each| (each.name.clone(), each.code))
        .collect();
    if !whole.is_empty() {
        for set in &records.sets {
            if let Some(code) = whole.get(&set.name) {
                kept.add(set.name.clone(), QuarantinedTypes::One(set.record_type), code);
            }
        }
    }
    records.keep(|number, set| {
        let key = (set.name.clone(), QuarantinedTypes::One(set.record_type));
        !kept.known.contains(&key) && twins.binary_search(&number).is_err()
    });
    Some(kept.list)
}

/// What a record set's finding keeps out; `None` when its name is not known, so that it may be any.
fn add_record_set(fields: &RecordSetFields<'_>, code: &'static str, kept: &mut Kept) -> Option<()> {
    // No question has a name that is none.
    let Ok(name) = NameBuf::parse(fields.name.as_deref()?) else { return Some(()) };
    let types = match fields.record_type.as_deref().map(RecordType::parse) {
        Some(Some(record_type)) => QuarantinedTypes::One(record_type),
        Some(None) => QuarantinedTypes::Unknown,
        None => QuarantinedTypes::All,
    };
    kept.add(name.as_ref().to_name(), types, code);
    Some(())
}

/// A calculated check with a broken child is broken.
fn break_parents(checks: &[HealthCheck], broken: &mut Map<u32, &'static str>) {
    if broken.is_empty() {
        return;
    }
    for (number, check) in (0_u32..).zip(checks) {
        let HealthCheckKind::Calculated { children, .. } = &check.kind else { continue };
        if let Some(code) = children.iter().find_map(|child| broken.get(child).copied()) {
            broken.insert(number, code);
        }
    }
}

/// What an array element is.
enum ElementKind {
    RecordSets,
    HealthChecks,
}

/// The element of an array of record sets or health checks that a place lies in.
fn element(place: &Place) -> Option<(ElementKind, Element)> {
    let steps: Vec<&Step> = place.path.0.iter().take(4).collect();
    let is = |step: Option<&&Step>, wanted: &str| matches!(step, Some(Step::Key(key)) if key == wanted);
    let skipped = usize::from(is(steps.first(), "ChangeBatch"));
    let Some(Step::Index(index)) = steps.get(skipped.saturating_add(1)) else { return None };
    let array = steps.get(skipped);
    let number = place.document;
    if is(array, "ResourceRecordSets") {
        Some((ElementKind::RecordSets, (number, false, *index)))
    } else if is(array, "Changes") && is(steps.get(skipped.saturating_add(2)), "ResourceRecordSet") {
        Some((ElementKind::RecordSets, (number, true, *index)))
    } else if is(array, "HealthChecks") {
        Some((ElementKind::HealthChecks, (number, false, *index)))
    } else {
        None
    }
}

fn element_of(origin: &Origin) -> Element {
    let is_change = matches!(origin.array, SourceArray::Changes | SourceArray::ChangeBatchChanges);
    (origin.document as usize, is_change, origin.index as usize)
}
