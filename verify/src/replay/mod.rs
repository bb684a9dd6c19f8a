//! An incident once more: who was answered what and when, by the statuses that a watch recorded, and what another zone
//! would have answered.

mod chart;
mod history;
mod judge;
mod run;

pub use chart::chart;
pub use history::{History, HistoryError, Span, Statuses};
pub use run::{Replay, Row, Seconds, Step, Timeline, replay};
