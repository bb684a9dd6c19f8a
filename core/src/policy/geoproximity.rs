//! Geoproximity: the smallest distance after bias (4.6).

use alloc::vec::Vec;

use super::choice::{Choice, by_key, first_healthy, smallest};
use crate::model::Position;

/// Radius of the sphere that distances are measured on, in kilometres (10.39).
const EARTH_RADIUS_KM: f64 = 6371.0;

/// Great-circle distance in kilometres by the haversine formula, the same bits on every target (10.39).
///
/// Equal distances on a map come out equal, whichever way round the Earth and however a pole is written, so that the
/// tie rule decides and not the last bit (10.17).
pub(crate) fn distance_km(a: Position, b: Position) -> f64 {
    let (latitude, longitude) = a.degrees_apart(b);
    let half_lat = libm::sin(latitude.to_radians() / 2.0);
    let half_lon = libm::sin(longitude.to_radians() / 2.0);
    let h = half_lat * half_lat + parallel(a) * parallel(b) * half_lon * half_lon;
    2.0 * EARTH_RADIUS_KM * libm::asin(libm::sqrt(if h > 1.0 { 1.0 } else { h }))
}

/// The radius of a position's parallel, the equator's being 1; nothing at a pole, where all longitudes meet.
fn parallel(position: Position) -> f64 {
    if position.is_pole() { 0.0 } else { libm::cos(position.latitude().to_radians()) }
}

/// Distance after bias: a positive bias shrinks it, a negative one stretches it (4.6.2).
pub(crate) fn biased(distance: f64, bias: i8) -> f64 {
    let bias = f64::from(bias) / 100.0;
    if bias > 0.0 { distance * (1.0 - bias) } else { distance / (1.0 + bias) }
}

/// Why this member.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Why {
    /// It is nearest in the pool after bias.
    Nearest,
    /// The client's position is unknown: it is the first of the pool by SetIdentifier.
    PositionUnknown,
}

/// Why a member of the pool was passed over for another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PassedOver {
    /// It is farther after bias.
    Farther,
    /// It is equally far, and its SetIdentifier stands later.
    LaterSetIdentifier,
    /// Nothing is known of distances, and its SetIdentifier stands later.
    PositionUnknown,
}

/// Picks the member with the smallest biased distance in the pool; of equals, and when the client's position is
/// unknown, the first by SetIdentifier (10.14, 10.17).
pub(crate) fn choose(
    members: u32,
    biased_distance: Option<impl Fn(u32) -> f64>,
    is_healthy: impl FnMut(u32) -> bool,
) -> Option<Choice<Why>> {
    Some(match biased_distance {
        Some(distance) => smallest(members, distance, is_healthy)?.because(|_| Why::Nearest),
        None => first_healthy(0..members, is_healthy)?.because(|_| Why::PositionUnknown),
    })
}

/// The members in the order in which they are tried.
pub(crate) fn order(members: u32, biased_distance: Option<impl Fn(u32) -> f64>) -> Vec<u32> {
    match biased_distance {
        Some(distance) => by_key(members, distance),
        None => (0..members).collect(),
    }
}

/// Why a member of the pool was passed over: by the key that [`choose`] compares.
pub(crate) fn passed_over(biased_distance: Option<impl Fn(u32) -> f64>, member: u32, chosen: u32) -> PassedOver {
    match biased_distance {
        None => PassedOver::PositionUnknown,
        Some(distance) if distance(member) > distance(chosen) => PassedOver::Farther,
        Some(_) => PassedOver::LaterSetIdentifier,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worked_examples_of_4_6_3() {
        assert!((biased(150.0, 50) - 75.0).abs() < 1e-9);
        assert!((biased(100.0, -50) - 200.0).abs() < 1e-9);
        assert!((biased(100.0, 0) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn distances_are_great_circles() {
        let position = |latitude, longitude| Position::from_degrees(latitude, longitude).unwrap();
        let london_paris = distance_km(position(51.51, -0.13), position(48.86, 2.35));
        assert!((london_paris - 344.0).abs() < 3.0, "{london_paris}");
        let half_way_round = distance_km(position(0.0, 0.0), position(0.0, 180.0));
        assert!((half_way_round - 20_015.0).abs() < 1.0, "{half_way_round}");
        assert!(distance_km(position(0.0, 179.9), position(0.0, -179.9)) < 30.0);
    }

    #[test]
    fn what_is_equally_far_is_equally_far_to_the_bit() {
        let position = |(latitude, longitude)| Position::from_degrees(latitude, longitude).unwrap();
        for (from, one, other) in [
            ((0.0, 180.0), (0.0, 170.0), (0.0, -170.0)),
            ((0.0, 170.0), (0.0, 180.0), (0.0, -180.0)),
            ((12.0, 179.0), (12.0, -171.0), (12.0, 169.0)),
            ((10.1, 100.1), (10.1, 110.1), (10.1, 90.1)),
            ((0.1, 0.0), (0.3, 0.0), (-0.1, 0.0)),
            ((33.3, 12.0), (90.0, 0.0), (90.0, 133.0)),
            ((90.0, 50.0), (80.0, 0.0), (80.0, 120.0)),
            ((-90.0, 0.0), (-90.0, 0.0), (-90.0, 77.0)),
        ] {
            let (from, one, other) = (position(from), position(one), position(other));
            assert_eq!(distance_km(from, one), distance_km(from, other), "{from}");
            assert_eq!(distance_km(from, one), distance_km(one, from), "{from}");
        }
        assert_eq!(distance_km(position((7.0, 180.0)), position((7.0, -180.0))), 0.0);
    }

    #[test]
    fn unknown_position_takes_the_first_of_the_pool() {
        let none: Option<fn(u32) -> f64> = None;
        assert_eq!(
            choose(3, none, |member| member > 0),
            Some(Choice { member: 1, fail_open: false, why: Why::PositionUnknown })
        );
        assert_eq!(choose(3, none, |_| false), Some(Choice { member: 0, fail_open: true, why: Why::PositionUnknown }));
    }
}
