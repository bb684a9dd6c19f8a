//! `unused-health-check`
//!
//! **Finds** health checks that neither a record set nor a calculated health check uses: one finding for the zone.
//!
//! **At night** the check is red on the dashboard, and everybody believes that traffic has moved; but the record set
//! that it was made for never named it.
//!
//! **Example** a check `eu-web` in HealthChecks, and no `"HealthCheckId": "eu-web"` anywhere.
//!
//! **Quiet about** checks that count only as children of a calculated check; zones without record sets; zones of which a
//! record set cannot be evaluated, since it may name any check.
//!
//! Semantics 3.1, 6.3.

use alloc::vec::Vec;
use alloc::{format, vec};

use super::index::{Index, listed};
use crate::diagnostic::Diagnostic;
use crate::model::HealthCheckKind;

pub(super) fn check(index: &Index<'_>, out: &mut Vec<Diagnostic>) {
    if !index.zone.quarantined.is_empty() {
        return;
    }
    let checks = &index.zone.health_checks;
    let mut used = vec![false; checks.len()];
    let by_records = index.zone.record_sets.iter().filter_map(|set| set.health_check);
    let by_checks = checks.iter().flat_map(|check| match &check.kind {
        HealthCheckKind::Calculated { children, .. } => children.as_slice(),
        _ => &[],
    });
    for check in by_records.chain(by_checks.copied()) {
        if let Some(entry) = used.get_mut(check as usize) {
            *entry = true;
        }
    }
    let unused: Vec<usize> = (0..checks.len()).filter(|check| used.get(*check) == Some(&false)).collect();
    let Some(first) = unused.first().copied() else { return };
    let ids = unused.iter().filter_map(|check| checks.get(*check)).map(|check| format!("`{}`", check.id));
    let (noun, verb, it) =
        if unused.len() == 1 { ("health check", "is", "it fails") } else { ("health checks", "are", "they fail") };
    let message = format_args!(
        "{noun} {} {verb} used by no record set of this zone and no calculated health check: when {it}, no answer \
         changes",
        listed(ids, unused.len())
    );
    let help = "name it as the HealthCheckId of the record set that it watches; if it belongs to another zone, all is \
                well";
    let mut finding = Diagnostic::lint("unused-health-check", message).help(help);
    finding.place = index.check_place(first);
    finding.add_to(out);
}

#[cfg(test)]
mod tests {
    use crate::validate::lint::fixture::{codes, findings, place};

    #[test]
    fn checks_that_nothing_uses_are_named_together() {
        let found = findings(
            "check a 30x3
             check b 30x3
             check c of:a
             check d 30x3
             www A x weight=1 check:b 60 192.0.2.1",
        );
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(finding.code, "unused-health-check");
        assert_eq!(
            finding.message,
            "health checks `c` and `d` are used by no record set of this zone and no calculated health check: when \
             they fail, no answer changes"
        );
        assert_eq!(place(finding), "$.HealthChecks[2]");
    }

    #[test]
    fn children_count_as_used() {
        assert_eq!(codes("check a 30x3\ncheck c of:a\nwww A x weight=1 check:c 60 192.0.2.1"), [""; 0]);
    }
}
