//! Numbers with their units, in words.

use alloc::format;
use alloc::string::String;

/// `1 record set`, `2 record sets`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// `210 ms`, `4.5 ms`.
pub(super) fn milliseconds(microseconds: u32) -> String {
    let (whole, part) = (microseconds / 1000, microseconds % 1000);
    match part {
        0 => format!("{whole} ms"),
        _ => {
            let text = format!("{whole}.{part:03}");
            format!("{} ms", text.trim_end_matches('0'))
        }
    }
}

/// A distance in whole kilometres.
pub(super) fn whole_kilometres(distance: f64) -> u64 {
    // Half the way round the Earth, stretched a hundredfold by its bias, is a small whole number.
    libm::round(distance) as u64
}
