//! A PRIMARY whose health nothing tells never fails over (8.3.8).

use super::super::route53_messages;
use super::Rules;
use super::wording::policy;
use crate::diagnostic::{Diagnostic, Route53Error};
use crate::model::record::Content;
use crate::model::{AliasTarget, EvaluateTargetHealth, Failover, ResourceRecordSet, RoutingPolicy};

impl Rules<'_, '_> {
    /// Checks the first PRIMARY; another one is a fault of its own.
    #[inline(never)]
    pub(super) fn primary_has_health(&mut self) {
        let is_primary =
            |set: &ResourceRecordSet| matches!(policy(set), Some(RoutingPolicy::Failover(Failover::Primary)));
        let Some((number, set)) = self.members.iter().find(|(_, set)| is_primary(set)).copied() else { return };
        if set.health_check.is_some() {
            return;
        }
        let refused =
            |message| Diagnostic::refused("primary-without-health", Route53Error::InvalidChangeBatch, message);
        let finding =
            match &set.content {
                Content::Values { .. } => refused(
                    "this PRIMARY has no health check, so that its SECONDARY would never answer",
                )
                .help("give a HealthCheckId")
                .says("A non-alias primary ResourceRecordSet must have an associated health check. No changes made."),
                Content::Alias(
                    AliasTarget::InZone { evaluate_target_health, .. }
                    | AliasTarget::AwsResource { evaluate_target_health, .. },
                ) => {
                    if *evaluate_target_health == EvaluateTargetHealth::Yes {
                        return;
                    }
                    refused("nothing evaluates the health of this PRIMARY alias, so its SECONDARY would never be used")
                    .help("set EvaluateTargetHealth to true, or give a HealthCheckId")
                    .says(format_args!(
                        "{} cannot be a primary without EvaluateTargetHealth set to true or an associated health check \
                         as a secondary would never be returned.",
                        route53_messages::rrset_of(set)
                    ))
                }
            };
        let place = self.at(number, "Failover");
        self.push(finding, place);
    }
}
