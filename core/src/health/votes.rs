//! Many checkers, one status: which share has to hold a check for healthy (semantics 6.2.2), and how many have to vote.

use core::fmt;
use core::str::FromStr;

use crate::parse::RawStatus;

/// What share or number of checkers has to be exceeded for a check to be healthy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HealthyAbove {
    /// More than so many percent of them, 0 to 99.
    Percent(u8),
    /// More than so many of them.
    Count(u16),
}

impl Default for HealthyAbove {
    /// Route 53's: more than 18 % (6.2.2).
    fn default() -> Self {
        Self::Percent(18)
    }
}

impl HealthyAbove {
    /// Whether so many of all make a check healthy.
    #[must_use]
    pub const fn is_met(self, healthy: u64, all: u64) -> bool {
        match self {
            Self::Percent(percent) => healthy.saturating_mul(100) > all.saturating_mul(percent as u64),
            Self::Count(count) => healthy > count as u64,
        }
    }
}

/// Why a text is no such share or number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthyAboveError;

impl fmt::Display for HealthyAboveError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a share from 0% to 99%, or a number of checkers")
    }
}

impl core::error::Error for HealthyAboveError {}

impl FromStr for HealthyAbove {
    type Err = HealthyAboveError;

    /// ```
    /// use pointsman_core::health::HealthyAbove;
    /// assert_eq!("50%".parse(), Ok(HealthyAbove::Percent(50)));
    /// assert_eq!("1".parse(), Ok(HealthyAbove::Count(1)));
    /// assert!("100%".parse::<HealthyAbove>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, HealthyAboveError> {
        match text.strip_suffix('%') {
            Some(share) => match share.parse() {
                Ok(percent @ 0..=99) => Ok(Self::Percent(percent)),
                _ => Err(HealthyAboveError),
            },
            None => text.parse().map(Self::Count).map_err(|_| HealthyAboveError),
        }
    }
}

impl fmt::Display for HealthyAbove {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Percent(percent) => write!(f, "{percent}%"),
            Self::Count(count) => write!(f, "{count}"),
        }
    }
}

/// What the checkers of one check hold it for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Votes {
    /// How many hold it for healthy.
    pub healthy: u64,
    /// How many hold it for unhealthy.
    pub unhealthy: u64,
    /// How many have not made up their mind (10.49).
    pub undecided: u64,
}

impl Votes {
    /// Counts one checker's view; what is neither healthy nor unhealthy is undecided.
    pub const fn add(&mut self, status: RawStatus) {
        let place = match status {
            RawStatus::Healthy => &mut self.healthy,
            RawStatus::Unhealthy => &mut self.unhealthy,
            RawStatus::NoData | RawStatus::Insufficient { .. } => &mut self.undecided,
        };
        *place = place.saturating_add(1);
    }

    /// How many take part.
    #[must_use]
    pub const fn all(&self) -> u64 {
        self.healthy.saturating_add(self.unhealthy).saturating_add(self.undecided)
    }

    /// The status that they make together. A checker that has not made up its mind counts as healthy among others (10.49),
    /// and when none has, there is no data. Fewer than `quorum` decide nothing: the check stays what it was `before`.
    ///
    /// ```
    /// use pointsman_core::health::{HealthyAbove, Votes};
    /// use pointsman_core::parse::RawStatus;
    /// let votes = Votes { healthy: 1, unhealthy: 2, undecided: 0 };
    /// // One of three is more than 18 %, which keeps a dead endpoint in; more than half does not.
    /// assert_eq!(votes.status(HealthyAbove::default(), 2, RawStatus::Healthy), RawStatus::Healthy);
    /// assert_eq!(votes.status(HealthyAbove::Percent(50), 2, RawStatus::Healthy), RawStatus::Unhealthy);
    /// assert_eq!(votes.status(HealthyAbove::Percent(50), 4, RawStatus::Healthy), RawStatus::Healthy);
    /// ```
    #[must_use]
    pub const fn status(&self, above: HealthyAbove, quorum: u64, before: RawStatus) -> RawStatus {
        let all = self.all();
        if all == 0 || all < quorum {
            return before;
        }
        if self.healthy == 0 && self.unhealthy == 0 {
            return RawStatus::NoData;
        }
        match above.is_met(self.healthy.saturating_add(self.undecided), all) {
            true => RawStatus::Healthy,
            false => RawStatus::Unhealthy,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn by_default_it_is_the_rule_of_route_53() {
        for healthy in 0..=20_u64 {
            for unhealthy in 0..=20_u64 {
                let votes = Votes { healthy, unhealthy, undecided: 0 };
                let ours = votes.status(HealthyAbove::default(), 0, RawStatus::NoData);
                assert_eq!(ours, RawStatus::of_checkers(healthy, healthy + unhealthy), "{healthy} of {unhealthy}");
            }
        }
    }

    #[test]
    fn who_has_no_view_counts_as_healthy_only_beside_one_that_has() {
        let above = HealthyAbove::Percent(50);
        let votes = Votes { healthy: 0, unhealthy: 0, undecided: 3 };
        assert_eq!(votes.status(above, 1, RawStatus::Unhealthy), RawStatus::NoData);
        let votes = Votes { healthy: 0, unhealthy: 1, undecided: 2 };
        assert_eq!(votes.status(above, 1, RawStatus::Unhealthy), RawStatus::Healthy);
        let votes = Votes { healthy: 0, unhealthy: 2, undecided: 1 };
        assert_eq!(votes.status(above, 1, RawStatus::Healthy), RawStatus::Unhealthy);
    }

    #[test]
    fn too_few_votes_change_nothing() {
        let votes = Votes { healthy: 0, unhealthy: 2, undecided: 0 };
        for before in [RawStatus::NoData, RawStatus::Healthy, RawStatus::Unhealthy] {
            assert_eq!(votes.status(HealthyAbove::default(), 3, before), before);
            assert_eq!(Votes::default().status(HealthyAbove::default(), 0, before), before);
        }
    }

    #[test]
    fn a_number_is_exceeded_and_not_reached() {
        let votes = |healthy| Votes { healthy, unhealthy: 5, undecided: 0 };
        assert_eq!(votes(2).status(HealthyAbove::Count(2), 0, RawStatus::NoData), RawStatus::Unhealthy);
        assert_eq!(votes(3).status(HealthyAbove::Count(2), 0, RawStatus::NoData), RawStatus::Healthy);
        for text in ["18%", "0%", "99%", "0", "3"] {
            assert_eq!(text.parse::<HealthyAbove>().unwrap().to_string(), text);
        }
        for text in ["", "%", "100%", "-1", "70000", "1.5%"] {
            assert!(text.parse::<HealthyAbove>().is_err(), "{text}");
        }
    }
}
