//! From raw to final status of health checks (semantics 6.2 - 6.6).

use crate::compile::{Check, CheckKind};
use crate::model::health_check::InsufficientDataHealthStatus;
use crate::parse::RawStatus;

/// Whether a check counts as healthy before Disabled and Inverted, given its children's final status.
pub(crate) fn raw_is_healthy(check: &Check, raw: RawStatus, child_is_healthy: impl Fn(u32) -> bool) -> bool {
    match &check.kind {
        // A reported check without data is healthy (6.2.3); only CloudWatch has "insufficient data".
        CheckKind::Reported(_) => raw != RawStatus::Unhealthy,
        CheckKind::CloudwatchMetric(insufficient) => match raw {
            RawStatus::NoData | RawStatus::Healthy => true,
            RawStatus::Unhealthy => false,
            RawStatus::Insufficient { last_known_unhealthy } => match insufficient {
                InsufficientDataHealthStatus::Healthy => true,
                InsufficientDataHealthStatus::Unhealthy => false,
                InsufficientDataHealthStatus::LastKnownStatus => !last_known_unhealthy,
            },
        },
        CheckKind::Calculated { threshold, children } => {
            let healthy = children.iter().filter(|child| child_is_healthy(**child)).count();
            healthy >= *threshold as usize
        }
    }
}

/// The final status: Disabled replaces the raw status by healthy, then Inverted flips (6.6).
pub(crate) fn is_healthy(check: &Check, raw: RawStatus, child_is_healthy: impl Fn(u32) -> bool) -> bool {
    (check.disabled || raw_is_healthy(check, raw, child_is_healthy)) != check.inverted
}
