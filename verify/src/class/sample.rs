//! Why clients are a sample, and how large it is.

use std::fmt;

use crate::text::percent;

/// Something that clients differ in and that not all of them stand for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Sample {
    /// Positions spread over the Earth.
    Positions,
    /// The orders of Regions as seen from each Region of AWS.
    SeenFromRegions,
    /// Some of the orders of Regions that may matter.
    Orders {
        /// How many are looked at.
        looked: usize,
        /// How many Regions there are.
        regions: usize,
        /// How many orders would be all that may matter.
        wanted: usize,
    },
    /// A part of the Earth on which the order of geoproximity members is not settled.
    Earth {
        /// Its share.
        unsettled: f64,
    },
    /// Past [`COMBINATIONS_MAX`](super::consults::COMBINATIONS_MAX) combinations of facts.
    Combinations {
        /// How many there are.
        all: usize,
    },
}

impl Sample {
    /// The reason alone.
    pub(crate) const fn why(&self) -> &'static str {
        match self {
            Self::Positions | Self::Earth { .. } => {
                "geoproximity is sampled at Regions, members and 600 positions on the Earth"
            }
            Self::SeenFromRegions | Self::Orders { .. } => {
                "latency without a LatencyTable is sampled: the order of Regions as seen from each Region of AWS"
            }
            Self::Combinations { .. } => "more than 200,000 combinations of client facts; the rest is left out",
        }
    }
}

/// The reason, with how much of the whole is looked at.
impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Positions | Self::SeenFromRegions => f.write_str(self.why()),
            Self::Orders { looked, regions, wanted } => {
                write!(f, "{looked} of {wanted} orders of {regions} Regions that may matter")
            }
            Self::Earth { unsettled } => {
                // Rounded so that nothing more is claimed than is known.
                let settled = ((1.0 - unsettled) * 1000.0).floor() / 1000.0;
                write!(
                    f,
                    "geoproximity, whose order of members is settled on {} of the Earth and asked at single positions on the rest",
                    percent(settled.max(0.0))
                )
            }
            Self::Combinations { all } => {
                write!(f, "{} of {all} combinations of client facts", super::consults::COMBINATIONS_MAX)
            }
        }
    }
}
