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
        } else if self.code == "value-string-too-long" {
            finding.says(format_args!(
                "Invalid Resource Record: FATAL problem: CharacterStringTooLong (Value is too long) encountered with '{}'",
                shortened(value)
            ))
        } else {
            finding
        }
    }
}

/// As much of a text as a message needs.
pub(super) fn shortened(text: &str) -> Cow<'_, str> {
    const SHOWN: usize = 80;
    match text.char_indices().nth(SHOWN) {
        None => Cow::Borrowed(text),
        Some((at, _)) => Cow::Owned(format!("{}...", text.get(..at).unwrap_or_default())),
    }
}
