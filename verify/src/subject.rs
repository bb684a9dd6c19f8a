//! The zone that is analysed: its groups, what the user adds to them, and what can die.

use std::ops::Deref;

use pointsman_core::model::{HostedZone, QuarantinedTypes};

use crate::endpoint::Endpoints;
use crate::facts::Facts;
pub(crate) use crate::groups::identifier;
pub use crate::groups::{Group, Groups, Leads};
use crate::reads::reads;

/// A zone ready to be analysed: its [groups](Groups), facts and endpoints.
///
/// ```
/// use pointsman_core::{parse::parse, validate::{Options, validate}};
/// use pointsman_verify::{facts::Facts, subject::Subject};
/// let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
///     {"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]}"#;
/// let subject = Subject::new(validate(&[parse(0, zone)], &Options::default()).zone.unwrap(), Facts::default());
/// assert_eq!(subject.questions().count(), 1);
/// ```
#[derive(Debug)]
pub struct Subject {
    by_group: Groups,
    /// What the zone does not say.
    pub facts: Facts,
    /// What can die.
    pub endpoints: Endpoints,
}

impl Subject {
    /// What the zone has and cannot evaluate, in words: no question is asked about it (10.51).
    pub fn quarantined(&self) -> impl Iterator<Item = String> {
        self.zone.quarantined.iter().map(|each| {
            let what = match each.types {
                QuarantinedTypes::One(record_type) => format!("{} {record_type}", each.name),
                QuarantinedTypes::All | QuarantinedTypes::Unknown => each.name.to_string(),
            };
            format!("{what}: its record sets cannot be evaluated [{}]", each.code)
        })
    }

    /// Compiles the zone and lists what can be asked and what can die.
    #[must_use]
    pub fn new(zone: HostedZone, facts: Facts) -> Self {
        let groups = Groups::new(zone);
        let mut endpoints = Endpoints::of(&groups, &facts);
        endpoints.reads = reads(&groups, &facts, &mut endpoints);
        Self { by_group: groups, facts, endpoints }
    }
}

/// A subject is its groups, and more.
impl Deref for Subject {
    type Target = Groups;

    fn deref(&self) -> &Groups {
        &self.by_group
    }
}
