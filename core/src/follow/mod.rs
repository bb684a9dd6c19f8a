//! CNAME chains followed to their end within the zone, as a resolver does (RFC 1034 3.6.2; 10.34).
//!
//! Route 53 returns a CNAME alone, and the resolver asks for the name that it holds. What a client ends up with is at the
//! end of that chain: [`Chain`] takes one draw's way along it, and [`HealthView::follow_odds`] takes every way.

mod chain;
mod odds;

pub use chain::{CHAIN_NAMES_MAX, Chain, ChainEnd};
pub use odds::{ChainOdds, ChainOutcome};
