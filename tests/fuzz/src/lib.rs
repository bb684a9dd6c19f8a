//! Every place where Pointsman reads bytes that somebody else wrote, as a function of those bytes: a target.
//!
//! A target returns nothing. It fails by a panic, a stack overflow, or by taking longer or more memory than the limits of
//! `cargo xtask fuzz --guided` allow; where two ways must agree, it asserts that they do. The same targets run over
//! their seeds and over everything that was ever found (`regressions/TARGET/NAME`) in `cargo xtask test`.
//!
//! [docs/fuzzing.md](../../../docs/fuzzing.md) describes the targets and how to run them.

extern crate alloc;

mod seed_folder;
mod targets;

mod memory;
mod plain_module;

// Where those sources look for each other.
use plain_module::{convert, documents, findings, layout, state, statuses};

pub use seed_folder::{regressions, write_seeds};
pub use targets::{TARGETS, Target, find};
