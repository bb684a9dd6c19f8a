//! `cargo bench -p pointsman-bench --bench core`: is core faster than the last time? criterion remembers and compares.
//!
//! The cases are those of `cargo xtask bench`, which takes the figures for BENCHMARKS.md. After `-- ` may stand a part of
//! the names to run, or `--test` to run each once on tiny zones.

mod compare;

fn main() -> anyhow::Result<()> {
    compare::with_last_run(&pointsman_bench::native::PLAN)
}
