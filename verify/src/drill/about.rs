//! What a finding is about.

use crate::subject::Subject;

/// What a finding is about, and what to mend: by its number in the zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// A record set.
    Record(usize),
    /// A health check.
    Check(usize),
    /// A group of record sets.
    Group(usize),
    /// An endpoint.
    Endpoint(usize),
    /// What the reason says.
    Reason,
}

impl About {
    /// The record set, health check, name or endpoint.
    pub(super) fn called(self, subject: &Subject) -> String {
        match self {
            Self::Record(record) => subject.selector(record),
            Self::Check(check) => subject.check_id(check).into(),
            Self::Group(group) => {
                subject.group(group).map(|group| format!("{}/{}", group.name, group.record_type)).unwrap_or_default()
            }
            Self::Endpoint(endpoint) => {
                subject.endpoints.list.get(endpoint).map(|endpoint| endpoint.label.clone()).unwrap_or_default()
            }
            Self::Reason => String::new(),
        }
    }

    /// The same with its kind: `health check hc-1`, `record set www.example.com./A/one`; empty where each finding is a
    /// cause of its own.
    #[must_use]
    pub fn in_words(self, subject: &Subject) -> String {
        let called = self.called(subject);
        match self {
            Self::Record(_) => format!("record set {called}"),
            Self::Check(_) => format!("health check {called}"),
            Self::Group(_) => format!("record sets of {}", called.replace('/', " ")),
            Self::Endpoint(_) => format!("endpoint {called}"),
            Self::Reason => called,
        }
    }
}
