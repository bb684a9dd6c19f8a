//! Sorting where nobody waits for it.
//!
//! The standard library's sort is compiled anew for every type and every comparison, about 700 bytes of WebAssembly each time.
//! Here one sort puts numbers in order and asks the caller which comes first. It takes one call more a comparison, so that what
//! is sorted while a query waits, or by the million, keeps the usual one.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// Sorts a list; equals keep their order.
#[inline]
pub(crate) fn sort_by<T>(list: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let mut places = sorted_places(list.len(), &mut |one, other| match (list.get(one), list.get(other)) {
        (Some(one), Some(other)) => compare(one, other),
        _ => Ordering::Equal,
    });
    move_to(&mut places, &mut |one, other| list.swap(one, other));
}

/// The same by a key.
#[inline]
pub(crate) fn sort_by_key<T, K: Ord>(list: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(list, |one, other| key(one).cmp(&key(other)));
}

/// For each place in order, the number of the element that belongs there.
#[inline(never)]
fn sorted_places(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|one, other| compare(*one, *other));
    places
}

/// Moves every element to its place, one cycle after the other.
#[inline(never)]
fn move_to(places: &mut [usize], swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..places.len() {
        let mut at = start;
        while let Some(place) = places.get_mut(at) {
            let from = core::mem::replace(place, at);
            if from == start || from == at {
                break;
            }
            swap(at, from);
            at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::split_mix::SplitMix64;

    #[test]
    fn it_sorts_as_the_standard_library_does() {
        let mut random = SplitMix64::new(1);
        for length in 0..200_usize {
            // Few keys, so that many are equal and their order shows.
            let mut list: Vec<(u64, usize)> = (0..length).map(|at| (random.number() % 7, at)).collect();
            let mut expected = list.clone();
            expected.sort_by_key(|(key, _)| *key);
            sort_by_key(&mut list, |(key, _)| *key);
            assert_eq!(list, expected);
        }
    }
}
