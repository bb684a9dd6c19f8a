//! Stage 6: why an answer is what it is, and how likely each answer is.
//!
//! Both stand on the walker of [`crate::resolve`]: [`HealthView::explain`](crate::health::HealthView::explain) watches
//! one walk, [`HealthView::odds`](crate::health::HealthView::odds) takes every turn of it.

mod client;
mod members;
mod odds;
mod probability;
mod reasons;
mod steps;
mod text;

pub use odds::{Odds, OddsAnswer, OddsError, OddsMember, OddsOutcome};
pub use probability::Probability;
pub use steps::{Explanation, Step, StepKind, Verdict};
