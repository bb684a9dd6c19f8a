//! What a health report says: raw statuses from outside, before Disabled and Inverted.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::diagnostic::Place;
use crate::model::Time;

/// The raw status of a health check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RawStatus {
    /// Nothing is known yet, which counts as healthy (6.2.3, 10.27).
    #[default]
    NoData,
    /// Healthy.
    Healthy,
    /// Unhealthy.
    Unhealthy,
    /// A CloudWatch alarm without enough data; when it last had enough, it was healthy or, here, unhealthy (10.42).
    Insufficient {
        /// Whether the last known status is unhealthy.
        last_known_unhealthy: bool,
    },
}

/// The status of an AWS resource that an alias leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the two states say it")]
pub enum AliasStatus {
    Healthy,
    Unhealthy,
}

/// What one health checker reported, as `get-health-check-status` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CheckerReport {
    /// The Region that the checker is in; empty when the report does not say.
    pub region: Box<str>,
    /// Its StatusReport's Status, such as `Failure: Connection timed out.`
    pub status: Box<str>,
}

impl CheckerReport {
    /// Whether the checker succeeded (6.2.2).
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.status.starts_with("Success")
    }
}

/// What is known of health at one moment.
#[derive(Debug, Clone, Default)]
pub struct HealthReport {
    /// Raw status by health check id, in document order.
    pub health_checks: Vec<(Box<str>, RawStatus, Place)>,
    /// Status by alias target DNS name, as written.
    pub alias_targets: Vec<(Box<str>, AliasStatus, Place)>,
    /// What checkers reported, by health check id, where a status is given as `HealthCheckObservations`. It decides no
    /// answer: explanations repeat it.
    pub observations: Vec<(Box<str>, Arc<[CheckerReport]>)>,
    /// When the report was made, if it says so. It decides no answer: hosts tell by it whether a report is stale
    /// ([`MaxAge`](crate::health::MaxAge)).
    pub time: Option<Time>,
}

impl RawStatus {
    /// What checkers hold together: healthy when more than 18 % of them say so (6.2.2, 10.43); no data without any.
    #[must_use]
    pub const fn of_checkers(healthy: u64, all: u64) -> Self {
        match all {
            0 => Self::NoData,
            _ if healthy.saturating_mul(100) > all.saturating_mul(18) => Self::Healthy,
            _ => Self::Unhealthy,
        }
    }
}
