//! Places of many findings in one text: the text is looked through once, not once for each of them.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use serde_json::value::RawValue;

use super::locate::locate;
use crate::diagnostic::{Location, Path, Place, Step};
use crate::map::Map;

/// Finds places in one text, as [`locate`] does, at a cost that does not grow with the text for what lies in the arrays
/// at its top level.
///
/// ```
/// use pointsman_core::diagnostic::{Path, Place};
/// use pointsman_core::parse::{Locator, locate};
/// let text = "{\"A\": [1,\n 22]}";
/// let place = Place::new(0, Path::root().key("A").index(1));
/// assert_eq!(Locator::new(text).locate(text, &place), locate(text, &place));
/// ```
#[derive(Debug)]
pub struct Locator {
    /// Where the elements of such arrays are, by the array's key.
    elements: Map<String, Vec<Range<usize>>>,
    line_starts: Vec<usize>,
    /// How many characters stand before each [`STRIDE`] of bytes, so that a column of an endless line is no count of it.
    characters: Vec<usize>,
}

/// Bytes between two counts of characters.
const STRIDE: usize = 1024;

impl Locator {
    /// Looks through a text. One that is not a JSON object has no arrays to find, which costs speed and nothing else.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let start_of = |raw: &RawValue| (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(body).unwrap_or_default();
        let mut elements: Map<String, Vec<Range<usize>>> = Map::default();
        for (key, raw) in members {
            let Ok(list) = serde_json::from_str::<Vec<&RawValue>>(raw.get()) else { continue };
            let range = |raw: &RawValue| start_of(raw)..start_of(raw).saturating_add(raw.get().len());
            elements.insert(key, list.into_iter().map(range).collect());
        }
        let line_starts =
            core::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at.saturating_add(1))).collect();
        let mut characters = alloc::vec![0_usize];
        let mut sum = 0_usize;
        for chunk in text.as_bytes().chunks(STRIDE) {
            sum = sum.saturating_add(characters_in(chunk));
            characters.push(sum);
        }
        Self { elements, line_starts, characters }
    }

    /// Finds a place in the text that the locator was made for; see [`locate`].
    #[must_use]
    pub fn locate(&self, text: &str, place: &Place) -> Location {
        let steps = &place.path.0;
        let element = match steps.as_slice() {
            [Step::Key(array), Step::Index(index), rest @ ..] => {
                self.elements.get(array).and_then(|elements| Some((elements.get(*index)?, rest)))
            }
            _ => None,
        };
        let Some((range, rest)) = element else { return locate(text, place) };
        let inner = text.get(range.clone()).unwrap_or_default();
        let found = locate(inner, &Place::new(place.document, Path(rest.to_vec())));
        let start = found.start.saturating_add(range.start);
        let line = self.line_starts.partition_point(|line_start| *line_start <= start);
        let line_start = line.checked_sub(1).and_then(|at| self.line_starts.get(at)).copied().unwrap_or(0);
        let column = self.characters_before(text, start).saturating_sub(self.characters_before(text, line_start));
        let column = column.saturating_add(1);
        Location { start, end: found.end.saturating_add(range.start), line, column }
    }
}

impl Locator {
    /// How many characters stand before a byte.
    fn characters_before(&self, text: &str, at: usize) -> usize {
        let counted = at.checked_div(STRIDE).unwrap_or(0);
        let from = counted.saturating_mul(STRIDE);
        let rest = text.as_bytes().get(from..at).unwrap_or_default();
        self.characters.get(counted).copied().unwrap_or(0).saturating_add(characters_in(rest))
    }
}

/// How many characters begin in these bytes of UTF-8.
fn characters_in(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_an_endless_line_are_counted_in_characters() {
        let elements: Vec<String> = (0..2000).map(|number| alloc::format!("{{\"\u{e4}\": {number}}}")).collect();
        let text = alloc::format!("{{\"A\": [{}]}}", elements.join(","));
        let locator = Locator::new(&text);
        for index in [0, 1, 1023, 1999] {
            let place = Place::new(0, Path::root().key("A").index(index).key("\u{e4}"));
            assert_eq!(locator.locate(&text, &place), locate(&text, &place), "{index}");
        }
    }

    #[test]
    fn the_locator_finds_what_locate_finds() {
        let text = "\u{feff}{\"A\": [{\"b\": 1},\n  {\"\u{e4}\": {\"c\": [1, 2]}, \"b\": \"x\"}], \"B\": {\"c\": 3},\n\"C\": []}";
        for text in [text, "[]", "{", ""] {
            let locator = Locator::new(text);
            for path in [
                "$",
                "$.A",
                "$.A[0]",
                "$.A[0].b",
                "$.A[1].b",
                "$.A[1]['\u{e4}'].c[1]",
                "$.A[1].none",
                "$.A[7]",
                "$.B.c",
            ] {
                let place = Place::new(0, Path::parse(path).unwrap());
                assert_eq!(locator.locate(text, &place), locate(text, &place), "{path}");
            }
        }
    }
}
