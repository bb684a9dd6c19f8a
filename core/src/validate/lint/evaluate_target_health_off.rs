//! `evaluate-target-health-off-in-middle`
//!
//! **Finds** an alias with EvaluateTargetHealth false and no check of its own, over a group that can fail, where a
//! sibling, or a sibling of an alias further up, would take over.
//!
//! **At night** every record set below it is unhealthy, and still the alias counts as healthy: neither its own group
//! nor any group above notices, and the clients are sent into the dead branch (fail open at its bottom).
//!
//! **Example** latency aliases with EvaluateTargetHealth false over weighted groups whose members all have checks.
//!
//! **Quiet about** a group that cannot fail anyway, such as a failover pair with an unchecked SECONDARY; an alias with
//! a HealthCheckId; the last resort of its group; an alias that nothing could take over from.
//!
//! Semantics 5.3, 5.4, 3.4.

use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::index::{Index, RecordId, listed};
use crate::diagnostic::Diagnostic;

pub(super) fn check(index: &Index<'_>, out: &mut Vec<Diagnostic>) {
    for group in &index.groups {
        let hides = |record: RecordId| {
            let target_can_fail = index.target_of(record).is_some_and(|target| target.can_fail);
            target_can_fail
                && !index.evaluates_target(record)
                && index.check_of(record).is_none()
                && !index.is_last_resort(record)
                && (index.has_alternative(record) || group.is_watched)
        };
        let hiding: Vec<RecordId> = group.members.iter().copied().filter(|record| hides(*record)).collect();
        let Some(first) = hiding.first().copied() else { continue };
        let targets = hiding.iter().filter_map(|record| index.target_of(*record)).map(|target| target.describe());
        let who = match hiding.as_slice() {
            [one] => index.describe(*one),
            several => format!("{} of {}", index.members(several), group.describe()),
        };
        let (lead, each) = if hiding.len() == 1 { ("leads", "it") } else { ("lead", "each") };
        let message = format_args!(
            "{who} {lead} to {} with EvaluateTargetHealth false: {each} counts as healthy even when everything below \
             is down, and its clients are not moved",
            listed(targets, hiding.len())
        );
        let help = "set EvaluateTargetHealth to true on every alias on the way down, or give this one a HealthCheckId";
        let mut finding = Diagnostic::lint("evaluate-target-health-off-in-middle", message).help(help.to_string());
        finding.place = index.place(first, &["AliasTarget", "EvaluateTargetHealth"]);
        finding.add_to(out);
    }
}

#[cfg(test)]
mod tests {
    use crate::validate::lint::fixture::{codes, findings, place};

    #[test]
    fn aliases_that_hide_a_failing_group_are_named_together() {
        let found = findings(
            "check a 30x3
             check b 30x3
             www A us region=us-east-1 => us
             www A eu region=eu-west-1 => eu
             us A 1 weight=1 check:a 60 192.0.2.1
             eu A 1 weight=1 check:b 60 192.0.2.2",
        );
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(finding.code, "evaluate-target-health-off-in-middle");
        assert_eq!(
            finding.message,
            "`us` and `eu` of `www.example.com.` A lead to `us.example.com.` A and `eu.example.com.` A with \
             EvaluateTargetHealth false: each counts as healthy even when everything below is down, and its clients \
             are not moved"
        );
        assert_eq!(place(finding), "$.ResourceRecordSets[0].AliasTarget.EvaluateTargetHealth");
    }

    #[test]
    fn a_false_below_an_evaluating_alias_is_found() {
        let found = findings(
            "check a 30x3
             www A p PRIMARY => region eth
             www A s SECONDARY => aws:d111111abcdef8.cloudfront.net
             region A => pool
             pool A 1 weight=1 check:a 60 192.0.2.1",
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].message.starts_with("`region.example.com.` A leads to `pool.example.com.` A"));
    }

    #[test]
    fn what_cannot_fail_or_has_no_alternative_or_a_check_is_good() {
        for zone in [
            // The pair never fails, so nothing is hidden.
            "check a 30x3
             www A blue weight=90 => blue
             www A green weight=10 => green
             blue A p PRIMARY check:a 60 192.0.2.1
             blue A s SECONDARY => aws:s3-website-us-east-1.amazonaws.com
             green A p PRIMARY check:a 60 192.0.2.2
             green A s SECONDARY => aws:s3-website-us-east-1.amazonaws.com",
            "check a 30x3
             www A => pool
             pool A 1 weight=1 check:a 60 192.0.2.1",
            "check a 30x3
             www A us region=us-east-1 check:a => us
             www A eu region=eu-west-1 check:a => us
             us A 1 weight=1 check:a 60 192.0.2.1",
            // Fine words at the top, nothing to choose between: `eth` on a simple alias is the console's default.
            "check a 30x3
             vanity A => www eth
             www A => pool
             pool A 1 weight=1 check:a 60 192.0.2.1",
        ] {
            assert_eq!(codes(zone), [""; 0], "{zone}");
        }
    }
}
