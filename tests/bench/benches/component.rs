//! `cargo bench -p pointsman-bench --features component --bench component`: the same for the component in wasmtime.
//!
//! It needs the components that `cargo xtask bench --only component` builds.

mod compare;

fn main() -> anyhow::Result<()> {
    compare::with_last_run(&pointsman_bench::component::PLAN)
}
