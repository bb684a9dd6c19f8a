//! Where the values of a text are in it, as a tree of its own: JSON is looked through when the first finding is shown,
//! YAML while it is read.

use std::collections::BTreeMap;
use std::ops::Range;

use pointsman_core::diagnostic::{Path, Step};
use serde_json::value::RawValue;

/// A value's bytes, and those of the values in it.
#[derive(Debug, Clone)]
pub(crate) struct Spans {
    pub(crate) bytes: Range<usize>,
    pub(crate) inner: Inner,
}

/// What is in a value.
#[derive(Debug, Clone)]
pub(crate) enum Inner {
    /// Nothing that has a place of its own.
    Nothing,
    /// The elements of an array.
    Elements(Vec<Spans>),
    /// The members of an object; of a key given twice the last one.
    Members(BTreeMap<String, Spans>),
}

impl Spans {
    /// A value without values in it.
    pub(crate) fn leaf(bytes: Range<usize>) -> Self {
        Self { bytes, inner: Inner::Nothing }
    }

    /// Looks through a JSON text; of one that is none, the whole is all there is.
    pub(crate) fn of_json(text: &str) -> Self {
        let body = text.strip_prefix('\u{feff}').unwrap_or(text).trim_ascii();
        of_value(body, text.as_ptr() as usize)
    }

    /// The bytes of the value at a path, or of as much of the path as exists, and how many steps that are.
    pub(crate) fn find(&self, path: &Path) -> (Range<usize>, usize) {
        let (mut at, mut depth) = (self, 0_usize);
        for step in &path.0 {
            let inner = match (&at.inner, step) {
                (Inner::Elements(elements), Step::Index(index)) => elements.get(*index),
                (Inner::Members(members), Step::Key(key)) => members.get(key),
                _ => None,
            };
            let Some(inner) = inner else { break };
            at = inner;
            depth = depth.saturating_add(1);
        }
        (at.bytes.clone(), depth)
    }
}

/// serde_json has made sure that nothing is nested more than 127 levels deep.
fn of_value(value: &str, text: usize) -> Spans {
    let start = (value.as_ptr() as usize).saturating_sub(text);
    let bytes = start..start.saturating_add(value.len());
    let inner = match value.as_bytes().first() {
        Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(value)
            .ok()
            .map(|list| Inner::Elements(list.into_iter().map(|raw| of_value(raw.get(), text)).collect())),
        Some(b'{') => serde_json::from_str::<BTreeMap<String, &RawValue>>(value).ok().map(|members| {
            Inner::Members(members.into_iter().map(|(key, raw)| (key, of_value(raw.get(), text))).collect())
        }),
        _ => None,
    };
    Spans { bytes, inner: inner.unwrap_or(Inner::Nothing) }
}

#[cfg(test)]
mod tests {
    use pointsman_core::diagnostic::Place;
    use pointsman_core::parse::locate;

    use super::*;

    #[test]
    fn the_spans_of_json_are_where_core_finds_them() {
        let text = "\u{feff} {\"a\": [{\"b\": 1},\n {\"\u{e4}\": {\"c\": [1, \"]\"]}}], \"a b\": \"x\"}";
        let spans = Spans::of_json(text);
        for path in ["$", "$.a", "$.a[0].b", "$.a[1]['\u{e4}'].c[1]", "$.a[1].none", "$['a b']"] {
            let path = Path::parse(path).unwrap();
            let wanted = locate(text, &Place::new(0, path.clone()));
            assert_eq!(spans.find(&path).0, wanted.start..wanted.end, "{path}");
        }
    }
}
