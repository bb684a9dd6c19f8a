//! Networks that nest: blocks of CIDR collections, rows of latency tables, and clients in and around them.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::rng::Rng;

/// A network of either family, by default few enough bits that many of them nest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    pub(super) is_v6: bool,
    /// Left-aligned.
    bits: u128,
    pub(super) length: u32,
}

impl Network {
    /// A network with a prefix of `shortest` to `longest` bits.
    pub(super) fn any(rng: &mut Rng, is_v6: bool, shortest: usize, longest: usize) -> Self {
        let length = rng.between(shortest, longest) as u32;
        let mut bits = if is_v6 { 0x2001_0db8_u128 << 96 } else { 0x0a00_0000_u128 << 96 };
        // Few bits vary, and those near the end of usual blocks.
        for place in [0, 7, 9, 12, 15, 18, 21, 22, 23, 24, 30, 33, 40, 47, 48, 63] {
            if rng.percent(25) {
                bits ^= 1 << (127 - place);
            }
        }
        Self { is_v6, bits, length }.masked()
    }

    /// A client in it, around it or beside it.
    pub(super) fn near(self, rng: &mut Rng) -> Self {
        let width = self.width();
        let mut near = self;
        if rng.percent(40) {
            near.bits ^= 1 << (127 - rng.below(width as usize));
        }
        if rng.percent(60) {
            near.bits |= u128::from(rng.number()) << 64 >> self.length.min(127);
        }
        near.length = match rng.below(6) {
            0 => width,
            1 => {
                if self.is_v6 {
                    56
                } else {
                    24
                }
            }
            2 => rng.between(0, width as usize) as u32,
            3 => self.length.saturating_sub(1),
            4 => (self.length + 1).min(width),
            _ => self.length,
        };
        near.masked()
    }

    /// The first half or so of it.
    pub(super) fn inside(self, rng: &mut Rng, longest: u32) -> Self {
        let length = (self.length + rng.between(1, 9) as u32).min(longest);
        let bits = self.bits | if rng.percent(50) { 0 } else { 1 << (127 - length.saturating_sub(1)) };
        Self { length, bits, ..self }.masked()
    }

    fn width(self) -> u32 {
        if self.is_v6 { 128 } else { 32 }
    }

    fn masked(self) -> Self {
        let mask = u128::MAX.checked_shl(128 - self.length).unwrap_or(0);
        Self { bits: self.bits & mask, ..self }
    }

    /// The first address.
    pub(super) fn address(self) -> String {
        if self.is_v6 {
            Ipv6Addr::from(self.bits).to_string()
        } else {
            Ipv4Addr::from((self.bits >> 96) as u32).to_string()
        }
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address(), self.length)
    }
}
