//! What a client gets.

mod rcode;

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;

use serde::ser::{Serialize, SerializeStruct, Serializer};

pub use self::rcode::{Rcode, Undetermined};
use crate::compile::{Target, Zone};
use crate::model::{Name, NameRef, RecordType};

/// An answer. It borrows from the view and the scratch that made it; nothing in it was allocated.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a> {
    pub(crate) zone: &'a Zone,
    pub(crate) rcode: Rcode,
    pub(crate) record_type: RecordType,
    pub(crate) outcome: Outcome,
    /// Records chosen on the way down, one a group.
    pub(crate) path: &'a [u32],
    /// Records whose values are the answer.
    pub(crate) chosen: &'a [u32],
    pub(crate) fail_open: bool,
    pub(crate) scope_prefix_length: u8,
    pub(crate) undetermined: Option<Undetermined>,
}

/// Where the values come from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Copy)]
pub(crate) enum Outcome {
    /// The values of [`Answer::chosen`].
    Records,
    /// The addresses of an AWS resource.
    Resource(u32),
    /// An AWS resource of unknown addresses (10.35).
    UnknownResource(u32),
    /// The name servers of a delegated name: the NS record set's number, and the cut's node.
    Referral { record: u32, node: u32 },
    /// No answer: NODATA or NXDOMAIN with the negative caching time, or REFUSED.
    Nothing,
    /// No answer, since what would give it cannot be evaluated: SERVFAIL (10.51). Index into the zone's reasons.
    Quarantined(u32),
}

impl<'a> Answer<'a> {
    /// The response code.
    #[must_use]
    pub const fn rcode(&self) -> Rcode {
        self.rcode
    }

    /// The type of the values: the type asked for, CNAME where a CNAME answers instead, or NS in a referral.
    #[must_use]
    pub const fn record_type(&self) -> RecordType {
        self.record_type
    }

    /// Seconds that the answer may be cached: the smallest TTL of the chosen record sets (10.18), or the negative
    /// caching time (2.6), and 0 for REFUSED and SERVFAIL; `None` for an AWS resource of unknown addresses.
    #[must_use]
    pub fn ttl(&self) -> Option<u32> {
        match self.outcome {
            Outcome::UnknownResource(_) => None,
            Outcome::Resource(resource) => self.zone.resource(resource).map(|resource| resource.ttl),
            Outcome::Nothing if self.rcode == Rcode::Refused => Some(0),
            Outcome::Quarantined(_) => Some(0),
            Outcome::Nothing => Some(self.zone.negative_ttl()),
            Outcome::Records | Outcome::Referral { .. } => smallest_ttl(self.zone, self.chosen),
        }
    }

    /// The values in Route 53's own spelling (1.5.5): document order within a record set, SetIdentifier order between
    /// record sets (10.38). Empty for NODATA, NXDOMAIN, REFUSED, SERVFAIL and resources of unknown addresses.
    pub fn values(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        values_of(self.zone, self.outcome, self.chosen, self.record_type)
    }

