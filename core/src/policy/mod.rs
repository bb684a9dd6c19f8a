//! One file a policy: candidates to choice. Nothing here knows of maps, names or walking (semantics 4).
//!
//! A policy sees its group as members numbered from 0 in byte order of SetIdentifier, and asks for the health of those
//! it looks at.

pub(crate) mod draw;
pub(crate) mod failover;
pub(crate) mod geolocation;
pub(crate) mod geoproximity;
pub(crate) mod ip_based;
pub(crate) mod latency;
pub(crate) mod multivalue;
pub(crate) mod simple;
pub(crate) mod weighted;

/// What a policy picked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The member.
    pub(crate) member: u32,
    /// Whether no candidate was healthy, so that all of them counted as healthy (3.7).
    pub(crate) fail_open: bool,
}

/// The first healthy candidate, else the first one: the rule of every policy whose candidates stand in an order.
pub(crate) fn first_healthy(
    candidates: impl Iterator<Item = u32> + Clone,
    mut is_healthy: impl FnMut(u32) -> bool,
) -> Option<Choice> {
    let first = candidates.clone().next()?;
    let live = { candidates }.find(|member| is_healthy(*member));
    Some(live.map_or(Choice { member: first, fail_open: true }, |member| Choice { member, fail_open: false }))
}

/// The healthy candidate with the smallest key, else the candidate with the smallest key; of equals the first.
///
/// Members are tested best first until one is healthy, so that nobody's health is asked whom the answer does not need:
/// asking may consult the client's network, and lengthen the scope (10.41).
pub(crate) fn smallest<K: PartialOrd>(
    members: u32,
    key: impl Fn(u32) -> K,
    mut is_healthy: impl FnMut(u32) -> bool,
) -> Option<Choice> {
    let mut first = None;
    let mut rejected: Option<(K, u32)> = None;
    for _ in 0..members {
        let mut best: Option<(K, u32)> = None;
        for member in 0..members {
            let candidate = key(member);
            let is_behind = |(key, at): &(K, u32)| candidate > *key || (candidate == *key && member > *at);
            if rejected.as_ref().is_none_or(is_behind) && best.as_ref().is_none_or(|(key, _)| candidate < *key) {
                best = Some((candidate, member));
            }
        }
        let (key, member) = best?;
        if is_healthy(member) {
            return Some(Choice { member, fail_open: false });
        }
        first.get_or_insert(member);
        rejected = Some((key, member));
    }
    first.map(|member| Choice { member, fail_open: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_of_the_pool_wins() {
        let keys = [30, 10, 20, 10];
        let pick = |healthy: [bool; 4]| smallest(4, |m| keys[m as usize], |m| healthy[m as usize]);
        assert_eq!(pick([true; 4]), Some(Choice { member: 1, fail_open: false }));
        assert_eq!(pick([true, false, true, false]), Some(Choice { member: 2, fail_open: false }));
        assert_eq!(pick([true, false, false, false]), Some(Choice { member: 0, fail_open: false }));
        assert_eq!(pick([false; 4]), Some(Choice { member: 1, fail_open: true }));
        assert_eq!(smallest(0, |_| 0, |_| true), None);
    }
}
