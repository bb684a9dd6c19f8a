//! Why a member was chosen, whatever the policy.

use super::{failover, geolocation, geoproximity, ip_based, latency, multivalue, weighted};

/// Why a policy chose as it did: its own reason.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Why {
    /// Simple routing has one record set.
    Simple,
    Failover(failover::Why),
    Weighted(weighted::Pool),
    Latency(latency::Why),
    Geolocation(geolocation::Why),
    Geoproximity(geoproximity::Why),
    IpBased(ip_based::Why),
    Multivalue(multivalue::Why),
}
