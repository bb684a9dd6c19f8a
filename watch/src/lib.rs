//! The prober: runs the health checks of a zone, and feeds hosts with what it finds.
//!
//! The only crate with a clock and sockets. It decides nothing about answers: what a result means is decided by
//! [`pointsman_core::health::Tracker`], and what a status means by the view that a host makes of the report.

#![forbid(unsafe_code)]

pub mod board;
pub mod client;
pub mod feed;
pub mod force;
mod limits;
pub mod log;
pub mod notify;
pub mod plan;
pub mod probe;
pub mod rules;
mod running;
mod schedule;
pub mod shared;
pub mod store;

pub use running::{Settings, Sources, WatchError, run};
