//! A choice, and the two ways in which policies make one: along an order, or by the smallest key.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// What a policy chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Choice<W> {
    /// The member.
    pub(crate) member: u32,
    /// Whether no candidate was healthy, so that all of them counted as healthy (3.7).
    pub(crate) fail_open: bool,
    /// Why this one.
    pub(crate) why: W,
}

impl<W> Choice<W> {
    /// The same choice, with what another made of the reason.
    #[inline]
    pub(crate) fn because<V>(self, why: impl FnOnce(W) -> V) -> Choice<V> {
        Choice { member: self.member, fail_open: self.fail_open, why: why(self.why) }
    }
}

/// The first healthy candidate, else the first one, with the number of candidates before it: the rule of every policy
/// whose candidates stand in an order.
#[inline]
pub(crate) fn first_healthy(
    candidates: impl Iterator<Item = u32> + Clone,
    mut is_healthy: impl FnMut(u32) -> bool,
) -> Option<Choice<u32>> {
    let first = candidates.clone().next()?;
    let live = (0_u32..).zip(candidates).find(|(_, member)| is_healthy(*member));
    Some(match live {
        Some((why, member)) => Choice { member, fail_open: false, why },
        None => Choice { member: first, fail_open: true, why: 0 },
    })
}

/// The healthy candidate with the smallest key, else the candidate with the smallest key; of equals the first. The key
/// is the reason.
///
/// Members are tested best first until one is healthy, so that nobody's health is asked whom the answer does not need:
/// asking may consult the client's network, and lengthen the scope (10.41).
pub(crate) fn smallest<K: PartialOrd + Copy>(
    members: u32,
    key: impl Fn(u32) -> K,
    mut is_healthy: impl FnMut(u32) -> bool,
) -> Option<Choice<K>> {
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
            return Some(Choice { member, fail_open: false, why: key });
        }
        first.get_or_insert((key, member));
        rejected = Some((key, member));
    }
    first.map(|(why, member)| Choice { member, fail_open: true, why })
}

/// All members, smallest key first, equals by number: the order in which [`smallest`] tests them.
pub(crate) fn by_key<K: PartialOrd>(members: u32, key: impl Fn(u32) -> K) -> Vec<u32> {
    let mut order: Vec<(K, u32)> = (0..members).map(|member| (key(member), member)).collect();
    order.sort_by(|(a, _), (b, _)| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    order.into_iter().map(|(_, member)| member).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_of_the_pool_wins() {
        let keys = [30, 10, 20, 10];
        let choose = |healthy: [bool; 4]| smallest(4, |m| keys[m as usize], |m| healthy[m as usize]);
        assert_eq!(choose([true; 4]), Some(Choice { member: 1, fail_open: false, why: 10 }));
        assert_eq!(choose([true, false, true, false]), Some(Choice { member: 2, fail_open: false, why: 20 }));
        assert_eq!(choose([true, false, false, false]), Some(Choice { member: 0, fail_open: false, why: 30 }));
        assert_eq!(choose([false; 4]), Some(Choice { member: 1, fail_open: true, why: 10 }));
        assert_eq!(by_key(4, |m| keys[m as usize]), [1, 3, 2, 0]);
        assert_eq!(smallest(0, |_| 0, |_| true), None);
    }
}
