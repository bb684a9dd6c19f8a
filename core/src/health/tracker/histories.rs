//! Histories: random ones against a slow second way of counting, and a recorded flapping one.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::*;
use crate::split_mix::SplitMix64;

const KIND: fn(u8) -> TrackerKind = |failure_threshold| TrackerKind::Endpoint { failure_threshold };
const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

/// A history follows from its seed.
struct Dice(SplitMix64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0.number() % n
    }
}

/// The rules once more, from the whole history each time: for each checker the last place at which `threshold` results
/// in a row agree; then the share of those that do not say unhealthy.
fn by_the_book(history: &[(usize, bool)], threshold: usize) -> RawStatus {
    let mut views = Vec::new();
    for checker in 0..NAMES.len() {
        let own: Vec<bool> = history.iter().filter(|(by, _)| *by == checker).map(|(_, success)| *success).collect();
        if !own.is_empty() {
            let run = own.windows(threshold).rev().find(|run| run.iter().all(|result| *result == run[0]));
            views.push(run.map(|run| run[0]));
        }
    }
    if views.iter().all(Option::is_none) {
        return RawStatus::NoData;
    }
    let healthy = views.iter().filter(|view| **view != Some(false)).count();
    // More than 18 in 100.
    if healthy * 50 > views.len() * 9 { RawStatus::Healthy } else { RawStatus::Unhealthy }
}

#[test]
fn random_histories_agree_with_the_book() {
    for seed in 0..400 {
        let mut dice = Dice(SplitMix64::new(seed));
        let (threshold, checkers) = (1 + dice.below(10), 1 + dice.below(8));
        // Runs of different length, so that views change now and then.
        let stickiness = 1 + dice.below(12);
        let mut tracker = Tracker::new(KIND(threshold as u8));
        let (mut history, mut success, mut was) = (Vec::new(), true, RawStatus::NoData);
        for step in 0..120 {
            success ^= dice.below(stickiness) == 0;
            let checker = dice.below(checkers) as usize;
            history.push((checker, success));
            let at = Time::from_unix_ms(step * 1000);
            let seen = tracker.observe(at, Observation::Result { checker: NAMES[checker], success }).unwrap();
            let is = by_the_book(&history, threshold as usize);
            assert_eq!(tracker.status(), is, "seed {seed}, step {step}");
            // A transition is reported once, with the status before and after it.
            assert_eq!(seen, (was != is).then_some(Transition { at, from: was, to: is }), "seed {seed}, step {step}");
            if was != is {
                assert_eq!(tracker.since(), Some(at));
            }
            was = is;
        }
    }
}

#[test]
fn one_checker_changes_its_mind_at_exactly_the_threshold() {
    for threshold in 1..=10 {
        let mut tracker = Tracker::new(KIND(threshold));
        for (round, success) in [(0, true), (1, false), (2, true)] {
            for count in 1..=threshold {
                let at = Time::from_unix_ms(u64::from(round * 100 + count));
                let change = tracker.observe(at, Observation::Result { checker: "a", success }).unwrap();
                assert_eq!(change.is_some(), count == threshold, "threshold {threshold}, result {count}");
            }
        }
    }
}

#[test]
fn no_result_order_of_the_others_moves_a_checkers_own_count() {
    // Seven healthy checkers, in any order between the results of one that fails: its view turns at its third failure.
    for seed in 0..50 {
        let mut dice = Dice(SplitMix64::new(seed));
        let mut tracker = Tracker::new(KIND(3));
        let mut failures = 0;
        while failures < 3 {
            let checker = dice.below(8) as usize;
            failures += u64::from(checker == 0);
            let result = Observation::Result { checker: NAMES[checker], success: checker != 0 };
            tracker.observe(Time::default(), result).unwrap();
            let view = tracker.checkers().iter().find(|known| &*known.name == "a").and_then(|known| known.view);
            assert_eq!(view, (failures == 3).then_some(false));
        }
    }
}

