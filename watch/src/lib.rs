//! The prober: runs the health checks of zones, and feeds hosts with what it finds.
//!
//! The only crate with a clock and sockets. It decides nothing about answers: what a result means is decided by
//! [`pointsman_core::health::Tracker`], and what a status means by the view that a host makes of the report.

#![forbid(unsafe_code)]

pub mod change;
pub mod client;
pub mod clock;
mod daemon;
pub mod feed;
pub mod files;
mod fleet;
mod follower;
pub mod force;
pub mod hub;
mod keeper;
mod limits;
mod loader;
pub mod log;
pub mod networks;
pub mod notify;
pub mod plan;
pub mod probe;
mod record;
pub mod rules;
mod schedule;
pub mod store;
pub mod zone;

pub use daemon::{Settings, WatchError, run};
pub use fleet::{EtcdTls, EtcdUser, FleetSettings};
pub use loader::{Load, Sources};
