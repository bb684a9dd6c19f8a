//! What Pointsman costs, measured: time, instructions, memory, and whether that keeps to its budgets.
//!
//! A [`case::Case`] is a piece of work; the cases of core are in [`native`], those of the component in `component`.
//! [`sample`] times them side by side, [`count`] counts their instructions, criterion compares them with an earlier run
//! (benches/). [`figures`] keeps what came out, and [`report`] writes BENCHMARKS.md from that.

pub mod allocator;
pub mod calls;
pub mod case;
#[cfg(feature = "component")]
pub mod component;
pub mod count;
pub mod figures;
pub mod images;
pub mod machine;
pub mod native;
pub mod report;
pub mod sample;
pub mod section;
pub mod zones;
