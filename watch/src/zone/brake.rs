//! The brake: when too many checks flip at once, it is more likely that this watch is mistaken than that all of them are.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::str::FromStr;

use pointsman_core::model::Time;

use crate::force::duration_ms;

/// `--hold-when-flips 50%/60s`: past which share of the checks, within how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrakeRule {
    /// The share, in percent, that may flip.
    pub percent: u8,
    /// The window, in milliseconds.
    pub window_ms: u64,
}

/// Why a text is no rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrakeRuleError;

impl fmt::Display for BrakeRuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a share from 1% to 99% and a time, such as 50%/60s")
    }
}

impl std::error::Error for BrakeRuleError {}

impl FromStr for BrakeRule {
    type Err = BrakeRuleError;

    /// ```
    /// use pointsman_watch::zone::BrakeRule;
    /// assert_eq!("50%/60s".parse(), Ok(BrakeRule { percent: 50, window_ms: 60_000 }));
    /// assert!("100%/60s".parse::<BrakeRule>().is_err());
    /// ```
    fn from_str(text: &str) -> Result<Self, BrakeRuleError> {
        let (share, window) = text.split_once('/').ok_or(BrakeRuleError)?;
        let percent = share.strip_suffix('%').and_then(|share| share.parse().ok()).ok_or(BrakeRuleError)?;
        let window_ms = duration_ms(window).filter(|ms| *ms > 0).ok_or(BrakeRuleError)?;
        if !(1..=99).contains(&percent) {
            return Err(BrakeRuleError);
        }
        Ok(Self { percent, window_ms })
    }
}

impl fmt::Display for BrakeRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} % within {} s", self.percent, self.window_ms.div_ceil(1000))
    }
}

/// A check that flipped and has not settled yet.
#[derive(Debug, Clone)]
struct Unsettled {
    /// What it was before it flipped: whether it was down.
    was_down: bool,
    is_down: bool,
    /// Its latest flip; `None` once that has left the window.
    latest: Option<Time>,
}

/// What the brake knows of the checks of one zone, by their numbers.
///
/// A check is unsettled when it flipped within the window; while the brake holds, also as long as it is not again what it
/// was before. The brake holds while more than its share of the checks is unsettled.
#[derive(Debug, Clone)]
pub(super) struct Brake {
    rule: BrakeRule,
    /// The flips within the window, oldest first.
    flips: VecDeque<(Time, usize)>,
    unsettled: BTreeMap<usize, Unsettled>,
    pub(super) held_since: Option<Time>,
}

impl Brake {
    pub(super) const fn new(rule: BrakeRule) -> Self {
        Self { rule, flips: VecDeque::new(), unsettled: BTreeMap::new(), held_since: None }
    }

    pub(super) const fn rule(&self) -> BrakeRule {
        self.rule
    }

    /// How many checks are unsettled.
    pub(super) fn unsettled(&self) -> usize {
        self.unsettled.len()
    }

    /// A check flipped.
    pub(super) fn flipped(&mut self, check: usize, is_down: bool, now: Time) {
        let unsettled = self.unsettled.entry(check).or_insert(Unsettled { was_down: !is_down, is_down, latest: None });
        unsettled.is_down = is_down;
        unsettled.latest = Some(now);
        self.flips.push_back((now, check));
    }

    /// Lets time pass; `checks` is how many can flip. Returns whether the brake holds from now on.
    pub(super) fn holds(&mut self, checks: usize, now: Time) -> bool {
        while let Some((at, check)) = self.flips.front().copied() {
            if now.ms_since(at) < self.rule.window_ms {
                break;
            }
            self.flips.pop_front();
            let Some(unsettled) = self.unsettled.get_mut(&check).filter(|known| known.latest == Some(at)) else {
                continue;
            };
            unsettled.latest = None;
            if self.held_since.is_none() || unsettled.is_down == unsettled.was_down {
                self.unsettled.remove(&check);
            }
        }
        let is_over = self.unsettled.len().saturating_mul(100) > checks.saturating_mul(self.rule.percent.into());
        match (is_over, self.held_since) {
            (true, None) => self.held_since = Some(now),
            (false, Some(_)) => self.release_quiet(),
            _ => {}
        }
        is_over
    }

    /// An operator says that what is seen is so: everything counts as settled.
    pub(super) fn release(&mut self) {
        self.flips.clear();
        self.unsettled.clear();
        self.held_since = None;
    }

    /// The share has recovered: what has not flipped within the window is settled as it is.
    fn release_quiet(&mut self) {
        self.held_since = None;
        self.unsettled.retain(|_, unsettled| unsettled.latest.is_some());
    }

    /// Forgets checks whose numbers mean something else now.
    pub(super) fn renumber(&mut self, number: impl Fn(usize) -> Option<usize>) {
        self.flips = self.flips.iter().filter_map(|(at, check)| Some((*at, number(*check)?))).collect();
        let old = std::mem::take(&mut self.unsettled);
        self.unsettled = old.into_iter().filter_map(|(check, known)| Some((number(check)?, known))).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Time {
        Time::from_unix_ms(second * 1000)
    }

    fn brake() -> Brake {
        Brake::new("50%/60s".parse().unwrap())
    }

    #[test]
    fn it_holds_past_the_share_until_checks_are_what_they_were() {
        let mut brake = brake();
        for check in 0..5 {
            brake.flipped(check, true, at(1));
            assert!(!brake.holds(10, at(1)), "{check}");
        }
        brake.flipped(5, true, at(2));
        assert!(brake.holds(10, at(2)));
        assert_eq!(brake.held_since, Some(at(2)));
        // That nothing flips any more is no recovery: they are still down.
        assert!(brake.holds(10, at(1000)));
        // One is back, but not for long enough.
        brake.flipped(0, false, at(1001));
        assert!(brake.holds(10, at(1050)));
        assert!(!brake.holds(10, at(1061)));
        assert_eq!((brake.held_since, brake.unsettled()), (None, 0));
    }

    #[test]
    fn slow_decay_never_pulls_it() {
        let mut brake = brake();
        for check in 0..10 {
            let now = at(check * 13);
            brake.flipped(check as usize, true, now);
            assert!(!brake.holds(10, now), "{check}");
        }
    }

    #[test]
    fn flapping_pulls_it_and_an_operator_releases_it() {
        let mut brake = brake();
        for (second, down) in [(1, true), (2, false), (3, true)] {
            (0..6).for_each(|check| brake.flipped(check, down, at(second)));
        }
        assert!(brake.holds(10, at(3)));
        brake.release();
        assert!(!brake.holds(10, at(4)));
        // What flips from here on counts anew.
        (0..6).for_each(|check| brake.flipped(check, false, at(5)));
        assert!(brake.holds(10, at(5)));
    }

    #[test]
    fn numbers_follow_a_reload() {
        let mut brake = brake();
        (0..6).for_each(|check| brake.flipped(check, true, at(1)));
        brake.renumber(|check| check.checked_sub(3));
        assert_eq!(brake.unsettled.keys().copied().collect::<Vec<_>>(), [0, 1, 2]);
        assert!(!brake.holds(10, at(100)));
    }
}
