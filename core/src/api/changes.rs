//! Documents checked, and changed by a batch.

use alloc::string::String;
use alloc::vec::Vec;

use super::findings::Findings;
use super::source::{Source, parse_all};
use crate::diagnostic::has_errors;
use crate::validate::{self, Options, apply_json, validate};

/// Every finding about the documents of a zone: what cannot be evaluated, what Route 53 would refuse, and lints.
///
/// ```
/// use pointsman_core::{check, validate::Options};
/// let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
///     {"Name": "example.com.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "example.net."}]}]}"#;
/// assert_eq!(check([zone], &Options::default())[0].code, "cname-at-apex");
/// ```
pub fn check<'t, S: Into<Source<'t>>>(documents: impl IntoIterator<Item = S>, options: &Options<'_>) -> Findings {
    let (sources, documents) = parse_all(documents);
    Findings::locate(validate(&documents, options).diagnostics, &sources)
}

/// The documents of a zone after a change batch, as the text of one document.
///
/// # Errors
/// Why Route 53 would refuse the batch; as a document, the batch comes after the others.
///
/// ```
/// use pointsman_core::{Zone, apply, validate::Options};
/// let zone = r#"{"HostedZone": {"Name": "example.com."}, "ResourceRecordSets": []}"#;
/// let batch = r#"{"Changes": [{"Action": "CREATE", "ResourceRecordSet":
///     {"Name": "a.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}}]}"#;
/// let after = apply([zone], batch, &Options::default())?;
/// assert_eq!(Zone::load([&after])?.compiled().record_set_count(), 1);
/// # Ok::<(), pointsman_core::Findings>(())
/// ```
pub fn apply<'t, S: Into<Source<'t>>>(
    documents: impl IntoIterator<Item = S>,
    batch: impl Into<Source<'t>>,
    options: &Options<'_>,
) -> Result<String, Findings> {
    let (mut sources, documents) = parse_all(documents);
    let batch = batch.into();
    let applied = validate::apply(&documents, &batch.parse(documents.len()), options);
    if has_errors(&applied.diagnostics) {
        sources.push(batch);
        return Err(Findings::locate(applied.diagnostics, &sources));
    }
    let texts: Vec<&str> = sources.iter().map(|source| source.text).collect();
    Ok(apply_json(&documents, &texts, batch.text, &applied))
}
