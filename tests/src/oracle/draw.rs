//! The draw: one number a query, from which every random choice follows (10.37). Written a second time here, so that it is
//! held against core's.

/// Word `i` of a draw: SplitMix64's finaliser of the draw plus `i + 1` times the golden gamma.
pub(super) fn word(draw: u64, index: u64) -> u64 {
    let mut z = draw.wrapping_add(index.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    z ^= z >> 30;
    z = z.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z ^= z >> 27;
    z = z.wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// The words of one level of the tree: word `j` of level `k` is word `16 k + j`.
#[derive(Debug, Clone, Copy)]
pub(super) struct DrawStream {
    draw: u64,
    level: u64,
}

impl DrawStream {
    /// The words of the group asked for.
    pub(super) fn new(draw: u64) -> Self {
        Self { draw, level: 0 }
    }

    /// The words of the group that an alias leads to.
    pub(super) fn deeper(self) -> Self {
        Self { level: self.level + 1, ..self }
    }

    /// A uniform integer below `n` from word `j`.
    pub(super) fn below(self, j: u64, n: u64) -> u64 {
        let word = word(self.draw, 16 * self.level + j);
        ((u128::from(word) * u128::from(n)) >> 64) as u64
    }

    /// A member in proportion to its number, by cumulative sums, from word `j`.
    pub(super) fn by_weight<T: Copy>(self, j: u64, members: &[(T, u64)]) -> Option<T> {
        let mut at = self.below(j, members.iter().map(|(_, weight)| weight).sum());
        for (member, weight) in members {
            if at < *weight {
                return Some(*member);
            }
            at -= weight;
        }
        None
    }

    /// Eight of more than eight: eight swaps, and the first eight stay.
    pub(super) fn eight<T>(self, mut pool: Vec<T>) -> Vec<T> {
        for j in 0..8 {
            let other = j + self.below(j as u64, (pool.len() - j) as u64) as usize;
            pool.swap(j, other);
        }
        pool.truncate(8);
        pool
    }
}
