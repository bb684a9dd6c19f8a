//! Which order the members of geoproximity groups have where on the Earth, by biased distance.
//!
//! The Earth is cut into triangles. Within a triangle no distance differs from that of its centre by more than its
//! radius, so where the members' biased distances are further apart than that, they have one order in all of it, and
//! one client stands for all who are there. Other triangles are cut in four, as long as there is room; what is left
//! then lies along the borders, is asked at its centre, and is counted: it is the share of the Earth that is not settled.

use std::collections::HashMap;

use pointsman_core::model::Position;

/// The most triangles that are looked at.
const TRIANGLES_MAX: usize = 60_000;
/// Triangles are never cut more often than this; their sides are then some 7 km long.
const DEPTH_MAX: u32 = 10;
/// Positions are whole steps of 1e-4 degree, distances a few last bits off: the angle that a bound must leave beside.
const MARGIN: f64 = 1e-5;
/// The most regions of the Earth that are kept apart; the smallest are left out.
const FACES_MAX: usize = 4_000;

/// A point on the unit sphere.
type Vector = [f64; 3];

/// A member of a geoproximity group: where it is, and what its distances are multiplied with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Site {
    at: Vector,
    factor: f64,
}

impl Site {
    /// From a position and a bias (4.6.2).
    pub(super) fn new(position: Position, bias: i8) -> Self {
        let bias = f64::from(bias) / 100.0;
        let factor = if bias > 0.0 { 1.0 - bias } else { 1.0 / (1.0 + bias) };
        Self { at: vector(position), factor }
    }
}

/// The Earth by the order of members.
#[derive(Debug, Clone, Default)]
pub(super) struct Earth {
    /// A position of each part, and the part's share of the Earth, the largest first.
    pub(super) faces: Vec<(Position, f64)>,
    /// The share of the Earth where the order is known at the centres of small triangles only.
    pub(super) unsettled: f64,
}

/// Cuts the Earth by the order that each group's members have, all groups at once.
pub(super) fn survey(groups: &[Vec<Site>]) -> Earth {
    let mut found: HashMap<Vec<u8>, (Vector, f64, f64)> = HashMap::new();
    let mut earth = Earth::default();
    let mut open: Vec<[Vector; 3]> = icosahedron();
    let mut looked = 0_usize;
    let mut depth = 0;
    while !open.is_empty() {
        let mut next = Vec::new();
        for triangle in open {
            looked = looked.saturating_add(1);
            let (centre, radius) = around(&triangle);
            let (order, settled) = look(groups, centre, radius + MARGIN);
            if depth < 2 || (!settled && depth < DEPTH_MAX && looked < TRIANGLES_MAX) {
                next.extend(cut(&triangle));
                continue;
            }
            let share = area(&triangle) / (4.0 * std::f64::consts::PI);
            if !settled {
                earth.unsettled += share;
            }
            // The part's client stands where most room is around it, and where the order is certain.
            let worth = if settled { share } else { 0.0 };
            let face = found.entry(order).or_insert((centre, worth, 0.0));
            face.2 += share;
            if worth > face.1 {
                (face.0, face.1) = (centre, worth);
            }
        }
        open = next;
        depth += 1;
    }
    let mut faces: Vec<(Vec<u8>, Position, f64)> =
        found.into_iter().filter_map(|(order, (centre, _, share))| Some((order, position(centre)?, share))).collect();
    faces.sort_by(|a, b| b.2.total_cmp(&a.2).then_with(|| a.0.cmp(&b.0)));
    let left_out: f64 = faces.iter().skip(FACES_MAX).map(|face| face.2).sum();
    earth.unsettled += left_out;
    faces.truncate(FACES_MAX);
    earth.faces = faces.into_iter().map(|(_, position, share)| (position, share)).collect();
    earth
}

/// The order of every group's members at a point, and whether it is the same everywhere within a radius.
fn look(groups: &[Vec<Site>], centre: Vector, radius: f64) -> (Vec<u8>, bool) {
    let mut order = Vec::new();
    let mut settled = true;
    for sites in groups {
        let mut members: Vec<(f64, u8, &Site)> = (0_u8..=u8::MAX)
            .zip(sites)
            .map(|(number, site)| (angle(centre, site.at) * site.factor, number, site))
            .collect();
        members.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        for (at, (distance, _, site)) in members.iter().enumerate() {
            settled = settled
                && members.iter().skip(at.saturating_add(1)).all(|(other, _, beyond)| {
                    // Two members at one place keep their order everywhere.
                    site.at == beyond.at || other - distance > radius * (site.factor + beyond.factor)
                });
        }
        order.extend(members.iter().map(|(_, number, _)| number));
        order.push(u8::MAX);
    }
    (order, settled)
}

fn vector(position: Position) -> Vector {
    let degrees = if position.longitude() == -180.0 { 180.0 } else { position.longitude() };
    let (latitude, longitude) = (position.latitude().to_radians(), degrees.to_radians());
    if position.latitude().abs() == 90.0 {
        return [0.0, 0.0, latitude.sin()];
    }
    [latitude.cos() * longitude.cos(), latitude.cos() * longitude.sin(), latitude.sin()]
}