    /// The SetIdentifiers down the tree; a multivalue group ends it with all its chosen members.
    pub fn set_identifiers(&self) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
        let zone = self.zone;
        let tail = match self.chosen {
            // The single record at the end of the path is on the path already.
            [only] if self.path.last() == Some(only) => &[],
            chosen if self.outcome == Outcome::Records => chosen,
            _ => &[],
        };
        self.path.iter().chain(tail).filter_map(move |record| zone.set_identifier(*record))
    }

    /// The record sets whose values are the answer, by their numbers in the zone ([`Zone::record_set`]); those of a
    /// referral's name servers too. Empty where there are no values, or where an AWS resource gives them.
    #[must_use]
    pub const fn record_sets(&self) -> &'a [u32] {
        self.chosen
    }

    /// The record sets that were chosen on the way down, one a group, by their numbers in the zone; a multivalue
    /// group's are in [`record_sets`](Self::record_sets) alone.
    #[must_use]
    pub const fn path(&self) -> &'a [u32] {
        self.path
    }

    /// The AWS resource whose addresses are the answer, by its place in [`Zone::alias_targets`].
    #[must_use]
    pub const fn resource(&self) -> Option<u32> {
        match self.outcome {
            Outcome::Resource(resource) => Some(resource),
            _ => None,
        }
    }

    /// Whether in some group on the way no candidate was healthy, so that all counted as healthy (3.7).
    #[must_use]
    pub const fn fail_open(&self) -> bool {
        self.fail_open
    }

    /// EDNS client subnet scope in bits: every client of that prefix gets the same answer as far as the zone's own
    /// data goes; 0 when the client's network was not consulted (10.41).
    #[must_use]
    pub const fn scope_prefix_length(&self) -> u8 {
        self.scope_prefix_length
    }

    /// The delegated name, when the answer is a referral (2.4).
    #[must_use]
    pub fn referral(&self) -> Option<NameRef<'a>> {
        match self.outcome {
            Outcome::Referral { node, .. } => Some(self.zone.node_name(node)),
            _ => None,
        }
    }

    /// The AWS resource whose addresses are not known (10.35).
    #[must_use]
    pub fn alias_target(&self) -> Option<NameRef<'a>> {
        match self.outcome {
            Outcome::UnknownResource(resource) => self.zone.resource(resource).map(|resource| resource.name.as_ref()),
            _ => None,
        }
    }

    /// Why the answer is SERVFAIL: the code of the finding about the record sets that cannot be evaluated (10.51).
    #[must_use]
    pub fn quarantined(&self) -> Option<&'a str> {
        match self.outcome {
            Outcome::Quarantined(reason) => Some(self.zone.quarantine_code(reason)),
            _ => None,
        }
    }

    /// Why the answer is only the tie rule's pick, if it is (10.13, 10.14).
    #[must_use]
    pub const fn undetermined(&self) -> Option<Undetermined> {
        self.undetermined
    }

    /// The numbers of the record sets behind the answer: one a group on the way down, then those whose values it gives.
    /// In one zone, answers that agree in these, in response code, type, fail open, scope and undetermined are equal, so
    /// that a host can know an answer again without reading it.
    #[must_use]
    pub const fn record_numbers(&self) -> (&'a [u32], &'a [u32]) {
        (self.path, self.chosen)
    }

    /// The answer as one line of JSON, the same bytes on every host.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// The smallest TTL of record sets with values.
pub(crate) fn smallest_ttl(zone: &Zone, records: &[u32]) -> Option<u32> {
    let ttls = records.iter().filter_map(|record| match zone.record(*record)?.target {
        Target::Values { ttl, .. } => Some(ttl),
        _ => None,
    });
    ttls.min()
}

/// The values that an outcome stands for.
pub(crate) fn values_of<'a>(
    zone: &'a Zone,
    outcome: Outcome,
    chosen: &'a [u32],
    record_type: RecordType,
) -> impl Iterator<Item = &'a str> + Clone + use<'a> {
    let of_resource: Range<u32> = match outcome {
        Outcome::Resource(resource) => zone
            .resource(resource)
            .and_then(|resource| resource.addresses.clone())
            .map(|(a, aaaa)| match record_type {
                RecordType::A => a,
                RecordType::Aaaa => aaaa,
                _ => 0..0,
            })
            .unwrap_or(0..0),
        _ => 0..0,
    };
    let of_records = chosen.iter().filter_map(move |record| match zone.record(*record)?.target {
        Target::Values { first, count, .. } => Some(first..first.saturating_add(count)),
        _ => None,
    });
    of_records.chain(core::iter::once(of_resource)).flat_map(move |range| zone.texts().range(range))
}

/// Serializes an iterator as an array.
pub(crate) struct List<I>(pub(crate) I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for List<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

/// The line of JSON that an answer is, kept or not.
struct Line<'a, V, S> {
    rcode: Rcode,
    record_type: RecordType,
    ttl: Option<u32>,
    values: V,
    set_identifiers: S,
    fail_open: bool,
    scope_prefix_length: u8,
    referral: Option<NameRef<'a>>,
    alias_target: Option<NameRef<'a>>,
    undetermined: Option<Undetermined>,
    quarantined: Option<&'a str>,
}

