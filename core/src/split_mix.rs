//! SplitMix64 by Steele, Lea and Flood (OOPSLA 2014), the one generator of this project.
//!
//! The words of a draw are its outputs (semantics 10.37), so it is part of what every host must compute alike, and no crate's to
//! change. `rand_core` has none; `rand_xoshiro` has one behind its traits, which a binding would carry for ten lines. The
//! second implementation in the tests has its own, on purpose.

/// Numbers from a seed, the same on every machine. Not for secrets.
///
/// ```
/// use pointsman_core::split_mix::SplitMix64;
/// // The first outputs for this seed, as published with the generator.
/// let mut random = SplitMix64::new(1_234_567);
/// assert_eq!([random.number(), random.number()], [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]);
/// ```
#[derive(Debug, Clone)]
pub struct SplitMix64(u64);

/// What the state moves by: 2^64 over the golden ratio, made odd.
const GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

impl SplitMix64 {
    /// A generator whose whole course the seed decides.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        finalise(self.0)
    }

    /// The number that the `index`-th call of [`SplitMix64::number`] returns, counted from 0, without the calls before it.
    ///
    /// ```
    /// use pointsman_core::split_mix::SplitMix64;
    /// let mut random = SplitMix64::new(7);
    /// let second = SplitMix64::nth(7, 1);
    /// assert_eq!([random.number(), random.number()], [SplitMix64::nth(7, 0), second]);
    /// ```
    #[must_use]
    pub const fn nth(seed: u64, index: u64) -> u64 {
        finalise(seed.wrapping_add(index.wrapping_add(1).wrapping_mul(GAMMA)))
    }
}

/// The generator's finaliser: a permutation of 64 bits of which every output bit depends on every input bit.
#[must_use]
pub const fn finalise(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
