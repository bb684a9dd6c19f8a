//! Equal answers get equal numbers, so that JavaScript makes one object for each and gets a number from then on.

use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use pointsman_core::answer::{Answer, Rcode, Undetermined};
use pointsman_core::model::RecordType;

/// Added to the number of an answer that JavaScript does not have yet, or has under a number that was given anew.
pub(crate) const FRESH: u32 = 0x8000_0000;

/// Different answers that are remembered for a zone before all are forgotten. Multivalue groups of more than eight
/// members have more answers than anybody wants to keep.
const ANSWERS_MAX: usize = 4096;

/// Stands between the two lists of a key; no record set has this number.
const BETWEEN: u32 = u32::MAX;

/// The answers of one zone that were given so far.
#[derive(Default)]
pub(crate) struct Answers {
    numbers: HashMap<Box<[u32]>, u32, FixedState>,
    key: Vec<u32>,
}

impl Answers {
    /// The answer's number, with [`FRESH`] the first time.
    pub(crate) fn number(&mut self, answer: &Answer<'_>) -> u32 {
        let (path, chosen) = answer.record_numbers();
        self.key.clear();
        self.key.push(header(answer));
        self.key.extend_from_slice(path);
        self.key.push(BETWEEN);
        self.key.extend_from_slice(chosen);
        if let Some(number) = self.numbers.get(self.key.as_slice()) {
            return *number;
        }
        if self.numbers.len() >= ANSWERS_MAX {
            self.numbers.clear();
        }
        let number = self.numbers.len() as u32;
        self.numbers.insert(Box::from(self.key.as_slice()), number);
        number | FRESH
    }
}

/// What an answer is besides its records, in 32 bits.
fn header(answer: &Answer<'_>) -> u32 {
    let rcode = match answer.rcode() {
        Rcode::NoError => 0,
        Rcode::NxDomain => 1,
        Rcode::Refused => 2,
        Rcode::ServFail => 3,
    };
    let undetermined = match answer.undetermined() {
        None => 0,
        Some(Undetermined::LatencyUnknown) => 1,
        Some(Undetermined::PositionUnknown) => 2,
    };
    rcode
        | undetermined << 2
        | u32::from(answer.fail_open()) << 4
        | u32::from(answer.scope_prefix_length()) << 8
        | (answer.record_type() as u32) << 16
}

/// An answer taken apart, for JavaScript to make its object from: texts without separators, and their lengths.
#[derive(Default)]
pub(crate) struct Parts {
    pub(crate) text: String,
    /// TTL or -1, fail open, scope, count of values, count of SetIdentifiers, then the length of each text in UTF-16
    /// units: rcode, type, values, SetIdentifiers, referral, alias target, undetermined, quarantined. A text that is
    /// not there has the length -1.
    pub(crate) numbers: Vec<i32>,
}

impl Parts {
    pub(crate) fn set(&mut self, answer: &Answer<'_>) {
        self.text.clear();
        self.numbers.clear();
        let ttl = answer.ttl().map_or(-1, |ttl| ttl as i32);
        let (values, set_identifiers) = (answer.values().count() as i32, answer.set_identifiers().count() as i32);
        let (fail_open, scope) = (i32::from(answer.fail_open()), i32::from(answer.scope_prefix_length()));
        self.numbers.extend([ttl, fail_open, scope, values, set_identifiers]);
        self.add(Some(answer.rcode().as_str()));
        self.add(Some(RecordType::as_str(answer.record_type())));
        for text in answer.values().chain(answer.set_identifiers()) {
            self.add(Some(text));
        }
        self.add(answer.referral().map(|name| name.to_string()).as_deref());
        self.add(answer.alias_target().map(|name| name.to_string()).as_deref());
        self.add(answer.undetermined().map(Undetermined::as_str));
        self.add(answer.quarantined());
    }

    fn add(&mut self, text: Option<&str>) {
        self.numbers.push(text.map_or(-1, |text| text.encode_utf16().count() as i32));
        self.text.push_str(text.unwrap_or_default());
    }
}
