//! Alias targets (semantics 1.6).

use super::{Name, NameRef};

/// The name under which a resource of AWS is one, whatever it is called: a load balancer is `NAME` and `dualstack.NAME`,
/// and both have one health (1.6.11).
///
/// ```
/// use pointsman_core::model::{Name, alias::resource_name};
/// let both = Name::parse("dualstack.lb-1.us-east-1.elb.amazonaws.com")?;
/// assert_eq!(resource_name(both.as_ref()), Name::parse("lb-1.us-east-1.elb.amazonaws.com")?.as_ref());
/// let other = Name::parse("dualstack.example.com")?;
/// assert_eq!(resource_name(other.as_ref()), other.as_ref());
/// # Ok::<(), pointsman_core::model::NameError>(())
/// ```
#[must_use]
pub fn resource_name(name: NameRef<'_>) -> NameRef<'_> {
    let is_load_balancer = || {
        let mut labels = name.labels();
        labels.any(|label| label == b"elb") && labels.any(|label| label == b"amazonaws")
    };
    match name.split_first() {
        Some((b"dualstack", rest)) if is_load_balancer() => rest,
        _ => name,
    }
}

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
