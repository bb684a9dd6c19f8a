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

// The plain module's own sources: its crate is empty outside WebAssembly. Only what follows pointers is another here.
#[path = "../../../wasm/plain/src/convert.rs"]
mod convert;
#[path = "../../../wasm/plain/src/documents.rs"]
mod documents;
#[path = "../../../wasm/plain/src/exports.rs"]
mod exports;
#[path = "../../../wasm/plain/src/findings.rs"]
mod findings;
#[path = "../../../wasm/plain/src/layout.rs"]
mod layout;
mod memory;
#[path = "../../../wasm/plain/src/state.rs"]
mod state;
#[path = "../../../wasm/plain/src/statuses.rs"]
mod statuses;

pub use seed_folder::{regressions, write_seeds};
pub use targets::{TARGETS, Target, find};
