//! Numbers by hash: open addressing with a tag beside each number, so that what is looked at is what was meant, as a rule.

use alloc::vec::Vec;

use super::records::NONE;

/// Numbers by the hash of what they stand for, which is kept elsewhere.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Tag and number; [`NONE`] where nothing stands. As many as a power of two, or none at all.
    slots: Vec<(u32, u32)>,
    /// How many more numbers may be added, so that a search always comes to a slot where nothing stands.
    room: usize,
}

impl Index {
    /// Room for as many numbers.
    pub(crate) fn with_room(numbers: usize) -> Self {
        if numbers == 0 {
            return Self::default();
        }
        // A quarter stays free, and one slot in any case: without it a search for what is not there would not end.
        let slots = numbers.saturating_add(numbers / 3).saturating_add(1).next_power_of_two();
        let free = (slots / 4).max(1);
        Self { slots: alloc::vec![(0, NONE); slots], room: slots.saturating_sub(free) }
    }

    /// Whether there is no room for another one.
    pub(crate) const fn is_full(&self) -> bool {
        self.room == 0
    }

    /// Adds a number that is not there yet; without room, nothing.
    pub(crate) fn add(&mut self, hash: u64, number: u32) {
        if self.room == 0 {
            return;
        }
        let mut at = hash as usize;
        loop {
            at &= self.slots.len().wrapping_sub(1);
            match self.slots.get_mut(at) {
                Some(slot) if slot.1 == NONE => {
                    *slot = (tag(hash), number);
                    self.room = self.room.saturating_sub(1);
                    return;
                }
                Some(_) => at = at.wrapping_add(1),
                None => return,
            }
        }
    }

    /// The number of this hash that is the one.
    #[inline]
    pub(crate) fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let (mut at, tag) = (hash as usize, tag(hash));
        loop {
            at &= self.slots.len().wrapping_sub(1);
            let (known, number) = *self.slots.get(at)?;
            if number == NONE {
                return None;
            }
            if known == tag && is_it(number) {
                return Some(number);
            }
            at = at.wrapping_add(1);
        }
    }
}

/// The hash of some bytes. The seed is fixed: a zone's names come from its owner, and equal zones shall behave equally everywhere.
#[inline]
#[allow(clippy::arithmetic_side_effects, reason = "all of it wraps")]
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    const FIRST: u64 = 0x9E37_79B9_7F4A_7C15;
    const SECOND: u64 = 0xBF58_476D_1CE4_E5B9;
    let mix = |hash: u64, word: [u8; 8]| {
        let mixed = (hash ^ u64::from_le_bytes(word)).wrapping_mul(SECOND);
        mixed ^ (mixed >> 32)
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let hash = words.iter().fold(FIRST.wrapping_mul(bytes.len() as u64) ^ SECOND, |hash, word| mix(hash, *word));
    // The last eight bytes once more, in part, are quicker to read than what is left of them.
    let last = match bytes.last_chunk::<8>() {
        Some(last) => *last,
        None => {
            let mut last = [0; 8];
            last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            last
        }
    };
    mix(mix(hash, last), FIRST.to_le_bytes())
}

/// The half of a hash that does not say where its number stands.
const fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_is_found_and_nothing_else() {
        // Hashes that collide in their place, in their tag, in both and in neither.
        let hash = |number: u32| u64::from(number % 7) << 32 | u64::from(number % 5);
        for count in [0_u32, 1, 2, 3, 11, 12, 13, 100] {
            let mut index = Index::with_room(count as usize);
            (0..count).for_each(|number| index.add(hash(number), number));
            for number in 0..count {
                assert_eq!(index.find(hash(number), |known| known == number), Some(number), "{number} of {count}");
            }
            assert_eq!(index.find(hash(3), |_| false), None);
            assert_eq!(index.find(u64::MAX, |_| true), None);
        }
    }

    #[test]
    fn each_byte_of_a_name_is_in_its_hash() {
        for length in 0..40 {
            let bytes = alloc::vec![b'a'; length];
            let mut hashes: Vec<u64> = (0..length)
                .map(|at| {
                    let mut other = bytes.clone();
                    other[at] = b'b';
                    hash(&other)
                })
                .chain([hash(&bytes), hash(&[&bytes[..], b"\0"].concat())])
                .collect();
            hashes.sort_unstable();
            hashes.dedup();
            assert_eq!(hashes.len(), length + 2, "{length}");
        }
    }

    #[test]
    fn a_full_index_takes_no_more_and_searches_of_it_end() {
        for numbers in 1..100 {
            let mut index = Index::with_room(numbers);
            let mut count = 0;
            while !index.is_full() {
                index.add(u64::from(count), count);
                count += 1;
            }
            index.add(0, count);
            assert!(count as usize >= numbers, "{numbers}");
            assert_eq!(index.find(0, |number| number == count), None, "{numbers}");
            assert_eq!(index.find(u64::from(count - 1), |number| number + 1 == count), Some(count - 1), "{numbers}");
        }
    }
}
