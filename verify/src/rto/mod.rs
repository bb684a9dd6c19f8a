//! How long until clients have moved.
//!
//! When endpoints die, each health check and alias target that notices turns at a time of its own ([`detect`]); with each
//! turn the answers may move. Clients hold what they got for a while ([`hold`]). Where one turn moves everything, the
//! distribution of the time until a client has moved has a closed form but for one integral; in any case it is
//! simulated, seeded, through the same tree that a drill reasons on. Tests hold the two against each other.

mod bisect;
pub mod detect;
mod failures;
pub mod hold;
mod levers;
mod moved;
mod recover;
mod recovery;
mod shares;
mod simulate;
mod svg;

pub use failures::{Unknown, failures, question};
pub use moved::recovered_by;
pub use recover::{recovery, ttl_for};
pub use recovery::{Options, Recovery, Wanted};
pub use svg::chart;
