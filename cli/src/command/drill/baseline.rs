//! Findings to live with.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use pointsman_verify::drill::Finding;
use serde_json::Value;

use crate::exit::Stop;
use crate::source::Reader;

/// Findings to live with, by what stays the same from one drill to the next.
pub(super) struct Baseline {
    known: BTreeMap<String, Known>,
}

/// One of them.
struct Known {
    /// The last day on which it is lived with, as days since 1970; for ever without one.
    until: Option<i64>,
}

impl Baseline {
    /// Reads what `drill --json` printed, in which people may have written a `reason` and a day of `expires`.
    pub(super) fn read(file: &str, reader: &mut Reader) -> Result<Self, Stop> {
        let source = reader.read(file, "baseline")?;
        let wrong = |what: &str| {
            Stop::cannot(
                format!("`{file}` is not what `pointsman drill --json` prints: {what}"),
                "write it with `pointsman drill ... --json > FILE`; a finding may be given \"reason\" and \"expires\": \"2027-01-31\"",
            )
        };
        let value: Value = serde_json::from_str(&source.text).map_err(|error| wrong(&error.to_string()))?;
        let findings = value.get("findings").and_then(Value::as_array);
        let findings = findings.ok_or_else(|| wrong("it has no list of `findings`"))?;
        let mut known = BTreeMap::new();
        for finding in findings {
            let print = finding.get("fingerprint").and_then(Value::as_str);
            let print = print.ok_or_else(|| wrong("a finding has no `fingerprint`"))?;
            let until = match finding.get("expires") {
                None | Some(Value::Null) => None,
                Some(day) => Some(day.as_str().and_then(days).ok_or_else(|| wrong(&format!("{day} is no day")))?),
            };
            if finding.get("reason").is_some_and(|reason| !reason.is_string()) {
                return Err(wrong("a `reason` is a text"));
            }
            known.insert(print.to_owned(), Known { until });
        }
        Ok(Self { known })
    }

    /// Whether a finding is lived with today.
    pub(super) fn has(&self, finding: &Finding) -> bool {
        let today = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() / 86_400);
        let today = i64::try_from(today).unwrap_or(i64::MAX);
        self.known.get(&finding.fingerprint()).is_some_and(|known| known.until.is_none_or(|until| today <= until))
    }
}

/// Days from 1970-01-01 to a day written as `2027-01-31`.
fn days(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let mut next = || parts.next().and_then(|part| part.parse::<i64>().ok());
    let (year, month, day) = (next()?, next()?, next()?);
    let is_day = (1970..=9999).contains(&year) && (1..=12).contains(&month) && (1..=31).contains(&day);
    if !is_day || parts.next().is_some() {
        return None;
    }
    // Years that begin in March end with the leap day.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_year = (153 * month + 2) / 5 + day - 1;
    Some(year * 365 + year / 4 - year / 100 + year / 400 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use super::days;

    #[test]
    fn days_since_1970() {
        for (text, expected) in [
            ("1970-01-01", Some(0)),
            ("1970-03-01", Some(59)),
            ("2000-02-29", Some(11_016)),
            ("2027-01-31", Some(20_849)),
            ("2027-13-01", None),
            ("2027-1", None),
            ("soon", None),
        ] {
            assert_eq!(days(text), expected, "{text}");
        }
    }
}
