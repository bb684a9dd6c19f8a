//! Where a watch may connect to: whoever may edit a zone file chooses the addresses, so that an operator has the last word.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// Denied unless named: link-local addresses, where clouds serve credentials to whoever asks from the machine itself, the
/// same services outside of link-local, and addresses that are no single host.
const DENIED: [&str; 9] = [
    "169.254.0.0/16",
    "fe80::/10",
    "fd00:ec2::254/128",
    "100.100.100.200/32",
    "192.0.0.192/32",
    "0.0.0.0/8",
    "::/128",
    "224.0.0.0/3",
    "ff00::/8",
];

/// An address range as CIDR: `10.0.0.0/8`, `fd00::/8`; without a slash one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    /// IPv4 as mapped into IPv6, so that one comparison does for both.
    bits: u128,
    length: u8,
    is_v4: bool,
}

/// Why a text is no network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkError(String);

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a network such as 10.0.0.0/8, fd00::/8 or 192.0.2.1", self.0)
    }
}

impl std::error::Error for NetworkError {}

impl FromStr for Network {
    type Err = NetworkError;

    fn from_str(text: &str) -> Result<Self, NetworkError> {
        let fault = || NetworkError(text.into());
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u8>().map_err(|_| fault())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| fault())?;
        let (is_v4, most) = if address.is_ipv4() { (true, 32) } else { (false, 128) };
        let length = length.unwrap_or(most);
        if length > most {
            return Err(fault());
        }
        let length = if is_v4 { length.saturating_add(96) } else { length };
        Ok(Self { bits: bits(address) & mask(length), length, is_v4 })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = Ipv6Addr::from_bits(self.bits);
        match address.to_ipv4_mapped().filter(|_| self.is_v4) {
            Some(address) => write!(f, "{address}/{}", self.length.saturating_sub(96)),
            None => write!(f, "{address}/{}", self.length),
        }
    }
}

impl Network {
    fn holds(&self, address: IpAddr) -> bool {
        bits(address) & mask(self.length) == self.bits
    }
}

/// IPv6 as it is, IPv4 as mapped into it: `::ffff:169.254.169.254` is the same place as `169.254.169.254`.
const fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

const fn mask(length: u8) -> u128 {
    match length {
        0 => 0,
        length => u128::MAX << (128_u8.saturating_sub(length)),
    }
}

/// The rules: the longest network that holds an address decides, and of two equal ones the one that denies; an address that
/// no network holds is allowed.
///
/// ```
/// use pointsman_watch::networks::Networks;
/// let networks = Networks::new(&["169.254.10.0/24".parse()?], &["10.0.0.0/8".parse()?]);
/// assert!(networks.allows("192.0.2.1".parse().unwrap()).is_ok());
/// assert!(networks.allows("169.254.10.7".parse().unwrap()).is_ok());
/// assert_eq!(networks.allows("169.254.169.254".parse().unwrap()).unwrap_err().to_string(), "169.254.0.0/16");
/// assert!(networks.allows("::ffff:10.1.2.3".parse().unwrap()).is_err());
/// # Ok::<(), pointsman_watch::networks::NetworkError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Networks {
    rules: Vec<(Network, bool)>,
}

impl Default for Networks {
    fn default() -> Self {
        Self::new(&[], &[])
    }
}

impl Networks {
    /// Rules of an operator's own, above the default ones.
    #[must_use]
    pub fn new(allow: &[Network], deny: &[Network]) -> Self {
        let own = deny.iter().map(|network| (*network, false)).chain(allow.iter().map(|network| (*network, true)));
        let default = DENIED.iter().filter_map(|text| Some((text.parse().ok()?, false)));
        // An operator's rule beats a default one for the same network: it stands before it.
        let mut rules: Vec<(Network, bool)> = own.chain(default).collect();
        rules.sort_by_key(|(network, _)| std::cmp::Reverse(network.length));
        Self { rules }
    }

    /// Whether an address may be connected to.
    ///
    /// # Errors
    /// The network that denies it.
    pub fn allows(&self, address: IpAddr) -> Result<(), Network> {
        match self.rules.iter().find(|(network, _)| network.holds(address)) {
            Some((network, false)) => Err(*network),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(texts: &[&str]) -> Vec<Network> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn allows(networks: &Networks, address: &str) -> bool {
        networks.allows(address.parse().unwrap()).is_ok()
    }

    #[test]
    fn metadata_services_are_denied_by_default_however_they_are_written() {
        let networks = Networks::default();
        for address in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "fd00:ec2::254",
            "100.100.100.200",
            "fe80::1",
            "0.0.0.0",
            "255.255.255.255",
            "239.1.1.1",
        ] {
            assert!(!allows(&networks, address), "{address}");
        }
        for address in ["127.0.0.1", "10.0.0.1", "192.0.2.1", "::1", "2001:db8::1", "fd00:ec2::253"] {
            assert!(allows(&networks, address), "{address}");
        }
    }

    #[test]
    fn the_longest_network_decides_and_an_operator_beats_the_default() {
        let networks = Networks::new(&list(&["10.1.0.0/16", "169.254.0.0/16"]), &list(&["0.0.0.0/0", "10.1.2.0/24"]));
        assert!(allows(&networks, "10.1.9.9") && allows(&networks, "169.254.1.1"));
        assert!(!allows(&networks, "10.1.2.3") && !allows(&networks, "192.0.2.1"));
        assert!(allows(&networks, "2001:db8::1"), "nothing was said of IPv6");
        let both = Networks::new(&list(&["10.0.0.0/8"]), &list(&["10.0.0.0/8"]));
        assert!(!allows(&both, "10.0.0.1"));
    }

    #[test]
    fn networks_read_as_written() {
        for (text, shown) in
            [("10.1.2.3/8", "10.0.0.0/8"), ("192.0.2.1", "192.0.2.1/32"), ("::/0", "::/0"), ("0.0.0.0/0", "0.0.0.0/0")]
        {
            assert_eq!(text.parse::<Network>().unwrap().to_string(), shown);
        }
        for text in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "name", "10.0.0.0/-1"] {
            assert!(text.parse::<Network>().is_err(), "{text}");
        }
    }
}
