//! Chance for the generators: every choice follows from one number of the test runner's.
//!
//! The distributions of `rand`, which proptest hands out, change between its releases, and with them what a seed means that
//! somebody wrote down. These do not.

use alloc::vec::Vec;

use ::proptest::num::u64::ANY;
use ::proptest::strategy::{Strategy, ValueTree};
use ::proptest::test_runner::{Reason, TestRunner};

use crate::policy::draw::DrawStream;

/// A stream of choices.
#[derive(Debug)]
pub(super) struct Dice {
    draws: DrawStream,
    next: u64,
}

impl Dice {
    /// Takes its seed from the runner, so that a runner with a fixed seed makes the same values again.
    pub(super) fn new(runner: &mut TestRunner) -> Result<Self, Reason> {
        Ok(Self::seeded(ANY.new_tree(runner)?.current()))
    }

    /// The choices of a seed.
    pub(super) fn seeded(seed: u64) -> Self {
        Self { draws: DrawStream::at_level(seed, 0), next: 0 }
    }

    /// A number below `n`; 0 when `n` is 0.
    pub(super) fn below(&mut self, n: usize) -> usize {
        let number = self.draws.below(self.next, n as u64);
        self.next = self.next.wrapping_add(1);
        number as usize
    }

    /// Any 64 bits.
    pub(super) fn word(&mut self) -> u64 {
        let word = self.draws.word(self.next);
        self.next = self.next.wrapping_add(1);
        word
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn within(&mut self, low: i32, high: i32) -> i32 {
        let span = high.saturating_sub(low).saturating_add(1);
        low.saturating_add(self.below(usize::try_from(span).unwrap_or(1)) as i32)
    }

    /// True once in `n` times.
    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// One of a list; `None` of an empty one.
    pub(super) fn choose<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        list.get(self.below(list.len())).copied()
    }

    /// `count` of a list, or all when there are fewer, in any order.
    pub(super) fn sample<T: Clone>(&mut self, list: &[T], count: usize) -> Vec<T> {
        let mut rest: Vec<T> = list.to_vec();
        let mut taken = Vec::with_capacity(count);
        while taken.len() < count && !rest.is_empty() {
            taken.push(rest.swap_remove(self.below(rest.len())));
        }
        taken
    }
}
