//! Latencies from a client to Regions, and the table that hosts give instead of AWS's own (semantics 4.4, 7.4, 10.13).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{Continent, Country, IpNetwork, Region};

/// Latency to each Region in whole microseconds; a Region without a figure ranks last (10.13, 10.39).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Latencies([u32; Region::COUNT]);

/// Stands for "no figure".
const UNKNOWN: u32 = u32::MAX;

impl Latencies {
    /// No figure for any Region.
    pub const UNKNOWN: Self = Self([UNKNOWN; Region::COUNT]);

    /// Sets the latency to a Region from milliseconds; whole microseconds are kept. `false` when the figure is
    /// negative, not a number, or an hour or more.
    #[must_use]
    pub fn set_milliseconds(&mut self, region: Region, milliseconds: f64) -> bool {
        let microseconds = libm::round(milliseconds * 1000.0);
        let valid = (0.0..3.6e9).contains(&microseconds);
        if let (true, Some(slot)) = (valid, self.0.get_mut(region.index())) {
            *slot = microseconds as u32;
        }
        valid
    }

    /// Sets the latency to a Region in microseconds; `false` when it is an hour or more.
    #[must_use]
    pub(crate) fn set_microseconds(&mut self, region: Region, microseconds: u32) -> bool {
        let valid = microseconds < 3_600_000_000;
        if let (true, Some(slot)) = (valid, self.0.get_mut(region.index())) {
            *slot = microseconds;
        }
        valid
    }

    /// The latency to a Region in microseconds.
    #[must_use]
    pub fn microseconds(&self, region: Region) -> Option<u32> {
        self.0.get(region.index()).copied().filter(|value| *value != UNKNOWN)
    }
}

impl core::fmt::Debug for Latencies {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_map().entries(Region::all().filter_map(|region| Some((region, self.microseconds(region)?)))).finish()
    }
}

/// A number of a document or a query as messages show it: `42.5`, `-1`, `1e300`.
///
/// Core writes numbers as its JSON does and in no second way, whose tables would weigh as much as a policy.
pub(crate) fn shown(number: f64) -> String {
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let text = serde_json::to_string(&number).unwrap_or_default();
    text.strip_suffix(".0").map_or_else(|| text.to_string(), String::from)
}

/// Latencies by client network, country, continent, or for everyone: the longest network wins, then the country,
/// then the continent, then the default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LatencyTable {
    /// By client network.
    pub networks: Vec<(IpNetwork, Latencies)>,
    /// By country.
    pub countries: Vec<(Country, Latencies)>,
    /// By continent.
    pub continents: Vec<(Continent, Latencies)>,
    /// For every other client.
    pub default: Option<Latencies>,
}
