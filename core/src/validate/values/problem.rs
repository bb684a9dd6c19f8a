//! Why a value is refused, and how that is worded.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;

use crate::diagnostic::{Diagnostic, Route53Error};
use crate::model::RecordType;

/// Why a value is refused.
pub(super) struct Problem {
    pub(super) code: &'static str,
    pub(super) message: String,
    help: Cow<'static, str>,
}

impl Problem {
    pub(super) fn new(code: &'static str, message: impl Into<String>, help: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), help: help.into() }
    }

    pub(super) fn into_diagnostic(self, record_type: RecordType, value: &str) -> Diagnostic {
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

/// As much of a text as a message needs.
pub(super) fn shortened(text: &str) -> Cow<'_, str> {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        None => Cow::Borrowed(text),
        Some((at, _)) => Cow::Owned(format!("{}...", text.get(..at).unwrap_or_default())),
    }
}
