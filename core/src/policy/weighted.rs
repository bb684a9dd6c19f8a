//! Weighted: in proportion to weights, over the pool of 4.3.6, by the draw of 10.37.

use alloc::vec::Vec;

use super::choice::Choice;
use super::draw::DrawStream;

/// The pools of 4.3.6, in the order they are tried. Why a member was chosen is the pool that it was drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pool {
    /// (a) Healthy members with a weight, by weight.
    LiveWeighted,
    /// (b) Healthy members of weight 0, equally.
    LiveZero,
    /// (c) All members with a weight, by weight.
    AllWeighted,
    /// (d) All members, equally.
    All,
}

impl Pool {
    fn of(members: u32, weight: impl Fn(u32) -> u8, mut is_healthy: impl FnMut(u32) -> bool) -> Self {
        // Members of weight 0 are asked only when every other one is dead: asking may lengthen the scope (10.41).
        let weighted = || (0..members).filter(|member| weight(*member) > 0);
        if weighted().any(&mut is_healthy) {
            Self::LiveWeighted
        } else if (0..members).filter(|member| weight(*member) == 0).any(&mut is_healthy) {
            Self::LiveZero
        } else if weighted().next().is_some() {
            Self::AllWeighted
        } else {
            Self::All
        }
    }

    pub(crate) const fn is_fail_open(self) -> bool {
        matches!(self, Self::AllWeighted | Self::All)
    }

    /// Whether members are drawn by their weights, and not equally.
    pub(crate) const fn is_by_weight(self) -> bool {
        matches!(self, Self::LiveWeighted | Self::AllWeighted)
    }

    /// A member's share of this pool, in units of the pool's own; 0 for who is not in it.
    pub(crate) fn share(self, weight: u8, mut is_healthy: impl FnMut() -> bool) -> u32 {
        let weight = u32::from(weight);
        match self {
            Self::LiveWeighted if weight > 0 && is_healthy() => weight,
            Self::LiveZero if weight == 0 && is_healthy() => 1,
            Self::AllWeighted => weight,
            Self::All => 1,
            Self::LiveWeighted | Self::LiveZero => 0,
        }
    }
}

/// Picks a member.
///
/// `cumulative(i)` is the sum of the weights of members 0 to i. The first word picks among all members with a weight,
/// healthy or not; when that member is in the pool it is the choice, so only the clients of a member that died move.
pub(crate) fn choose(
    members: u32,
    cumulative: impl Fn(u32) -> u32,
    draws: DrawStream,
    mut is_healthy: impl FnMut(u32) -> bool,
) -> Option<Choice<Pool>> {
    let last = members.checked_sub(1)?;
    let weight = |member: u32| {
        let before = member.checked_sub(1).map_or(0, &cumulative);
        cumulative(member).saturating_sub(before) as u8
    };
    let total = cumulative(last);
    if total > 0 {
        let first = first_above(members, &cumulative, draws.below(0, u64::from(total)) as u32);
        if is_healthy(first) {
            return Some(Choice { member: first, fail_open: false, why: Pool::LiveWeighted });
        }
        let pool = Pool::of(members, weight, &mut is_healthy);
        let member = match pool {
            // The dead member is in the pool all the same when everything with a weight is dead.
            Pool::AllWeighted => first,
            _ => member_of_pool(members, pool, weight, draws, is_healthy),
        };
        return Some(Choice { member, fail_open: pool.is_fail_open(), why: pool });
    }
    let pool = Pool::of(members, weight, &mut is_healthy);
    let member = member_of_pool(members, pool, weight, draws, is_healthy);
    Some(Choice { member, fail_open: pool.is_fail_open(), why: pool })
}

/// The first member whose cumulative weight is above `at`.
fn first_above(members: u32, cumulative: impl Fn(u32) -> u32, at: u32) -> u32 {
    let (mut low, mut high) = (0, members.saturating_sub(1));
    while low < high {
        let middle = low.saturating_add(high) / 2;
        if cumulative(middle) > at { high = middle } else { low = middle.saturating_add(1) }
    }
    low
}

