//! The answer in words.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::answer::{Answer, Rcode};

/// The answer in one line.
pub(super) fn in_words(answer: &Answer<'_>) -> String {
    let ttl = answer.ttl().map_or_else(|| "unknown TTL".into(), |ttl| format!("TTL {ttl}"));
    let values: Vec<&str> = answer.values().collect();
    let mut text = match (answer.rcode(), answer.referral(), answer.alias_target()) {
        (Rcode::Refused, ..) => "REFUSED: the name lies outside the zone".into(),
        (Rcode::ServFail, ..) => {
            let code = answer.quarantined().unwrap_or_default();
            format!("SERVFAIL: the record sets that would answer cannot be evaluated [{code}]")
        }
        (Rcode::NxDomain, ..) => format!("NXDOMAIN, may be cached for {} s", answer.ttl().unwrap_or(0)),
        (_, Some(name), _) => format!("NOERROR, referral to the name servers of {name} ({ttl}): {}", values.join(", ")),
        (_, _, Some(name)) => format!("NOERROR, {}: the addresses of {name}", answer.record_type()),
        _ if values.is_empty() => format!("NOERROR, no data, may be cached for {} s", answer.ttl().unwrap_or(0)),
        _ => format!("NOERROR, {}, {ttl}: {}", answer.record_type(), values.join(", ")),
    };
    if answer.fail_open() {
        text.push_str("\n        FAIL OPEN: nothing healthy was left to choose from somewhere on the way");
    }
    if let Some(reason) = answer.undetermined() {
        text.push_str(&format!("\n        UNDETERMINED: {}", reason.as_str()));
    }
    text
}
