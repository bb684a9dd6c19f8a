//! Every failure, tried on every name and every class of clients.
//!
//! A world is a set of dead endpoints ([`crate::endpoint`]). What a name answers in all worlds at once is a handful of
//! conditions ([`crate::tree`]); a finding is a condition that some world fulfils, with the smallest such world. Before
//! it is reported, core resolves the question in that world, and has to agree.

mod about;
mod case;
mod collect;
mod confirm;
mod dead_endpoints;
mod drilled;
mod every_world;
mod finding;
mod idle;
mod loads;
mod mend;
mod misread;
mod run;
mod single_failures;
mod split;
mod survival;
mod symbols;
mod why;

pub use about::About;
pub use drilled::{CODES, Cause, Drill, ENDPOINTS_IN_PAIRS, FAILURES_MAX, Options};
pub use finding::{Asked, Finding, Reproduce, Severity};
pub use loads::LOAD_FACTOR;
pub use mend::{Mended, mend};
pub use misread::{Misread, misread};
pub use run::drill;
pub use survival::Survival;
