//! The draw: one number a request that stands for Route 53's randomness (semantics 10.37).

use pointsman_core::split_mix::{SplitMix64, finalise};

/// Numbers for requests that are not sticky: SplitMix64 from a seed that the host gives each VM, so that workers do not
/// draw alike.
///
/// ```
/// use pointsman_envoy::draw::Random;
/// let (mut one, mut other) = (Random::new(1), Random::new(2));
/// assert_ne!(one.draw(), other.draw());
/// ```
#[derive(Debug, Clone)]
pub struct Random(SplitMix64);

impl Random {
    /// Numbers from a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(SplitMix64::new(finalise(seed)))
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0.number()
    }
}

/// The draw of a client that is to keep its answer: FNV-1a, 64 bits, of what names the client. Core mixes it further, so
/// that near values do not draw alike.
///
/// ```
/// use pointsman_envoy::draw::sticky;
/// assert_eq!(sticky(b""), 0xcbf2_9ce4_8422_2325);
/// assert_eq!(sticky(b"a"), 0xaf63_dc4c_8601_ec8c);
/// ```
#[must_use]
pub fn sticky(bytes: &[u8]) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}

/// A number below `n` from a draw, for what core leaves to hosts (10.38); 0 when `n` is 0.
#[must_use]
pub fn below(draw: u64, n: usize) -> usize {
    ((u128::from(finalise(draw ^ 0xA5A5_A5A5_A5A5_A5A5)) * n as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_below_n_are_even() {
        let mut random = Random::new(7);
        let mut counts = [0_u32; 3];
        for _ in 0..30_000 {
            counts[below(random.draw(), 3)] += 1;
        }
        assert!(counts.iter().all(|count| (9_600..10_400).contains(count)), "{counts:?}");
        assert_eq!(below(5, 0), 0);
    }
}
