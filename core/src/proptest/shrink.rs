//! Shrinking: from a value that fails to the simplest one that still does.
//!
//! proptest's own combinators shrink each part by itself. Here parts name each other (an alias its group, a failure its health
//! check, a question its name), so that a group that goes takes along what named it, and no zone on the way has an error.
//!
//! Each kind of value lists steps that make it simpler, the boldest first. A step that still fails is kept; when a
//! whole round of steps keeps nothing, the value is the smallest. Every value on the way is a valid one.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt::Debug;
use core::ops::Range;

use ::proptest::strategy::ValueTree;

/// The tree of every strategy here.
pub(super) type Tree<V> = Box<dyn ValueTree<Value = V>>;

/// What can be made simpler.
pub(super) trait Simplify: Clone + PartialEq {
    /// What the test is given.
    type Value: Debug;
    /// One way to be simpler.
    type Step;

    /// What the test is given.
    fn value(&self) -> Self::Value;
    /// The steps to try, the boldest first.
    fn steps(&self) -> Vec<Self::Step>;
    /// The value after a step, valid again; `None` when the step leads nowhere.
    fn after(&self, step: &Self::Step) -> Option<Self>;
}

/// The search for the smallest value.
pub(super) struct Shrinking<T: Simplify> {
    /// The simplest value known to fail.
    best: T,
    /// The value being tried.
    trial: Option<T>,
    steps: Vec<T::Step>,
    next: usize,
    /// Whether this round of steps kept something.
    improved: bool,
    started: bool,
    /// Whether the search is over, and the best value is the current one again.
    over: bool,
}

impl<T: Simplify + 'static> Shrinking<T> {
    pub(super) fn tree(value: T) -> Tree<T::Value> {
        Box::new(Self {
            best: value,
            trial: None,
            steps: Vec::new(),
            next: 0,
            improved: false,
            started: false,
            over: false,
        })
    }

    /// Goes on to the next step that leads anywhere.
    fn advance(&mut self) -> bool {
        if !self.started {
            self.started = true;
            self.steps = self.best.steps();
        }
        loop {
            while let Some(step) = self.steps.get(self.next) {
                self.next = self.next.saturating_add(1);
                self.trial = self.best.after(step).filter(|trial| *trial != self.best);
                if self.trial.is_some() {
                    return true;
                }
            }
            if !self.improved {
                return false;
            }
            self.improved = false;
            self.next = 0;
        }
    }
}

impl<T: Simplify + 'static> ValueTree for Shrinking<T> {
    type Value = T::Value;

    fn current(&self) -> T::Value {
        self.trial.as_ref().unwrap_or(&self.best).value()
    }

    fn simplify(&mut self) -> bool {
        if self.over {
            return false;
        }
        if let Some(trial) = self.trial.take() {
            self.best = trial;
            self.steps = self.best.steps();
            // The steps after the one that was kept stand about where they stood.
            self.next = self.next.saturating_sub(1);
            self.improved = true;
        }
        self.over = !self.advance();
        !self.over
    }

    fn complicate(&mut self) -> bool {
        self.trial = None;
        if self.over {
            return false;
        }
        if self.advance() {
            return true;
        }
        // Once more the best value, so that the runner ends on a failure and whatever holds this tree goes on.
        self.over = true;
        true
    }
}

/// Pieces of a list to leave out: all of it, its halves, their halves, down to each element.
pub(super) fn pieces(count: usize) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut size = count;
    while size > 0 {
        let mut start = 0_usize;
        while start < count {
            let end = start.saturating_add(size).min(count);
            pieces.push(start..end);
            start = end;
        }
        size /= 2;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[derive(Debug, Clone, PartialEq)]
    struct Numbers(Vec<u32>);

    impl Simplify for Numbers {
        type Value = Self;
        type Step = (Range<usize>, bool);

        fn value(&self) -> Self {
            self.clone()
        }

        fn steps(&self) -> Vec<Self::Step> {
            let drop = pieces(self.0.len()).into_iter().map(|piece| (piece, true));
            drop.chain((0..self.0.len()).map(|at| (at..at + 1, false))).collect()
        }

        fn after(&self, (piece, drop): &Self::Step) -> Option<Self> {
            let mut numbers = self.clone();
            if *drop {
                numbers.0.drain(piece.clone());
            } else {
                numbers.0[piece.start] = numbers.0[piece.start].checked_sub(1)?;
            }
            Some(numbers)
        }
    }

    /// The loop of the test runner.
    fn shrink(tree: &mut Tree<Numbers>, fails: impl Fn(&[u32]) -> bool) -> usize {
        let mut tests = 0;
        if tree.simplify() {
            loop {
                tests += 1;
                let go_on = if fails(&tree.current().0) { tree.simplify() } else { tree.complicate() };
                if !go_on {
                    break;
                }
            }
        }
        tests
    }

    #[test]
    fn it_ends_at_the_smallest_failure() {
        let mut tree = Shrinking::tree(Numbers(vec![9, 3, 1, 12, 5, 40, 7, 2]));
        shrink(&mut tree, |numbers| numbers.iter().filter(|number| **number > 4).count() > 1);
        assert_eq!(tree.current().0, [5, 5]);
        let mut tree = Shrinking::tree(Numbers(vec![0; 1000]));
        let tests = shrink(&mut tree, |numbers| numbers.len() > 2);
        assert_eq!(tree.current().0, [0; 3]);
        assert!(tests < 50, "{tests}");
        let mut far_apart = vec![0; 1000];
        far_apart[100] = 1;
        far_apart[700] = 1;
        let mut tree = Shrinking::tree(Numbers(far_apart));
        let tests = shrink(&mut tree, |numbers| numbers.iter().sum::<u32>() == 2);
        assert_eq!(tree.current().0, [1; 2]);
        assert!(tests < 150, "{tests}");
    }

    #[test]
    fn giving_up_ends_at_the_last_failure() {
        let mut tree = Shrinking::tree(Numbers(vec![1, 2, 3]));
        assert!(tree.simplify()); // []
        assert!(tree.complicate()); // [2, 3]
        assert!(tree.simplify()); // which fails
        while tree.complicate() {}
        assert_eq!(tree.current().0, [2, 3]);
    }

    #[test]
    fn pieces_are_all_then_halves_then_each() {
        assert_eq!(pieces(3), [0..3, 0..1, 1..2, 2..3]);
        assert_eq!(pieces(4), [0..4, 0..2, 2..4, 0..1, 1..2, 2..3, 3..4]);
        assert_eq!(pieces(0), []);
    }
}
