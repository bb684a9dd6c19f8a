//! Health: what is up and what is down, at one moment or over time.

mod history;
mod report;
mod strategies;

pub use history::{Histories, History, histories};
pub use report::{Health, Status};
pub(super) use report::{Step, Words};
pub use strategies::{Failures, HealthReports, failures, health_reports};
pub(super) use strategies::{any_failures, any_report};
