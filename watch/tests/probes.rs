//! Tries of real local servers, most of which behave badly, each in a way of its own.
#![expect(clippy::expect_used, reason = "helpers of tests, which end when there is nothing to test with")]

mod support;

#[path = "probes/bodies.rs"]
mod bodies;
#[path = "probes/faults.rs"]
mod faults;
#[path = "probes/garbage.rs"]
mod garbage;
#[path = "probes/names.rs"]
mod names;
#[path = "probes/tls.rs"]
mod tls;
