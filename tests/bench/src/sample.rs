//! Taking times: samples of every case of a group in turn, so that what slows the machine for a while slows all alike.
//!
//! This is not left to criterion because it takes all samples of one case, then all of the next: a ratio of two of them
//! compares two moments of the machine.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::case::Case;

/// How long to measure.
#[derive(Debug, Clone, Copy)]
pub struct Effort {
    /// A sample repeats the work until it takes about so long.
    pub sample: Duration,
    /// No case is measured for much longer than this in all.
    pub case: Duration,
    /// Samples of each case: at least and at most.
    pub samples: (usize, usize),
}

impl Effort {
    /// For figures.
    pub const FULL: Self =
        Self { sample: Duration::from_millis(4), case: Duration::from_millis(1500), samples: (5, 201) };
    /// To see that everything still runs.
    pub const SMOKE: Self = Self { sample: Duration::ZERO, case: Duration::ZERO, samples: (1, 1) };
}

/// Nanoseconds for each repetition, a sample each; the samples of all cases with the same number were taken one after
/// the other.
pub type Samples = Vec<f64>;

/// Measures a group.
pub fn take(cases: &mut [Case], effort: Effort) -> Result<Vec<Samples>> {
    let mut plans = Vec::new();
    for case in cases.iter_mut() {
        plans.push(plan(case, effort)?);
    }
    let mut samples = vec![Samples::new(); cases.len()];
    let rounds = plans.iter().map(|plan| plan.samples).max().unwrap_or_default();
    for round in 0..rounds {
        for ((case, plan), samples) in cases.iter_mut().zip(&plans).zip(&mut samples) {
            if round < plan.samples {
                samples.push(time(case, plan.times)?.as_nanos() as f64 / plan.times as f64);
            }
        }
    }
    Ok(samples)
}

struct Plan {
    times: u64,
    samples: usize,
}

/// Finds how often a sample repeats the work, which warms everything up as well.
fn plan(case: &mut Case, effort: Effort) -> Result<Plan> {
    let mut times = 1;
    let mut took = time(case, times)?;
    while took < effort.sample && times < 1 << 30 {
        let factor = (effort.sample.as_nanos() / took.as_nanos().max(1)).clamp(2, 100);
        times = times.saturating_mul(u64::try_from(factor).unwrap_or(2));
        took = time(case, times)?;
    }
    let fit = effort.case.as_nanos() / took.as_nanos().max(1);
    let (least, most) = effort.samples;
    Ok(Plan { times, samples: usize::try_from(fit).unwrap_or(most).clamp(least, most) })
}

fn time(case: &mut Case, times: u64) -> Result<Duration> {
    let start = Instant::now();
    (case.run)(times)?;
    Ok(start.elapsed())
}

/// The middle of some numbers.
#[must_use]
pub fn median(numbers: &[f64]) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let upper = sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN);
    let lower = sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or(f64::NAN);
    f64::midpoint(lower, upper)
}

/// How far samples lie from their median, as a part of it: half of them lie nearer.
#[must_use]
pub fn spread(numbers: &[f64]) -> f64 {
    let middle = median(numbers);
    let distances: Vec<f64> = numbers.iter().map(|number| (number - middle).abs()).collect();
    median(&distances) / middle
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_and_the_spread_around_it() {
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-9);
        assert!((median(&[4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-9);
        assert!((spread(&[90.0, 100.0, 130.0]) - 0.1).abs() < 1e-9);
        assert!(median(&[]).is_nan());
    }

    #[test]
    fn every_case_is_sampled_as_often_as_planned() {
        let mut cases = vec![Case::each("a", "a", || 1), Case::each("b", "b", || 2)];
        let effort = Effort { sample: Duration::from_micros(10), case: Duration::from_micros(100), samples: (3, 5) };
        let samples = take(&mut cases, effort).unwrap();
        assert!(samples.iter().all(|samples| (3..=5).contains(&samples.len())), "{samples:?}");
    }
}
