//! From texts to a zone.

use pointsman_core::diagnostic::{Diagnostic, Location};
use pointsman_core::model::HostedZone;
use pointsman_core::parse::{Document, Locator, locate, parse};
use pointsman_core::validate::{Options, validate};
use pointsman_import::Imported;
use serde_json::{Value, json};

use crate::request::{Text, Version};

/// The texts of a version, each with what it says in the AWS CLI's words where it is of another format.
pub(crate) struct Sources<'a> {
    texts: &'a [Text],
    imported: Vec<Option<Imported>>,
    zone_name: Option<&'a str>,
}

impl<'a> Sources<'a> {
    pub(crate) fn new(version: &'a Version) -> Self {
        let options = pointsman_import::Options { zone: version.zone_name.as_deref(), ..Default::default() };
        let imported = version.documents.iter().map(|text| pointsman_import::read(&text.text, &options)).collect();
        Self { texts: &version.documents, imported, zone_name: version.zone_name.as_deref() }
    }

    /// The texts in the AWS CLI's words.
    pub(crate) fn aws_json(&self) -> Vec<&str> {
        let texts = self.texts.iter().zip(&self.imported);
        texts.map(|(text, imported)| imported.as_ref().map_or(text.text.as_str(), Imported::json)).collect()
    }

    /// The texts as documents.
    pub(crate) fn documents(&self) -> Vec<Document<'_>> {
        let read = |(number, (text, imported)): (usize, (&'a Text, &Option<Imported>))| {
            let mut document = match imported {
                // Its texts live as long as what was imported.
                Some(_) => return None,
                None => parse(number, &text.text),
            };
            document.cidr_collection_id = text.cidr_collection.as_deref().map(Into::into);
            Some(document)
        };
        let texts = self.texts.iter().zip(&self.imported).enumerate();
        texts
            .filter_map(|(number, pair)| match pair.1 {
                Some(imported) => Some(imported.document(number)),
                None => read((number, pair)),
            })
            .collect()
    }

    /// The options of validation.
    pub(crate) fn options(&self) -> Options<'_> {
        let chosen = self.imported.iter().flatten().find_map(Imported::zone_name);
        Options { zone_name: chosen.filter(|_| self.zone_name.is_some()).or(self.zone_name) }
    }

    /// The zone, or what is wrong with it.
    pub(crate) fn zone(&self) -> Result<HostedZone, String> {
        let validated = validate(&self.documents(), &self.options());
        validated.zone.ok_or_else(|| self.refusal("the documents make no zone", &validated.diagnostics, None))
    }

    /// Findings as an error; `batch` is a text after the others.
    pub(crate) fn refusal(&self, message: &str, findings: &[Diagnostic], batch: Option<&Text>) -> String {
        let texts: Vec<&Text> = self.texts.iter().chain(batch).collect();
        let names: Vec<&str> = texts.iter().map(|text| text.name.as_str()).collect();
        let locators: Vec<Locator> = texts.iter().map(|text| Locator::new(&text.text)).collect();
        let mut lines: Vec<Value> = Vec::new();
        for finding in findings {
            let mut finding = finding.clone();
            let number = finding.place.as_ref().map(|place| place.document);
            let text = number.and_then(|number| texts.get(number));
            let imported = number.and_then(|number| self.imported.get(number)?.as_ref());
            if let (Some(imported), Some(text)) = (imported, text) {
                imported.relocate(&text.text, &mut finding);
            }
            let location: Option<Location> = finding.place.as_ref().and_then(|place| {
                let text = text?;
                Some(match (imported, place.line_column) {
                    (Some(imported), _) => imported.locate(&text.text, place),
                    (None, None) => locators.get(place.document)?.locate(&text.text, place),
                    (None, Some(_)) => locate(&text.text, place),
                })
            });
            lines.extend(serde_json::from_str::<Value>(&finding.to_json(&names, location.as_ref())));
        }
        json!({"code": "invalid-documents", "message": message, "diagnostics": lines}).to_string()
    }
}
