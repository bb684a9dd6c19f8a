//! How the live service names things in its messages (8.2, 8.3).

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::{self, Write as _};

use crate::model::record::Routing;
use crate::model::{GeoLocation, NameRef, RecordType, ResourceRecordSet};
use crate::parse::{Array, ChangeAction, Document, RecordSetFields};

/// Text of the user in a message: cut after 256 characters, control characters as escapes.
#[derive(Clone, Copy)]
pub(super) struct Shown<'a>(pub(super) &'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 256;
        for (index, character) in self.0.chars().enumerate() {
            if index == SHOWN {
                return f.write_str("...");
            }
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                f.write_char(character)?;
            }
        }
        Ok(())
    }
}

/// The choice that decides where a record set's content comes from, when none is made.
pub(super) const CONTENT_CHOICE: &str =
    "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId]";
/// The choice of a routing policy.
pub(super) const POLICY_CHOICE: &str = "Expected exactly one of [Weight, Region, Failover, GeoLocation, \
     MultiValueAnswer, GeoProximityLocation, or CidrRoutingConfig]";

/// How the service words an element without one that it needs (8.2).
pub(super) fn incomplete(element: &str, needed: &str) -> String {
    format!(
        "Invalid XML ; cvc-complex-type.2.4.b: The content of element '{element}' is not complete. One of \
         '{{\"https://route53.amazonaws.com/doc/2013-04-01/\":{needed}}}' is expected."
    )
}

/// A name as the service prints it: escaped, wildcards too.
pub(super) fn name(name: NameRef<'_>) -> String {
    let text = name.to_string();
    match text.strip_prefix("*.") {
        Some(rest) => format!("\\052.{rest}"),
        None => text,
    }
}

/// `[Action=CREATE, Name=www.example.com., Type=A, SetIdentifier=null]`
pub(super) fn change(documents: &[&Document<'_>], fields: &RecordSetFields<'_>, parsed: Option<NameRef<'_>>) -> String {
    let text = |field: &Option<Cow<'_, str>>| {
        field.as_deref().map_or_else(|| "null".to_string(), |text| Shown(text).to_string())
    };
    let name = parsed.map_or_else(|| text(&fields.name), name);
    format!(
        "Change with [Action={}, Name={name}, Type={}, SetIdentifier={}]",
        action(documents, fields).as_str(),
        text(&fields.record_type),
        text(&fields.set_identifier)
    )
}

/// The action that brought a record set; one of a listing counts as created.
fn action(documents: &[&Document<'_>], fields: &RecordSetFields<'_>) -> ChangeAction {
    let base = fields.base;
    if !matches!(base.array, Array::Changes | Array::ChangeBatchChanges) {
        return ChangeAction::Create;
    }
    documents
        .iter()
        .find(|document| document.number == base.document as usize)
        .and_then(|document| document.changes.as_ref()?.get(base.index as usize)?.action)
        .unwrap_or(ChangeAction::Create)
}

/// `RRSet with DNS name www.example.com., type A, SetIdentifier s1`
pub(super) fn rrset(owner: NameRef<'_>, record_type: RecordType, set_identifier: Option<&str>) -> String {
    let mut text = format!("RRSet with DNS name {}, type {record_type}", name(owner));
    if let Some(set_identifier) = set_identifier {
        text.push_str(&format!(", SetIdentifier {}", Shown(set_identifier)));
    }
    text
}

/// [`rrset`] of a checked record set.
pub(super) fn rrset_of(set: &ResourceRecordSet) -> String {
    let set_identifier = match &set.routing {
        Routing::Simple => None,
        Routing::Member { set_identifier, .. } => Some(&**set_identifier),
    };
    rrset(set.name.as_ref(), set.record_type, set_identifier)
}

/// `[country = (JP)}`, with the service's unlike brackets; it prints the country's name as well.
pub(super) fn place(location: GeoLocation) -> String {
    match location {
        GeoLocation::Subdivision(country, subdivision) => {
            format!("[country = ({country}), subdivision = ({subdivision})}}")
        }
        GeoLocation::Country(country) => format!("[country = ({country})}}"),
        GeoLocation::Continent(continent) => format!("[continent = ({}, {})}}", continent.as_str(), continent.name()),
        GeoLocation::Default => "[country = (*, Default)}".to_string(),
    }
}
