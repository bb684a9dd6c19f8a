//! What a change alters: which clients get another answer, in which states of health, and with which odds.
//!
//! Every question that the versions may answer differently is looked at, names and types without record sets included
//! ([`names`]). Where the record sets, targets and health checks behind an answer are the same, nothing is asked. All else
//! is asked for each class of clients that any version tells apart, in every state of the health checks and alias
//! targets that bear on it; past 12 of them, in each state with at most two down. Core answers. What was left out, the
//! [claim](crate::claim) says.

mod answer;
mod ask;
mod change;
mod names;
mod same;
mod show;
mod states;
mod walk;

use crate::subject::Subject;

pub use answer::Answer;
pub use change::{Case, Change, Diff, Finding, NAME_GOES_DARK};
pub use names::Scope;
pub use states::STATES_OF;
pub use walk::{Hazard, Walk, walk};

/// Compares two versions of a zone.
///
/// ```
/// # use pointsman_core::{parse::parse, validate::{Options, validate}};
/// # use pointsman_verify::{diff::diff, facts::Facts, subject::Subject};
/// let version = |weight: u8| {
///     let zone = format!(r#"{{"HostedZone": {{"Id": "Z1", "Name": "example.com."}}, "ResourceRecordSets": [
///         {{"Name": "a.example.com.", "Type": "A", "SetIdentifier": "1", "Weight": 9, "TTL": 60, "ResourceRecords": [{{"Value": "192.0.2.1"}}]}},
///         {{"Name": "a.example.com.", "Type": "A", "SetIdentifier": "2", "Weight": {weight}, "TTL": 60, "ResourceRecords": [{{"Value": "192.0.2.2"}}]}}]}}"#);
///     Subject::new(validate(&[parse(0, &zone)], &Options::default()).zone.unwrap(), Facts::default())
/// };
/// let found = diff(&version(0), &version(1));
/// assert_eq!(found.changes[0].cases[0].before.line(), "192.0.2.1 (60 s)");
/// assert_eq!(found.changes[0].cases[0].after.line(), "90 % 192.0.2.1 (60 s), 10 % 192.0.2.2 (60 s)");
/// assert!(found.claim.exact());
/// assert!(diff(&version(1), &version(1)).is_empty());
/// ```
#[must_use]
pub fn diff(old: &Subject, new: &Subject) -> Diff {
    walk::compare(&[old, new]).steps.pop().unwrap_or_default()
}
