//! `ttl-longer-than-detection`
//!
//! **Finds** record sets with a health check whose TTL is above 60 seconds and above twice the time in which the check
//! notices a failure (RequestInterval x FailureThreshold): one finding a group, for its worst member.
//!
//! **At night** the check is red after a minute and a half, Route 53 has changed its answer, and clients still go to
//! the dead address, because they were told to remember it for an hour.
//!
//! **Example** a TTL of 3600 beside a check of 30 s x 3.
//!
//! **Quiet about** a record set that nothing could take over from; checks without timing of their own (CloudWatch,
//! recovery control) and disabled ones; a TTL of up to 60 s, which AWS advises; up to twice the detection time, since
//! the two then weigh about the same.
//!
//! Semantics 6.1.2, 2.8, 9.22.

use alloc::vec::Vec;

use super::index::{Index, RecordId};
use crate::diagnostic::Diagnostic;
use crate::model::record::Content;
use crate::model::{HealthCheck, HealthCheckKind, HostedZone};

/// The TTL that AWS advises for record sets with a health check, in seconds.
const TTL_SECONDS_ADVISED: u32 = 60;

pub(super) fn check(index: &Index<'_>, out: &mut Vec<Diagnostic>) {
    for group in index.groups.iter().filter(|group| group.members.len() > 1 || group.is_watched) {
        let late = |record: &RecordId| {
            let check = index.check_of(*record)?;
            let detection = detection_seconds(index.zone, check)?;
            let Content::Values { ttl, .. } = &index.record(*record)?.content else { return None };
            let too_long = *ttl > TTL_SECONDS_ADVISED && *ttl > detection.saturating_mul(2);
            too_long.then_some((*record, *ttl, detection, check))
        };
        let found: Vec<_> = group.members.iter().filter_map(late).collect();
        // The first of the longest.
        let Some((record, ttl, detection, check)) = found.iter().rev().max_by_key(|(_, ttl, ..)| *ttl).copied() else {
            continue;
        };
        let others = match found.len() {
            1 => "",
            2 => ", and so for another member",
            _ => ", and so for other members",
        };
        let message = format_args!(
            "{} has a TTL of {ttl} s, but its check `{}` notices a failure within about {detection} s: clients keep a \
             dead endpoint for up to {ttl} s more{others}",
            index.describe(record),
            check.id
        );
        let help = format_args!("set the TTL of {} to {TTL_SECONDS_ADVISED} s or less", group.describe());
        let mut finding = Diagnostic::lint("ttl-longer-than-detection", message).help(help);
        finding.place = index.place(record, &["TTL"]);
        finding.add_to(out);
    }
}

/// How long a check takes to notice a failure, in seconds; of a calculated check, its slowest child.
fn detection_seconds(zone: &HostedZone, check: &HealthCheck) -> Option<u32> {
    let own = |check: &HealthCheck| match &check.kind {
        HealthCheckKind::Endpoint(endpoint) if !check.disabled => {
            Some(u32::from(endpoint.request_interval).saturating_mul(u32::from(endpoint.failure_threshold)))
        }
        _ => None,
    };
    match &check.kind {
        HealthCheckKind::Calculated { children, .. } if !check.disabled => {
            children.iter().filter_map(|child| own(zone.health_checks.get(*child as usize)?)).max()
        }
        _ => own(check),
    }
}

#[cfg(test)]
mod tests {
    use crate::validate::lint::fixture::{codes, findings, place};

    #[test]
    fn the_worst_member_is_named_with_both_times() {
        let found = findings(
            "check a 30x3
             www A eu region=eu-west-1 check:a 300 192.0.2.1
             www A us region=us-east-1 check:a 3600 192.0.2.2
             www A ap region=ap-south-1 check:a 60 192.0.2.3",
        );
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(finding.code, "ttl-longer-than-detection");
        assert_eq!(
            finding.message,
            "`us` of `www.example.com.` A has a TTL of 3600 s, but its check `a` notices a failure within about 90 s: \
             clients keep a dead endpoint for up to 3600 s more, and so for another member"
        );
        assert_eq!(place(finding), "$.ResourceRecordSets[1].TTL");
    }

    #[test]
    fn fast_checks_deserve_short_ttls_and_calculated_ones_are_as_slow_as_their_children() {
        let zone = |check: &str, ttl: u32| {
            alloc::format!(
                "{check}\nwww A x weight=1 check:c {ttl} 192.0.2.1\nwww A y weight=1 check:c {ttl} 192.0.2.2"
            )
        };
        for (check, ttl, expected) in [
            ("check c 30x3", 180, &[][..]),
            ("check c 30x3", 181, &["ttl-longer-than-detection"]),
            ("check c 10x1", 60, &[]),
            ("check c 10x1", 61, &["ttl-longer-than-detection"]),
            ("check a 30x3\ncheck b 10x1\ncheck c of:a,b", 180, &[]),
            ("check a 30x3\ncheck b 10x1\ncheck c of:a,b", 200, &["ttl-longer-than-detection"]),
            ("check c alarm", 86400, &[]),
            ("check c 10x1 disabled", 86400, &[]),
        ] {
            assert_eq!(codes(&zone(check, ttl)), expected, "{check} {ttl}");
        }
    }

    #[test]
    fn a_record_set_alone_has_nobody_to_be_slow_for() {
        assert_eq!(codes("check a 30x3\nwww A x weight=1 check:a 3600 192.0.2.1"), [""; 0]);
    }
}
