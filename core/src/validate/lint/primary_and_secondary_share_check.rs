//! `primary-and-secondary-share-check`
//!
//! **Finds** a PRIMARY and a SECONDARY of one group with the same HealthCheckId.
//!
//! **At night** the check fails, both record sets are unhealthy at the same moment, and Route 53 fails open to the
//! PRIMARY: the failover that was built for this hour does nothing (4.2).
//!
//! **Example** `{"Failover": "PRIMARY", "HealthCheckId": "hc-1"}` beside `{"Failover": "SECONDARY", "HealthCheckId":
//! "hc-1"}`.
//!
//! **Quiet about** two checks that happen to probe one endpoint: they may differ in what they ask.
//!
//! Semantics 4.2, 3.7.

use alloc::vec::Vec;

use super::index::Index;
use crate::diagnostic::Diagnostic;
use crate::model::{Failover, RoutingPolicy};

pub(super) fn check(index: &Index<'_>, out: &mut Vec<Diagnostic>) {
    for group in &index.groups {
        let role = |role| {
            let is = |record: &&usize| index.policy(**record) == Some(&RoutingPolicy::Failover(role));
            group.members.iter().find(is).copied()
        };
        let (Some(primary), Some(secondary)) = (role(Failover::Primary), role(Failover::Secondary)) else { continue };
        let (Some(check), Some(other)) = (index.check_of(primary), index.check_of(secondary)) else { continue };
        if check.id == other.id {
            let message = format_args!(
                "PRIMARY {} and SECONDARY {} of {} share the health check `{}`: when it fails, both are unhealthy and \
                 PRIMARY is answered all the same",
                index.member(primary),
                index.member(secondary),
                group.describe(),
                check.id
            );
            let mut finding = Diagnostic::lint("primary-and-secondary-share-check", message)
                .help("give the SECONDARY a check of its own endpoint, or none if it is meant as a last resort");
            finding.place = index.place(secondary, &["HealthCheckId"]);
            finding.add_to(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::validate::lint::fixture::{findings, place};

    #[test]
    fn one_check_for_both_is_found() {
        let found = findings(
            "check one 30x3
             www A p PRIMARY check:one 60 192.0.2.1
             www A s SECONDARY check:one 60 192.0.2.2",
        );
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(finding.code, "primary-and-secondary-share-check");
        assert_eq!(
            finding.message,
            "PRIMARY `p` and SECONDARY `s` of `www.example.com.` A share the health check `one`: when it fails, both \
             are unhealthy and PRIMARY is answered all the same"
        );
        assert_eq!(place(finding), "$.ResourceRecordSets[1].HealthCheckId");
    }

    #[test]
    fn a_check_each_is_good_and_other_policies_may_share() {
        let found = findings(
            "check one 30x3
             check two 30x3
             www A p PRIMARY check:one 60 192.0.2.1
             www A s SECONDARY check:two 60 192.0.2.2
             app A a weight=1 check:one 60 192.0.2.1
             app A b weight=1 check:one 60 192.0.2.2",
        );
        assert_eq!(found, []);
    }
}
