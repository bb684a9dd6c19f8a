//! From a path to bytes, line and column, so that findings can be shown where they are.

use alloc::borrow::Cow;
use core::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::node::KeySeed;
use crate::diagnostic::{Location, Path, Place, Step};

/// Finds a place in the text of its document: the value at the path, or as much of the path as exists. Of a key given
/// twice, the last one is found.
///
/// ```
/// use pointsman_core::diagnostic::{Path, Place};
/// use pointsman_core::parse::locate;
/// let text = "{\n  \"A\": [1, 22]\n}";
/// let place = Place::new(0, Path::root().key("A").index(1));
/// let location = locate(text, &place);
/// assert_eq!((location.line, location.column, &text[location.start..location.end]), (2, 12, "22"));
/// ```
#[must_use]
pub fn locate(text: &str, place: &Place) -> Location {
    if let Some((line, column)) = place.line_column {
        return at_line_column(text, line, column);
    }
    let (start, end) = find(text, &place.path);
    Location::of_bytes(text, start, end)
}

/// serde_json counts columns in bytes; a column past the end is the end.
fn at_line_column(text: &str, line: usize, column: usize) -> Location {
    let line_start = match line.checked_sub(2) {
        None => 0,
        Some(skip) => text.match_indices('\n').nth(skip).map_or(text.len(), |(at, _)| at.saturating_add(1)),
    };
    let mut start = line_start.saturating_add(column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(start) {
        start = start.saturating_sub(1);
    }
    let length = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
    Location::of_bytes(text, start, start.saturating_add(length))
}

fn find(text: &str, path: &Path) -> (usize, usize) {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut at = body.trim_ascii();
    for step in &path.0 {
        let mut deserializer = serde_json::Deserializer::from_str(at);
        match Inner(step).deserialize(&mut deserializer) {
            Ok(Some(inner)) => at = inner.get(),
            Ok(None) | Err(_) => break,
        }
    }
    let start = (at.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    (start, start.saturating_add(at.len()))
}

/// Finds the value one step further in.
struct Inner<'a>(&'a Step);

impl<'t> DeserializeSeed<'t> for Inner<'_> {
    type Value = Option<&'t RawValue>;

    fn deserialize<D: Deserializer<'t>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'t> Visitor<'t> for Inner<'_> {
    type Value = Option<&'t RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or an object")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut sequence: A) -> Result<Self::Value, A::Error> {
        let Step::Index(index) = self.0 else { return Ok(None) };
        for _ in 0..*index {
            if sequence.next_element::<IgnoredAny>()?.is_none() {
                return Ok(None);
            }
        }
        let found = sequence.next_element()?;
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }

    fn visit_map<A: MapAccess<'t>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Step::Key(wanted) = self.0 else { return Ok(None) };
        let mut found = None;
        while let Some(key) = map.next_key_seed(KeySeed)? {
            let key: Cow<'t, str> = key;
            if key == wanted.as_str() {
                found = Some(map.next_value()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, path: &str) -> Location {
        locate(text, &Place::new(0, Path::parse(path).unwrap()))
    }

    #[test]
    fn finds_values_keys_and_what_exists_of_a_path() {
        let text = "\u{feff}{\"\u{e4}\": 1, \"a\": {\"b\": [true,\n [\"x\"]]}, \"a\": {\"b\": 7}}";
        let location = at(text, "$.a.b");
        assert_eq!((location.line, &text[location.start..location.end]), (2, "7"));
        let location = at(text, "$.a.b.c");
        assert_eq!(&text[location.start..location.end], "7");
        let location = at("[1,2]", "$[1]");
        assert_eq!((location.line, location.column, location.start, location.end), (1, 4, 3, 4));
    }

    #[test]
    fn a_column_past_the_end_is_the_end() {
        let mut place = Place::new(0, Path::root());
        place.line_column = Some((2, 99));
        let location = locate("{\n\u{e4}", &place);
        assert_eq!((location.line, location.column), (2, 2));
        assert_eq!(locate("", &place).start, 0);
    }
}
