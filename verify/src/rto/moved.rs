//! When clients have moved: the time of detection and the time that answers are held, together.

use super::detect::Detection;
use super::hold::Hold;

/// The probability that a client has moved by then: over 400 equally likely times of detection.
#[must_use]
pub fn recovered_by(detection: Detection, hold: &Hold, seconds: f64) -> f64 {
    const SLICES: u32 = 400;
    if detection.spread <= 0.0 {
        return hold.by(seconds - detection.fixed);
    }
    let mut sum = 0.0;
    let mut before = 0.0;
    for slice in 1..=SLICES {
        let at = detection.fixed + detection.spread * f64::from(slice) / f64::from(SLICES);
        let now = detection.by(at);
        let middle = at - detection.spread / f64::from(SLICES) / 2.0;
        sum += (now - before) * hold.by(seconds - middle);
        before = now;
    }
    sum
}
