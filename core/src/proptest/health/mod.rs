//! Health: what is up and what is down, at one moment or over time.

mod history;
mod report;
mod strategies;

pub use history::{Histories, History, histories};
pub(super) use report::{EntryText, Step};
pub use report::{Health, Status};
pub use strategies::{Failures, HealthReports, failures, health_reports};
pub(super) use strategies::{any_failures, any_report};
