//! What has to hold of any zone, whatever is right: nothing differs from itself, a mirror shows the same, order and names
//! mean nothing, and a fix that is offered mends. Random zones; `BRUTE_ZONES` sets how many.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "brute/zone.rs"]
#[expect(dead_code, reason = "what the brute force alone needs")]
mod zone;

use std::collections::{BTreeMap, BTreeSet};

use pointsman_core::diagnostic::has_errors;
use pointsman_core::parse::parse;
use pointsman_core::validate::{Options as Validate, apply, validate};
use pointsman_verify::diff::{Diff, diff, walk};
use pointsman_verify::drill::{Drill, Finding, Options, Severity, drill, mend};
use pointsman_verify::facts::Facts;
use pointsman_verify::subject::Subject;
use serde_json::Value;

use zone::Zone;

fn zones() -> u64 {
    std::env::var("BRUTE_ZONES").ok().and_then(|text| text.parse::<u64>().ok()).unwrap_or(1_200) / 4
}

/// The zone of some documents; `None` where not all of it can be evaluated.
fn subject(texts: &[String], facts: &str) -> Option<Subject> {
    let documents: Vec<_> = texts.iter().enumerate().map(|(number, text)| parse(number, text)).collect();
    let zone = validate(&documents, &Validate::default()).zone?;
    zone.quarantined.is_empty().then(|| Subject::new(zone, Facts::parse(facts).unwrap()))
}

fn random(seed: u64) -> Option<(Value, Subject)> {
    let json = Zone::random(seed).json();
    let subject = subject(&[json.to_string()], "")?;
    Some((json, subject))
}

fn drilled(subject: &Subject) -> Drill {
    let found = drill(subject, &Options::default(), &mut |_, _| true);
    assert_eq!(found.unconfirmed, [""; 0]);
    found
}

/// The fingerprints of dangers and warnings.
fn faults(found: &Drill) -> BTreeSet<String> {
    let faults = found.findings.iter().filter(|finding| finding.severity != Severity::Note);
    faults.map(Finding::fingerprint).collect()
}

/// All that a drill says, in one order.
fn said(found: &Drill) -> BTreeSet<String> {
    found.findings.iter().map(|finding| finding.to_json().to_string()).collect()
}

/// The cases of a diff, with before and after as they stand or swapped.
fn cases(found: &Diff, swapped: bool) -> BTreeSet<(String, String, Vec<String>, String, String)> {
    let each = found.changes.iter().flat_map(|change| change.cases.iter().map(move |case| (change, case)));
    each.map(|(change, case)| {
        // The order of values is no difference, so that either may be shown.
        let sorted = |line: String| {
            let mut words: Vec<&str> = line.split(' ').collect();
            words.sort_unstable();
            words.join(" ")
        };
        let (before, after) = (sorted(case.before.line()), sorted(case.after.line()));
        let (one, other) = if swapped { (after, before) } else { (before, after) };
        (change.question(), case.clients.clone(), case.down.clone(), one, other)
    })
    .collect()
}

#[test]
fn nothing_differs_from_itself_and_a_mirror_shows_the_same() {
    let mut differing = 0;
    for seed in 0..zones() {
        let (Some((_, old)), Some((_, new))) = (random(seed), random(seed + 10_000)) else { continue };
        assert!(diff(&old, &old).is_empty(), "zone {seed} differs from itself");
        let (there, back) = (diff(&old, &new), diff(&new, &old));
        assert_eq!(cases(&there, false), cases(&back, true), "zones {seed}: there and back");
        assert_eq!((&there.appear, &there.vanish), (&back.vanish, &back.appear), "zones {seed}: names");
        differing += usize::from(!there.is_empty());
    }
    assert!(differing > 20, "{differing}");
}

