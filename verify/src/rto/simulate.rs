//! The same by drawing: outages, each with its times of detection, and in each some clients with their caches.

use pointsman_core::split_mix::SplitMix64;

use super::hold::Hold;
use super::levers::Lever;
use super::recovery::{Options, Recovery, Times};
use super::shares::Shares;

/// Uniform numbers from a seed, the same everywhere.
#[derive(Debug)]
pub(super) struct Dice(SplitMix64);

impl Dice {
    pub(super) const fn new(seed: u64) -> Self {
        Self(SplitMix64::new(seed))
    }

    /// From 0 to 1.
    pub(super) fn uniform(&mut self) -> f64 {
        (self.0.number() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Clients drawn for each outage.
const CLIENTS: u32 = 20;

/// Fills in the figures by simulation.
pub(super) fn fill(recovery: &mut Recovery, shares: &Shares, levers: &[Lever], hold: &Hold, options: &Options) {
    let (mut detected, mut recovered) = sample(shares, levers, hold, options);
    detected.sort_by(f64::total_cmp);
    recovered.sort_by(f64::total_cmp);
    let at = |list: &[f64], probability: f64| {
        let index = (list.len() as f64 * probability).ceil().max(1.0) as usize;
        list.get(index.saturating_sub(1)).copied().unwrap_or(0.0)
    };
    recovery.detected = [0.5, 0.9, 0.99].map(|probability| at(&detected, probability));
    recovery.recovered = [0.5, 0.9, 0.99].map(|probability| at(&recovered, probability));
    recovery.mean = recovered.iter().sum::<f64>() / recovered.len().max(1) as f64;
    let end = recovered.last().copied().unwrap_or(0.0);
    let moving = recovery.affected - recovery.stuck;
    recovery.curve = (0..=120)
        .map(|step| {
            let seconds = end * f64::from(step) / 120.0;
            let moved = recovered.partition_point(|at| *at <= seconds) as f64 / recovered.len().max(1) as f64;
            (seconds, recovery.stuck + moving * (1.0 - moved))
        })
        .collect();
    recovery.times = Times::Drawn(recovered);
}

/// When the answers had moved, an outage each; and when an affected client had, some for each outage.
pub(super) fn sample(shares: &Shares, levers: &[Lever], hold: &Hold, options: &Options) -> (Vec<f64>, Vec<f64>) {
    let mut dice = Dice::new(options.seed);
    let (mut detected, mut recovered) = (Vec::new(), Vec::new());
    let (start, stuck) = (shares.on_dead(0), shares.on_dead(shares.every()));
    for _ in 0..(options.samples / CLIENTS).max(1) {
        let mut turns: Vec<(f64, usize)> =
            levers.iter().enumerate().map(|(bit, lever)| (lever.detection.draw(|| dice.uniform()), bit)).collect();
        turns.sort_by(|a, b| a.0.total_cmp(&b.0));
        // The share on what is dead falls, or rises, with each turn; a client moves with the first answer that it gets
        // and that leads elsewhere, so each fall takes a part of the clients with it.
        let (mut set, mut left, mut falls) = (0_u32, start, Vec::new());
        for (seconds, bit) in turns {
            set |= 1 << bit;
            let now = shares.on_dead(set);
            if now < left {
                falls.push((seconds, left - now));
                left = now;
            }
        }
        let moving: f64 = start - stuck;
        if let Some((last, _)) = falls.last() {
            detected.push(*last);
        }
        for _ in 0..CLIENTS {
            let mut part = dice.uniform() * moving;
            let held = hold.draw(|| dice.uniform());
            let mut at = falls.last().map_or(0.0, |(seconds, _)| *seconds);
            for (seconds, fall) in &falls {
                at = *seconds;
                if part < *fall {
                    break;
                }
                part -= fall;
            }
            recovered.push(at + held);
        }
    }
    (detected, recovered)
}

#[cfg(test)]
mod tests {
    use super::super::bisect::bisect;
    use super::super::detect::Detection;
    use super::super::hold::assumed;
    use super::super::moved::recovered_by;
    use super::*;

    /// The closed form and the simulation, each testing the other.
    #[test]
    fn closed_form_and_simulation_agree() {
        let mut dice = Dice::new(7);
        for (interval, threshold, timeout) in [(30, 3, 4.0), (10, 3, 4.0), (10, 1, 10.0), (30, 10, 4.0)] {
            for ttl in [0, 30, 60, 300, 3600] {
                let detection = Detection::of_probes(interval, threshold, timeout, 8);
                let hold = Hold::new(&assumed(), ttl);
                let mut drawn: Vec<f64> =
                    (0..40_000).map(|_| detection.draw(|| dice.uniform()) + hold.draw(|| dice.uniform())).collect();
                drawn.sort_by(f64::total_cmp);
                let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
                let exact = detection.mean() + hold.mean();
                assert!((mean - exact).abs() < exact * 0.02, "{interval} {threshold} {ttl}: {mean} {exact}");
                let end = detection.fixed + detection.spread + hold.longest();
                for probability in [0.1, 0.5, 0.9, 0.99] {
                    let simulated = drawn[(drawn.len() as f64 * probability) as usize];
                    let closed = bisect(0.0, end, |at| recovered_by(detection, &hold, at) >= probability);
                    assert!(
                        (simulated - closed).abs() < end * 0.02 + 0.5,
                        "{interval} {threshold} {ttl} p{probability}: {simulated} {closed}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_check_turns_with_the_fourteenth_of_sixteen_checkers() {
        let detection = Detection::of_probes(30, 3, 4.0, 8);
        assert_eq!((detection.checkers, detection.needed, detection.fixed), (16, 14, 64.0));
        assert!((detection.mean() - (64.0 + 30.0 * 14.0 / 17.0)).abs() < 1e-9);
        assert_eq!((detection.by(63.9), detection.by(94.1)), (0.0, 1.0));
        let mut dice = Dice::new(3);
        let drawn: Vec<f64> = (0..20_000).map(|_| detection.draw(|| dice.uniform())).collect();
        for at in [80.0, 85.0, 88.0, 92.0] {
            let share = drawn.iter().filter(|seconds| **seconds <= at).count() as f64 / drawn.len() as f64;
            assert!((share - detection.by(at)).abs() < 0.02, "{at}: {share} {}", detection.by(at));
        }
    }
}
