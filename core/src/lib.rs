#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(feature = "documents"),
    allow(dead_code, unused_imports, reason = "what only documents and explanations use is left out at linking")
)]
#![cfg_attr(
    not(test),
    deny(
        clippy::std_instead_of_core,
        clippy::std_instead_of_alloc,
        clippy::alloc_instead_of_core,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::string_slice,
        clippy::print_stdout,
        clippy::print_stderr,
        clippy::float_cmp_const,
        clippy::disallowed_methods
    )
)]
//! Amazon Route 53's routing rules as a pure function: which endpoint does this client get, given this health?
//!
//! No clock, no random source, no input or output, no global state: documents, health, client and draw are arguments, so
//! equal arguments give equal answers on every machine. The numbers in the documentation, such as 4.3.6, are those of
//! `docs/semantics.md` in the repository.
//!
//! ```text
//! Route 53 JSON --parse--> Document --validate--> HostedZone --compile--> Zone ----+
//! health report JSON -----------------------------------parse--> HealthReport --> HealthView
//!                                      Query {name, type, client, draw} --------> resolve --> Answer
//! ```
//!
//! [`Zone`] and [`View`] are the way in for most programs:
//!
//! ```
//! use pointsman_core::{Query, Zone};
//!
//! let zone = Zone::load([r#"{
//!   "HostedZone": {"Id": "/hostedzone/Z1", "Name": "example.com."},
//!   "ResourceRecordSets": [
//!     {"Name": "www.example.com.", "Type": "A", "SetIdentifier": "one", "Failover": "PRIMARY", "HealthCheckId": "hc-1",
//!      "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
//!     {"Name": "www.example.com.", "Type": "A", "SetIdentifier": "two", "Failover": "SECONDARY", "HealthCheckId": "hc-2",
//!      "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}],
//!   "HealthChecks": [
//!     {"Id": "hc-1", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 443}},
//!     {"Id": "hc-2", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.4.4", "Port": 443}}]}"#])?;
//! let view = zone.health(r#"{"HealthChecks": {"hc-1": "unhealthy"}}"#)?;
//! let query: Query = r#"{"name": "www.example.com", "type": "A"}"#.parse()?;
//! assert_eq!(view.resolve(&query).values, ["192.0.2.2"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The stages below them are modules, in the order that a query travels. A program that answers many queries keeps a
//! [`HealthView`](health::HealthView) and a [`Scratch`](resolve::Scratch), with which an answer allocates nothing.

extern crate alloc;

pub use model::SEMANTICS_VERSION;

// What everything speaks of.
pub mod diagnostic;
pub mod limits;
mod map;
pub mod model;
pub mod query;
mod sort;
pub mod split_mix;

// 1  Route 53 JSON to a document: grammar only.
pub mod parse;

// 2  Documents to a hosted zone, or every reason why not; change batches.
#[cfg(feature = "documents")]
pub mod validate;

// 3  A hosted zone to an immutable, indexed zone.
pub mod compile;

// 4  A zone and a health report to a view: every check and record worked out once.
pub mod health;

// One file a policy: candidates to choice.
mod policy;

// 5  A view and a query to an answer: the only place that walks the tree.
pub mod answer;
pub mod resolve;

// 6  Why an answer is what it is, and how likely each answer is.
#[cfg(feature = "documents")]
pub mod explain;

// What is at the end of a CNAME chain within the zone.
#[cfg(feature = "documents")]
pub mod follow;

// One line of JSON in, one line out.
#[cfg(feature = "documents")]
pub mod lines;

// The whole way behind two types.
#[cfg(feature = "documents")]
mod api;
#[cfg(feature = "documents")]
pub use api::{Findings, Located, Source, View, Zone, apply, check};
pub use query::{Query, draw_of};

// Property-based testing: zones, health and questions by the thousand, shrunk to the smallest that fails.
#[cfg(feature = "proptest")]
pub mod proptest;
