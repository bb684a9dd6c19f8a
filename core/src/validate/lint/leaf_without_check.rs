//! `leaf-without-check`
//!
//! **Finds** record sets without a health check that keep the group of an alias healthy for ever, although the alias
//! has EvaluateTargetHealth and a sibling that would take over.
//!
//! **At night** everything in that branch is dead, Route 53 still counts the branch as healthy, and the clients stay
//! with it while the healthy sibling waits.
//!
//! **Example** a PRIMARY alias with EvaluateTargetHealth over a weighted group in which one member of two has a check.
//!
//! **Quiet about** what is there for when all else has failed (a SECONDARY, a weight of 0 beside others); a branch
//! under an alias with a check of its own; trees in which nothing at all has a check and no PRIMARY is involved; groups
//! that OctoDNS wrote, where only a value of `status: up` has no check.
//!
//! Semantics 5.6, 3.2.

use alloc::vec::Vec;
use alloc::{format, vec};

use super::index::{Group, Index, RecordId};
use crate::diagnostic::Diagnostic;
use crate::model::routing::PolicyKind;
use crate::model::{Failover, RoutingPolicy};

pub(super) fn check(index: &Index<'_>, out: &mut Vec<Diagnostic>) {
    let stuck = stuck_groups(index);
    let is_stuck = |record: RecordId| is_stuck(index, &stuck, record);
    let target_is_stuck =
        |record: RecordId| index.target.get(record).copied().flatten().filter(|group| stuck.get(*group) == Some(&true));

    // By group: an alias that would be passed over if the group could fail.
    let mut pretender: Vec<Option<RecordId>> = vec![None; index.groups.len()];
    for alias in 0..index.zone.record_sets.len() {
        let evaluates = index.evaluates_target(alias) && index.check_of(alias).is_none();
        if evaluates && index.has_alternative(alias) && expects_failure(index, alias) {
            mark(&mut pretender, target_is_stuck(alias), alias);
        }
    }
    for id in index.bottom_up.iter().rev().copied() {
        let (Some(group), Some(alias)) = (index.groups.get(id), pretender.get(id).copied().flatten()) else { continue };
        let mut leaves: Vec<RecordId> = vec![];
        for member in deciding_members(index, group).filter(|member| is_stuck(*member)) {
            if index.evaluates_target(member) {
                mark(&mut pretender, target_is_stuck(member), alias);
            } else {
                leaves.push(member);
            }
        }
        if let Some(first) = leaves.first().copied()
            && !group.is_octodns()
        {
            finding(index, group, &leaves, alias, first).add_to(out);
        }
    }
}

fn mark(pretender: &mut [Option<RecordId>], group: Option<usize>, alias: RecordId) {
    if let Some(entry) = group.and_then(|group| pretender.get_mut(group)) {
        entry.get_or_insert(alias);
    }
}

fn finding(index: &Index<'_>, group: &Group<'_>, leaves: &[RecordId], alias: RecordId, first: RecordId) -> Diagnostic {
    let is_simple = group.policy == PolicyKind::Simple;
    let who = if is_simple { group.describe() } else { format!("{} of {}", index.members(leaves), group.describe()) };
    let has = if leaves.len() == 1 { "has" } else { "have" };
    let alias = index.describe(alias);
    let message = format!(
        "{who} {has} no health check and keeps its branch healthy for ever: alias {alias} evaluates it and is never \
         passed over, however dead the endpoint is"
    );
    let message = if leaves.len() == 1 { message } else { message.replacen("and keeps its", "and keep their", 1) };
    let help = if is_simple {
        format!("give the alias {alias} a HealthCheckId; a record set with simple routing cannot have one")
    } else {
        format!(
            "give every member of {} a HealthCheckId, or the alias {alias} one for the whole branch",
            group.describe()
        )
    };
    let mut finding = Diagnostic::lint("leaf-without-check", message).help(help);
    finding.place = index.place(first, &[]);
    finding
}

/// Whether the zone shows that the alias is meant to fail: a PRIMARY always is, others where health counts at all.
fn expects_failure(index: &Index<'_>, alias: RecordId) -> bool {
    index.policy(alias) == Some(&RoutingPolicy::Failover(Failover::Primary))
        || index.group_of(alias).is_some_and(|group| group.uses_health)
}

/// The members whose health is meant to decide the group's: not those that wait for the others to fail.
fn deciding_members<'i>(index: &'i Index<'_>, group: &'i Group<'_>) -> impl Iterator<Item = RecordId> + 'i {
    group.members.iter().copied().filter(|member| !index.is_standby(*member))
}

