//! From texts to a zone.

use pointsman_core::diagnostic::Diagnostic;
use pointsman_core::model::HostedZone;
use pointsman_core::parse::{Document, Locator, parse};
use pointsman_core::validate::{Options, validate};
use serde_json::{Value, json};

use crate::request::{Text, Version};

/// The texts of a version of a zone, in the AWS CLI's words.
pub(crate) struct Sources<'a>(pub(crate) &'a Version);

impl<'a> Sources<'a> {
    /// The texts.
    pub(crate) fn texts(&self) -> Vec<&'a str> {
        self.0.documents.iter().map(|text| text.text.as_str()).collect()
    }

    /// The texts as documents.
    pub(crate) fn documents(&self) -> Vec<Document<'a>> {
        let read = |(number, text): (usize, &'a Text)| {
            let mut document = parse(number, &text.text);
            document.cidr_collection_id = text.cidr_collection.as_deref().map(Into::into);
            document
        };
        self.0.documents.iter().enumerate().map(read).collect()
    }

    /// The options of validation.
    pub(crate) fn options(&self) -> Options<'a> {
        Options { zone_name: self.0.zone_name.as_deref() }
    }

    /// The zone, or what is wrong with it.
    pub(crate) fn zone(&self) -> Result<HostedZone, String> {
        let validated = validate(&self.documents(), &self.options());
        validated.zone.ok_or_else(|| self.refusal("the documents make no zone", &validated.diagnostics, None))
    }

    /// Findings as an error; `batch` is a text after the others.
    pub(crate) fn refusal(&self, message: &str, findings: &[Diagnostic], batch: Option<&Text>) -> String {
        let texts: Vec<&Text> = self.0.documents.iter().chain(batch).collect();
        let names: Vec<&str> = texts.iter().map(|text| text.name.as_str()).collect();
        let locators: Vec<Locator> = texts.iter().map(|text| Locator::new(&text.text)).collect();
        let line = |finding: &Diagnostic| {
            let location = finding.place.as_ref().and_then(|place| {
                let text = texts.get(place.document)?;
                Some(locators.get(place.document)?.locate(&text.text, place))
            });
            serde_json::from_str(&finding.to_json(&names, location.as_ref())).ok()
        };
        let diagnostics: Vec<Value> = findings.iter().filter_map(line).collect();
        json!({"code": "invalid-documents", "message": message, "diagnostics": diagnostics}).to_string()
    }
}
