//! How old a report may be, and what a host does with one that is older. Hosts have clocks and core has none, so the age
//! is an argument; what follows from it is decided here, once for all hosts.

use crate::model::UnknownWord;
use crate::model::word::read_by_traits;

/// What becomes of health that is older than a host accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenStale {
    /// The last report stays in force: old knowledge is better than none.
    #[default]
    Keep,
    /// All checks count as without data, which is healthy (6.2.3).
    NoData,
    /// The host answers nothing and says that it is not ready.
    NotReady,
}

impl WhenStale {
    /// Reads `keep`, `no-data` or `not-ready`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Keep, Self::NoData, Self::NotReady].into_iter().find(|policy| policy.as_str() == word)
    }

    /// The word for it in a host's configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::NoData => "no-data",
            Self::NotReady => "not-ready",
        }
    }
}

/// What to answer by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usable {
    /// The report.
    Report,
    /// No report: a view of an empty one.
    NoData,
    /// Nothing: the host is not ready.
    NotReady,
}

/// How old a report may be.
///
/// ```
/// use pointsman_core::health::{MaxAge, Usable, WhenStale};
/// let rule = MaxAge { limit_ms: 60_000, when_stale: WhenStale::NoData };
/// assert_eq!(rule.judge(Some(60_000)), Usable::Report);
/// assert_eq!(rule.judge(Some(60_001)), Usable::NoData);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxAge {
    /// The greatest age that is still fresh, in milliseconds.
    pub limit_ms: u64,
    /// What happens past it.
    pub when_stale: WhenStale,
}

/// Reads a time such as `90s`, `30m`, `2h` or `1d`; a number alone is seconds. In milliseconds.
///
/// ```
/// use pointsman_core::health::duration_ms;
/// assert_eq!(duration_ms("30m"), Some(1_800_000));
/// assert_eq!(duration_ms("soon"), None);
/// ```
#[must_use]
pub fn duration_ms(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let unit_ms: u64 = match unit {
        "ms" => 1,
        "" | "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit_ms)
}

impl MaxAge {
    /// Reads a time, and perhaps behind a comma what happens past it: `90s`, `5m,no-data`.
    ///
    /// ```
    /// use pointsman_core::health::{MaxAge, WhenStale};
    /// let rule = MaxAge { limit_ms: 90_000, when_stale: WhenStale::NoData };
    /// assert_eq!(MaxAge::parse("90s,no-data"), Some(rule));
    /// assert_eq!(MaxAge::parse("90s").map(|rule| rule.when_stale), Some(WhenStale::Keep));
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (time, word) = text.split_once(',').map_or((text, None), |(time, word)| (time, Some(word)));
        let when_stale = word.map_or(Some(WhenStale::default()), WhenStale::parse)?;
        Some(Self { limit_ms: duration_ms(time)?, when_stale })
    }

    /// What to answer by, given the report's age; an unknown one, as of a report without `Time`, is not fresh (10.50).
    ///
    /// The age is `now.ms_since(report.time)`, so that a report from a clock that is ahead counts as new.
    #[must_use]
    pub const fn judge(self, age_ms: Option<u64>) -> Usable {
        match (age_ms, self.when_stale) {
            (Some(age), _) if age <= self.limit_ms => Usable::Report,
            (_, WhenStale::Keep) => Usable::Report,
            (_, WhenStale::NoData) => Usable::NoData,
            (_, WhenStale::NotReady) => Usable::NotReady,
        }
    }
}

read_by_traits! {
    WhenStale, UnknownWord, |word| Self::parse(word).ok_or_else(|| UnknownWord::new(word, "keep, no-data or not-ready"));
    MaxAge, UnknownWord, |word| Self::parse(word).ok_or_else(|| UnknownWord::new(word, MAX_AGE));
}

/// What the words of a greatest age are.
const MAX_AGE: &str = "a time such as 90s, perhaps with ,keep or ,no-data or ,not-ready behind it";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_limit_the_policy_decides() {
        for (policy, stale) in [("keep", Usable::Report), ("no-data", Usable::NoData), ("not-ready", Usable::NotReady)]
        {
            let when_stale = WhenStale::parse(policy).unwrap();
            assert_eq!(when_stale.as_str(), policy);
            let rule = MaxAge { limit_ms: 10, when_stale };
            assert_eq!(rule.judge(Some(0)), Usable::Report);
            assert_eq!(rule.judge(Some(10)), Usable::Report);
            assert_eq!(rule.judge(Some(11)), stale);
            assert_eq!(rule.judge(None), stale);
        }
        assert_eq!(WhenStale::parse("Keep"), None);
        for wrong in ["", "90", "90s,", "90s,Keep", "s", "-1s", "1.5m", "99999999999999999999s", "1s,keep,keep"] {
            assert_eq!(MaxAge::parse(wrong).map(|rule| rule.limit_ms), (wrong == "90").then_some(90_000), "{wrong}");
        }
    }
}
