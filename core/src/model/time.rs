//! A moment, as an argument of reports and trackers: core has no clock of its own.
//!
//! Reading and printing RFC 3339 here weighs 4.1 KB in a module of WebAssembly. `jiff` without its standard library weighs
//! 14.5 KB for the same, and `time` 0.3 formats only with a standard library.

use core::fmt;

/// Milliseconds of a day.
const DAY_MS: u64 = 86_400_000;

/// A moment in UTC, in whole milliseconds since 1970; written and read as RFC 3339.
///
/// ```
/// use pointsman_core::model::Time;
/// let time = Time::parse("2026-03-01T09:30:00.250Z").unwrap();
/// assert_eq!(time.to_string(), "2026-03-01T09:30:00.250Z");
/// assert_eq!(Time::parse("2026-03-01T10:30:00.25+01:00"), Some(time));
/// assert_eq!(Time::parse("yesterday"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Time(u64);

impl Time {
    /// The last moment that RFC 3339 can write.
    const LAST_MS: u64 = 253_402_300_799_999;

    /// So many milliseconds after 1970 began; what lies past the year 9999 is its end.
    #[must_use]
    pub const fn from_unix_ms(ms: u64) -> Self {
        Self(if ms > Self::LAST_MS { Self::LAST_MS } else { ms })
    }

    /// Milliseconds since 1970 began.
    #[must_use]
    pub const fn unix_ms(self) -> u64 {
        self.0
    }

    /// How long ago an earlier moment was; 0 when it is later, as clocks that differ make it.
    #[must_use]
    pub const fn ms_since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This much later.
    #[must_use]
    pub const fn plus_ms(self, ms: u64) -> Self {
        Self::from_unix_ms(self.0.saturating_add(ms))
    }

    /// Reads RFC 3339: a date, `T`, a time of day, perhaps a fraction, and `Z` or an offset. What is finer than a
    /// millisecond is cut off, a leap second is the last moment of its minute.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let rest = rest.strip_prefix(['T', 't', ' '])?;
        let (year, month, day) = (part(date, 0, 4, '-')?, part(date, 5, 2, '-')?, part(date, 8, 2, '\0')?);
        let (clock, rest) = rest.split_at_checked(8)?;
        let (hour, minute, second) = (part(clock, 0, 2, ':')?, part(clock, 3, 2, ':')?, part(clock, 6, 2, '\0')?);
        if hour > 23 || minute > 59 || second > 60 || !(1..=12).contains(&month) || year < 1970 {
            return None;
        }
        if day == 0 || day > days_of_month(year, month) {
            return None;
        }
        let (fraction_ms, rest) = fraction(rest)?;
        let fraction_ms = if second == 60 { 999 } else { fraction_ms };
        let offset_minutes = offset(rest)?;
        let minutes = hour.checked_mul(60)?.checked_add(minute)?;
        let local = days_before(year, month, day)?
            .checked_mul(DAY_MS)?
            .checked_add(minutes.checked_mul(60_000)?)?
            .checked_add(second.min(59).checked_mul(1000)?)?
            .checked_add(fraction_ms)?;
        let utc = i64::try_from(local).ok()?.checked_sub(offset_minutes.checked_mul(60_000)?)?;
        u64::try_from(utc).ok().filter(|ms| *ms <= Self::LAST_MS).map(Self)
    }
}

/// Digits at a place of the text, and the character that follows them (`\0`: nothing).
fn part(text: &str, at: usize, digits: usize, then: char) -> Option<u64> {
    let (word, after) = text.get(at..)?.split_at_checked(digits)?;
    let ends_right = if then == '\0' { after.is_empty() } else { after.starts_with(then) };
    (ends_right && word.bytes().all(|byte| byte.is_ascii_digit())).then(|| word.parse().ok()).flatten()
}