fn position([x, y, z]: Vector) -> Option<Position> {
    Position::from_degrees(z.clamp(-1.0, 1.0).asin().to_degrees(), y.atan2(x).to_degrees())
}

fn dot(a: Vector, b: Vector) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn cross([a, b, c]: Vector, [x, y, z]: Vector) -> Vector {
    [b * z - c * y, c * x - a * z, a * y - b * x]
}

/// The angle between two points, exact for near ones and far ones alike.
fn angle(a: Vector, b: Vector) -> f64 {
    let across = cross(a, b);
    dot(across, across).sqrt().atan2(dot(a, b))
}

fn middle(points: &[Vector]) -> Vector {
    let mut sum = [0.0; 3];
    for point in points {
        sum.iter_mut().zip(point).for_each(|(sum, own)| *sum += own);
    }
    let length = dot(sum, sum).sqrt();
    sum.map(|part| part / length)
}

/// A triangle's centre, and how far its corners are from there.
fn around(triangle: &[Vector; 3]) -> (Vector, f64) {
    let centre = middle(triangle);
    (centre, triangle.iter().map(|corner| angle(centre, *corner)).fold(0.0, f64::max))
}

/// The four triangles between the corners and the middles of the sides.
fn cut([a, b, c]: &[Vector; 3]) -> [[Vector; 3]; 4] {
    let (ab, bc, ca) = (middle(&[*a, *b]), middle(&[*b, *c]), middle(&[*c, *a]));
    [[*a, ab, ca], [ab, *b, bc], [ca, bc, *c], [ab, bc, ca]]
}

/// The area of a triangle on the unit sphere (Van Oosterom and Strackee).
fn area([a, b, c]: &[Vector; 3]) -> f64 {
    let volume = dot(*a, cross(*b, *c)).abs();
    2.0 * volume.atan2(1.0 + dot(*a, *b) + dot(*b, *c) + dot(*c, *a))
}

/// Twenty triangles of one size.
fn icosahedron() -> Vec<[Vector; 3]> {
    let golden = (1.0 + 5.0_f64.sqrt()) / 2.0;
    let mut corners: Vec<Vector> = Vec::with_capacity(12);
    for one in [-1.0, 1.0] {
        for other in [-golden, golden] {
            corners.extend([[0.0, one, other], [one, other, 0.0], [other, 0.0, one]].map(|corner| middle(&[corner])));
        }
    }
    let side = 2.0_f64.atan();
    let near = |a: Vector, b: Vector| (angle(a, b) - side).abs() < 1e-6;
    let mut triangles = Vec::with_capacity(20);
    for (first, a) in corners.iter().enumerate() {
        for (second, b) in corners.iter().enumerate().skip(first.saturating_add(1)) {
            for c in corners.iter().skip(second.saturating_add(1)) {
                if near(*a, *b) && near(*b, *c) && near(*c, *a) {
                    triangles.push([*a, *b, *c]);
                }
            }
        }
    }
    triangles
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn site(latitude: f64, longitude: f64, bias: i8) -> Site {
        Site::new(Position::from_degrees(latitude, longitude).unwrap(), bias)
    }

    #[test]
    fn twenty_triangles_are_the_earth() {
        let all = icosahedron();
        let sum: f64 = all.iter().map(area).sum();
        assert_eq!(all.len(), 20);
        assert!((sum - 4.0 * std::f64::consts::PI).abs() < 1e-9, "{sum}");
    }

    #[test]
    fn two_members_at_the_poles_share_by_their_bias() {
        let half = survey(&[vec![site(90.0, 0.0, 0), site(-90.0, 0.0, 0)]]);
        assert_eq!(half.faces.len(), 2);
        assert!(half.faces.iter().all(|(_, share)| (share - 0.5).abs() < half.unsettled), "{half:?}");
        assert!(half.unsettled < 0.005, "{}", half.unsettled);
        // With bias 50 the north counts half: the border is at the angle x with x / 2 = 180 - x, 120 degrees from it.
        let north = survey(&[vec![site(90.0, 0.0, 50), site(-90.0, 0.0, 0)]]);
        let cap = (1.0 - 120.0_f64.to_radians().cos()) / 2.0;
        assert!((north.faces.first().unwrap().1 - cap).abs() < north.unsettled, "{north:?}");
    }

    #[test]
    fn members_at_one_place_have_no_border() {
        for pair in [
            [site(10.0, 10.0, 0), site(10.0, 10.0, 20)],
            [site(5.0, 180.0, 0), site(5.0, -180.0, 0)],
            [site(90.0, 7.0, 0), site(90.0, -70.0, 0)],
        ] {
            let one = survey(&[pair.to_vec()]);
            assert_eq!((one.faces.len(), one.unsettled), (1, 0.0));
            assert!((one.faces.first().unwrap().1 - 1.0).abs() < 1e-9);
        }
    }
}
