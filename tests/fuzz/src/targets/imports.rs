//! Zones in other formats: recognised, translated, and every finding led back into the text.

use anyhow::Result;
use pointsman_core::diagnostic::has_errors;
use pointsman_core::parse::Document;
use pointsman_core::validate::{Options, validate};

use super::seeds;
use super::target::Target;

pub(super) const TARGET: Target =
    Target { name: "imports", reads: "Terraform, CloudFormation, traffic policies, zone files, YAML", run, seeds };

fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(imported) = pointsman_import::read(text, &pointsman_import::Options::default()) else { return };
    let document: Document<'_> = imported.document(0);
    let options = Options { zone_name: imported.zone_name().or(Some("example.com")) };
    let findings = validate(&[document], &options).diagnostics;
    if imported.json().is_empty() {
        assert!(has_errors(&findings), "{} gives nothing, and nobody says why", imported.format());
        return;
    }
    for mut finding in findings {
        if let Some(place) = &finding.place {
            let location = imported.locate(text, place);
            assert!(text.get(location.start..location.end).is_some(), "a place outside the text: {location:?}");
        }
        imported.relocate(text, &mut finding);
    }
    let is_json = serde_json::from_str::<serde_json::Value>(imported.json()).is_ok();
    assert!(is_json, "{} gives no JSON: {}", imported.format(), imported.json());
}

fn seeds() -> Result<Vec<Vec<u8>>> {
    seeds::contents("import/tests/documents", "")
}
