//! Addresses that Route 53's checkers cannot reach, though a prober of one's own may.

use core::net::IpAddr;

/// What makes an address unreachable for Route 53's checkers (6.1.3, 6.1.3a).
pub(super) fn unreachable_from_aws(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            if v4.is_private() {
                Some("private")
            } else if v4.is_loopback() {
                Some("a loopback address")
            } else if v4.is_documentation() {
                Some("for documentation")
            } else if v4.is_link_local() {
                Some("link-local")
            } else if v4.is_multicast() {
                Some("a multicast address")
            } else if a == 100 && (64..128).contains(&b) {
                Some("shared between carriers")
            } else if a == 0 || a >= 240 || (a == 198 && (18..20).contains(&b)) || (a, b, c) == (192, 0, 0) {
                Some("not routable")
            } else {
                None
            }
        }
        IpAddr::V6(v6) => {
            let [first, second, ..] = v6.segments();
            if v6.is_unspecified() {
                Some("not routable")
            } else if v6.is_loopback() {
                Some("a loopback address")
            } else if v6.is_multicast() {
                Some("a multicast address")
            } else if (first, second) == (0x2001, 0x0db8) {
                Some("for documentation")
            } else if first & 0xffc0 == 0xfe80 {
                Some("link-local")
            } else if first & 0xfe00 == 0xfc00 {
                Some("private")
            } else {
                None
            }
        }
    }
}