/// A fraction of a second in milliseconds, and what follows it.
fn fraction(text: &str) -> Option<(u64, &str)> {
    let Some(rest) = text.strip_prefix('.') else { return Some((0, text)) };
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (word, after) = rest.split_at_checked(digits)?;
    let mut ms = 0_u64;
    for place in 0..3 {
        let digit = word.as_bytes().get(place).map_or(0, |byte| u64::from(byte.saturating_sub(b'0')));
        ms = ms.checked_mul(10)?.checked_add(digit)?;
    }
    (digits > 0).then_some((ms, after))
}

/// Minutes east of UTC.
fn offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z") {
        return Some(0);
    }
    let (sign, clock) = text.split_at_checked(1)?;
    let (hours, minutes) = (part(clock, 0, 2, ':')?, part(clock, 3, 2, '\0')?);
    if hours > 23 || minutes > 59 {
        return None;
    }
    let minutes = i64::try_from(hours.checked_mul(60)?.checked_add(minutes)?).ok()?;
    match sign {
        "+" => Some(minutes),
        "-" => minutes.checked_neg(),
        _ => None,
    }
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const fn days_of_month(year: u64, month: u64) -> u64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

const fn days_of_year(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

/// Days from 1970 to a date.
fn days_before(year: u64, month: u64, day: u64) -> Option<u64> {
    let mut days = day.checked_sub(1)?;
    for earlier in 1970..year {
        days = days.checked_add(days_of_year(earlier))?;
    }
    for earlier in 1..month {
        days = days.checked_add(days_of_month(year, earlier))?;
    }
    Some(days)
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut days, ms) = (self.0.checked_div(DAY_MS).unwrap_or(0), self.0.checked_rem(DAY_MS).unwrap_or(0));
        let (mut year, mut month) = (1970_u64, 1_u64);
        while days >= days_of_year(year) {
            days = days.saturating_sub(days_of_year(year));
            year = year.saturating_add(1);
        }
        while days >= days_of_month(year, month) {
            days = days.saturating_sub(days_of_month(year, month));
            month = month.saturating_add(1);
        }
        let day = days.saturating_add(1);
        let of = |unit: u64, many: u64| ms.checked_div(unit).and_then(|n| n.checked_rem(many)).unwrap_or(0);
        let (hour, minute, second, ms) = (of(3_600_000, 24), of(60_000, 60), of(1000, 60), of(1, 1000));
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn known_moments_are_written_and_read() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_709_208_000_123, "2024-02-29T12:00:00.123Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (Time::LAST_MS, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Time::from_unix_ms(ms).to_string(), text);
            assert_eq!(Time::parse(text), Some(Time(ms)));
        }
        assert_eq!(Time::from_unix_ms(u64::MAX).unix_ms(), Time::LAST_MS);
    }

    #[test]
    fn every_day_is_read_as_it_is_written() {
        for day in 0..60_000 {
            let time = Time(day * DAY_MS + day);
            assert_eq!(Time::parse(&time.to_string()), Some(time));
        }
    }

    #[test]
    fn offsets_and_fractions_count() {
        let noon = Time::parse("2026-03-01T12:00:00Z").unwrap();
        assert_eq!(Time::parse("2026-03-01t14:30:00+02:30"), Some(noon));
        assert_eq!(Time::parse("2026-03-01 04:00:00.0000009-08:00"), Some(noon));
        assert_eq!(Time::parse("2026-03-01T12:00:00.5Z"), Some(noon.plus_ms(500)));
        assert_eq!(Time::parse("2016-12-31T23:59:60Z").unwrap().to_string(), "2016-12-31T23:59:59.999Z");
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "2026-03-01",
            "2026-03-01T12:00:00",
            "2026-13-01T12:00:00Z",
            "2026-02-29T12:00:00Z",
            "2026-03-00T12:00:00Z",
            "2026-03-01T24:00:00Z",
            "2026-03-01T12:60:00Z",
            "2026-03-01T12:00:61Z",
            "2026-03-01T12:00:00.Z",
            "2026-03-01T12:00:00+2:00",
            "2026-03-01T12:00:00Zulu",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+00:01",
            "2026-03-01T1\u{e9}:00:00Z",
            "+026-03-01T12:00:00Z",
        ] {
            assert_eq!(Time::parse(text), None, "{text}");
        }
    }
}
