//! Stage 6: why an answer is what it is, and how likely each answer is.
//!
//! Both stand on the walker of [`crate::resolve`]: [`HealthView::explain`](crate::health::HealthView::explain) watches
//! one walk, [`HealthView::odds`](crate::health::HealthView::odds) takes every turn of it.

mod client;
mod codes;
mod group;
mod health;
mod lookup;
mod member;
mod odds;
mod probability;
mod recorder;
mod sentence;
mod steps;
mod summary;
mod tree;
mod units;

pub use codes::{ReasonCode, ReasonKind};
pub use odds::{Odds, OddsAnswer, OddsError, OddsMember, OddsOutcome};
pub use probability::Probability;
pub use steps::{Explanation, GroupFacts, Health, Parameter, Reason, Step, StepKind, Verdict};
