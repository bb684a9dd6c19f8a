//! The digest of a zone's record sets: two listings have the same one when they hold the same record sets, in whatever
//! order and spelling of names. A plan can name the version of the zone that it was made for.

use std::fmt::Write as _;

use pointsman_core::model::NameBuf;
use pointsman_core::parse::Document;
use pointsman_core::validate::{Applied, apply_json};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// What a digest begins with: the function that makes it.
const PREFIX: &str = "sha256:";
/// The hexadecimal digits behind it.
const DIGITS: usize = 64;

/// Reads a digest as it is printed.
pub(crate) fn parse(word: &str) -> Result<String, String> {
    let digits = word.strip_prefix(PREFIX).unwrap_or_default();
    match digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => Ok(word.to_ascii_lowercase()),
        false => {
            Err(format!("a digest is `{PREFIX}` and {DIGITS} hexadecimal digits, as `check` and `apply` print it"))
        }
    }
}

/// The digest of the record sets that these documents hold; `texts` are those that they were read from.
pub(crate) fn of_documents(documents: &[Document<'_>], texts: &[&str]) -> String {
    let record_sets = documents.iter().flat_map(|document| document.record_sets.iter().flatten());
    let unchanged =
        Applied { zone: None, diagnostics: Vec::new(), record_sets: record_sets.map(|fields| fields.origin).collect() };
    of_json(&apply_json(documents, texts, "{}", &unchanged))
}

/// The digest of the record sets in what `apply` prints.
pub(crate) fn of_json(text: &str) -> String {
    let mut value: Value = serde_json::from_str(text).unwrap_or_default();
    let record_sets = value.get_mut("ResourceRecordSets").and_then(Value::as_array_mut).map(std::mem::take);
    let mut lines: Vec<String> = record_sets.unwrap_or_default().into_iter().map(normal_form).collect();
    lines.sort_unstable();
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    hash.finalize().iter().fold(String::from(PREFIX), |mut digest, byte| {
        let _ = write!(digest, "{byte:02x}");
        digest
    })
}

/// A record set as every listing of it comes to: names in lower case with their final dot, no empty members, values in
/// order. Objects are sorted by key as they are.
fn normal_form(mut record_set: Value) -> String {
    let mut rename = |pointer: &str| {
        if let Some(name) = record_set.pointer_mut(pointer)
            && let Some(Ok(parsed)) = name.as_str().map(NameBuf::parse)
        {
            *name = parsed.as_ref().to_string().into();
        }
    };
    rename("/Name");
    rename("/AliasTarget/DNSName");
    if let Some(members) = record_set.as_object_mut() {
        members.retain(|_, member| !member.is_null() && !member.as_array().is_some_and(Vec::is_empty));
    }
    if let Some(values) = record_set.get_mut("ResourceRecords").and_then(Value::as_array_mut) {
        values.sort_unstable_by_key(ToString::to_string);
    }
    record_set.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(record_sets: &str) -> String {
        of_json(&format!(r#"{{"ResourceRecordSets": [{record_sets}]}}"#))
    }

    #[test]
    fn the_same_record_sets_have_one_digest_however_they_are_listed() {
        let one = r#"{"Name": "a.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}, {"Value": "192.0.2.2"}]}"#;
        let same = r#"{"TTL": 60, "Type": "A", "Name": "A.Example.COM", "HealthCheckId": null, "ResourceRecords": [{"Value": "192.0.2.2"}, {"Value": "192.0.2.1"}]}"#;
        let other = r#"{"Name": "b.example.com.", "Type": "A", "AliasTarget": {"DNSName": "x.example.com"}}"#;
        assert_eq!(digest(one), digest(same));
        assert_eq!(digest(&format!("{one},{other}")), digest(&format!("{other},{same}")));
    }

    #[test]
    fn whatever_is_changed_changes_the_digest() {
        let one = r#"{"Name": "a.example.com.", "Type": "A", "SetIdentifier": "x", "Weight": 1, "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}"#;
        let changed = [
            ("a.ex", "b.ex"),
            ("\"A\"", "\"AAAA\""),
            ("\"x\"", "\"X\""),
            (": 1,", ": 2,"),
            ("60", "61"),
            ("0.2.1", "0.2.2"),
        ];
        for (from, to) in changed {
            assert_ne!(digest(one), digest(&one.replacen(from, to, 1)), "{from}");
        }
        assert_ne!(digest(one), digest(&format!("{one},{one}")));
    }

    #[test]
    fn a_digest_is_read_as_it_is_printed() {
        let printed = digest("");
        assert_eq!(parse(&printed), Ok(printed.clone()));
        assert_eq!(parse(&printed.to_uppercase().replace("SHA", "sha")), Ok(printed));
        for wrong in ["", "sha256:", "sha256:12", "md5:0123456789abcdef0123456789abcdef"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
