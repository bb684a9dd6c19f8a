//! Deep health documents: bodies that say which part of an endpoint is well.
//!
//! ```json
//! {"status": "unhealthy", "checks": {"database": {"status": "ok"}, "queue": "unreachable"}}
//! ```

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The most parts that are kept.
const PARTS: usize = 64;
/// The most characters of a name or a status that are kept.
const LETTERS: usize = 100;

/// The parts of `body`, in document order, if it is such a document and whole.
pub(super) fn parts(body: &[u8]) -> Option<Vec<(String, String)>> {
    let document: Document = serde_json::from_slice(body).ok()?;
    let Checks(parts) = document.checks?;
    Some(parts)
}

/// Whether `body` may be the beginning of such a document.
pub(super) fn may_be(body: &[u8]) -> bool {
    body.iter().find(|byte| !byte.is_ascii_whitespace()).is_none_or(|byte| *byte == b'{')
}

/// Whether `body` is a whole JSON object; cheap while it is not.
pub(super) fn is_whole(body: &[u8]) -> bool {
    body.trim_ascii_end().ends_with(b"}") && serde_json::from_slice::<IgnoredAny>(body).is_ok()
}

#[derive(Deserialize)]
struct Document {
    checks: Option<Checks>,
}

/// An object whose order is kept.
struct Checks(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Checks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ChecksVisitor)
    }
}

struct ChecksVisitor;

impl<'de> Visitor<'de> for ChecksVisitor {
    type Value = Checks;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of checks")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Checks, A::Error> {
        let mut parts = Vec::new();
        while let Some((name, status)) = map.next_entry::<String, Status>()? {
            if parts.len() < PARTS {
                parts.push((clean(&name), status.0));
            }
        }
        Ok(Checks(parts))
    }
}

/// A word, or an object that has one; anything else is written as the JSON word it is.
struct Status(String);

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StatusVisitor)
    }
}

struct StatusVisitor;

impl<'de> Visitor<'de> for StatusVisitor {
    type Value = Status;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a status, or an object with one")
    }

    fn visit_str<E>(self, text: &str) -> Result<Status, E> {
        Ok(Status(clean(text)))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Status, E> {
        Ok(Status(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Status, E> {
        Ok(Status(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Status, E> {
        Ok(Status(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Status, E> {
        Ok(Status(value.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Status, E> {
        Ok(Status("null".to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Status, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Status("unknown".to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Status, A::Error> {
        let mut status = None;
        while let Some(key) = map.next_key::<String>()? {
            if key == "status" {
                status = Some(map.next_value::<Status>()?.0);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(Status(status.unwrap_or_else(|| "unknown".to_owned())))
    }
}

/// Fit for a page and a log line.
fn clean(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(LETTERS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
        Some(list.iter().map(|(name, status)| ((*name).to_owned(), (*status).to_owned())).collect())
    }

    #[test]
    fn words_and_objects_are_read_in_document_order() {
        let body =
            br#"{"status": "unhealthy", "checks": {"queue": "unreachable", "database": {"ms": 3, "status": "ok"},
            "cache": true, "disk": {"free": 7}, "list": [1, {"status": "x"}], "none": null}}"#;
        let expected = [
            ("queue", "unreachable"),
            ("database", "ok"),
            ("cache", "true"),
            ("disk", "unknown"),
            ("list", "unknown"),
            ("none", "null"),
        ];
        assert_eq!(parts(body), pairs(&expected));
    }

    #[test]
    fn other_bodies_have_no_parts() {
        for body in ["", "ok", "[]", "{}", r#"{"status": "ok"}"#, r#"{"checks": ["a"]}"#, r#"{"checks": {"a": "ok""#] {
            assert_eq!(parts(body.as_bytes()), None, "{body}");
        }
        // Depth ends in an error of the parser, not of the stack.
        assert_eq!(parts(format!(r#"{{"checks": {{"a": {}"#, r#"{"status":"#.repeat(600)).as_bytes()), None);
    }

    #[test]
    fn many_and_long_parts_are_cut() {
        let list: Vec<String> = (0..200).map(|n| format!(r#""p{n}": "{}""#, "\\u0007z".repeat(LETTERS + 9))).collect();
        let parts = parts(format!(r#"{{"checks": {{{}}}}}"#, list.join(",")).as_bytes()).expect("a document");
        assert_eq!(parts.len(), PARTS);
        assert!(parts.iter().all(|(_, status)| *status == "z".repeat(LETTERS)));
    }

    #[test]
    fn beginnings_and_ends_are_told_apart() {
        assert!(may_be(b"") && may_be(b" \n") && may_be(b" {") && !may_be(b"<html>"));
        assert!(
            is_whole(b"{\"a\": {}}\n")
                && !is_whole(b"{\"a\": {}")
                && !is_whole(b"{\"a\": {}, \"b\": 1")
                && !is_whole(b"")
        );
    }
}