#[test]
fn the_moments_of_a_batch_contain_the_diff_of_its_ends() {
    let mut compared = 0;
    for seed in 0..zones() / 2 {
        let versions: Vec<Subject> = (0..3).filter_map(|one| Some(random(seed + one * 10_000)?.1)).collect();
        let [first, _, last] = versions.as_slice() else { continue };
        let ends = diff(first, last);
        let steps = walk(&versions).steps;
        let moments: BTreeSet<String> =
            steps.iter().flat_map(|step| &step.changes).map(|change| change.name.clone()).collect();
        let names: BTreeSet<&String> = steps.iter().flat_map(|step| step.appear.iter().chain(&step.vanish)).collect();
        for change in &ends.changes {
            let is_there = moments.contains(&change.name) || names.contains(&change.name);
            assert!(is_there, "zones {seed}: no moment changes {}", change.question());
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared}");
}

/// The zone with its record sets and health checks turned round, in two documents.
fn turned_round(json: &Value) -> Vec<String> {
    let mut first = json.clone();
    let reversed = |list: &Value| -> Vec<Value> { list.as_array().unwrap().iter().rev().cloned().collect() };
    let mut sets = reversed(&json["ResourceRecordSets"]);
    let rest = sets.split_off(sets.len() / 2);
    first["ResourceRecordSets"] = sets.into();
    first["HealthChecks"] = reversed(&json["HealthChecks"]).into();
    vec![serde_json::json!({"ResourceRecordSets": rest}).to_string(), first.to_string()]
}

#[test]
fn order_documents_and_names_mean_nothing() {
    let mut compared = 0;
    for seed in 0..zones() {
        let Some((json, plain)) = random(seed) else { continue };
        let expected = drilled(&plain);
        let Some(turned) = subject(&turned_round(&json), "") else { continue };
        let found = drilled(&turned);
        // Which of two equal worlds is shown, and who is named first, follows the order of the documents.
        assert_eq!(faults(&found), faults(&expected), "zone {seed}: turned round");
        // Names that sort alike.
        let renamed =
            json.to_string().replace("g0.", "h0.").replace("g1.", "h1.").replace("g2.", "h2.").replace("g3.", "h3.");
        let found = drilled(&subject(&[renamed], "").unwrap());
        let back: BTreeSet<String> = said(&found)
            .iter()
            .map(|text| (0..4).fold(text.clone(), |text, at| text.replace(&format!("h{at}."), &format!("g{at}."))))
            .collect();
        assert_eq!(back, said(&expected), "zone {seed}: renamed");
        compared += usize::from(!expected.findings.is_empty());
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn every_fault_has_one_cause() {
    for seed in 0..zones() {
        let Some((_, plain)) = random(seed) else { continue };
        let found = drilled(&plain);
        let mut told: BTreeMap<usize, usize> = BTreeMap::new();
        found.causes.iter().flat_map(|cause| &cause.findings).for_each(|number| *told.entry(*number).or_default() += 1);
        for (number, finding) in found.findings.iter().enumerate() {
            let times = told.get(&number).copied().unwrap_or(0);
            let expected = if finding.severity == Severity::Note { times.min(1) } else { 1 };
            assert_eq!(times, expected, "zone {seed}: {finding:#?}");
        }
    }
}

#[test]
fn a_fix_that_is_offered_mends_and_adds_nothing() {
    let mut offered = 0;
    for seed in 0..zones() * 2 {
        let Some((json, plain)) = random(seed) else { continue };
        let found = drilled(&plain);
        let text = json.to_string();
        let documents = [parse(0, &text)];
        let after = |batch: &Value| {
            let applied = apply(&documents, &parse(1, &batch.to_string()), &Validate::default());
            applied.zone.filter(|_| !has_errors(&applied.diagnostics))
        };
        let mended = mend(&plain, &found, &Options::default(), &[&text], &mut { after }, &mut || true);
        assert_eq!(mended.mends.len() + mended.left.len(), found.causes.len(), "zone {seed}");
        let Some(batch) = mended.batch else {
            assert_eq!(mended.mends, [""; 0]);
            continue;
        };
        let again = drilled(&Subject::new(after(&batch).expect("what is offered applies"), Facts::default()));
        let (had, has) = (faults(&found), faults(&again));
        assert!(has.is_subset(&had), "zone {seed} gets worse: {:?}\n{batch:#}", has.difference(&had));
        let mends = |words: &str| mended.mends.iter().any(|one| one == words);
        for cause in found.causes.iter().filter(|cause| mends(&cause.words)) {
            let left = cause.findings.iter().filter(|number| has.contains(&found.findings[**number].fingerprint()));
            assert_eq!(left.count(), 0, "zone {seed}: {} is not mended\n{batch:#}", cause.words);
        }
        offered += 1;
    }
    assert!(offered > 10, "{offered}");
}
