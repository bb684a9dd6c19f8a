//! A watch among others: what all of them know through an engine, which they alone speak to.

mod bytes64;
mod connection;
mod engine;
mod etcd;
mod follow;
mod in_force;
mod member;
mod requests;
mod shared;
mod zones;

pub use connection::{EtcdTls, EtcdUser};
pub(crate) use member::start;
pub(crate) use requests::Hold;
pub(crate) use shared::{Fleet, Refused};
pub(crate) use zones::prefetch;

/// How a watch takes part in a fleet.
#[derive(Debug, Clone)]
pub struct FleetSettings {
    /// Where the engine is reached: http or https.
    pub endpoints: Vec<String>,
    /// The fleet's name.
    pub name: String,
    /// Where this watch stands, such as `eu-central-1`.
    pub location: String,
    /// Who this watch is to the engine.
    pub user: Option<EtcdUser>,
    /// The certificates of the engine's connections.
    pub tls: EtcdTls,
    /// The rule that decides, where the fleet has none yet.
    pub healthy_above: Option<pointsman_core::health::HealthyAbove>,
    /// How many probers decide, where the fleet has no rules yet.
    pub quorum: Option<u16>,
    /// After how many milliseconds without the engine this watch decides by its own tries.
    pub alone_after_ms: Option<u64>,
}
