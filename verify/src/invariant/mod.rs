//! Promises of the user's own, in CEL, held against every class of clients and every failure.
//!
//! A rule speaks of one question, one class and one world. It is tried in every combination of the name's endpoints being
//! dead while there are at most eight of them, else with at most two dead at once, past a hundred with one; in each failure domain; and with each
//! health check failing by itself. The first world that breaks it, smallest first, is the counterexample. A rule that
//! looks at where clients are is tried for each place there is, whatever the name consults.

mod asking;
mod check;
mod cost;
mod places;
mod rule;
mod words;

pub use asking::{ENDPOINTS_IN_EVERY_COMBINATION, ENDPOINTS_IN_PAIRS};
pub use check::Invariants;
pub use rule::{Counterexample, Rule, Verdict};
