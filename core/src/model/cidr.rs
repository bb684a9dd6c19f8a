//! IP networks and CIDR collections (semantics 1.7, 4.7).

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;

/// An IP network: an address whose host bits are zero, and a prefix length in bits.
///
/// ```
/// use pointsman_core::model::IpNetwork;
/// let block = IpNetwork::parse("203.0.113.77/24").unwrap();
/// assert_eq!(block.to_string(), "203.0.113.0/24"); // host bits are masked (10.12)
/// assert!(block.contains(&IpNetwork::parse("203.0.113.9").unwrap()));
/// assert!(IpNetwork::parse("203.0.113.0/33").is_none());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IpNetwork {
    /// The address, left-aligned in 128 bits for both families.
    bits: u128,
    prefix_length: u8,
    family: Family,
}

/// IPv4 or IPv6; a location matches only networks of its own family (10.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// 32-bit addresses.
    V4,
    /// 128-bit addresses.
    V6,
}

impl IpNetwork {
    /// A network from an address and a prefix length; host bits are masked. `None` when the length is beyond the
    /// family's 32 or 128 bits. IPv4-mapped IPv6 addresses become IPv4.
    #[must_use]
    pub fn new(address: IpAddr, prefix_length: u8) -> Option<Self> {
        let (address, prefix_length) = match (address, address.to_canonical()) {
            (IpAddr::V6(_), IpAddr::V4(mapped)) if prefix_length >= 96 => {
                (IpAddr::V4(mapped), prefix_length.checked_sub(96)?)
            }
            _ => (address, prefix_length),
        };
        let (bits, family, width) = match address {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()).wrapping_shl(96), Family::V4, 32),
            IpAddr::V6(v6) => (v6.to_bits(), Family::V6, 128),
        };
        (prefix_length <= width).then(|| Self { bits: bits & mask(prefix_length), prefix_length, family })
    }

    /// The network of left-aligned bits; `None` when the length is beyond the family's, or a host bit is set.
    pub(crate) fn from_bits(family: Family, bits: u128, prefix_length: u8) -> Option<Self> {
        let width = if family == Family::V4 { 32 } else { 128 };
        (prefix_length <= width && bits & mask(prefix_length) == bits).then_some(Self { bits, prefix_length, family })
    }

    /// The network of one address.
    #[must_use]
    pub fn host(address: IpAddr) -> Self {
        let address = address.to_canonical();
        let (bits, family, prefix_length) = match address {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()).wrapping_shl(96), Family::V4, 32),
            IpAddr::V6(v6) => (v6.to_bits(), Family::V6, 128),
        };
        Self { bits, prefix_length, family }
    }

    /// Reads `address/length`, or an address alone as its host network.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once('/') {
            Some((address, length)) => {
                if length.is_empty() || length.len() > 3 || !length.bytes().all(|byte| byte.is_ascii_digit()) {
                    return None;
                }
                Self::new(address.parse().ok()?, length.parse().ok()?)
            }
            None => text.parse().ok().map(Self::host),
        }
    }

    /// Whether `other` lies wholly inside this network (4.7.1).
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.family == other.family
            && self.prefix_length <= other.prefix_length
            && other.bits & mask(self.prefix_length) == self.bits
    }

    /// The prefix length in bits.
    #[must_use]
    pub const fn prefix_length(&self) -> u8 {
        self.prefix_length
    }

    /// The address family.
    #[must_use]
    pub const fn family(&self) -> Family {
        self.family
    }

    /// The first address.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        match self.family {
            Family::V4 => IpAddr::V4(u32::try_from(self.bits.wrapping_shr(96)).unwrap_or_default().into()),
            Family::V6 => IpAddr::V6(self.bits.into()),
        }
    }

    /// The first address, left-aligned in 128 bits.
    pub(crate) const fn first(&self) -> u128 {
        self.bits
    }

    /// The last address, left-aligned in 128 bits with all lower bits set.
    pub(crate) fn last(&self) -> u128 {
        self.bits | !mask(self.prefix_length)
    }
}

/// The top `length` bits.
fn mask(length: u8) -> u128 {
    u128::MAX.checked_shl(128_u32.saturating_sub(u32::from(length))).unwrap_or(0)
}

impl fmt::Display for IpNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address(), self.prefix_length)
    }
}

/// A CIDR collection: named locations, each with blocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CidrCollection {
    /// The collection's id.
    pub id: Box<str>,
    /// The blocks with the name of their location, in document order.
    pub blocks: Vec<(IpNetwork, Box<str>)>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn networks_read_mask_and_nest() {
        let network = |text| IpNetwork::parse(text).unwrap();
        assert_eq!(network("2001:db8:0:1234::/48").to_string(), "2001:db8::/48");
        assert!(network("10.0.0.0/8").contains(&network("10.1.2.0/24")));
        assert!(!network("10.1.2.0/24").contains(&network("10.0.0.0/8")));
        assert!(network("0.0.0.0/0").contains(&network("255.255.255.255")));
        assert!(!network("0.0.0.0/0").contains(&network("::1")));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        for text in ["", "1.2.3", "1.2.3.4/", "1.2.3.4/+8", "1.2.3.4/33", "::/129", "1.2.3.4/0008"] {
            assert_eq!(IpNetwork::parse(text), None, "{text}");
        }
    }
}