impl<V, S> Serialize for Line<'_, V, S>
where
    V: Iterator<Item: Serialize> + Clone,
    S: Iterator<Item: Serialize> + Clone,
{
    fn serialize<R: Serializer>(&self, serializer: R) -> Result<R::Ok, R::Error> {
        let mut object = serializer.serialize_struct("Answer", 7)?;
        object.serialize_field("rcode", self.rcode.as_str())?;
        object.serialize_field("type", self.record_type.as_str())?;
        object.serialize_field("ttl", &self.ttl)?;
        object.serialize_field("values", &List(self.values.clone()))?;
        object.serialize_field("set_identifiers", &List(self.set_identifiers.clone()))?;
        object.serialize_field("fail_open", &self.fail_open)?;
        object.serialize_field("scope_prefix_length", &self.scope_prefix_length)?;
        if let Some(name) = self.referral {
            object.serialize_field("referral", &name.to_string())?;
        }
        if let Some(name) = self.alias_target {
            object.serialize_field("alias_target", &name.to_string())?;
        }
        if let Some(reason) = self.undetermined {
            object.serialize_field("undetermined", reason.as_str())?;
        }
        if let Some(code) = self.quarantined {
            object.serialize_field("quarantined", code)?;
        }
        object.end()
    }
}

impl Serialize for Answer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let line = Line {
            rcode: self.rcode,
            record_type: self.record_type,
            ttl: self.ttl(),
            values: self.values(),
            set_identifiers: self.set_identifiers(),
            fail_open: self.fail_open,
            scope_prefix_length: self.scope_prefix_length,
            referral: self.referral(),
            alias_target: self.alias_target(),
            undetermined: self.undetermined,
            quarantined: self.quarantined(),
        };
        line.serialize(serializer)
    }
}

/// An [`Answer`] that is kept: it owns what it says. It prints as its JSON.
#[derive(Clone, PartialEq, Eq)]
pub struct Reply {
    /// The response code.
    pub rcode: Rcode,
    /// The type of the values, as [`Answer::record_type`].
    pub record_type: RecordType,
    /// Seconds that it may be cached; `None` for an AWS resource of unknown addresses.
    pub ttl: Option<u32>,
    /// The values.
    pub values: Vec<String>,
    /// The SetIdentifiers down the tree.
    pub set_identifiers: Vec<String>,
    /// Whether some group on the way had nothing healthy to choose from (3.7).
    pub fail_open: bool,
    /// EDNS client subnet scope in bits (10.41).
    pub scope_prefix_length: u8,
    /// The delegated name, when this is a referral (2.4).
    pub referral: Option<Name>,
    /// The AWS resource whose addresses are not known (10.35).
    pub alias_target: Option<Name>,
    /// Why this is only the tie rule's pick, if it is (10.13, 10.14).
    pub undetermined: Option<Undetermined>,
    /// Why this is SERVFAIL: the code of the finding about the record sets that cannot be evaluated (10.51).
    pub quarantined: Option<String>,
}

impl Reply {
    /// The answer as one line of JSON, the same bytes as [`Answer::to_json`].
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl From<&Answer<'_>> for Reply {
    fn from(answer: &Answer<'_>) -> Self {
        Self {
            rcode: answer.rcode(),
            record_type: answer.record_type(),
            ttl: answer.ttl(),
            values: answer.values().map(ToString::to_string).collect(),
            set_identifiers: answer.set_identifiers().map(ToString::to_string).collect(),
            fail_open: answer.fail_open(),
            scope_prefix_length: answer.scope_prefix_length(),
            referral: answer.referral().map(NameRef::to_name),
            alias_target: answer.alias_target().map(NameRef::to_name),
            undetermined: answer.undetermined(),
            quarantined: answer.quarantined().map(ToString::to_string),
        }
    }
}

impl Serialize for Reply {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let line = Line {
            rcode: self.rcode,
            record_type: self.record_type,
            ttl: self.ttl,
            values: self.values.iter(),
            set_identifiers: self.set_identifiers.iter(),
            fail_open: self.fail_open,
            scope_prefix_length: self.scope_prefix_length,
            referral: self.referral.as_ref().map(Name::as_ref),
            alias_target: self.alias_target.as_ref().map(Name::as_ref),
            undetermined: self.undetermined,
            quarantined: self.quarantined.as_deref(),
        };
        line.serialize(serializer)
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_json())
    }
}
