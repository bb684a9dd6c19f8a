//! From results to statuses: what a checker found, one result after the other, becomes the raw status of a check
//! (semantics 6.2.1 - 6.2.3, 6.4 and 6.5). The time of each result is an argument.

mod checkers;
#[cfg(test)]
mod histories;

use core::fmt;

pub use self::checkers::Checker;
use self::checkers::Checkers;
use crate::limits::FAILURE_THRESHOLD_DEFAULT;
use crate::model::{HealthCheckKind, Time};
use crate::parse::RawStatus;

/// How the raw status of a check or alias target comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrackerKind {
    /// Checkers try an endpoint (6.2).
    Endpoint {
        /// Results in a row that change a checker's view, both ways (6.2.1); 0 counts as 1.
        failure_threshold: u8,
    },
    /// An alarm's data stream (6.4).
    CloudwatchMetric,
    /// A routing control (6.5).
    RecoveryControl,
}

impl TrackerKind {
    /// The kind for a health check; `None` for a calculated one, which follows from its children.
    #[must_use]
    pub fn of(check: &HealthCheckKind) -> Option<Self> {
        Some(match check {
            HealthCheckKind::Endpoint(check) => Self::Endpoint { failure_threshold: check.failure_threshold },
            HealthCheckKind::CloudwatchMetric(_) => Self::CloudwatchMetric,
            HealthCheckKind::RecoveryControl => Self::RecoveryControl,
            HealthCheckKind::Unknown => Self::Endpoint { failure_threshold: FAILURE_THRESHOLD_DEFAULT },
            HealthCheckKind::Calculated { .. } => return None,
        })
    }
}

/// Something that was observed of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Observation<'a> {
    /// A checker tried the endpoint.
    Result {
        /// Which checker: any name that is its own.
        checker: &'a str,
        /// Whether it succeeded.
        success: bool,
    },
    /// The alarm's data: `Some(true)` OK, `Some(false)` ALARM, `None` not enough of it.
    Alarm(Option<bool>),
    /// The routing control is on, or off.
    Control(bool),
}

/// The raw status of a check became another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// When.
    pub at: Time,
    /// What it was.
    pub from: RawStatus,
    /// What it is now.
    pub to: RawStatus,
}

/// An observation of another kind of check than it was given to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfit {
    /// What the check takes.
    pub wanted: &'static str,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "this check takes {}", self.wanted)
    }
}

impl core::error::Error for Unfit {}

/// What is known of one check or alias target, and since when.
///
/// ```
/// use pointsman_core::health::{Observation, Tracker, TrackerKind};
/// use pointsman_core::model::Time;
/// use pointsman_core::parse::RawStatus;
/// let mut tracker = Tracker::new(TrackerKind::Endpoint { failure_threshold: 3 });
/// let failure = Observation::Result { checker: "here", success: false };
/// for second in [10, 20] {
///     assert_eq!(tracker.observe(Time::from_unix_ms(second * 1000), failure)?, None);
/// }
/// let transition = tracker.observe(Time::from_unix_ms(30_000), failure)?.expect("the third in a row");
/// assert_eq!(transition.to, RawStatus::Unhealthy);
/// # Ok::<(), pointsman_core::health::Unfit>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tracker {
    kind: TrackerKind,
    status: RawStatus,
    since: Option<Time>,
    checkers: Checkers,
}

impl Tracker {
    /// Nothing is known yet, which counts as healthy (6.2.3).
    #[must_use]
    pub fn new(kind: TrackerKind) -> Self {
        Self { kind, status: RawStatus::NoData, since: None, checkers: Checkers::default() }
    }

    /// What was known before, as of another run, stays in force until results in a row say otherwise.
    #[must_use]
    pub fn restored(kind: TrackerKind, last_known: RawStatus, since: Option<Time>) -> Self {
        let status = match (kind, last_known) {
            // Only an alarm can lack data (6.4).
            (TrackerKind::CloudwatchMetric, status) => status,
            (_, RawStatus::Insufficient { .. }) => RawStatus::NoData,
            (_, status) => status,
        };
        let assumed = match status {
            RawStatus::Healthy => Some(true),
            RawStatus::Unhealthy => Some(false),
            RawStatus::NoData | RawStatus::Insufficient { .. } => None,
        };
        Self { kind, status, since, checkers: Checkers::assuming(assumed) }
    }

    /// Takes what was observed; returns what changed.
    ///
    /// # Errors
    /// [`Unfit`] when it is none of this kind of check.
    pub fn observe(&mut self, at: Time, observation: Observation<'_>) -> Result<Option<Transition>, Unfit> {
        let status = match (self.kind, observation) {
            (TrackerKind::Endpoint { failure_threshold }, Observation::Result { checker, success }) => {
                self.checkers.observe(at, checker, success, failure_threshold.max(1));
                self.checkers.status().unwrap_or(self.status)
            }
            (TrackerKind::CloudwatchMetric, Observation::Alarm(data)) => match data {
                Some(true) => RawStatus::Healthy,
                Some(false) => RawStatus::Unhealthy,
                None => RawStatus::Insufficient { last_known_unhealthy: self.was_last_unhealthy() },
            },
            (TrackerKind::RecoveryControl, Observation::Control(on)) => {
                if on {
                    RawStatus::Healthy
                } else {
                    RawStatus::Unhealthy
                }
            }
            (kind, _) => {
                let wanted = match kind {
                    TrackerKind::Endpoint { .. } => "the results of checkers",
                    TrackerKind::CloudwatchMetric => "the states of an alarm: OK, ALARM or INSUFFICIENT_DATA",
                    TrackerKind::RecoveryControl => "the states of a routing control: On or Off",
                };
                return Err(Unfit { wanted });
            }
        };
        Ok(self.become_(at, status))
    }

