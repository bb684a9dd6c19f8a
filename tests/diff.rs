//! `diff` against a brute force: every difference that some client meets in some state is reported, and every report is true.
//!
//! The brute force knows nothing of classes of clients, of representatives or of skipped names. It lists names, types,
//! clients and reports from the documents of both versions, asks both for all of it, and looks at what differs.
//! `POINTSMAN_FUZZ_CASES` compares so many pairs of random zones, `POINTSMAN_FUZZ_SEED` starts elsewhere.

#[path = "diff/brute.rs"]
mod brute;
#[path = "diff/change.rs"]
mod change;
#[path = "diff/laws.rs"]
mod laws;
#[path = "diff/reported.rs"]
mod reported;
#[path = "diff/small.rs"]
mod small;

use anyhow::{Context as _, Result, bail, ensure};
use pointsman_core::health::HealthView;
use pointsman_core::parse::parse;
use pointsman_core::validate::{Options, validate};
use pointsman_tests::generate::{Rng, World, read_report};
use pointsman_tests::number_of;
use pointsman_verify::diff::diff;
use pointsman_verify::facts::Facts;
use pointsman_verify::subject::Subject;
use serde_json::Value;

/// Pairs of random zones that are compared when nobody says how many.
const PAIRS: u64 = 500;

/// A zone document ready to be compared; `None` when Route 53 would refuse it.
fn subject(zone: &Value) -> Option<Subject> {
    let text = zone.to_string();
    let validated = validate(&[parse(0, &text)], &Options::default());
    let is_refused = pointsman_core::diagnostic::has_errors(&validated.diagnostics);
    validated.zone.filter(|_| !is_refused).map(|zone| Subject::new(zone, Facts::default()))
}

/// A version under a report.
fn view(subject: &Subject, report: &Value) -> Result<HealthView> {
    Ok(subject.view.updated(&read_report(report)?).0)
}

/// A random zone and the same with something changed, as documents.
fn pair(seed: u64) -> (Value, Value) {
    let old = World::random(seed, 0).zone;
    let mut rng = Rng::new(seed ^ 0xD1FF);
    // Some changes leave a zone that Route 53 refuses.
    for _ in 0..50 {
        let mut new = old.clone();
        for _ in 0..rng.between(1, 3) {
            change::change(&mut rng, &mut new);
        }
        if new != old && subject(&new).is_some() {
            return (old, new);
        }
    }
    (old.clone(), old)
}

/// Tries something on pairs of random zones, on two threads.
fn on_random_pairs(pairs: u64, law: impl Fn(u64, &Value, &Value) -> Result<u64> + Sync) -> Result<u64> {
    let first = number_of("POINTSMAN_FUZZ_SEED", 0)?;
    let part = |offset: u64| -> Result<u64> {
        let mut sum = 0_u64;
        for number in (0..pairs).filter(|number| number % 2 == offset) {
            let seed = first.wrapping_add(number);
            let (old, new) = pair(seed);
            sum += law(seed, &old, &new).with_context(|| format!("seed {seed}\nold {old}\nnew {new}"))?;
        }
        Ok(sum)
    };
    std::thread::scope(|scope| {
        let threads = [0, 1].map(|offset| scope.spawn(move || part(offset)));
        let mut sum = 0;
        for thread in threads {
            match thread.join() {
                Ok(part) => sum += part?,
                Err(_) => bail!("a thread panicked"),
            }
        }
        Ok(sum)
    })
}

#[test]
fn a_diff_and_the_brute_force_agree_on_random_zones() -> Result<()> {
    let pairs = number_of("POINTSMAN_FUZZ_CASES", PAIRS)?;
    let asked = on_random_pairs(pairs, |seed, old, new| {
        let (Some(before), Some(after)) = (subject(old), subject(new)) else { return Ok(0) };
        let found = diff(&before, &after);
        let questions = brute::Questions::random(seed, old, new);
        brute::hold(&before, &after, &found, &questions)
    })?;
    ensure!(asked > pairs * 100, "only {asked} answers were compared");
    println!("{asked} pairs of answers of {pairs} pairs of zones agree with diff");
    Ok(())
}
