//! The values of one record set (semantics 1.5, 8.3.17): addresses and domain names in full, the rest by the number
//! and range of their fields.

mod fields;
mod reader;
#[cfg(test)]
mod tests;

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::map::Set;

use self::fields::{Field, Fields, string_bytes};
use self::reader::{Reader, expected};
use crate::diagnostic::{Diagnostic, Place, Route53Error};
use crate::limits::{VALUE_CHARACTERS_MAX, VALUES_MAX};
use crate::model::{NameBuf, NameError, NameRef, RecordType};

/// Checks the values of one record set; `places` gives the place of a value by its number.
///
/// A good address or domain name costs no allocation.
pub(super) fn check_values(
    record_type: RecordType,
    values: &[Cow<'_, str>],
    places: impl Fn(usize) -> Place,
    out: &mut Vec<Diagnostic>,
) {
    for (index, value) in values.iter().enumerate() {
        if let Err(problem) = check_value(record_type, value) {
            problem.into_diagnostic(record_type, value).at(places(index)).add_to(out);
        }
    }
    if values.len() > VALUES_MAX {
        let message = format!("a record set holds at most {VALUES_MAX} values; this one has {}", values.len());
        let finding = Diagnostic::refused("too-many-values", Route53Error::InvalidChangeBatch, message)
            .help("spread the values over several record sets with a routing policy such as MultiValueAnswer")
            .says(format_args!("Cannot have more than {VALUES_MAX} records in a RRSet"));
        finding.at(places(VALUES_MAX)).add_to(out);
    }
    if values.len() > 1 && matches!(record_type, RecordType::Cname | RecordType::Soa) {
        let message = format!("a {record_type} record has one value; this one has {}", values.len());
        let finding = Diagnostic::refused("more-than-one-value", Route53Error::InvalidInput, message)
            .help("keep one value; to choose between several names use a routing policy with one record set each");
        finding.at(places(1)).add_to(out);
    } else if let Some((index, more)) = duplicate(record_type, values) {
        let value = values.get(index).map(Cow::as_ref).unwrap_or_default();
        let mut message = format!("the value `{}` is given more than once", shortened(value));
        match more {
            0 => {}
            1 => message.push_str(", and so is one other"),
            more => message.push_str(&format!(", and so are {more} others")),
        }
        let finding = Diagnostic::refused("duplicate-value", Route53Error::InvalidChangeBatch, message)
            .help("give each value of a record set once")
            .says(format_args!("Duplicate Resource Record: '{}'", shortened(value)));
        finding.at(places(index)).add_to(out);
    }
}

/// Why a value is refused.
struct Problem {
    code: &'static str,
    message: String,
    help: Cow<'static, str>,
}

impl Problem {
    fn new(code: &'static str, message: impl Into<String>, help: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), help: help.into() }
    }

    fn into_diagnostic(self, record_type: RecordType, value: &str) -> Diagnostic {
        if self.code == "value-too-long" {
            return Diagnostic::refused(self.code, Route53Error::InvalidInput, self.message).help(self.help);
        }
        let finding =
            Diagnostic::cannot(self.code, self.message).help(self.help).error(Route53Error::InvalidChangeBatch);
        let names = matches!(record_type, RecordType::Cname | RecordType::Ns | RecordType::Ptr);
        if names && value.is_empty() {
            // 8.3.17
            finding.says("FATAL problem: DomainNameEmpty (Domain name is empty) encountered with ''")
        } else if let Some((problem, why)) = live_problem(self.code, record_type, value) {
            finding.says(format_args!(
                "Invalid Resource Record: FATAL problem: {problem} ({why}) encountered with '{}'",
                shortened(value)
            ))
        } else {
            finding
        }
    }
}

/// The service's own name for a problem and its words for it, where they are on record.
fn live_problem(code: &str, record_type: RecordType, value: &str) -> Option<(&'static str, &'static str)> {
    let problem = match (code, record_type) {
        ("value-string-too-long", _) => ("CharacterStringTooLong", "Value is too long"),
        ("value-not-quoted", RecordType::Txt | RecordType::Spf) => {
            ("InvalidCharacterString", "Value should be enclosed in quotation marks")
        }
        ("value-not-ipv4-address", _) if value.contains(' ') => ("ARRDATANotSingleField", "Value contains spaces"),
        ("value-not-ipv4-address", _) => ("ARRDATAIllegalIPv4Address", "Value is not a valid IPv4 address"),
        ("value-not-ipv6-address", _) => ("AAAARRDATAIllegalIPv6Address", "Value is not a valid IPv6 address"),
        ("value-field-count", RecordType::Srv) => ("SRVRRDATANotFourFields", "SRV record doesn't have 4 fields"),
        _ => return None,
    };
    Some(problem)
}

fn check_value(record_type: RecordType, value: &str) -> Result<(), Problem> {
    if value.is_empty() {
        let message = format!("the value of this {record_type} record is empty");
        return Err(Problem::new("value-empty", message, format!("give {}", expected(record_type))));
    }
    // Bytes are at least characters, so that the count is made only for a value that may be too long.
    if value.len() > VALUE_CHARACTERS_MAX {
        let characters = value.chars().count();
        if characters > VALUE_CHARACTERS_MAX {
            let message = format!("a value has at most {VALUE_CHARACTERS_MAX} characters; this one has {characters}");
            return Err(Problem::new("value-too-long", message, "split it into several values"));
        }
    }
    match record_type {
        RecordType::A => match value.parse::<Ipv4Addr>() {
            Ok(_) => Ok(()),
            Err(_) => Err(not_an_address(value, "IPv4", "value-not-ipv4-address")),
        },
        RecordType::Aaaa => match value.parse::<Ipv6Addr>() {
            Ok(_) => Ok(()),
            Err(_) => Err(not_an_address(value, "IPv6", "value-not-ipv6-address")),
        },
        RecordType::Cname | RecordType::Ptr => domain_name(value),
        RecordType::Ns => host_name(value),
        RecordType::Txt | RecordType::Spf => character_strings(record_type, value),
        _ => Reader::new(record_type, value)?.read(),
    }
}

fn not_an_address(value: &str, family: &str, code: &'static str) -> Problem {
    let help = match (value.parse::<Ipv4Addr>().is_ok(), value.parse::<Ipv6Addr>().is_ok()) {
        (true, _) => "this is an IPv4 address: its type is A",
        (_, true) => "this is an IPv6 address: its type is AAAA",
        _ if value.trim() != value => "remove the white space around the address",
        _ if NameBuf::parse(value).is_ok() && value.bytes().any(|byte| byte.is_ascii_alphabetic()) => {
            "give an address; a domain name needs type CNAME or an AliasTarget"
        }
        _ if family == "IPv4" => "give four numbers from 0 to 255 with dots between them, without leading zeros",
        _ => "give eight groups of hexadecimal digits with colons between them, one run of zeros may be ::",
    };
    Problem::new(code, format!("`{}` is not an {family} address", shortened(value)), help)
}

/// A domain name; the root is one (RFC 1035 3.3).
fn domain_name(value: &str) -> Result<(), Problem> {
    NameBuf::parse(value).map(|_| ()).map_err(|error| not_a_name(value, error))
}

/// A domain name that some host has, so not the root.
fn host_name(value: &str) -> Result<(), Problem> {
    let name = NameBuf::parse(value).map_err(|error| not_a_name(value, error))?;
    if name.as_ref() == NameRef::ROOT {
        let message = "`.` is not the name of a name server";
        return Err(Problem::new("value-not-domain-name", message, "give the name server's domain name"));
    }
    Ok(())
}

fn not_a_name(value: &str, error: NameError) -> Problem {
    let message = format!("`{}` is not a domain name: {error}", shortened(value));
    let help = if value.contains(char::is_whitespace) {
        "give one name as a value, without white space"
    } else {
        "give a fully qualified name such as `www.example.com.`"
    };
    Problem::new("value-not-domain-name", message, help)
}

/// Quoted strings of at most 255 bytes, one or more (1.5.4).
fn character_strings(record_type: RecordType, value: &str) -> Result<(), Problem> {
    let mut fields = Fields::new(value);
    let mut any = false;
    while let Some(field) = fields.next_field()? {
        any = true;
        let Field::Quoted(text) = field else {
            let message = format!("a {record_type} value must stand between quotation marks");
            let help =
                r#"in JSON, write "\"v=spf1 -all\"": the outer marks are JSON's, the inner ones are the value's"#;
            return Err(Problem::new("value-not-quoted", message, help));
        };
        check_string(text)?;
    }
    if any {
        return Ok(());
    }
    Err(Problem::new("value-empty", format!("the value of this {record_type} record is blank"), "write \"\\\"\\\"\""))
}

fn check_string(text: &str) -> Result<(), Problem> {
    const STRING_BYTES_MAX: usize = 255;
    let bytes = string_bytes(text);
    if bytes <= STRING_BYTES_MAX {
        return Ok(());
    }
    let message = format!("a quoted string has at most {STRING_BYTES_MAX} bytes; this one has {bytes}");
    let help = r#"split it: "\"first part\" \"second part\"" is joined again by whoever reads the record"#;
    Err(Problem::new("value-string-too-long", message, help))
}

/// As much of a text as a message needs.
fn shortened(text: &str) -> Cow<'_, str> {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        None => Cow::Borrowed(text),
        Some((at, _)) => Cow::Owned(format!("{}...", text.get(..at).unwrap_or_default())),
    }
}