/// By group: whether a member that is meant to decide can never be unhealthy, for want of a check somewhere.
fn stuck_groups(index: &Index<'_>) -> Vec<bool> {
    let mut stuck = vec![false; index.groups.len()];
    for id in index.bottom_up.iter().copied() {
        let Some(group) = index.groups.get(id) else { continue };
        let is = deciding_members(index, group).any(|member| is_stuck(index, &stuck, member));
        if let Some(entry) = stuck.get_mut(id) {
            *entry = is;
        }
    }
    stuck
}

fn is_stuck(index: &Index<'_>, stuck: &[bool], record: RecordId) -> bool {
    if index.check_of(record).is_some() {
        return false;
    }
    let target = index.target.get(record).copied().flatten();
    match (index.evaluates_target(record), target) {
        (true, Some(group)) => stuck.get(group) == Some(&true),
        (true, None) => false,
        // What the alias hides is for evaluate-target-health-off-in-middle to say.
        (false, Some(group)) => index.groups.get(group).is_some_and(|group| !group.can_fail),
        (false, None) => true,
    }
}

#[cfg(test)]
mod tests {
    use crate::validate::lint::fixture::{codes, findings, place};

    #[test]
    fn the_member_without_a_check_is_named_with_the_alias_that_relies_on_it() {
        let found = findings(
            "check a 30x3
             www A p PRIMARY => pool eth
             www A s SECONDARY => aws:standby.us-west-2.elb.amazonaws.com eth
             pool A a weight=1 check:a 60 192.0.2.1
             pool A b weight=1 60 192.0.2.2
             pool A c weight=1 60 192.0.2.3",
        );
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!(finding.code, "leaf-without-check");
        assert_eq!(
            finding.message,
            "`b` and `c` of `pool.example.com.` A have no health check and keep their branch healthy for ever: alias \
             `p` of `www.example.com.` A evaluates it and is never passed over, however dead the endpoint is"
        );
        assert_eq!(place(finding), "$.ResourceRecordSets[3]");
    }

    #[test]
    fn a_primary_over_a_simple_record_only_pretends_to_fail_over() {
        let found = findings(
            "www A p PRIMARY => origin eth
             www A s SECONDARY => aws:s3-website-us-east-1.amazonaws.com
             origin A 60 192.0.2.1",
        );
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert!(finding.message.starts_with("`origin.example.com.` A has no health check"), "{}", finding.message);
        assert!(finding.help.contains("simple routing cannot have one"), "{}", finding.help);
    }

    #[test]
    fn the_leaf_is_found_through_several_groups_and_reported_once() {
        let found = findings(
            "check a 30x3
             www A us region=us-east-1 => us eth
             www A eu region=eu-west-1 => eu eth
             us A p PRIMARY => us-pool eth
             us A s SECONDARY => eu eth
             us-pool A only weight=1 60 192.0.2.1
             eu A a weight=1 check:a 60 192.0.2.2",
        );
        let [finding] = found.as_slice() else { panic!("{found:?}") };
        assert!(finding.message.contains("`only` of `us-pool.example.com.` A"), "{}", finding.message);
    }

    #[test]
    fn last_resorts_checks_above_and_trees_without_any_check_are_good() {
        for zone in [
            // A SECONDARY is meant to be always there.
            "check a 30x3
             www A us region=us-east-1 => us eth
             www A eu region=eu-west-1 => eu eth
             us A p PRIMARY check:a 60 192.0.2.1
             us A s SECONDARY => maintenance
             eu A p PRIMARY check:a 60 192.0.2.1
             eu A s SECONDARY => maintenance
             maintenance A 60 192.0.2.9",
            // The alias has its own check (5.5).
            "check a 30x3
             www A p PRIMARY check:a => origin eth
             www A s SECONDARY => aws:s3-website-us-east-1.amazonaws.com
             origin A 60 192.0.2.1",
            // Nobody relies on health here.
            "www A us region=us-east-1 => us eth
             www A eu region=eu-west-1 => eu eth
             us A 60 192.0.2.1
             eu A 60 192.0.2.2",
            // No alternative above.
            "check a 30x3
             www A => pool eth
             pool A a weight=1 check:a 60 192.0.2.1
             pool A b weight=1 60 192.0.2.2",
        ] {
            assert_eq!(codes(zone), [""; 0], "{zone}");
        }
    }
}
