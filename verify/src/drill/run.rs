//! The drill itself: question by question, class by class.

use super::case::Case;
use super::collect::Collected;
use super::dead_endpoints;
use super::drilled::{Drill, FAILURES_MAX, Options};
use super::every_world::EveryWorld;
use super::loads;
use super::single_failures;
use super::split;
use super::survival::Survived;
use super::symbols::Symbols;
use crate::class::Classes;
use crate::endpoint::Seen;
use crate::reach::Reach;
use crate::reads::names;
use crate::subject::Subject;
use crate::text::{count, listed};
use crate::tree::evaluate;

/// Drills a zone. `progress` gets how many questions are done, of how many, and says whether to go on: what was not
/// looked at by then is in the drill's [claim](crate::claim::Claim).
///
/// ```
/// # use pointsman_core::{parse::parse, validate::{Options as Validate, validate}};
/// # use pointsman_verify::{drill::{Options, drill}, facts::Facts, subject::Subject};
/// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
/// #  {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "one", "Weight": 1, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
/// #  {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "two", "Weight": 0, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}]}"#;
/// # let subject = Subject::new(validate(&[parse(0, zone)], &Validate::default()).zone.unwrap(), Facts::default());
/// // Weights 1 and 0, and no health checks:
/// let drill = drill(&subject, &Options::default(), &mut |_, _| true);
/// let codes: Vec<&str> = drill.findings.iter().map(|finding| finding.code).collect();
/// assert_eq!(codes, ["dead-endpoint", "never-used"]);
/// assert!(drill.claim.exact());
/// ```
pub fn drill(subject: &Subject, options: &Options, progress: &mut dyn FnMut(usize, usize) -> bool) -> Drill {
    let mut drill = Drill {
        failures: subject.endpoints.list.len().saturating_add(subject.zone.health_checks.len()),
        unknown: subject.endpoints.unknown.clone(),
        ..Drill::default()
    };
    let mut symbols = Symbols::new(subject, options.nodes_max);
    let mut whole = EveryWorld::new(subject);
    let mut found = Collected::default();
    let mut survived = Survived::default();
    let mut sampled: Vec<(&'static str, usize)> = Vec::new();
    let is_meant = |name: &str| options.only.is_empty() || options.only.iter().any(|only| only == name);
    let (questions, left_out): (Vec<usize>, Vec<usize>) = subject
        .questions()
        .map(|(number, _)| number)
        .partition(|number| subject.group(*number).is_some_and(|group| is_meant(&group.name.to_string())));
    let mut given_up = 0_u32;
    let mut is_whole = left_out.is_empty();
    for (done, question) in questions.iter().copied().enumerate() {
        if !progress(done, questions.len()) {
            let rest: Vec<String> = questions.iter().skip(done).map(|question| called(subject, *question)).collect();
            drill.claim.add_not_asked(format!("{}, for want of time: {}", count(rest.len(), "name"), listed(&rest, 3)));
            drill.stopped = true;
            is_whole = false;
            break;
        }
        drill.questions = drill.questions.saturating_add(1);
        let reach = Reach::of(subject, question);
        let classes = Classes::of(subject, question);
        drill.classes = drill.classes.saturating_add(classes.list.len());
        for why in &classes.sampled {
            match sampled.iter_mut().find(|(known, _)| known == why) {
                Some((_, names)) => *names = names.saturating_add(1),
                None => sampled.push((why, 1)),
            }
        }
        symbols.enter(subject, &reach);
        whole.enter(reach.order.len());
        let has_capacity =
            |endpoint: &usize| subject.endpoints.list.get(*endpoint).is_some_and(|known| known.capacity.is_some());
        if !classes.has_traffic() && reach.endpoints.iter().any(has_capacity) {
            drill.claim.add_not_asked(format!(
                "the load of {}, whose clients differ: [clients] does not say how many each are",
                called(subject, question)
            ));
        }
        let mut is_bounded = reach.order.len() > FAILURES_MAX;
        let mut of_question = Collected::default();
        for (number, class) in classes.list.iter().enumerate() {
            let mut here = Collected::default();
            if !is_bounded {
                let all = evaluate(subject, &class.tree, &mut symbols.table, &symbols.all, |_| false);
                let case = Case { question, number, classes: &classes, all };
                dead_endpoints::examine(subject, &case, &reach, &mut symbols, &mut here);
                whole.examine(subject, &case, &mut symbols, &mut here);
                if options.split {
                    split::examine(subject, &case, &mut symbols, &mut here);
                }
                if symbols.table.is_full() {
                    // What did not fit once will not fit for the other classes; and names like it are tried with less.
                    is_bounded = true;
                    given_up = given_up.saturating_add(1);
                    symbols.start_over(options.nodes_max >> (given_up / 4).min(6));
                    here = Collected::default();
                }
            }
            if is_bounded {
                whole.assume_used(subject, &class.tree);
                dead_endpoints::examine_pairs(subject, question, number, &classes, &mut here);
            }
            of_question.join(here);
        }
        if !is_bounded {
            whole.leave(subject, question, &symbols);
        }
        single_failures::examine(subject, question, &reach, &classes, &mut survived, &mut of_question);
        loads::standby_shares_domain(subject, question, &classes, &mut of_question);
        of_question.name(question, &classes);
        found.join(of_question);
        if is_bounded {
            drill.bounded.push(called(subject, question));
        }
    }
    progress(questions.len(), questions.len());
    if is_whole {
        whole.finish(subject, &mut found);
    }
    claim(subject, &sampled, &left_out, &mut drill);
    found.finish(subject, options, &mut drill);
    drill.survival = survived.finish(subject);
    drill
}

/// What the findings rest on.
fn claim(subject: &Subject, sampled: &[(&'static str, usize)], left_out: &[usize], drill: &mut Drill) {
    for (why, names) in sampled {
        drill.claim.add_sampled(format!("{why} ({})", count(*names, "name")));
    }
    for question in &drill.bounded {
        drill.claim.add_bounded(format!(
            "{question}: each failure alone, and pairs of up to {} endpoints",
            super::drilled::ENDPOINTS_IN_PAIRS
        ));
    }
    if !left_out.is_empty() {
        let names: Vec<String> = left_out.iter().map(|question| called(subject, *question)).collect();
        drill.claim.add_not_asked(format!(
            "{} that `--only` leaves out: {}",
            count(names.len(), "name"),
            listed(&names, 3)
        ));
    }
    for quarantined in subject.quarantined() {
        drill.claim.add_not_asked(quarantined);
    }
    for (check, reads) in subject.endpoints.reads.iter().enumerate().filter(|(_, reads)| reads.seen == Seen::Assumed) {
        let mut seen: Vec<usize> = reads.any.iter().chain(reads.all.iter().flatten()).copied().collect();
        seen.sort_unstable();
        seen.dedup();
        let named = names(subject, check).map(|named| format!(" ({named})")).unwrap_or_default();
        drill.claim.add_assumed(format!(
            "health check `{}`{named} sees {}",
            subject.check_id(check),
            super::case::called(subject, &seen)
        ));
    }
}

fn called(subject: &Subject, question: usize) -> String {
    subject.group(question).map(|group| format!("{} {}", group.name, group.record_type)).unwrap_or_default()
}
