//! Multivalue answer: all healthy members, or eight of them (4.8).

use super::draw::DrawStream;
use crate::limits::MULTIVALUE_ANSWER_MAX;

/// The members of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Chosen {
    members: [u32; MULTIVALUE_ANSWER_MAX],
    count: usize,
    /// Whether no member was healthy (4.8.2).
    pub(crate) fail_open: bool,
    /// Why these.
    pub(crate) why: Why,
}

/// Why these members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Why {
    /// All of the pool fit into an answer.
    #[default]
    All,
    /// The pool has more members than an answer holds: these were drawn.
    Drawn,
}

impl Chosen {
    /// The members, in byte order of SetIdentifier.
    pub(crate) fn members(&self) -> &[u32] {
        self.members.get(..self.count).unwrap_or_default()
    }

    fn push(&mut self, member: u32) {
        if let Some(slot) = self.members.get_mut(self.count) {
            *slot = member;
            self.count = self.count.saturating_add(1);
        }
    }
}

/// The size of the pool, and whether it is a last resort.
pub(crate) fn pool(members: u32, is_healthy: impl FnMut(u32) -> bool) -> (u32, bool) {
    match (0..members).map(is_healthy).filter(|healthy| *healthy).count() as u32 {
        0 => (members, true),
        live => (live, false),
    }
}

/// Picks all of the pool, or eight of it by the draw: a shuffle of its positions, cut off after eight (10.37).
pub(crate) fn choose(members: u32, draws: DrawStream, mut is_healthy: impl FnMut(u32) -> bool) -> Chosen {
    let (size, fail_open) = pool(members, &mut is_healthy);
    let mut wanted = positions(size, draws);
    wanted.members.get_mut(..wanted.count).unwrap_or_default().sort_unstable();
    let why = if size as usize > MULTIVALUE_ANSWER_MAX { Why::Drawn } else { Why::All };
    let mut chosen = Chosen { fail_open, why, ..Chosen::default() };
    let mut next = wanted.members().iter().peekable();
    let mut position = 0_u32;
    for member in 0..members {
        if fail_open || is_healthy(member) {
            if next.next_if_eq(&&position).is_some() {
                chosen.push(member);
            }
            position = position.saturating_add(1);
        }
    }
    chosen
}

/// Up to eight positions below `size`.
fn positions(size: u32, draws: DrawStream) -> Chosen {
    let mut chosen = Chosen::default();
    if size as usize <= MULTIVALUE_ANSWER_MAX {
        (0..size).for_each(|position| chosen.push(position));
        return chosen;
    }
    // The shuffled array is kept as the few entries that differ from the identity.
    let mut moved = [(u32::MAX, 0_u32); MULTIVALUE_ANSWER_MAX];
    let at = |moved: &[(u32, u32)], index: u32| {
        moved.iter().find(|(key, _)| *key == index).map_or(index, |(_, value)| *value)
    };
    for j in 0..MULTIVALUE_ANSWER_MAX as u32 {
        let other = j.saturating_add(draws.below(u64::from(j), u64::from(size.saturating_sub(j))) as u32);
        chosen.push(at(&moved, other));
        // Position j is never looked at again, so only what goes to `other` is kept.
        let value = at(&moved, j);
        let slot = moved.iter().position(|(key, _)| *key == other).unwrap_or(j as usize);
        if let Some(entry) = moved.get_mut(slot) {
            *entry = (other, value);
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    /// The shuffle as 10.37 says it, with a whole array.
    fn literal(pool: &[u32], draws: DrawStream) -> Vec<u32> {
        let mut array = pool.to_vec();
        if array.len() > 8 {
            for j in 0..8 {
                let other = j + draws.below(j as u64, (array.len() - j) as u64) as usize;
                array.swap(j, other);
            }
            array.truncate(8);
            array.sort_unstable();
        }
        array
    }

    #[test]
    fn the_short_shuffle_is_the_shuffle() {
        for members in [1, 8, 9, 10, 12, 16, 100] {
            for draw in 0..2000 {
                let draws = DrawStream::at_level(draw, 1);
                let healthy = |member: u32| !member.wrapping_mul(7).wrapping_add(draw as u32).is_multiple_of(4);
                let live: Vec<u32> = (0..members).filter(|member| healthy(*member)).collect();
                let all: Vec<u32> = (0..members).collect();
                let expected = literal(if live.is_empty() { &all } else { &live }, draws);
                assert_eq!(choose(members, draws, healthy).members(), expected, "{members} {draw}");
            }
        }
    }

    #[test]
    fn nobody_healthy_means_everybody() {
        let chosen = choose(3, DrawStream::at_level(0, 0), |_| false);
        assert_eq!((chosen.members(), chosen.fail_open), (&[0, 1, 2][..], true));
    }
}
