//! Listings come in pages; half a zone would give wrong answers, so that every page must be there.

use alloc::vec::Vec;

use super::gaps::Gaps;
use super::route53_messages::Shown;
use crate::diagnostic::{Diagnostic, IntoMessage, Path, Place};
use crate::model::NameBuf;
use crate::parse::{Document, RecordSetFields};

/// Finds pages whose neighbour is missing.
pub(super) fn check(documents: &[&Document<'_>], gaps: &Gaps<'_>, out: &mut Vec<Diagnostic>) {
    for document in documents {
        let page = &document.page;
        if page.next_token.is_some() {
            missing(document, "NextToken", "the listing goes on: it has a NextToken").add_to(out);
            continue;
        }
        if page.is_truncated {
            if document.health_checks.is_some() {
                check_next_health_checks(documents, document, gaps, out);
            } else {
                check_next_record_sets(documents, document, gaps, out);
            }
        }
        let marker = page.marker.as_deref().filter(|marker| !marker.is_empty());
        if let (Some(marker), Some(_), false) = (marker, &document.health_checks, gaps.health_checks) {
            let is_before = |other: &&Document<'_>| other.page.next_marker.as_deref() == Some(marker);
            if !documents.iter().any(is_before) {
                let message =
                    format_args!("the page before this one is missing: none has NextMarker `{}`", Shown(marker));
                missing(document, "Marker", message).add_to(out);
            }
        }
    }
}

#[inline(never)]
fn check_next_health_checks(
    documents: &[&Document<'_>],
    document: &Document<'_>,
    gaps: &Gaps<'_>,
    out: &mut Vec<Diagnostic>,
) {
    let Some(next) = &document.page.next_marker else {
        missing(document, "IsTruncated", "the listing is cut off: IsTruncated is true").add_to(out);
        return;
    };
    let is_next = |other: &&Document<'_>| other.health_checks.is_some() && other.page.marker.as_ref() == Some(next);
    if !gaps.health_checks && !documents.iter().any(is_next) {
        let message = format_args!("the next page is missing: no document has Marker `{}`", Shown(next));
        missing(document, "IsTruncated", message).add_to(out);
    }
}

#[inline(never)]
fn check_next_record_sets(
    documents: &[&Document<'_>],
    document: &Document<'_>,
    gaps: &Gaps<'_>,
    out: &mut Vec<Diagnostic>,
) {
    let page = &document.page;
    let Some(next_name) = &page.next_record_name else {
        missing(document, "IsTruncated", "the listing is cut off: IsTruncated is true").add_to(out);
        return;
    };
    let is_next = |other: &&Document<'_>| {
        let first = other.record_sets.as_ref().and_then(|record_sets| record_sets.first());
        other.number != document.number && first.is_some_and(|first| starts_with(first, document))
    };
    if !gaps.record_sets && !documents.iter().any(is_next) {
        let kind = Shown(page.next_record_type.as_deref().unwrap_or_default());
        let next_name = Shown(next_name);
        let message =
            format_args!("the next page is missing: no document starts with the record set `{next_name}` {kind}");
        missing(document, "IsTruncated", message).add_to(out);
    }
}

/// Whether `first` is the record set that the next page of `document` starts with.
fn starts_with(first: &RecordSetFields<'_>, document: &Document<'_>) -> bool {
    let page = &document.page;
    let same_name = match (&first.name, &page.next_record_name) {
        (Some(name), Some(next)) => match (NameBuf::parse(name), NameBuf::parse(next)) {
            (Ok(name), Ok(next)) => name.as_ref() == next.as_ref(),
            _ => name == next,
        },
        _ => false,
    };
    let same = |field: Option<&str>, next: Option<&str>| next.is_none() || field == next;
    same_name
        && same(first.record_type.as_deref(), page.next_record_type.as_deref())
        && same(first.set_identifier.as_deref(), page.next_record_identifier.as_deref())
}

fn missing(document: &Document<'_>, field: &str, message: impl IntoMessage) -> Diagnostic {
    let help = "give every page; the AWS CLI fetches them all by itself unless --no-paginate or \
                --max-items stops it";
    Diagnostic::cannot("page-missing", message).help(help).at(Place::new(document.number, Path::root().key(field)))
}

#[cfg(test)]
mod tests {
    use crate::parse::parse;
    use crate::validate::{Options, validate};

    fn codes(texts: &[&str]) -> alloc::vec::Vec<(&'static str, alloc::string::String)> {
        let documents: alloc::vec::Vec<_> = texts.iter().enumerate().map(|(n, text)| parse(n, text)).collect();
        let options = Options { zone_name: Some("example.com") };
        let findings = validate(&documents, &options).diagnostics.into_iter();
        findings.map(|finding| (finding.code, alloc::format!("{}", finding.place.as_ref().unwrap().path))).collect()
    }

    const FIRST: &str = r#"{"ResourceRecordSets": [
        {"Name": "a.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}],
        "IsTruncated": true, "NextRecordName": "\\052.example.com.", "NextRecordType": "A", "MaxItems": "1"}"#;
    const SECOND: &str = r#"{"ResourceRecordSets": [
        {"Name": "*.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}],
        "IsTruncated": false}"#;

    #[test]
    fn the_next_page_of_record_sets_is_found_by_its_first_record_set() {
        assert_eq!(codes(&[FIRST, SECOND]), []);
        assert_eq!(codes(&[FIRST]), [("page-missing", "$.IsTruncated".into())]);
        // A page that cannot be read may be the missing one.
        assert_eq!(codes(&[FIRST, "{"]), [("truncated-json", "$".into())]);
    }

    #[test]
    fn pages_of_health_checks_are_chained_by_markers() {
        let first = r#"{"HealthChecks": [], "IsTruncated": true, "NextMarker": "m1", "Marker": ""}"#;
        let second = r#"{"HealthChecks": [], "IsTruncated": false, "Marker": "m1"}"#;
        assert_eq!(codes(&[first, second]), []);
        assert_eq!(codes(&[first]), [("page-missing", "$.IsTruncated".into())]);
        assert_eq!(codes(&[second]), [("page-missing", "$.Marker".into())]);
    }

    #[test]
    fn a_token_says_that_the_listing_goes_on() {
        let page = r#"{"ResourceRecordSets": [], "NextToken": "x"}"#;
        assert_eq!(codes(&[page]), [("page-missing", "$.NextToken".into())]);
    }
}
