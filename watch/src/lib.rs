//! The prober: runs the health checks of a zone, and feeds hosts with what it finds.
//!
//! The only crate with a clock and sockets. It decides nothing about answers: what a result means is decided by
//! [`pointsman_core::health::Tracker`], and what a status means by the view that a host makes of the report.

#![forbid(unsafe_code)]

pub mod probe;
