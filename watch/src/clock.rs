//! Two clocks: the time of day, which people and hosts read and which may be set at any moment, and a steady one, which
//! times what runs.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use pointsman_core::model::Time;

/// Offsets between the clocks below this are how long two readings take, and not a step.
const STEP_MS_MIN: u64 = 500;

/// The time of day. Before 1970 it is 1970.
#[must_use]
pub fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time::from_unix_ms(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// One moment by both clocks.
///
/// Durations, deadlines and ages are kept in steady time: the time of day when this process first asked, plus what the
/// monotonic clock has counted since. A step of the wall clock neither ends nor prolongs anything. What is shown or written
/// to a file is turned into the time of day at that moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Steady time.
    pub steady: Time,
    /// The time of day.
    pub wall: Time,
}

impl Moment {
    /// This moment.
    #[must_use]
    pub fn now() -> Self {
        static START: OnceLock<(Instant, Time)> = OnceLock::new();
        let (start, time) = START.get_or_init(|| (Instant::now(), now()));
        let passed = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        Self { steady: time.plus_ms(passed), wall: now() }
    }

    /// A moment at which both clocks agree; for tests and for tools without a running watch.
    #[must_use]
    pub const fn at(time: Time) -> Self {
        Self { steady: time, wall: time }
    }

    /// The time of day for a steady time, by the offset between the clocks at this moment.
    ///
    /// ```
    /// use pointsman_core::model::Time;
    /// use pointsman_watch::clock::Moment;
    /// // Somebody set the wall clock an hour ahead.
    /// let moment = Moment { steady: Time::from_unix_ms(60_000), wall: Time::from_unix_ms(3_660_000) };
    /// assert_eq!(moment.shown(Time::from_unix_ms(50_000)), Time::from_unix_ms(3_650_000));
    /// assert_eq!(moment.steady_of(Time::from_unix_ms(3_650_000)), Time::from_unix_ms(50_000));
    /// ```
    #[must_use]
    pub const fn shown(self, steady: Time) -> Time {
        shifted(steady, self.steady, self.wall)
    }

    /// The steady time for a time of day, as a file of an earlier run holds it.
    #[must_use]
    pub const fn steady_of(self, wall: Time) -> Time {
        shifted(wall, self.wall, self.steady)
    }
}

/// `time` moved by the way from `from` to `to`, unless that is no more than reading two clocks takes.
const fn shifted(time: Time, from: Time, to: Time) -> Time {
    let (ahead, behind) = (to.ms_since(from), from.ms_since(to));
    if ahead < STEP_MS_MIN && behind < STEP_MS_MIN {
        return time;
    }
    Time::from_unix_ms(time.unix_ms().saturating_add(ahead).saturating_sub(behind))
}
