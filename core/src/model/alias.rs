//! Alias targets (semantics 1.6).

use super::Name;

/// Whether an alias is passed over when its target is unhealthy (3.2 - 3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvaluateTargetHealth {
    /// `true`: the target's health counts.
    Yes,
    /// `false`: the alias is healthy whatever its target is.
    No,
}

/// Where an alias leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AliasTarget {
    /// A group of the same type in the same zone (1.6.3).
    InZone {
        /// The name of the target group.
        name: Name,
        /// Whether the group's health counts.
        evaluate_target_health: EvaluateTargetHealth,
    },
    /// An AWS resource, known by its DNS name (1.6.2).
    AwsResource {
        /// The resource, as an index into [`super::HostedZone::alias_targets`].
        resource: u32,
        /// Whether the resource's health counts.
        evaluate_target_health: EvaluateTargetHealth,
    },
}
