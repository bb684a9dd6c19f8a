//! What hosts may know of one record set: for servers that keep what they make of its values, and for metrics.

use alloc::vec::Vec;

use super::records::{NONE, Place, Target};
use super::zone::Zone;
use crate::model::routing::PolicyKind;
use crate::model::{GeoLocation, NameRef, RecordType};

/// A record set of a compiled zone.
#[derive(Debug, Clone, Copy)]
pub struct RecordSet<'z> {
    zone: &'z Zone,
    number: u32,
    /// Where it stands.
    pub name: NameRef<'z>,
    /// Its type.
    pub record_type: RecordType,
    /// The policy of its group.
    pub policy: PolicyKind,
    /// Seconds; `None` for an alias.
    pub ttl: Option<u32>,
}

impl<'z> RecordSet<'z> {
    /// Its SetIdentifier; `None` for simple routing.
    #[must_use]
    pub fn set_identifier(&self) -> Option<&'z str> {
        self.zone.set_identifier(self.number)
    }

    /// Its values in Route 53's own spelling (1.5.5); none for an alias.
    pub fn values(&self) -> impl Iterator<Item = &'z str> + Clone + use<'z> {
        let range = match self.zone.record(self.number).map(|record| record.target) {
            Some(Target::Values { first, count, .. }) => first..first.saturating_add(count),
            _ => 0..0,
        };
        self.zone.texts().range(range)
    }

    /// The code of the finding that says why its group cannot be evaluated, for the one that stands for such a group
    /// (10.51).
    #[must_use]
    pub fn quarantined(&self) -> Option<&'z str> {
        match self.zone.record(self.number)?.target {
            Target::Quarantined { reason } => Some(self.zone.quarantine_code(reason)),
            _ => None,
        }
    }

    /// The AWS resource that it is an alias to, with the resource's addresses of the alias's type: what the alias
    /// answers with. Without addresses, `AliasTargets` does not say them (10.35), or has none of the type.
    #[must_use]
    pub fn alias_target(&self) -> Option<(NameRef<'z>, impl Iterator<Item = &'z str> + Clone + use<'z>)> {
        let Some(Target::Resource { resource, .. }) = self.zone.record(self.number).map(|record| record.target) else {
            return None;
        };
        let name = self.zone.resource(resource)?.name.as_ref();
        Some((name, self.zone.addresses(resource, self.record_type)))
    }
}

impl Zone {
    /// A record set by its number, below [`record_set_count`](Self::record_set_count).
    ///
    /// ```
    /// # use pointsman_core::{compile::compile, parse::parse, validate::{Options, validate}};
    /// # let text = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
    /// #   {"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]}"#;
    /// # let zone = compile(&validate(&[parse(0, text)], &Options::default()).zone.unwrap());
    /// let record_set = zone.record_set(0).unwrap();
    /// assert_eq!(record_set.name.to_string(), "www.example.com.");
    /// assert_eq!(record_set.values().collect::<Vec<_>>(), ["192.0.2.1"]);
    /// ```
    #[must_use]
    pub fn record_set(&self, number: u32) -> Option<RecordSet<'_>> {
        let record = self.record(number)?;
        let group = self.group(record.group)?;
        let ttl = match record.target {
            Target::Values { ttl, .. } => Some(ttl),
            _ => None,
        };
        let name = self.node_name(group.node);
        Some(RecordSet { zone: self, number, name, record_type: group.record_type, policy: group.policy, ttl })
    }

    /// The addresses of the AWS resource with this place in [`alias_targets`](Self::alias_targets), of type A or AAAA.
    pub fn addresses(&self, resource: u32, record_type: RecordType) -> impl Iterator<Item = &str> + Clone {
        let range = match (self.resource(resource).and_then(|resource| resource.addresses.clone()), record_type) {
            (Some((a, _)), RecordType::A) => a,
            (Some((_, aaaa)), RecordType::Aaaa) => aaaa,
            _ => 0..0,
        };
        self.texts().range(range)
    }

    /// The policy of a record set's group.
    #[must_use]
    pub fn policy(&self, record_set: u32) -> Option<PolicyKind> {
        Some(self.group(self.record(record_set)?.group)?.policy)
    }

    /// For each record set, whether the choice within its group may hang on where the client is: by the group's policy,
    /// or by the health of geolocation and IP-based groups below it (5.9).
    #[must_use]
    pub fn choices_by_place(&self) -> Vec<bool> {
        let by_place = self.groups.iter().map(|group| {
            let conditional = |member: u32| self.record(member).is_some_and(|record| record.conditional != NONE);
            let by_place = group.policy.chooses_by_place() || group.members().any(conditional);
            core::iter::repeat_n(by_place, group.count as usize)
        });
        by_place.flatten().collect()
    }

    /// The places that geolocation record sets name, in document order and with repetitions.
    pub fn geolocations(&self) -> impl Iterator<Item = GeoLocation> {
        self.places.iter().filter_map(|place| match place {
            Place::Geolocation(location) => Some(*location),
            Place::Geoproximity { .. } => None,
        })
    }

    /// The only record set of a name and type as it stands, under a delegation or not: for the addresses of name
    /// servers that a referral comes with.
    #[must_use]
    pub fn glue(&self, name: NameRef<'_>, record_type: RecordType) -> Option<u32> {
        let group = self.group(self.group_of(self.find(name)?.1, record_type)?)?;
        (group.count == 1).then_some(group.first)
    }

    /// The most values that an answer from this zone can have.
    #[must_use]
    pub fn values_max(&self) -> u32 {
        let of_record = self.records().iter().map(|record| match record.target {
            Target::Values { count, .. } => count.saturating_mul(crate::limits::MULTIVALUE_ANSWER_MAX as u32),
            _ => 0,
        });
        let of_resource = (0_u32..)
            .map_while(|number| self.resource(number))
            .map(|resource| resource.addresses.as_ref().map_or(0, |(a, aaaa)| a.len().max(aaaa.len()) as u32));
        of_record.chain(of_resource).max().unwrap_or(0)
    }

    /// The most record sets that the path of an answer can have.
    #[must_use]
    pub const fn path_max(&self) -> u32 {
        self.depth()
    }
}
