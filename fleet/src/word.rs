//! The words for statuses, which are those of health reports and two more.

use pointsman_core::parse::RawStatus;

/// The word for an alarm without enough data that was unhealthy when it last had it.
pub const WORD_INSUFFICIENT_DOWN: &str = "insufficient, last unhealthy";

/// The word for a status.
#[must_use]
pub const fn word_of(status: RawStatus) -> &'static str {
    match status {
        RawStatus::Insufficient { last_known_unhealthy: true } => WORD_INSUFFICIENT_DOWN,
        other => other.as_str(),
    }
}

/// The status of a word.
#[must_use]
pub fn status_of(word: &str) -> Option<RawStatus> {
    Some(match word {
        "no data" => RawStatus::NoData,
        "healthy" => RawStatus::Healthy,
        "unhealthy" => RawStatus::Unhealthy,
        "insufficient" => RawStatus::Insufficient { last_known_unhealthy: false },
        WORD_INSUFFICIENT_DOWN => RawStatus::Insufficient { last_known_unhealthy: true },
        _ => return None,
    })
}
