//! Exact fractions (5.8, 10.40).

/// A fraction in lowest terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fraction {
    over: u128,
    under: u128,
}

impl Fraction {
    pub(super) const ZERO: Self = Self { over: 0, under: 1 };
    pub(super) const ONE: Self = Self { over: 1, under: 1 };

    /// `over / under`, where `under` is not zero.
    pub(super) fn new(over: u128, under: u128) -> Self {
        let divisor = greatest_common_divisor(over, under);
        Self { over: over / divisor, under: under / divisor }
    }

    /// The product; `None` when it does not fit.
    pub(super) fn times(self, other: Self) -> Option<Self> {
        // Crosswise first, so that what can be cancelled never grows.
        let left = Self::new(self.over, other.under);
        let right = Self::new(other.over, self.under);
        Some(Self::new(left.over.checked_mul(right.over)?, left.under.checked_mul(right.under)?))
    }

    /// The sum; `None` when it does not fit.
    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let divisor = greatest_common_divisor(self.under, other.under);
        let (mine, theirs) = (other.under / divisor, self.under / divisor);
        let over = self.over.checked_mul(mine)?.checked_add(other.over.checked_mul(theirs)?)?;
        Some(Self::new(over, self.under.checked_mul(mine)?))
    }

    /// `1/4`
    pub(super) fn ratio(self) -> String {
        format!("{}/{}", self.over, self.under)
    }

    /// The nearest binary fraction, give or take a rounding.
    pub(super) fn as_f64(self) -> f64 {
        self.over as f64 / self.under as f64
    }
}

fn greatest_common_divisor(left: u128, right: u128) -> u128 {
    if right == 0 { left.max(1) } else { greatest_common_divisor(right, left % right) }
}
