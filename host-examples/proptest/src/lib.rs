//! A zone of one's own, for tests of its rules; the tests are in `tests/rules.rs`.
//!
//! The zone is a file as `aws route53` prints it, beside the code that it belongs to. Bring yours with
//!
//! ```text
//! aws route53 get-hosted-zone --id ZONE_ID                  # HostedZone
//! aws route53 list-resource-record-sets --hosted-zone-id ZONE_ID
//! aws route53 list-health-checks
//! ```
//!
//! as one file or as several.

use std::sync::Arc;

use pointsman_core::compile::Zone;
use pointsman_core::proptest::load;

/// The shop's zone: `www` by continent, then by weight; `payments` in us-east-1 with us-west-2 behind it.
pub const ZONE: &str = include_str!("../zone.json");

/// The zone, ready to be asked.
///
/// # Errors
/// What is wrong with the file, a line each.
///
/// ```
/// let zone = pointsman_proptest::zone()?;
/// assert_eq!(zone.name().to_string(), "shop.example.");
/// # Ok::<(), String>(())
/// ```
pub fn zone() -> Result<Arc<Zone>, String> {
    load([ZONE])
}
