//! A draw for a key, so that a client's answers stick.

use crate::split_mix::finalise;

/// The draw of a key, such as a client's address or the id of a session: one key has one draw, and the draws of many keys
/// are spread evenly over all 64 bits, as weighted groups need it (10.37). FNV-1a, then the finaliser of SplitMix64; the
/// same on every host. It is no secret: who chooses keys can choose draws.
///
/// ```
/// use pointsman_core::draw_of;
/// assert_eq!(draw_of(""), 17_665_956_581_633_026_203);
/// assert_eq!(draw_of("198.51.100.7"), draw_of("198.51.100.7"));
/// assert_ne!(draw_of("198.51.100.7"), draw_of("198.51.100.8"));
/// ```
#[must_use]
pub fn draw_of(key: &str) -> u64 {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in key.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    finalise(hash)
}

#[cfg(test)]
mod tests {
    use super::draw_of;
    use alloc::format;

    /// What the other hosts' tests have, too.
    #[test]
    fn known_draws() {
        assert_eq!(
            [draw_of(""), draw_of("a"), draw_of("198.51.100.7"), draw_of("\u{e4}\u{1f600}")],
            [
                17_665_956_581_633_026_203,
                198_367_012_849_983_736,
                14_828_524_396_295_628_003,
                1_352_162_609_538_531_668,
            ]
        );
    }

    /// Addresses in a row, which differ in little, fall evenly on both sides of any weight.
    #[test]
    fn draws_of_like_keys_are_even() {
        for share in [1_u64, 10, 50, 90] {
            let limit = u64::MAX / 100 * share;
            let below =
                (0..20_000).filter(|number| draw_of(&format!("10.0.{}.{}", number / 256, number % 256)) < limit);
            let found = below.count() as f64 / 20_000.0;
            let wanted = share as f64 / 100.0;
            // Five standard deviations.
            let spread = 5.0 * (wanted * (1.0 - wanted) / 20_000.0_f64).sqrt();
            assert!((found - wanted).abs() < spread, "{share} %: {found}");
        }
    }
}
