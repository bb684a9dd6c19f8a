//! A change batch over a zone: the batch first, then the zone's documents.

use anyhow::Result;
use pointsman_core::diagnostic::has_errors;
use pointsman_core::parse::{Document, parse};
use pointsman_core::validate::{Options, apply, apply_json};

use super::target::Target;
use super::{parts, seeds, zones};

pub(super) const TARGET: Target = Target { name: "batches", reads: "change batches over a zone", run, seeds };

fn run(bytes: &[u8]) {
    let texts = parts::texts(bytes);
    let [batch, documents @ ..] = texts.as_slice() else { return };
    let documents = if documents.is_empty() { zones::EXAMPLES.get(2..3).unwrap_or_default() } else { documents };
    let parsed: Vec<Document<'_>> = documents.iter().enumerate().map(|(number, text)| parse(number, text)).collect();
    let applied = apply(&parsed, &parse(parsed.len(), batch), &Options::default());
    let all: Vec<&str> = documents.iter().chain([batch]).copied().collect();
    zones::tell(&applied.diagnostics, &all);
    if !has_errors(&applied.diagnostics) {
        let after = apply_json(&parsed, documents, batch, &applied);
        let is_json = serde_json::from_str::<serde_json::Value>(&after).is_ok();
        assert!(is_json, "what apply writes is not JSON: {after}");
    }
}

fn seeds() -> Result<Vec<Vec<u8>>> {
    let mut all = Vec::new();
    for case in seeds::documented()? {
        if let Some(batch) = &case.change_batch {
            let mut texts = vec![batch.to_string()];
            texts.extend(case.documents());
            all.push(parts::join(&texts));
        }
    }
    all.extend(seeds::contents("host-examples/zones", "batch.json")?);
    Ok(all)
}