/// The first value that repeats an earlier one, and how many more do.
fn duplicate(record_type: RecordType, values: &[Cow<'_, str>]) -> Option<(usize, usize)> {
    if values.len() < 2 {
        return None;
    }
    let mut seen: Set<Key<'_>> = Set::default();
    let mut repeated = values.iter().enumerate().filter(|(_, value)| !seen.insert(Key::of(record_type, value)));
    let (first, _) = repeated.next()?;
    Some((first, repeated.count()))
}

/// A value as it is compared: addresses and names by what they mean (1.1.2, 1.1.3), the rest by its text.
#[derive(PartialEq, Eq, Hash)]
pub(super) enum Key<'v> {
    /// An IPv6 address.
    Address(Ipv6Addr),
    /// A domain name in wire form.
    Name(Vec<u8>),
    /// Anything else.
    Text(Cow<'v, str>),
}

impl<'v> Key<'v> {
    /// The form in which two values of one type are equal.
    pub(super) fn of(record_type: RecordType, value: &'v str) -> Self {
        let text = || Self::Text(Cow::Borrowed(value));
        match record_type {
            RecordType::Aaaa => value.parse().map_or_else(|_| text(), Self::Address),
            RecordType::Cname | RecordType::Ns | RecordType::Ptr => {
                NameBuf::parse(value).map_or_else(|_| text(), |name| Self::Name(name.as_ref().wire().to_vec()))
            }
            RecordType::Mx | RecordType::Srv | RecordType::Soa => {
                let words: Vec<&str> = value.split_whitespace().map(|word| word.trim_end_matches('.')).collect();
                Self::Text(Cow::Owned(words.join(" ").to_ascii_lowercase()))
            }
            _ => text(),
        }
    }
}
