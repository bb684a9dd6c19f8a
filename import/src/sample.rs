//! What a text looks like, found out at the cost of its first few members.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Keys that only the AWS CLI's documents have at their top level, and Pointsman's own beside them. What has one of them is
/// read by core as it is.
const OURS: [&str; 9] = [
    "ResourceRecordSets",
    "HealthChecks",
    "CidrCollections",
    "CidrBlocks",
    "AliasTargets",
    "LatencyTable",
    "Changes",
    "ChangeBatch",
    "HostedZone",
];

/// Keys that are kept of one object.
const KEYS_MAX: usize = 200;

/// What a text starts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One JSON object.
    Object,
    /// JSON objects one after the other.
    Stream,
    /// A JSON array.
    Array,
    /// No JSON.
    Text,
}

/// A text and what it looks like.
#[derive(Debug)]
pub(crate) struct Sample<'t> {
    pub(crate) text: &'t str,
    pub(crate) shape: Shape,
    /// The keys of the object, of the stream's first object, or of the array's first element.
    keys: Vec<String>,
}

impl<'t> Sample<'t> {
    /// Looks at a text; `None` when it is one that core reads as it is.
    pub(crate) fn new(text: &'t str) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let body = text.trim_ascii_start();
        let keys = RefCell::new(Vec::new());
        let shape = match body.as_bytes().first() {
            Some(b'{') => {
                let mut deserializer = serde_json::Deserializer::from_str(body);
                let read = Look { keys: &keys, is_inner: false }.deserialize(&mut deserializer);
                if keys.borrow().iter().any(|key: &String| OURS.contains(&key.as_str())) {
                    return None;
                }
                match read {
                    Ok(()) if deserializer.end().is_err() => Shape::Stream,
                    _ => Shape::Object,
                }
            }
            Some(b'[') => {
                let mut deserializer = serde_json::Deserializer::from_str(body);
                // The error that ends the reading after the first element is no fault of the text.
                let _ = Look { keys: &keys, is_inner: false }.deserialize(&mut deserializer);
                Shape::Array
            }
            _ => Shape::Text,
        };
        Some(Self { text, shape, keys: keys.into_inner() })
    }

    /// Whether the object has a key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.keys.iter().any(|known| known == key)
    }

    /// Whether the object has any of these keys.
    pub(crate) fn has_any(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.has(key))
    }

    /// The lines of a text that is no JSON, at most the first few hundred; without those that are empty.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &'t str> {
        const LINES_MAX: usize = 500;
        let lines = if self.shape == Shape::Text { self.text } else { "" };
        lines.lines().filter(|line| !line.trim().is_empty()).take(LINES_MAX)
    }

    /// Whether a line of a text that is no JSON starts with this word.
    pub(crate) fn has_line(&self, start: &str) -> bool {
        self.lines().any(|line| line.starts_with(start))
    }
}

/// Reads the keys of an object, or of an array's first element; stops at a key that is ours.
#[derive(Clone, Copy)]
struct Look<'k> {
    keys: &'k RefCell<Vec<String>>,
    is_inner: bool,
}

impl<'t> DeserializeSeed<'t> for Look<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Look<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut sequence: A) -> Result<(), A::Error> {
        if !self.is_inner {
            sequence.next_element_seed(Look { is_inner: true, ..self })?;
        }
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let is_ours = !self.is_inner && OURS.contains(&key.as_str());
            let mut keys = self.keys.borrow_mut();
            if keys.len() < KEYS_MAX || is_ours {
                keys.push(key);
            }
            if is_ours {
                return Err(serde::de::Error::custom("enough"));
            }
            drop(keys);
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_core_reads_is_left_to_it() {
        assert!(Sample::new(r#"{"Marker": "x", "HealthChecks": []}"#).is_none());
        assert!(Sample::new(r#"{"ResourceRecordSets": [{"#).is_none());
    }

    #[test]
    fn shapes_and_keys() {
        let look = |text| Sample::new(text).map(|sample| (sample.shape, sample.keys)).unwrap();
        let keys = |keys: &[&str]| keys.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(look("\u{feff} {\"a\": {\"b\": 1}, \"c\": 2}"), (Shape::Object, keys(&["a", "c"])));
        assert_eq!(look("{\"a\": 1}\n{\"b\": 1}"), (Shape::Stream, keys(&["a"])));
        assert_eq!(look("[{\"ResourceRecordSets\": 1}, {\"b\": 1}]"), (Shape::Array, keys(&["ResourceRecordSets"])));
        assert_eq!(look("a: b"), (Shape::Text, keys(&[])));
        assert_eq!(look(""), (Shape::Text, keys(&[])));
        assert_eq!(look("[[[{\"a\": 1}]]]"), (Shape::Array, keys(&[])));
    }
}
