//! How the live service names things in its messages (8.2, 8.3).

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use core::fmt::{self, Write as _};

use crate::diagnostic::Route53Error;
use crate::model::record::Routing;
use crate::model::{GeoLocation, NameError, NameRef, RecordType, ResourceRecordSet};
use crate::parse::{ChangeAction, Document, RecordSetFields, SourceArray};

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

/// How the service words an alias whose target lies outside the zone that it names.
pub(super) fn not_within(target: NameRef<'_>, record_type: &str, zone_id: &str) -> String {
    format!(
        "Tried to create an alias that targets {}, type {record_type} in zone {}, but the alias target name does not lie \
         within the target zone",
        name(target),
        Shown(zone_id)
    )
}

/// How the service words an alias whose target does not exist.
pub(super) fn not_found(target: NameRef<'_>, record_type: &str, zone_id: &str) -> String {
    format!(
        "Tried to create an alias that targets {}, type {record_type} in zone {}, but that target was not found",
        name(target),
        Shown(zone_id)
    )
}

/// How the service words a record set that closes a loop.
pub(super) fn creates_loop(set: &ResourceRecordSet) -> String {
    format!(
        "RRSet of type {} with DNS name {} is not permitted as it creates a CNAME or alias loop in the zone.",
        set.record_type,
        name(set.name.as_ref())
    )
}

/// The error for a text that is no domain name, and the service's words where they are on record. An over-long name is
/// InvalidInput (10.36).
pub(super) fn not_a_name(text: &str, error: NameError) -> (Route53Error, Option<String>) {
    let (kind, why, met) = match error {
        NameError::Empty => ("DomainNameEmpty", "Domain name is empty", String::new()),
        NameError::EmptyLabel => ("DomainLabelEmpty", "Domain label is empty", Shown(text).to_string()),
        NameError::NeedsEscape(byte) => {
            let met = text.chars().find(|character| !character.is_ascii() || *character as u32 == u32::from(byte));
            (
                "UnsupportedCharacter",
                "Value contains unsupported characters",
                met.map_or_else(String::new, String::from),
            )
        }
        NameError::BadEscape | NameError::LabelTooLong => return (Route53Error::InvalidChangeBatch, None),
        NameError::TooLong => return (Route53Error::InvalidInput, None),
    };
    (Route53Error::InvalidChangeBatch, Some(format!("FATAL problem: {kind} ({why}) encountered with '{met}'")))
}

/// How the service words a value that is not one of its schema's words.
pub(super) fn not_one_of(value: &str, words: &str) -> String {
    let value = Shown(value);
    format!(
        "Invalid XML ; cvc-enumeration-valid: Value '{value}' is not facet-valid with respect to enumeration '[{words}]'. \
         It must be a value from the enumeration."
    )
}

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

/// `[Action=CREATE, Name=www.example.com., Type=A, SetIdentifier=null]`, the name as it was sent.
pub(super) fn change(documents: &[&Document<'_>], fields: &RecordSetFields<'_>) -> String {
    let text = |field: &Option<Cow<'_, str>>| {
        field.as_deref().map_or_else(|| "null".to_string(), |text| Shown(text).to_string())
    };
    format!(
        "Change with [Action={}, Name={}, Type={}, SetIdentifier={}]",
        action(documents, fields).as_str(),
        text(&fields.name),
        text(&fields.record_type),
        text(&fields.set_identifier)
    )
}

/// The action that brought a record set; one of a listing counts as created.
fn action(documents: &[&Document<'_>], fields: &RecordSetFields<'_>) -> ChangeAction {
    let base = fields.origin;
    if !matches!(base.array, SourceArray::Changes | SourceArray::ChangeBatchChanges) {
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
