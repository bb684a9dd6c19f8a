//! What is known of a zone at the moment: a status for each check and alias target, and who holds it there.
//!
//! No clock and no sockets: results come in with their time, and what changed by them comes out. What a status is after
//! Disabled, Inverted and CALCULATED is not decided here but by core's view of the report.

mod brake;
mod check;
mod found;
mod metrics;
mod report;
mod snapshot;
mod state;
#[cfg(test)]
mod tests;

pub use self::brake::{BrakeRule, BrakeRuleError};
pub use self::metrics::metrics;
pub(crate) use self::report::report;
pub use self::report::{Origin, change_report};
pub use self::snapshot::{Hold, Reported, Snapshot};
pub use self::state::{HoldChange, ObserveError, ZoneState};
