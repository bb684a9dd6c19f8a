//! Probabilities as exact fractions for as long as they fit (10.40).
#![allow(
    clippy::arithmetic_side_effects,
    reason = "only divisions are unchecked: by denominators, totals and greatest common divisors, which are at least 1"
)]

use alloc::string::{String, ToString};
use core::fmt;

/// A probability from 0 to 1: an exact fraction of 128-bit integers in lowest terms, or, where that overflows, a
/// multiple of 2^-64 rounded down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probability {
    /// `numerator / denominator`, in lowest terms.
    Exact {
        /// At most the denominator.
        numerator: u128,
        /// At least 1.
        denominator: u128,
    },
    /// This many times 2^-64.
    Rounded(u128),
}

/// 1 in fixed point.
const ONE: u128 = 1 << 64;

impl Probability {
    /// Certainty.
    pub const ONE: Self = Self::Exact { numerator: 1, denominator: 1 };

    /// This probability times `share / total`.
    pub(crate) fn times(self, share: u32, total: u32) -> Self {
        let (share, total) = (u128::from(share), u128::from(total.max(1)));
        let common = gcd(share, total);
        let (share, total) = (share / common, total / common);
        match self {
            Self::Exact { numerator, denominator } => {
                // Reduce crosswise first, so that only what does not cancel can overflow.
                let (a, b) = (gcd(numerator, total), gcd(share, denominator));
                let product = (numerator / a).checked_mul(share / b).zip((denominator / b).checked_mul(total / a));
                match product {
                    Some((numerator, denominator)) => Self::Exact { numerator, denominator },
                    None => Self::Rounded(self.fixed().saturating_mul(share) / total),
                }
            }
            Self::Rounded(value) => Self::Rounded(value.saturating_mul(share) / total),
        }
    }

    /// The probability of two things that do not depend on each other.
    pub(crate) fn and(self, other: Self) -> Self {
        if let (Self::Exact { numerator: a, denominator: b }, Self::Exact { numerator: c, denominator: d }) =
            (self, other)
        {
            let (left, right) = (gcd(a, d), gcd(c, b));
            let product = (a / left).checked_mul(c / right).zip((b / right).checked_mul(d / left));
            if let Some((numerator, denominator)) = product {
                return Self::Exact { numerator, denominator };
            }
        }
        // Both are at most 2^64, so that their product fits but for the case that both are 1.
        let (a, b) = (self.fixed(), other.fixed());
        Self::Rounded(if a == ONE {
            b
        } else if b == ONE {
            a
        } else {
            a.saturating_mul(b) >> 64
        })
    }

    /// The sum of two probabilities of things that exclude each other.
    pub(crate) fn plus(self, other: Self) -> Self {
        let exact = match (self, other) {
            (Self::Exact { numerator: a, denominator: b }, Self::Exact { numerator: c, denominator: d }) => {
                let common = gcd(b, d);
                (|| {
                    let left = a.checked_mul(d / common)?;
                    let right = c.checked_mul(b / common)?;
                    let (numerator, denominator) = (left.checked_add(right)?, b.checked_mul(d / common)?);
                    let divisor = gcd(numerator, denominator);
                    Some(Self::Exact { numerator: numerator / divisor, denominator: denominator / divisor })
                })()
            }
            _ => None,
        };
        exact.unwrap_or_else(|| Self::Rounded(self.fixed().saturating_add(other.fixed()).min(ONE)))
    }

    /// Whether the fraction is exact.
    #[must_use]
    pub const fn is_exact(self) -> bool {
        matches!(self, Self::Exact { .. })
    }

    /// The fraction as text, such as `1/4`; in fixed point the denominator is 2^64.
    #[must_use]
    pub fn ratio(self) -> String {
        self.to_string()
    }

    /// The nearest double.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Exact { numerator, denominator } => numerator as f64 / denominator as f64,
            Self::Rounded(value) => value as f64 / ONE as f64,
        }
    }

    /// In units of 2^-64, rounded down; orders probabilities.
    pub(crate) fn fixed(self) -> u128 {
        match self {
            Self::Rounded(value) => value,
            Self::Exact { numerator, denominator } if numerator >= denominator => ONE,
            Self::Exact { numerator, denominator } => {
                let (mut rest, mut value) = (numerator, 0_u128);
                for _ in 0..64 {
                    // Double the rest without passing 2^128: it stays below the denominator.
                    let missing = denominator.saturating_sub(rest);
                    let carries = rest >= missing;
                    rest = if carries { rest.saturating_sub(missing) } else { rest.saturating_mul(2) };
                    value = (value << 1) | u128::from(carries);
                }
                value
            }
        }
    }
}

impl fmt::Display for Probability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact { numerator, denominator } => write!(f, "{numerator}/{denominator}"),
            Self::Rounded(value) => write!(f, "{value}/{ONE}"),
        }
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while let Some(rest) = a.checked_rem(b) {
        (a, b) = (b, rest);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_while_it_fits() {
        let third = Probability::ONE.times(1, 3);
        let sixth = third.times(1, 2);
        assert_eq!(third.plus(sixth).ratio(), "1/2");
        assert_eq!(third.plus(third).plus(third), Probability::ONE);
        assert_eq!(Probability::ONE.times(25, 100).ratio(), "1/4");
        assert_eq!(third.fixed(), ONE / 3);
        assert_eq!(Probability::ONE.fixed(), ONE);
    }

    #[test]
    fn rounded_when_it_does_not() {
        let mut tiny = Probability::ONE;
        let primes = [65_519, 65_521, 65_497, 65_479, 65_449, 65_447, 65_437, 65_423, 65_419];
        for prime in primes {
            tiny = tiny.times(prime - 1, prime);
        }
        assert!(!tiny.is_exact());
        assert!((tiny.as_f64() - 0.999_862).abs() < 1e-5, "{}", tiny.as_f64());
        assert!(tiny.ratio().ends_with("/18446744073709551616"));
    }
}
