//! The cases of a section under criterion.

use std::time::{Duration, Instant};

use criterion::Criterion;
use pointsman_bench::case::Sizes;
use pointsman_bench::section::Plan;

/// Times each case, one after the other, and compares it with the last run; only sees that it works under `--test`.
pub(crate) fn with_last_run(plan: &Plan) -> anyhow::Result<()> {
    // Cargo says `--bench` to a bench and nothing to a test; the caller says `--test`.
    let has = |name: &str| std::env::args().any(|argument| argument == name);
    let sizes = if has("--bench") && !has("--test") { Sizes::FULL } else { Sizes::SMOKE };
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20)
        .configure_from_args();
    for (make, _) in plan.groups {
        for mut case in make(&sizes)?.cases {
            let mut failure = None;
            criterion.bench_function(&case.id, |bencher| {
                bencher.iter_custom(|times| {
                    let start = Instant::now();
                    failure = (case.run)(times).err();
                    start.elapsed()
                });
            });
            failure.map_or(Ok(()), Err)?;
        }
    }
    criterion.final_summary();
    Ok(())
}
