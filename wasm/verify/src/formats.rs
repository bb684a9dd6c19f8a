//! Texts of other formats in the AWS CLI's words, and what is wrong with them at its place in the text as given.

use std::borrow::Cow;
use std::collections::BTreeMap;

use pointsman_core::diagnostic::{Diagnostic, Location};
use pointsman_core::parse::{Document, locate, parse};
use pointsman_core::validate::validate;
use pointsman_import::{Imported, Options, Policies};
use serde_json::{Value, json};

use crate::request::{Text, Version};

/// The texts in the AWS CLI's words, the name of the zone where a document names it in its own way, and the findings.
pub(crate) fn read(
    version: &Version,
    parameters: &BTreeMap<String, String>,
    name: Option<String>,
    ttl: Option<u32>,
) -> Result<Value, String> {
    let parameters: Vec<(String, String)> =
        parameters.iter().map(|(key, value)| (key.clone(), value.clone())).collect();
    let texts: Vec<&str> = version.documents.iter().map(|text| text.text.as_str()).collect();
    let instances = pointsman_import::instances(&texts);
    let options = Options {
        zone: version.zone_name.as_deref(),
        parameters: &parameters,
        name: name.as_deref(),
        ttl,
        instances: &instances,
    };
    let imported: Vec<Option<Imported>> =
        version.documents.iter().map(|text| pointsman_import::read(&text.text, &options)).collect();
    let texts = || version.documents.iter().zip(&imported);
    let mut documents: Vec<Document<'_>> = texts().enumerate().map(|(number, pair)| document(number, pair)).collect();
    let policies = Policies::new(imported.iter().flatten(), name.as_deref());
    policies.leave_out_listed(&mut documents);
    let chosen = imported.iter().flatten().find_map(Imported::zone_name);
    let zone_name = chosen.filter(|_| version.zone_name.is_some()).or(version.zone_name.as_deref());
    let validated = validate(&documents, &pointsman_core::validate::Options { zone_name });
    let names: Vec<&str> = version.documents.iter().map(|text| text.name.as_str()).collect();
    let line = |finding: &Diagnostic| {
        let mut finding = finding.clone();
        let pair = finding.place.as_ref().and_then(|place| texts().nth(place.document));
        if let Some((text, Some(imported))) = pair {
            imported.relocate(&text.text, &mut finding);
        }
        let location: Option<Location> =
            finding.place.as_ref().zip(pair).map(|(place, (text, imported))| match imported {
                Some(imported) => imported.locate(&text.text, place),
                None => locate(&text.text, place),
            });
        serde_json::from_str(&finding.to_json(&names, location.as_ref())).ok()
    };
    let diagnostics: Vec<Value> = validated.diagnostics.iter().filter_map(line).collect();
    let read = texts().map(|(text, imported)| match imported {
        Some(imported) => Cow::Borrowed(imported.json()),
        None => policies.without_listed(&text.text).map_or(Cow::Borrowed(text.text.as_str()), Cow::Owned),
    });
    let read: Vec<Cow<'_, str>> = read.collect();
    Ok(json!({"texts": read, "zoneName": zone_name, "diagnostics": diagnostics}))
}

fn document<'a>(number: usize, (text, imported): (&'a Text, &'a Option<Imported>)) -> Document<'a> {
    match imported {
        Some(imported) => imported.document(number),
        None => {
            let mut document = parse(number, &text.text);
            document.cidr_collection_id = text.cidr_collection.as_deref().map(Into::into);
            document
        }
    }
}