    /// Lets go of checkers that were not heard of for longer than this, so that one that is gone does not vote for ever.
    /// The last one's view stays as what was last known.
    pub fn forget_silent(&mut self, now: Time, silence_ms: u64) -> Option<Transition> {
        self.checkers.forget_silent(now, silence_ms);
        let status = self.checkers.status().unwrap_or(self.status);
        self.become_(now, status)
    }

    /// The raw status, before Disabled and Inverted.
    #[must_use]
    pub const fn status(&self) -> RawStatus {
        self.status
    }

    /// Since when it is that; `None` while nothing is known.
    #[must_use]
    pub const fn since(&self) -> Option<Time> {
        self.since
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> TrackerKind {
        self.kind
    }

    /// Every checker that was heard of, in the order in which they first were.
    #[must_use]
    pub fn checkers(&self) -> &[Checker] {
        self.checkers.all()
    }

    /// The alarm's status when data last sufficed; healthy if it never did (6.4).
    const fn was_last_unhealthy(&self) -> bool {
        matches!(self.status, RawStatus::Unhealthy | RawStatus::Insufficient { last_known_unhealthy: true })
    }

    fn become_(&mut self, at: Time, status: RawStatus) -> Option<Transition> {
        if status == self.status {
            return None;
        }
        let from = core::mem::replace(&mut self.status, status);
        self.since = Some(at);
        Some(Transition { at, from, to: status })
    }
}

impl RawStatus {
    /// The word for it in reports; no data is `no data`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoData => "no data",
            Self::Healthy => "healthy",
            Self::Unhealthy => "unhealthy",
            Self::Insufficient { .. } => "insufficient",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: u64) -> Time {
        Time::from_unix_ms(second * 1000)
    }

    #[test]
    fn an_alarm_remembers_what_it_was_when_data_last_sufficed() {
        let mut alarm = Tracker::new(TrackerKind::CloudwatchMetric);
        for (data, status) in [
            (None, RawStatus::Insufficient { last_known_unhealthy: false }),
            (Some(false), RawStatus::Unhealthy),
            (None, RawStatus::Insufficient { last_known_unhealthy: true }),
            (None, RawStatus::Insufficient { last_known_unhealthy: true }),
            (Some(true), RawStatus::Healthy),
            (None, RawStatus::Insufficient { last_known_unhealthy: false }),
        ] {
            alarm.observe(at(1), Observation::Alarm(data)).unwrap();
            assert_eq!(alarm.status(), status);
        }
    }

    #[test]
    fn a_routing_control_is_what_it_says() {
        let mut control = Tracker::new(TrackerKind::RecoveryControl);
        let off = control.observe(at(5), Observation::Control(false)).unwrap().unwrap();
        assert_eq!((off.at, off.from, off.to), (at(5), RawStatus::NoData, RawStatus::Unhealthy));
        assert_eq!(control.observe(at(6), Observation::Control(false)).unwrap(), None);
        assert_eq!(control.since(), Some(at(5)));
        assert_eq!(control.observe(at(7), Observation::Control(true)).unwrap().unwrap().to, RawStatus::Healthy);
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        for kind in [
            TrackerKind::Endpoint { failure_threshold: 1 },
            TrackerKind::CloudwatchMetric,
            TrackerKind::RecoveryControl,
        ] {
            let result = Observation::Result { checker: "a", success: false };
            let mut unfit = 0;
            for observation in [result, Observation::Alarm(Some(false)), Observation::Control(false)] {
                let mut tracker = Tracker::new(kind);
                if tracker.observe(at(1), observation).is_err() {
                    unfit += 1;
                    assert_eq!(tracker, Tracker::new(kind));
                }
            }
            assert_eq!(unfit, 2, "{kind:?}");
        }
    }

    #[test]
    fn what_was_restored_stays_until_results_in_a_row_say_otherwise() {
        let kind = TrackerKind::Endpoint { failure_threshold: 2 };
        let mut tracker = Tracker::restored(kind, RawStatus::Unhealthy, Some(at(1)));
        assert_eq!((tracker.status(), tracker.since()), (RawStatus::Unhealthy, Some(at(1))));
        let success = Observation::Result { checker: "here", success: true };
        assert_eq!(tracker.observe(at(10), success).unwrap(), None);
        assert_eq!(tracker.observe(at(20), success).unwrap().unwrap().to, RawStatus::Healthy);

        let alarm = Tracker::restored(TrackerKind::CloudwatchMetric, RawStatus::Unhealthy, None);
        let mut later = alarm.clone();
        later.observe(at(3), Observation::Alarm(None)).unwrap();
        assert_eq!(later.status(), RawStatus::Insufficient { last_known_unhealthy: true });

        let odd = Tracker::restored(kind, RawStatus::Insufficient { last_known_unhealthy: true }, None);
        assert_eq!(odd.status(), RawStatus::NoData);
    }

    #[test]
    fn calculated_checks_are_not_tracked() {
        let calculated = HealthCheckKind::Calculated { health_threshold: 1, children: alloc::vec![0] };
        assert_eq!(TrackerKind::of(&calculated), None);
        let unknown = TrackerKind::of(&HealthCheckKind::Unknown);
        assert_eq!(unknown, Some(TrackerKind::Endpoint { failure_threshold: 3 }));
    }
}
