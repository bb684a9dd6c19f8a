//! The draw: one number a query, the same words everywhere (10.37).

use crate::split_mix::SplitMix64;

/// DrawStream at one level of the tree.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DrawStream {
    draw: u64,
    first: u64,
}

impl DrawStream {
    /// The words of level `level`: 0 for the group asked for, one more at each in-zone alias.
    pub(crate) const fn at_level(draw: u64, level: u64) -> Self {
        Self { draw, first: level.wrapping_mul(16) }
    }

    /// Word `j` of the level.
    pub(crate) const fn word(self, j: u64) -> u64 {
        SplitMix64::nth(self.draw, self.first.wrapping_add(j))
    }

    /// A whole number below `n` from word `j`; 0 when `n` is 0.
    #[allow(clippy::arithmetic_side_effects, reason = "two 64-bit factors fit in 128 bits")]
    pub(crate) const fn below(self, j: u64, n: u64) -> u64 {
        ((self.word(j) as u128 * n as u128) >> 64) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first outputs of SplitMix64 with seed 1234567, as published with the generator.
    #[test]
    fn words_are_splitmix64() {
        let draws = DrawStream::at_level(1_234_567, 0);
        assert_eq!(
            [draws.word(0), draws.word(1), draws.word(2)],
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
        assert_eq!(DrawStream::at_level(5, 2).word(3), DrawStream::at_level(5, 0).word(35));
        assert_eq!(draws.below(0, 0), 0);
        assert_eq!(draws.below(0, 100), 35);
    }
}
