//! `cargo xtask fuzz`: the random tests for as long as one likes, each round from seeds of its own.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};

use crate::fleet;
use crate::process::{cargo, run, say};

/// What is fuzzed in a round: a test target, a filter, and how many questions it is asked, or pairs of zones compared.
const TARGETS: [(&str, &str, u64); 4] = [
    ("differential", "the_engine_and_the_oracle_agree_on_random_zones", 1_000_000),
    ("differential", "every_step_of_an_explanation_states_the_oracles_facts", 1_000_000),
    ("properties", "", 100_000),
    ("diff", "", 20_000),
];

/// Schedules of a fleet in a round.
const SCHEDULES: u64 = 100_000;

/// How long, and from which seed.
#[derive(Default)]
pub(crate) struct Options {
    /// Rounds go on until so much time has passed; one round when it is none.
    pub(crate) minutes: Option<u64>,
    /// The first seed; the time of day when it is none.
    pub(crate) seed: Option<u64>,
}

/// Fuzzes. The first disagreement or broken law ends it, with the smallest case that shows it and its seed.
pub(crate) fn fuzz(options: &Options) -> Result<()> {
    let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
    // Apart from the seeds of the tests, and far enough apart for rounds not to meet.
    let first = options.seed.unwrap_or_else(|| now().wrapping_mul(1 << 24));
    let (start, limit) = (Instant::now(), Duration::from_secs(60).saturating_mul(minutes(options)));
    let mut questions = 0_u64;
    for round in 0.. {
        let seed = first.wrapping_add(round << 20);
        say(format_args!("round {}, seed {seed}, {:.0} s so far", round + 1, start.elapsed().as_secs_f64()));
        for (test, filter, count) in TARGETS {
            let mut command = cargo();
            command.args(["test", "--release", "--locked", "--quiet", "--package", "pointsman-tests", "--test", test]);
            command.args(["--", "--nocapture", filter]);
            command.env("POINTSMAN_FUZZ_CASES", count.to_string()).env("POINTSMAN_FUZZ_SEED", seed.to_string());
            run(&mut command).with_context(|| format!("`cargo xtask fuzz --seed {seed}` shows it again"))?;
            questions = questions.saturating_add(count);
        }
        fleet::fuzz(SCHEDULES, seed).with_context(|| format!("`cargo xtask fuzz --seed {seed}` shows it again"))?;
        if start.elapsed() >= limit {
            break;
        }
    }
    say(format_args!("{questions} questions in {:.0} s, and nothing found", start.elapsed().as_secs_f64()));
    Ok(())
}

fn minutes(options: &Options) -> u32 {
    options.minutes.map_or(0, |minutes| u32::try_from(minutes).unwrap_or(u32::MAX))
}
