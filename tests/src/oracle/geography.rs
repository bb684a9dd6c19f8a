//! Places: continents of countries, positions of Regions, distances on the sphere (4.5.6, 10.16, 10.39).

use anyhow::{Context as _, Result};

/// Country and continent (4.5.6).
const COUNTRIES: &str = include_str!("countries.csv");
/// Region, its country, latitude and longitude (10.16).
const REGIONS: &str = include_str!("regions.csv");

/// A position in whole units of 1e-4 degree (10.39).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Position {
    latitude: i64,
    longitude: i64,
}

impl Position {
    /// Rounds degrees to 1e-4.
    pub(super) fn new(latitude: f64, longitude: f64) -> Self {
        let rounded = |degrees: f64| libm::round(degrees * 1e4) as i64;
        Self { latitude: rounded(latitude), longitude: rounded(longitude) }
    }

    /// Kilometres on a sphere of 6371 km by the haversine formula (10.39). Differences are taken in whole units, the
    /// way round that is shorter, and a pole has one longitude, so that what is equally far ties (10.17).
    pub(super) fn distance(self, other: Self) -> f64 {
        let radians = |units: i64| units as f64 / 1e4 * std::f64::consts::PI / 180.0;
        let half_sine_squared = |units: i64| {
            let sine = libm::sin(radians(units) / 2.0);
            sine * sine
        };
        let turn = (other.longitude - self.longitude).rem_euclid(3_600_000);
        let at_a_pole = [self, other].iter().any(|position| position.latitude.abs() == 900_000);
        let across = match at_a_pole {
            true => 0.0,
            false => {
                libm::cos(radians(self.latitude))
                    * libm::cos(radians(other.latitude))
                    * half_sine_squared(turn.min(3_600_000 - turn))
            }
        };
        let a = half_sine_squared((other.latitude - self.latitude).abs()) + across;
        2.0 * 6371.0 * libm::asin(libm::sqrt(a).min(1.0))
    }
}

/// The continent of a country; `None` for a country that Route 53's table lacks.
pub(super) fn continent_of(country: &str) -> Option<&'static str> {
    COUNTRIES.lines().skip(1).find_map(|line| {
        let (code, continent) = line.split_once(',')?;
        (code == country).then_some(continent)
    })
}

/// The country that a Region lies in, and where.
pub(super) fn region(code: &str) -> Result<(&'static str, Position)> {
    let line = REGIONS.lines().skip(1).find(|line| line.split(',').next() == Some(code));
    let fields: Vec<_> = line.with_context(|| format!("`{code}` is not a Region"))?.split(',').collect();
    Ok((fields[1], Position::new(fields[2].parse()?, fields[3].parse()?)))
}

/// Where a Local Zone group is: in its city when it is one of these, else in its Region (10.16).
pub(super) fn local_zone_group(group: &str) -> Result<Position> {
    match group {
        "us-east-1-bos-1" => Ok(Position::new(42.36, -71.06)),
        "us-west-2-lax-1" => Ok(Position::new(34.05, -118.24)),
        "ap-southeast-2-per-1" => Ok(Position::new(-31.95, 115.86)),
        _ => {
            let mut parts = group.rsplitn(3, '-');
            let code = parts.nth(2).with_context(|| format!("`{group}` is not a Local Zone group"))?;
            Ok(region(code)?.1)
        }
    }
}
