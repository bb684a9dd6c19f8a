//! `cargo bench -p pointsman-bench --features component --bench component`: is it faster than the last time? criterion remembers and compares.
//!
//! The cases are those of `cargo xtask bench`, which takes the figures for BENCHMARKS.md; under `cargo test` each runs
//! once on a tiny zone. They need the components that `cargo xtask bench --only component` builds.

use std::time::{Duration, Instant};

use criterion::Criterion;
use pointsman_bench::case::Sizes;
use pointsman_bench::component::PLAN;

fn main() -> anyhow::Result<()> {
    let is_test = std::env::args().any(|argument| argument == "--test") || !std::env::args().any(|a| a == "--bench");
    let sizes = if is_test { Sizes::SMOKE } else { Sizes::FULL };
    let mut criterion = Criterion::default()
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(20)
        .configure_from_args();
    for (make, _) in PLAN.groups {
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
