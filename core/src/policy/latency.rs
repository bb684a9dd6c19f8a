//! Latency: the Region with the lowest latency from the client (4.4).

use alloc::vec::Vec;

use super::choice::{Choice, by_key, smallest};
use crate::model::{Country, Region};

/// How near a Region is; smaller is nearer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Nearness {
    /// Measured, in microseconds.
    Microseconds(u32),
    /// By distance in kilometres, in private zones (1.8.2).
    Kilometres(f64),
    /// Nothing is known; ranks last (10.13).
    Unknown,
}

impl PartialOrd for Nearness {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        use core::cmp::Ordering;
        match (self, other) {
            (Self::Microseconds(a), Self::Microseconds(b)) => a.partial_cmp(b),
            (Self::Kilometres(a), Self::Kilometres(b)) => a.partial_cmp(b),
            (Self::Unknown, Self::Unknown) => Some(Ordering::Equal),
            (Self::Unknown, _) => Some(Ordering::Greater),
            (_, Self::Unknown) => Some(Ordering::Less),
            (Self::Microseconds(_), Self::Kilometres(_)) | (Self::Kilometres(_), Self::Microseconds(_)) => None,
        }
    }
}

/// What members are compared by: the rule for China, then nearness, then the Region's code.
type Key = (u8, Nearness, &'static str);

/// The first part of a key that the rule for China puts before all others.
const CHINA_RULE: u8 = 0;

fn key(region: Option<Region>, nearness: impl Fn(Region) -> Nearness, country: Option<Country>) -> Key {
    match region {
        Some(Region::CN_NORTH_1) if country == Some(Country::CN) => (CHINA_RULE, Nearness::Unknown, ""),
        Some(region) => (1, nearness(region), region.as_str()),
        None => (2, Nearness::Unknown, ""),
    }
}

/// Why this member.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Why {
    /// The client is in China and this is cn-north-1 (4.4.3).
    ChinaRule,
    /// Its Region is the nearest in the pool.
    Nearest(Nearness),
    /// Nothing is known of the nearness of any Region in the pool: its Region's code is the first (10.13).
    Unknown,
}

/// Why a member of the pool was passed over for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PassedOver {
    /// The client is in China, and the other one is cn-north-1.
    ChinaRule,
    /// Its Region is farther.
    Farther,
    /// Nothing is known of its Region's nearness, and of the other's something is.
    Unknown,
    /// Its Region is as near, and has a later code (10.8).
    LaterCode,
    /// Nothing is known of either, and its Region has a later code (10.13).
    LaterCodeUnknown,
}

/// Picks a member. Clients in China get cn-north-1 while it is in the pool (4.4.3, 10.15); ties go to the first Region
/// code in byte order (10.8).
pub(crate) fn choose(
    members: u32,
    region: impl Fn(u32) -> Option<Region>,
    nearness: impl Fn(Region) -> Nearness,
    country: Option<Country>,
    mut is_healthy: impl FnMut(u32) -> bool,
) -> Option<Choice<Why>> {
    let choice = smallest(members, |member| key(region(member), &nearness, country), &mut is_healthy)?;
    Some(choice.because(|key| match key {
        (CHINA_RULE, ..) => Why::ChinaRule,
        (_, Nearness::Unknown, _) => Why::Unknown,
        (_, nearness, _) => Why::Nearest(nearness),
    }))
}

/// The members in the order in which they are tried.
pub(crate) fn order(
    members: u32,
    region: impl Fn(u32) -> Option<Region>,
    nearness: impl Fn(Region) -> Nearness,
    country: Option<Country>,
) -> Vec<u32> {
    by_key(members, |member| key(region(member), &nearness, country))
}

/// Why a member of the pool was passed over: by the keys that [`choose`] compares.
pub(crate) fn passed_over(
    region: Option<Region>,
    chosen: Option<Region>,
    nearness: impl Fn(Region) -> Nearness,
    country: Option<Country>,
) -> PassedOver {
    let ((_, own, _), (first, other, _)) = (key(region, &nearness, country), key(chosen, &nearness, country));
    match (first, own == other) {
        (CHINA_RULE, _) => PassedOver::ChinaRule,
        (_, true) if own == Nearness::Unknown => PassedOver::LaterCodeUnknown,
        (_, true) => PassedOver::LaterCode,
        (_, false) if own == Nearness::Unknown => PassedOver::Unknown,
        (_, false) => PassedOver::Farther,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen_by(codes: &[&str], known: &[u32], country: &str, healthy: &[bool]) -> u32 {
        let regions: Vec<Region> = codes.iter().map(|code| Region::parse(code).unwrap()).collect();
        let nearness = |region: Region| {
            let at = regions.iter().position(|other| *other == region).unwrap();
            known.get(at).map_or(Nearness::Unknown, |value| Nearness::Microseconds(*value))
        };
        let region = |member: u32| regions.get(member as usize).copied();
        choose(codes.len() as u32, region, nearness, Country::parse(country), |m| healthy[m as usize]).unwrap().member
    }

    #[test]
    fn lowest_in_the_pool_then_code() {
        let codes = ["us-west-2", "us-east-1", "eu-west-1"];
        assert_eq!(chosen_by(&codes, &[70, 20, 90], "US", &[true; 3]), 1);
        assert_eq!(chosen_by(&codes, &[70, 20, 90], "US", &[true, false, true]), 0);
        assert_eq!(chosen_by(&codes, &[70, 20, 90], "US", &[false; 3]), 1);
        assert_eq!(chosen_by(&codes, &[50, 50, 50], "US", &[true; 3]), 2); // 10.8
        assert_eq!(chosen_by(&codes, &[50], "US", &[true; 3]), 0); // 10.13
        assert_eq!(chosen_by(&codes, &[], "US", &[true; 3]), 2);
    }

    #[test]
    fn china_goes_to_beijing_while_it_is_up() {
        let codes = ["ap-east-1", "cn-north-1"];
        assert_eq!(chosen_by(&codes, &[5, 90], "CN", &[true, true]), 1);
        assert_eq!(chosen_by(&codes, &[5, 90], "CN", &[true, false]), 0);
        assert_eq!(chosen_by(&codes, &[5, 90], "CN", &[false, false]), 1);
        assert_eq!(chosen_by(&codes, &[5, 90], "JP", &[true, true]), 0);
    }
}
