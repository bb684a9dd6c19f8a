//! One file a policy: candidates to choice, and why. Nothing here knows of maps, names or walking (semantics 4).
//!
//! A policy sees its group as members numbered from 0 in byte order of SetIdentifier, and asks for the health of those
//! it looks at. It returns its choice with a `Why`, made by the comparison that decided; what it says of a member that
//! was passed over comes from the same keys.

pub(crate) mod choice;
pub(crate) mod draw;
pub(crate) mod failover;
pub(crate) mod geolocation;
pub(crate) mod geoproximity;
pub(crate) mod ip_based;
pub(crate) mod latency;
pub(crate) mod multivalue;
pub(crate) mod simple;
pub(crate) mod weighted;
pub(crate) mod why;
