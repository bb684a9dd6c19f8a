//! Zones: trees of any policy, depth and alias shape, valid by construction.

mod display;
mod documents;
mod generate;
mod options;
mod parts;
mod sample;
mod simplify;

use ::proptest::strategy::{NewTree, Strategy};
use ::proptest::test_runner::TestRunner;

use super::dice::Dice;
use super::shrink::{Shrinking, Tree};
pub use options::{Zones, zones};
pub use sample::SampleZone;
pub(super) use simplify::Step;

impl Zones {
    /// The zone that follows from a number, for loops that need no test runner.
    ///
    /// ```
    /// use pointsman_core::proptest::zones;
    /// assert_eq!(zones().seeded(7), zones().seeded(7));
    /// ```
    #[must_use]
    pub fn seeded(&self, seed: u64) -> SampleZone {
        self.generate(&mut Dice::seeded(seed))
    }
}

impl Strategy for Zones {
    type Tree = Tree<SampleZone>;
    type Value = SampleZone;

    fn new_tree(&self, runner: &mut TestRunner) -> NewTree<Self> {
        Ok(Shrinking::tree(self.generate(&mut Dice::new(runner)?)))
    }
}
