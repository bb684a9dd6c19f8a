//! `zero-weight-goes-live`
//!
//! **Finds** a member of weight 0 beside members with weight that can all become unhealthy.
//!
//! **At night** the weighted members fail together, and all traffic goes at once to the one that was drained, not yet
//! released, or never sized for it: weight 0 means "last", not "never".
//!
//! **Example** weights 90, 10 and 0, with a health check on the first two.
//!
//! **Quiet about** a group in which some member with weight cannot fail, so that the turn of the others never comes; a
//! group of zeros only, which share equally; a member of weight 0 whose check is Disabled and Inverted, which is how a
//! record set is switched off for good.
//!
//! Semantics 4.3.4, 4.3.6, 9.4.

use alloc::format;
use alloc::vec::Vec;

use super::index::{Index, RecordId};
use crate::diagnostic::Diagnostic;
use crate::model::HealthCheckKind;
use crate::model::routing::PolicyKind;

pub(super) fn check(index: &Index<'_>, out: &mut Vec<Diagnostic>) {
    for group in index.groups.iter().filter(|group| group.policy == PolicyKind::Weighted) {
        let (zero, weighted): (Vec<RecordId>, Vec<RecordId>) =
            group.members.iter().partition(|record| index.weight(**record) == 0);
        let live: Vec<RecordId> = zero.into_iter().filter(|record| !is_switched_off(index, *record)).collect();
        let Some(first) = live.first().copied() else { continue };
        if weighted.is_empty() || !weighted.iter().all(|record| index.can_fail(*record)) {
            continue;
        }
        let (have, get) = if live.len() == 1 { ("has", "it gets") } else { ("have", "they get") };
        let when = match weighted.as_slice() {
            [one] => format!("when {} is unhealthy", index.member(*one)),
            [_, _] => format!("when {} are both unhealthy", index.members(&weighted)),
            several => format!("when {} are all unhealthy", index.members(several)),
        };
        let message = format_args!(
            "{} of {} {have} weight 0, but {when}, {get} all traffic",
            index.members(&live),
            group.describe()
        );
        let help = "if it must never be answered, delete it, or give it a health check that is Disabled and Inverted; \
                    if it is the standby, make sure that it can carry the load";
        let mut finding = Diagnostic::lint("zero-weight-goes-live", message).help(help);
        finding.place = index.place(first, &["Weight"]);
        finding.add_to(out);
    }
}

/// Whether the record set's check can never report healthy.
fn is_switched_off(index: &Index<'_>, record: RecordId) -> bool {
    index.check_of(record).is_some_and(|check| match &check.kind {
        _ if check.disabled => check.inverted,
        HealthCheckKind::Calculated { health_threshold, children } => {
            !check.inverted && usize::from(*health_threshold) > children.len()
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use crate::validate::lint::fixture::{codes, findings, place};

    #[test]
    fn the_message_says_when() {
        let found = findings(
            "check a 30x3
             check b 30x3
             www A blue weight=90 check:a 60 192.0.2.1
             www A green weight=10 check:b 60 192.0.2.2
             www A old weight=0 60 192.0.2.3",
        );
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(finding.code, "zero-weight-goes-live");
        assert_eq!(
            finding.message,
            "`old` of `www.example.com.` A has weight 0, but when `blue` and `green` are both unhealthy, it gets all \
             traffic"
        );
        assert_eq!(place(finding), "$.ResourceRecordSets[2].Weight");
    }

    #[test]
    fn a_zero_whose_turn_never_comes_is_good() {
        for zone in [
            "www A blue weight=90 60 192.0.2.1\nwww A old weight=0 60 192.0.2.3",
            "check a 30x3\nwww A x weight=0 check:a 60 192.0.2.1\nwww A y weight=0 check:a 60 192.0.2.3",
            "check a 30x3
             check off 30x3 disabled inverted
             www A blue weight=90 check:a 60 192.0.2.1
             www A old weight=0 check:off 60 192.0.2.3",
        ] {
            assert_eq!(codes(zone), [""; 0], "{zone}");
        }
    }
}