#[test]
fn the_share_that_decides_is_more_than_18_percent() {
    // 2 of 8 are 25 %, 1 of 8 is 12.5 %.
    for healthy in 0..=8 {
        let mut tracker = Tracker::new(KIND(1));
        for (number, checker) in NAMES.into_iter().enumerate() {
            tracker.observe(Time::default(), Observation::Result { checker, success: number < healthy }).unwrap();
        }
        let wanted = if healthy >= 2 { RawStatus::Healthy } else { RawStatus::Unhealthy };
        assert_eq!(tracker.status(), wanted, "{healthy} of 8");
    }
}

/// One minute of an endpoint that flaps, a result every ten seconds (`+` success, `-` failure), recorded from a service
/// that restarts under load; below it the status after each result (`?` no data, `h` healthy, `u` unhealthy).
const FLAPPING: [(u8, &str, &str); 4] = [
    (1, "+++-+--+---+-+--++---++++-+-------+-+++-++++++", "hhhuhuuhuuuhuhuuhhuuuhhhhuhuuuuuuuhuhhhuhhhhhh"),
    (2, "+++-+--+---+-+--++---++++-+-------+-+++-++++++", "?hhhhhuuuuuuuuuuuhhuuuhhhhhhuuuuuuuuuhhhhhhhhh"),
    (3, "+++-+--+---+-+--++---++++-+-------+-+++-++++++", "??hhhhhhhhuuuuuuuuuuuuuhhhhhhuuuuuuuuuhhhhhhhh"),
    (10, "+++-+--+---+-+--++---++++-+-------+-+++-++++++", "??????????????????????????????????????????????"),
];

#[test]
fn a_recorded_flapping_history_is_replayed() {
    for (threshold, results, statuses) in FLAPPING {
        let mut tracker = Tracker::new(KIND(threshold));
        let replayed: String = (0_u64..)
            .zip(results.chars())
            .map(|(second, result)| {
                let observation = Observation::Result { checker: "here", success: result == '+' };
                tracker.observe(Time::from_unix_ms(second * 10_000), observation).unwrap();
                match tracker.status() {
                    RawStatus::Healthy => 'h',
                    RawStatus::Unhealthy => 'u',
                    _ => '?',
                }
            })
            .collect();
        assert_eq!(replayed, statuses, "threshold {threshold}");
    }
    // The higher the threshold, the fewer the changes: what it is for.
    let changes = |text: &str| text.as_bytes().windows(2).filter(|pair| pair[0] != pair[1]).count();
    let counts: Vec<usize> = FLAPPING.iter().map(|(_, _, statuses)| changes(statuses)).collect();
    assert!(counts.is_sorted_by(|a, b| a > b), "{counts:?}");
}

#[test]
fn silent_checkers_stop_voting_and_the_last_one_is_kept() {
    let mut tracker = Tracker::new(KIND(1));
    let second = |second: u64| Time::from_unix_ms(second * 1000);
    for checker in ["a", "b", "c", "d", "e"] {
        tracker.observe(second(0), Observation::Result { checker, success: checker == "e" }).unwrap();
    }
    assert_eq!(tracker.status(), RawStatus::Healthy); // one of five
    tracker.observe(second(60), Observation::Result { checker: "a", success: false }).unwrap();
    let change = tracker.forget_silent(second(60), 30_000).unwrap();
    assert_eq!((change.to, tracker.checkers().len()), (RawStatus::Unhealthy, 1));
    assert_eq!(tracker.forget_silent(second(1000), 30_000), None);
    assert_eq!((tracker.status(), tracker.checkers().len()), (RawStatus::Unhealthy, 1));
}

#[test]
fn a_clock_that_goes_backwards_does_no_harm() {
    let mut tracker = Tracker::new(KIND(2));
    for ms in [5000, 4000, 3000, 2000] {
        let result = Observation::Result { checker: "a", success: ms > 3000 };
        tracker.observe(Time::from_unix_ms(ms), result).unwrap();
    }
    assert_eq!(tracker.status(), RawStatus::Unhealthy);
    assert_eq!(tracker.checkers()[0].seen, Time::from_unix_ms(5000));
    assert_eq!(format!("{}", tracker.since().unwrap()), "1970-01-01T00:00:02.000Z");
}
