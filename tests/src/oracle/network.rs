//! IP networks, bit by bit.

use std::net::IpAddr;

use anyhow::{Context as _, Result, ensure};

/// A network: its family and the bits of its prefix, host bits left out (10.12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Network {
    is_v6: bool,
    bits: Vec<bool>,
}

impl Network {
    /// Reads `address/length`, or an address alone.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<usize>().context("a prefix length")?)),
            None => (text, None),
        };
        let (is_v6, bytes) = match address.parse::<IpAddr>().with_context(|| format!("`{text}` is not a network"))? {
            IpAddr::V4(address) => (false, address.octets().to_vec()),
            IpAddr::V6(address) => (true, address.octets().to_vec()),
        };
        let mut bits: Vec<bool> =
            bytes.iter().flat_map(|byte| (0..8).rev().map(move |place| byte >> place & 1 == 1)).collect();
        if let Some(length) = length {
            ensure!(length <= bits.len(), "`{text}` has too long a prefix");
            bits.truncate(length);
        }
        Ok(Self { is_v6, bits })
    }

    /// Writes a network as `address/length`.
    pub(super) fn print(&self) -> String {
        let mut bytes = [0_u8; 16];
        for (place, bit) in self.bits.iter().enumerate() {
            bytes[place / 8] |= u8::from(*bit) << (7 - place % 8);
        }
        let [a, b, c, d, ..] = bytes;
        let address = if self.is_v6 { IpAddr::from(bytes) } else { IpAddr::from([a, b, c, d]) };
        format!("{address}/{}", self.bits.len())
    }

    /// Whether `other` lies wholly inside: a query network shorter than a block is not in it (4.7.1).
    pub(super) fn contains(&self, other: &Self) -> bool {
        self.is_v6 == other.is_v6 && other.bits.starts_with(&self.bits)
    }

    /// The prefix length.
    pub(super) fn length(&self) -> usize {
        self.bits.len()
    }

    /// Bits of an address of the family.
    pub(super) fn width(&self) -> usize {
        if self.is_v6 { 128 } else { 32 }
    }

    /// The network of that prefix length around this one, or its first one when it is longer.
    pub(super) fn resized(&self, length: usize) -> Self {
        let mut bits = self.bits.clone();
        bits.resize(length, false);
        Self { is_v6: self.is_v6, bits }
    }
}
