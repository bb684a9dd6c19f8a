//! Health checks that decide nothing, and health checks that read something else than what they hang on.

use std::collections::BTreeSet;

use pointsman_core::model::HealthCheckKind;

use super::about::About;
use super::collect::{Collected, Entry};
use super::finding::Severity;
use super::misread::misread;
use crate::subject::{Leads, Subject};
use crate::text::listed;

/// Reports health checks that decide nothing, and those that read something else than what they hang on. `decides` is
/// by health check: whether some answer depends on it.
pub(super) fn examine(subject: &Subject, decides: &[bool], found: &mut Collected) {
    idle(subject, decides, found);
    for misread in misread(subject) {
        let questions: BTreeSet<usize> =
            misread.records.iter().filter_map(|record| subject.group_of(*record)).collect();
        let entry = Entry::whole(Severity::Warning, questions).says(misread.message, misread.why, misread.help);
        found.add_whole(misread.code, About::Check(misread.check), entry);
    }
}

fn idle(subject: &Subject, decides: &[bool], found: &mut Collected) {
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
        let aliases: Vec<usize> = deaf_aliases(subject, &questions).collect();
        let deaf: Vec<String> = aliases.iter().map(|alias| subject.called(*alias)).collect();
        let message = format!("health check `{}` decides nothing: no answer depends on it in any state", check.id);
        let (why, help) = match deaf.is_empty() {
            true if records.len() > 1 => (
                format!("{why}: they fail and recover together"),
                "give each of them a health check of its own endpoint".to_owned(),
            ),
            true => (why, "give it to the record sets that it was made for, or delete it".to_owned()),
            false => (
                format!("{why}: EvaluateTargetHealth is false on {}, which leads there", listed(&deaf, 3)),
                format!("set EvaluateTargetHealth to true on {}", listed(&deaf, 3)),
            ),
        };
        let cause = aliases.first().map_or(About::Check(number), |alias| About::Record(*alias));
        let entry = Entry { cause, ..Entry::whole(Severity::Warning, questions) }.says(message, why, help);
        found.add_whole("idle-check", About::Check(number), entry);
    }
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
