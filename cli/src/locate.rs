//! Places of many findings in one text: the text is looked through once, not once for each of them.

use std::collections::BTreeMap;
use std::ops::Range;

use pointsman_core::diagnostic::{Path, Place, Step};
use pointsman_core::parse::{Location, locate};
use serde_json::value::RawValue;

/// Where the elements of the top-level arrays are, and where each line starts.
#[derive(Debug)]
pub(crate) struct Index {
    elements: BTreeMap<String, Vec<Range<usize>>>,
    line_starts: Vec<usize>,
}

impl Index {
    /// Looks through a text; `None` when it is not a JSON object.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(body).ok()?;
        let range = |raw: &RawValue| {
            let start = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
            start..start.saturating_add(raw.get().len())
        };
        let elements = members
            .into_iter()
            .filter_map(|(key, raw)| {
                let elements: Vec<&RawValue> = serde_json::from_str(raw.get()).ok()?;
                Some((key, elements.into_iter().map(range).collect()))
            })
            .collect();
        let line_starts =
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at.saturating_add(1))).collect();
        Some(Self { elements, line_starts })
    }

    /// Finds a place; what lies outside the top-level arrays is left to the core.
    pub(crate) fn locate(&self, text: &str, place: &Place) -> Location {
        let element = match place.path.0.as_slice() {
            [Step::Key(key), Step::Index(index), rest @ ..] => {
                self.elements.get(key).and_then(|elements| elements.get(*index)).map(|range| (range, rest))
            }
            _ => None,
        };
        let Some((range, rest)) = element else { return locate(text, place) };
        let inner = text.get(range.clone()).unwrap_or_default();
        let found = locate(inner, &Place::new(place.document, Path(rest.to_vec())));
        let start = found.start.saturating_add(range.start);
        let line = self.line_starts.partition_point(|line_start| *line_start <= start);
        let line_start = line.checked_sub(1).and_then(|at| self.line_starts.get(at)).copied().unwrap_or(0);
        let column = text.get(line_start..start).unwrap_or_default().chars().count().saturating_add(1);
        Location { start, end: found.end.saturating_add(range.start), line, column }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_finds_what_the_core_finds() {
        let text = "\u{feff}{\"A\": [{\"b\": 1},\n  {\"\u{e4}\": {\"c\": [1, 2]}, \"b\": \"x\"}], \"B\": {\"c\": 3},\n\"C\": []}";
        let index = Index::of(text).unwrap();
        for path in
            ["$", "$.A", "$.A[0]", "$.A[0].b", "$.A[1].b", "$.A[1]['\u{e4}'].c[1]", "$.A[1].none", "$.A[7]", "$.B.c"]
        {
            let place = Place::new(0, Path::parse(path).unwrap());
            assert_eq!(index.locate(text, &place), locate(text, &place), "{path}");
        }
        assert!(Index::of("[]").is_none());
    }
}
