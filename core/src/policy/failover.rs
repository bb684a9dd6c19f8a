//! Failover: the primary while it is healthy or nothing is, else the secondary (4.2).

use alloc::vec::Vec;

use super::choice::{Choice, first_healthy};
use crate::model::Failover;

/// Why this member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Why {
    /// The primary is healthy.
    PrimaryHealthy,
    /// The secondary is healthy, and the primary is not.
    PrimaryUnhealthy,
    /// The secondary is healthy, and there is no primary (10.4).
    NoPrimary,
    /// Nothing is healthy, so that the primary is chosen, or the secondary where there is no primary.
    NothingHealthy,
}

/// Members with their roles; a group may have one of each.
pub(crate) fn choose(
    members: u32,
    role: impl Fn(u32) -> Option<Failover>,
    is_healthy: impl FnMut(u32) -> bool,
) -> Option<Choice<Why>> {
    let choice = first_healthy(in_order(members, &role), is_healthy)?;
    let why = match (choice.fail_open, choice.why) {
        (true, _) => Why::NothingHealthy,
        (false, 0) if role(choice.member) == Some(Failover::Primary) => Why::PrimaryHealthy,
        (false, 0) => Why::NoPrimary,
        (false, _) => Why::PrimaryUnhealthy,
    };
    Some(choice.because(|_| why))
}

/// The members in the order in which they are tried.
pub(crate) fn order(members: u32, role: impl Fn(u32) -> Option<Failover>) -> Vec<u32> {
    in_order(members, &role).collect()
}

fn in_order(members: u32, role: &impl Fn(u32) -> Option<Failover>) -> impl Iterator<Item = u32> + Clone {
    let with = move |wanted| (0..members).filter(move |member| role(*member) == Some(wanted));
    with(Failover::Primary).chain(with(Failover::Secondary))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_guide() {
        // Member 0 is the secondary, member 1 the primary.
        let role = |member| Some([Failover::Secondary, Failover::Primary][member as usize]);
        let pick = |primary, secondary| choose(2, role, |member| [secondary, primary][member as usize]).unwrap();
        assert_eq!(pick(true, true), Choice { member: 1, fail_open: false, why: Why::PrimaryHealthy });
        assert_eq!(pick(true, false), Choice { member: 1, fail_open: false, why: Why::PrimaryHealthy });
        assert_eq!(pick(false, true), Choice { member: 0, fail_open: false, why: Why::PrimaryUnhealthy });
        assert_eq!(pick(false, false), Choice { member: 1, fail_open: true, why: Why::NothingHealthy });
        // 10.4
        let alone = |healthy| choose(1, role, |_| healthy).unwrap();
        assert_eq!(alone(false), Choice { member: 0, fail_open: true, why: Why::NothingHealthy });
        assert_eq!(alone(true), Choice { member: 0, fail_open: false, why: Why::NoPrimary });
    }
}