/// Picks in a pool by the second word.
fn member_of_pool(
    members: u32,
    pool: Pool,
    weight: impl Fn(u32) -> u8,
    draws: DrawStream,
    mut is_healthy: impl FnMut(u32) -> bool,
) -> u32 {
    let mut share = |member: u32| pool.share(weight(member), || is_healthy(member));
    let total = (0..members).fold(0_u32, |sum, member| sum.saturating_add(share(member)));
    let mut left = draws.below(1, u64::from(total)) as u32;
    for member in 0..members {
        match left.checked_sub(share(member)) {
            Some(rest) => left = rest,
            None => return member,
        }
    }
    0
}

/// Every member's share of the pool, those without one left out, the sum of the shares, and whether the pool is a
/// last resort.
pub(crate) fn shares(
    members: u32,
    weight: impl Fn(u32) -> u8,
    mut is_healthy: impl FnMut(u32) -> bool,
) -> (Vec<(u32, u32)>, u32, bool) {
    let pool = Pool::of(members, &weight, &mut is_healthy);
    let shares: Vec<(u32, u32)> = (0..members)
        .map(|member| (member, pool.share(weight(member), || is_healthy(member))))
        .filter(|(_, share)| *share > 0)
        .collect();
    let total = shares.iter().fold(0_u32, |sum, (_, share)| sum.saturating_add(*share));
    (shares, total, pool.is_fail_open())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn sums(weights: &[u8]) -> Vec<u32> {
        weights
            .iter()
            .scan(0, |sum, weight| {
                *sum += u32::from(*weight);
                Some(*sum)
            })
            .collect()
    }

    fn counts(weights: &[u8], healthy: &[bool]) -> Vec<u32> {
        let sums = sums(weights);
        let mut counts = vec![0; weights.len()];
        for draw in 0..60_000 {
            let draws = DrawStream::at_level(draw, 0);
            let choice = choose(weights.len() as u32, |m| sums[m as usize], draws, |m| healthy[m as usize]).unwrap();
            counts[choice.member as usize] += 1;
        }
        counts
    }

    fn shares_of(weights: &[u8], healthy: &[bool]) -> (Vec<(u32, u32)>, u32, bool) {
        shares(weights.len() as u32, |m| weights[m as usize], |m| healthy[m as usize])
    }

    #[test]
    fn draws_follow_the_shares_in_every_pool() {
        for weights in [[10, 20, 30], [0, 5, 5], [0, 0, 7], [0, 0, 0]] {
            for healthy in (0..8).map(|bits| [bits & 1 != 0, bits & 2 != 0, bits & 4 != 0]) {
                let (shares, total, _) = shares_of(&weights, &healthy);
                let counts = counts(&weights, &healthy);
                for (member, count) in counts.iter().enumerate() {
                    let share = shares.iter().find(|(m, _)| *m as usize == member).map_or(0, |(_, share)| *share);
                    let expected = 60_000.0 * f64::from(share) / f64::from(total);
                    assert!((f64::from(*count) - expected).abs() < 900.0, "{weights:?} {healthy:?} {counts:?}");
                }
            }
        }
    }

    #[test]
    fn pools_in_the_order_of_4_3_6() {
        assert_eq!(shares_of(&[0, 5], &[true, true]), (vec![(1, 5)], 5, false));
        assert_eq!(shares_of(&[0, 5], &[true, false]), (vec![(0, 1)], 1, false));
        assert_eq!(shares_of(&[0, 5], &[false, false]), (vec![(1, 5)], 5, true));
        assert_eq!(shares_of(&[0, 0], &[false, false]), (vec![(0, 1), (1, 1)], 2, true));
    }

    #[test]
    fn only_clients_of_the_dead_member_move() {
        let sums = sums(&[10, 20, 30]);
        for draw in 0..1000 {
            let draws = DrawStream::at_level(draw, 0);
            let choose = |dead: u32| choose(3, |m| sums[m as usize], draws, |m| m != dead).unwrap().member;
            let before = choose(9);
            for dead in (0..3).filter(|dead| *dead != before) {
                assert_eq!(choose(dead), before);
            }
        }
    }
}
