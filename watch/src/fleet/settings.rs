//! How a watch takes part in a fleet.

use pointsman_core::health::HealthyAbove;

use super::connection::{EtcdTls, EtcdUser};

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
    pub healthy_above: Option<HealthyAbove>,
    /// How many probers decide, where the fleet has no rules yet.
    pub quorum: Option<u16>,
    /// After how many milliseconds without the engine this watch decides by its own tries.
    pub alone_after_ms: Option<u64>,
}
