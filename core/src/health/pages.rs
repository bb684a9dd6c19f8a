//! Arrays that are cheap to copy with a few elements changed.

use alloc::sync::Arc;
use alloc::vec::Vec;

/// Elements of one page.
const PAGE: usize = 512;

/// An array in shared pages: a copy shares every page until it is written to.
#[derive(Debug, Clone)]
pub(crate) struct Pages<T> {
    pages: Vec<Arc<[T; PAGE]>>,
}

impl<T: Clone + PartialEq> Pages<T> {
    /// An array of at least `length` equal elements.
    pub(crate) fn filled(value: T, length: usize) -> Self {
        let page = Arc::new(core::array::from_fn(|_| value.clone()));
        Self { pages: alloc::vec![page; length.div_ceil(PAGE)] }
    }

    /// The element at an index; `None` past the last page.
    #[inline]
    pub(crate) fn get(&self, index: usize) -> Option<T> {
        self.pages.get(index / PAGE)?.get(index % PAGE).cloned()
    }

    /// Changes an element, copying its page if that is shared; does nothing past the last page.
    pub(crate) fn set(&mut self, index: usize, value: T) {
        if self.get(index).is_none_or(|old| old == value) {
            return;
        }
        let page = self.pages.get_mut(index / PAGE).map(Arc::make_mut);
        if let Some(slot) = page.and_then(|page| page.get_mut(index % PAGE)) {
            *slot = value;
        }
    }
}

/// A set of small numbers, one bit each.
#[derive(Debug, Clone)]
pub(crate) struct Bits(Pages<u64>);

impl Bits {
    /// A set with room for `length` numbers, all in it or none.
    pub(crate) fn filled(all: bool, length: usize) -> Self {
        Self(Pages::filled(if all { u64::MAX } else { 0 }, length.div_ceil(64)))
    }

    /// Whether a number is in the set.
    #[inline]
    pub(crate) fn get(&self, number: u32) -> bool {
        self.0.get((number / 64) as usize).is_some_and(|word| word & (1_u64 << (number % 64)) != 0)
    }

    /// Puts a number in or takes it out; returns whether that changed anything.
    pub(crate) fn set(&mut self, number: u32, value: bool) -> bool {
        let at = (number / 64) as usize;
        let bit = 1_u64 << (number % 64);
        let old = self.0.get(at).unwrap_or(0);
        let new = if value { old | bit } else { old & !bit };
        self.0.set(at, new);
        new != old
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_does_not_follow_the_original() {
        let mut bits = Bits::filled(true, 100_000);
        let copy = bits.clone();
        assert!(bits.set(70_000, false));
        assert!(!bits.set(70_000, false));
        assert!(!bits.get(70_000) && copy.get(70_000));
        assert!(!bits.get(u32::MAX) && !bits.set(u32::MAX, false));
    }
}
