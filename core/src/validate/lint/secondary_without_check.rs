//! `secondary-without-check`
//!
//! **Finds** a SECONDARY that nothing watches, beside a PRIMARY that can fail: values without a HealthCheckId, or an
//! alias to a load balancer with EvaluateTargetHealth false.
//!
//! **At night** the PRIMARY fails and its clients are sent to a standby that died weeks ago. It counts as healthy, so
//! nobody noticed, and no group above ever looks for another branch.
//!
//! **Example** a PRIMARY with a HealthCheckId, and a SECONDARY with an address and none.
//!
//! **Quiet about** a static page of last resort: an alias to, or a CNAME of, an S3 website or a CloudFront
//! distribution; an alias to anything else in the zone, or to an AWS service that is healthy by design; a PRIMARY that
//! cannot fail.
//!
//! Semantics 4.2, 8.3.8, 9.14.

use alloc::vec::Vec;

use super::index::{Index, RecordId};
use crate::diagnostic::Diagnostic;
use crate::model::record::Content;
use crate::model::{AliasTarget, EvaluateTargetHealth, Failover, NameBuf, NameRef, RoutingPolicy};

pub(super) fn check(index: &Index<'_>, out: &mut Vec<Diagnostic>) {
    for group in &index.groups {
        let role = |role| {
            let is = |record: &&usize| index.policy(**record) == Some(&RoutingPolicy::Failover(role));
            group.members.iter().find(is).copied()
        };
        let (Some(primary), Some(secondary)) = (role(Failover::Primary), role(Failover::Secondary)) else { continue };
        if !index.can_fail(primary) || index.check_of(secondary).is_some() || !should_be_watched(index, secondary) {
            continue;
        }
        let above = if group.is_watched { ", and no group above ever moves on to another branch" } else { "" };
        let message = format_args!(
            "SECONDARY {} of {} has no health check: when PRIMARY {} is unhealthy, clients get it even if it is down \
             too{above}",
            index.member(secondary),
            group.describe(),
            index.member(primary)
        );
        let is_alias = matches!(index.record(secondary).map(|set| &set.content), Some(Content::Alias(_)));
        let help = if is_alias {
            "set EvaluateTargetHealth to true: the load balancer knows its own health"
        } else {
            "give it a HealthCheckId of its own endpoint, so that a dead standby is known before it is needed"
        };
        let mut finding = Diagnostic::lint("secondary-without-check", message).help(help);
        finding.place = index.place(secondary, &[]);
        finding.add_to(out);
    }
}

/// Whether a record set without a check leads to something that fails like any server.
fn should_be_watched(index: &Index<'_>, record: RecordId) -> bool {
    match index.record(record).map(|set| &set.content) {
        Some(Content::Values { values, .. }) => !values.iter().any(|value| is_static_site(value)),
        Some(Content::Alias(AliasTarget::AwsResource { resource, evaluate_target_health })) => {
            *evaluate_target_health == EvaluateTargetHealth::No
                && index
                    .zone
                    .alias_targets
                    .get(*resource as usize)
                    .is_some_and(|resource| is_load_balancer(resource.dns_name.as_ref()))
        }
        _ => false,
    }
}

/// Whether a CNAME value is a website in S3 or a CloudFront distribution.
fn is_static_site(value: &str) -> bool {
    let Ok(name) = NameBuf::parse(value) else { return false };
    name.as_ref().labels().any(|label| label.starts_with(b"s3-website") || label == b"cloudfront")
}

/// Whether a name is one of Elastic Load Balancing or Elastic Beanstalk.
fn is_load_balancer(name: NameRef<'_>) -> bool {
    name.labels().any(|label| label == b"elb" || label == b"elasticbeanstalk")
}

#[cfg(test)]
mod tests {
    use crate::validate::lint::fixture::{codes, findings};

    #[test]
    fn a_plain_secondary_without_a_check_is_found() {
        let found = findings(
            "check one 30x3
             www A p PRIMARY check:one 60 192.0.2.1
             www A s SECONDARY 60 192.0.2.2",
        );
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(finding.code, "secondary-without-check");
        assert_eq!(
            finding.message,
            "SECONDARY `s` of `www.example.com.` A has no health check: when PRIMARY `p` is unhealthy, clients get it \
             even if it is down too"
        );
    }

    #[test]
    fn a_standby_load_balancer_that_is_not_evaluated_is_found() {
        let found = findings(
            "www A p PRIMARY => aws:dualstack.a.us-east-1.elb.amazonaws.com eth
             www A s SECONDARY => aws:dualstack.b.us-west-2.elb.amazonaws.com",
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].help.contains("EvaluateTargetHealth"), "{}", found[0].help);
    }

    #[test]
    fn static_last_resorts_are_good() {
        for secondary in [
            "www A s SECONDARY => aws:s3-website-us-east-1.amazonaws.com",
            "www A s SECONDARY => aws:d111111abcdef8.cloudfront.net",
            "www A s SECONDARY => maintenance",
            "www A s SECONDARY => aws:dualstack.b.us-west-2.elb.amazonaws.com eth",
            "www A s SECONDARY check:two 60 192.0.2.2",
        ] {
            let zone = alloc::format!(
                "check one 30x3\ncheck two 30x3\nwww A p PRIMARY check:one 60 192.0.2.1\n{secondary}\n\
                 maintenance A 60 192.0.2.9\nx A x weight=1 check:two 60 192.0.2.1"
            );
            assert_eq!(codes(&zone), [""; 0], "{secondary}");
        }
        let cname = "check one 30x3
             www CNAME p PRIMARY check:one 60 origin.example.net
             www CNAME s SECONDARY 60 bucket.s3-website-us-east-1.amazonaws.com";
        assert_eq!(codes(cname), [""; 0]);
    }
}
