//! Health checks that decide nothing, and health checks that read something else than what they hang on.

use std::collections::BTreeSet;

use pointsman_core::model::HealthCheckKind;

use super::case::called;
use super::finding::Severity;
use super::found::{About, Entry, Found};
use crate::reads::{Seen, names};
use crate::subject::{Leads, Subject};
use crate::text::listed;

/// Reports health checks that decide nothing, and those that read something else than what they hang on. `decides` is
/// by health check: whether some answer depends on it.
pub(super) fn examine(subject: &Subject, decides: &[bool], found: &mut Found) {
    idle(subject, decides, found);
    misread(subject, found);
}

fn idle(subject: &Subject, decides: &[bool], found: &mut Found) {
    for (number, check) in subject.zone.health_checks.iter().enumerate() {
        let records: Vec<usize> = subject
            .zone
            .record_sets
            .iter()
            .enumerate()
            .filter(|(_, set)| set.health_check.map(|check| check as usize) == Some(number))
            .map(|(record, _)| record)
            .collect();
        let parents: Vec<usize> = (0..subject.zone.health_checks.len())
            .filter(|parent| *parent != number && subject.checks_below(*parent).any(|child| child == number))
            .collect();
        // A Disabled check is switched off on purpose; a calculated one speaks through its children.
        let is_calculated = matches!(check.kind, HealthCheckKind::Calculated { .. });
        let is_needed = match is_calculated {
            true => {
                subject.checks_below(number).skip(1).any(|child| decides.get(child) == Some(&true))
                    && !records.is_empty()
            }
            false => decides.get(number) == Some(&true),
        };
        if is_needed || check.disabled {
            continue;
        }
        let why = match (records.as_slice(), parents.as_slice()) {
            ([], []) => "no record set and no calculated health check names it".into(),
            ([], parents) => {
                let ids: Vec<&str> = parents.iter().map(|parent| subject.check_id(*parent)).collect();
                format!("it only counts in {}, whose status it cannot turn or which decides nothing", listed(&ids, 3))
            }
            (records, _) => {
                let called: Vec<String> = records.iter().map(|record| subject.called(*record)).collect();
                format!("{} would be chosen, or not, just the same", listed(&called, 3))
            }
        };
        let questions = records.iter().filter_map(|record| subject.group_of(*record)).collect::<BTreeSet<_>>();
        // It would decide something if the alias above asked: then it is not the check that should go.
        let deaf: Vec<String> = deaf_aliases(subject, &questions).map(|alias| subject.called(alias)).collect();
        let message = format!("health check `{}` decides nothing: no answer depends on it in any state", check.id);
        let (why, help) = match deaf.is_empty() {
            true => (why, "give it to the record sets that it was made for, or delete it".to_owned()),
            false => (
                format!("{why}: EvaluateTargetHealth is false on {}, which leads there", listed(&deaf, 3)),
                format!("set EvaluateTargetHealth to true on {}", listed(&deaf, 3)),
            ),
        };
        let entry = Entry::whole(Severity::Warning, questions).says(message, why, help);
        found.add_whole("idle-check", About::Check(number), entry);
    }
}

/// A check that is plainly not about the record sets that name it.
fn misread(subject: &Subject, found: &mut Found) {
    for (number, check) in subject.zone.health_checks.iter().enumerate() {
        // The children of a calculated check may watch what is needed besides; an inverted one watches its opposite.
        let records: Vec<usize> = subject
            .record_sets_of(number)
            .iter()
            .filter(|(_, parent)| parent.is_none())
            .map(|(record, _)| *record)
            .collect();
        let Some(reads) = subject.endpoints.reads.get(number).filter(|_| !records.is_empty()) else { continue };
        if check.disabled || check.inverted {
            continue;
        }
        let sees_none = || {
            records.iter().all(|record| {
                let below = subject.endpoints.below_record(subject, *record);
                let all = || reads.any.iter().chain(reads.all.iter().flatten());
                !below.is_empty()
                    && !all().any(|one| below.contains(one))
                    && !reads_the_other_family(subject, *record, &reads.any)
            })
        };
        let sets: Vec<String> = records.iter().map(|record| subject.called(*record)).collect();
        let named = names(subject, number).unwrap_or_default();
        let (code, message, why, help) = match reads.seen {
            Seen::OwnName => (
                "check-reads-its-own-name",
                format!("health check `{}` reads `{named}`, the name that its own status routes", check.id),
                format!(
                    "it decides what {} answers, and so what it reads itself: its status says nothing of any one endpoint",
                    listed(&sets, 3)
                ),
                "let it read the endpoint: its address, or a name that leads to it alone",
            ),
            Seen::Elsewhere | Seen::Named if sees_none() => (
                "check-reads-elsewhere",
                match reads.seen {
                    Seen::Named => format!(
                        "health check `{}` reads {}, and no endpoint of {}",
                        check.id,
                        called(subject, &reads.any),
                        listed(&sets, 3)
                    ),
                    _ => format!(
                        "health check `{}` reads {named}, which is no endpoint of {}",
                        check.id,
                        listed(&sets, 3)
                    ),
                },
                "when the endpoint dies, it stays healthy; and when what it reads dies, a live endpoint is taken out"
                    .into(),
                "let it read the endpoint of the record set that names it; where it does so by another address, say so in \
                 [reads] of --facts",
            ),
            _ => continue,
        };
        let questions: BTreeSet<usize> = records.iter().filter_map(|record| subject.group_of(*record)).collect();
        let entry = Entry::whole(Severity::Warning, questions).says(message, why, help);
        found.add_whole(code, About::Check(number), entry);
    }
}

/// Whether a check reads the IPv4 side of an IPv6 record set, or the other way round: the record set of the same name and
/// SetIdentifier.
fn reads_the_other_family(subject: &Subject, record: usize, reads: &[usize]) -> bool {
    let Some(own) = subject.record(record) else { return false };
    let others = reads.iter().filter_map(|endpoint| subject.endpoints.records.get(*endpoint)).flatten();
    let mut others = others.filter_map(|other| Some((subject.record(*other)?, subject.selector(*other))));
    let own_id = subject.selector(record);
    let id = |selector: &str| selector.splitn(3, '/').nth(2).unwrap_or_default().to_owned();
    others.any(|(other, selector)| {
        other.name == own.name && other.record_type != own.record_type && id(&selector) == id(&own_id)
    })
}

/// Aliases with a choice beside them that lead to one of these groups and do not ask for its health.
fn deaf_aliases<'s>(subject: &'s Subject, groups: &'s BTreeSet<usize>) -> impl Iterator<Item = usize> + 's {
    let lead_there = |record: &usize| {
        let has_choice =
            subject.group_of(*record).and_then(|group| subject.group(group)).is_some_and(|g| g.members.len() > 1);
        has_choice && matches!(subject.leads(*record), Leads::Group(next, false) if groups.contains(&next))
    };
    (0..subject.zone.record_sets.len()).filter(lead_there)
}
