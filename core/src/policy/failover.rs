//! Failover: the primary while it is healthy or nothing is, else the secondary (4.2).

use super::{Choice, first_healthy};
use crate::model::Failover;

/// Members with their roles; a group may have one of each.
pub(crate) fn choose(
    members: u32,
    role: impl Fn(u32) -> Option<Failover>,
    is_healthy: impl FnMut(u32) -> bool,
) -> Option<Choice> {
    let with = |wanted| {
        (0..members).filter({
            let role = &role;
            move |member| role(*member) == Some(wanted)
        })
    };
    first_healthy(with(Failover::Primary).chain(with(Failover::Secondary)), is_healthy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_the_guide() {
        // Member 0 is the secondary, member 1 the primary.
        let role = |member| Some([Failover::Secondary, Failover::Primary][member as usize]);
        let pick = |primary, secondary| choose(2, role, |member| [secondary, primary][member as usize]).unwrap();
        assert_eq!(pick(true, true), Choice { member: 1, fail_open: false });
        assert_eq!(pick(true, false), Choice { member: 1, fail_open: false });
        assert_eq!(pick(false, true), Choice { member: 0, fail_open: false });
        assert_eq!(pick(false, false), Choice { member: 1, fail_open: true });
        assert_eq!(choose(1, role, |_| false), Some(Choice { member: 0, fail_open: true })); // 10.4
    }
}
