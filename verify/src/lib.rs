#![forbid(unsafe_code)]
//! What an operator asks before the outage: what is answered when this dies, what a change alters, which promises hold,
//! how long until clients have moved.
//!
//! Pure analysis over `pointsman-core`: no clock, no files, no network; simulations are seeded. Nothing here decides an
//! answer. Which members of a group apply to a client, and in which order, core says
//! ([`candidates`](pointsman_core::health::HealthView::candidates)); what follows from that for all worlds at once is
//! worked out here, and tests hold it against core's own answers world by world.
//!
//! ```text
//! HostedZone --Subject--> endpoints and checks --> worlds (what is dead)        --+
//!                    \--> questions --classes--> clients that can be told apart --+--> drill, diff, invariants
//! ```
//!
//! The modules stand in the order that they build on each other.

// What is analysed, and what the result rests on.
pub mod claim;
pub mod facts;
pub mod groups;
pub mod subject;

// What can fail, and what notices.
pub mod endpoint;
pub mod reads;
pub mod world;

// Who asks.
pub mod class;

// All worlds at once.
pub mod algebra;
pub mod bdd;
pub mod reach;
pub mod traffic;
pub mod tree;

// What core itself says.
pub mod ask;

// The questions.
pub mod diff;
pub mod drill;
#[cfg(feature = "promises")]
pub mod invariant;
pub mod replay;
pub mod rto;

pub mod text;
