//! Every failure, tried on every name and every class of clients.
//!
//! A world is a set of dead endpoints ([`crate::endpoint`]). What a name answers in all worlds at once is a handful of
//! conditions ([`crate::tree`]); a finding is a condition that some world fulfils, with the smallest such world. Before
//! it is reported, core resolves the question in that world, and has to agree.

mod case;
mod dead;
mod drilled;
mod finding;
mod found;
mod idle;
mod loads;
mod run;
mod singles;
mod symbols;
mod whole;
mod why;

pub use drilled::{CODES, Drill, ENDPOINTS_IN_PAIRS, FAILURES_MAX, Options};
pub use finding::{Asked, Finding, Reproduce, Severity};
pub use loads::LOAD_FACTOR;
pub use run::drill;
