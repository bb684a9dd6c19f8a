//! YAML as a tree, with the place of every value.
//!
//! A tag of the text's own, such as CloudFormation's `!Ref x`, becomes an object with the tag as its only key. Aliases are
//! copies of what they name; how much may come of them is limited, and so is how deep anything nests.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use pointsman_core::diagnostic::{Diagnostic, Path, Place};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, Tag};

use crate::read::Read;
use crate::spans::{Inner, Spans};
use crate::tree::Node;

/// How deep values may nest, as in JSON.
const LEVELS_MAX: usize = 127;
/// How many values there may be, those that aliases stand for counted each time.
const VALUES_MAX: usize = 2_000_000;
/// How many values aliases may stand for: templates repeat a block here and there.
const ALIASED_MAX: usize = 100_000;

/// Reads the first document of a text; what is wrong with it is the finding of a [`Read`] without JSON.
pub(crate) fn read(text: &str) -> Result<(Node<'static>, Spans), Box<Read>> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let bytes = Bytes::new(text, text.len().saturating_sub(body.len()));
    let mut builder =
        Builder { bytes: &bytes, text, anchors: HashMap::new(), left: VALUES_MAX, aliased_left: ALIASED_MAX };
    let mut parser = Parser::new_from_str(body);
    let mut open: Vec<Open> = Vec::new();
    let mut done: Option<Built> = None;
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| fault(&error, &bytes))?;
        if matches!(event, Event::DocumentEnd) {
            break;
        }
        if let Some(built) = builder.take(event, span, &mut open).map_err(|message| limit(&message, span))? {
            done = Some(built);
        }
    }
    match done {
        Some(built) => Ok((built.node, built.spans)),
        None => Ok((Node::Null, Spans::leaf(0..0))),
    }
}

/// A value that is complete.
#[derive(Debug, Clone)]
struct Built {
    node: Node<'static>,
    spans: Spans,
    /// How many values it is.
    values: usize,
}

/// A sequence or a mapping that is not complete.
struct Open {
    start: usize,
    tag: Option<String>,
    anchor: usize,
    values: usize,
    is_mapping: bool,
    elements: Vec<Built>,
}

struct Builder<'a> {
    bytes: &'a Bytes,
    text: &'a str,
    anchors: HashMap<usize, Built>,
    left: usize,
    aliased_left: usize,
}

impl Builder<'_> {
    /// Takes an event; gives the document's value when it is complete.
    fn take(&mut self, event: Event<'_>, span: Span, open: &mut Vec<Open>) -> Result<Option<Built>, String> {
        let built = match event {
            Event::Scalar(value, style, anchor, tag) => {
                let tag = tag.and_then(|tag| own_tag(&tag));
                let node = match style {
                    ScalarStyle::Plain if tag.is_none() => plain(&value),
                    _ => Node::Text(Cow::Owned(value.into_owned())),
                };
                let bytes = self.trimmed(self.bytes.of(span.start)..self.bytes.of(span.end));
                let built = Built { node, spans: Spans::leaf(bytes), values: 1 };
                self.finished(built, tag, anchor)?
            }
            Event::Alias(anchor) => {
                let Some(named) = self.anchors.get(&anchor) else {
                    return Err("an alias names an anchor that is not complete yet".into());
                };
                let left = self.aliased_left.checked_sub(named.values);
                self.aliased_left = left.ok_or("its aliases stand for more values than a template has")?;
                let bytes = self.bytes.of(span.start)..self.bytes.of(span.end);
                let mut built = named.clone();
                // What is wrong is shown where it is written; what has no parts, where it is used.
                if matches!(built.spans.inner, Inner::Nothing) {
                    built.spans.bytes = bytes;
                }
                built
            }
            Event::SequenceStart(anchor, tag) => return self.open(open, (false, anchor, tag), span),
            Event::MappingStart(anchor, tag) => return self.open(open, (true, anchor, tag), span),
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(closed) = open.pop() else { return Ok(None) };
                self.closed(closed, span)?
            }
            _ => return Ok(None),
        };
        match open.last_mut() {
            Some(parent) => {
                parent.values = parent.values.saturating_add(built.values);
                parent.elements.push(built);
                Ok(None)
            }
            None => Ok(Some(built)),
        }
    }

    fn open(
        &mut self,
        open: &mut Vec<Open>,
        (is_mapping, anchor, tag): (bool, usize, Option<Cow<'_, Tag>>),
        span: Span,
    ) -> Result<Option<Built>, String> {
        if open.len() >= LEVELS_MAX {
            return Err(format!("it is nested more than {LEVELS_MAX} levels deep"));
        }
        let tag = tag.and_then(|tag| own_tag(&tag));
        let start = self.bytes.of(span.start);
        open.push(Open { start, tag, anchor, values: 1, is_mapping, elements: Vec::new() });
        Ok(None)
    }

    fn closed(&mut self, closed: Open, span: Span) -> Result<Built, String> {
        let bytes = self.trimmed(closed.start..self.bytes.of(span.end));
        let (node, inner) = if closed.is_mapping {
            let (mut members, mut spans) = (Vec::new(), BTreeMap::new());
            let mut elements = closed.elements.into_iter();
            while let (Some(key), Some(value)) = (elements.next(), elements.next()) {
                let key = match key.node {
                    Node::Text(text) => text.into_owned(),
                    other => other.json(),
                };
                spans.insert(key.clone(), value.spans);
                members.push((Cow::Owned(key), value.node));
            }
            (Node::Object(members), Inner::Members(spans))
        } else {
            let (nodes, spans) = closed.elements.into_iter().map(|built| (built.node, built.spans)).unzip();
            (Node::Array(nodes), Inner::Elements(spans))
        };
        let built = Built { node, spans: Spans { bytes, inner }, values: closed.values };
        self.finished(built, closed.tag, closed.anchor)
    }

    /// Puts a value under its tag, and notes its anchor.
    fn finished(&mut self, built: Built, tag: Option<String>, anchor: usize) -> Result<Built, String> {
        self.left = self.left.checked_sub(1).ok_or("it has more values than a template has")?;
        let built = match tag {
            None => built,
            Some(tag) => {
                let bytes = built.spans.bytes.clone();
                let spans = Spans { bytes, inner: Inner::Members([(tag.clone(), built.spans)].into()) };
                let node = Node::Object(vec![(Cow::Owned(tag), built.node)]);
                Built { node, spans, values: built.values.saturating_add(1) }
            }
        };
        if anchor > 0 {
            self.anchors.insert(anchor, built.clone());
        }
        Ok(built)
    }

    /// Bytes without the white space and the comments behind a value.
    fn trimmed(&self, bytes: Range<usize>) -> Range<usize> {
        let mut piece = self.text.get(bytes.clone()).unwrap_or_default();
        loop {
            piece = piece.trim_ascii_end();
            let line = piece.rfind('\n').map_or(0, |at| at.saturating_add(1));
            let is_comment = piece.get(line..).is_some_and(|line| line.trim_ascii_start().starts_with('#'));
            if !is_comment || line == 0 {
                return bytes.start..bytes.start.saturating_add(piece.len());
            }
            piece = piece.get(..line).unwrap_or_default();
        }
    }
}

/// A tag of the text's own; those of YAML itself say what is plain to see.
fn own_tag(tag: &Tag) -> Option<String> {
    (tag.handle == "!").then(|| format!("!{}", tag.suffix))
}

/// What a scalar without quotation marks is, by the core schema of YAML 1.2.2. A number that is not written as one,
/// such as an account's with zeros in front, stays a text.
fn plain(text: &str) -> Node<'static> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Node::Null,
        "true" | "True" | "TRUE" => return Node::Bool(true),
        "false" | "False" | "FALSE" => return Node::Bool(false),
        _ => {}
    }
    if let Some(value) = text.parse::<i64>().ok().filter(|value| value.to_string() == text) {
        return Node::Integer(value);
    }
    let is_decimal =
        text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.')) && text.contains('.');
    match text.parse::<f64>() {
        Ok(value) if is_decimal && value.is_finite() => Node::Number(value),
        _ => Node::Text(Cow::Owned(text.to_owned())),
    }
}

/// Bytes of characters: the parser counts in characters.
struct Bytes {
    shift: usize,
    /// Where each character starts, unless all have one byte.
    starts: Option<Vec<usize>>,
    length: usize,
}

impl Bytes {
    fn new(text: &str, shift: usize) -> Self {
        let body = text.get(shift..).unwrap_or_default();
        let starts = (!body.is_ascii()).then(|| body.char_indices().map(|(at, _)| at).collect());
        Self { shift, starts, length: body.len() }
    }

    fn of(&self, marker: Marker) -> usize {
        let at = match &self.starts {
            None => marker.index().min(self.length),
            Some(starts) => starts.get(marker.index()).copied().unwrap_or(self.length),
        };
        at.saturating_add(self.shift)
    }
}

fn fault(error: &ScanError, bytes: &Bytes) -> Box<Read> {
    let message = format!("the text is not YAML: {}", error.info());
    let mut read = Read::refused("not-yaml", message, "correct it here, or a little before");
    let start_of_line = Marker::new(error.marker().index().saturating_sub(error.marker().col()), 0, 0);
    let column = bytes.of(*error.marker()).saturating_sub(bytes.of(start_of_line)).saturating_add(1);
    place(&mut read, error.marker().line(), column);
    Box::new(read)
}

fn limit(message: &str, span: Span) -> Box<Read> {
    let help = "no template is; check where the file comes from";
    let mut read = Read::refused("yaml-too-large", format!("the YAML is not read: {message}"), help);
    place(&mut read, span.start.line(), span.start.col().saturating_add(1));
    Box::new(read)
}

fn place(read: &mut Read, line: usize, column: usize) {
    for finding in &mut read.findings {
        let mut at = Place::new(0, Path::root());
        at.line_column = Some((line.max(1), column));
        finding.place = Some(at);
    }
}

/// The finding for a key that is given twice in one mapping.
pub(crate) fn duplicate_key(path: Path, key: &str) -> Diagnostic {
    Diagnostic::cannot("duplicate-key", format!("the key `{key}` is given twice in one object"))
        .help("remove one of the two; which one counts would be a guess")
        .at(Place::new(0, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<'a>(text: &'a str, spans: &Spans, path: &str) -> &'a str {
        text.get(spans.find(&Path::parse(path).unwrap()).0).unwrap()
    }

    #[test]
    fn values_have_types_and_places() {
        let text = "\u{feff}# \u{e4}\na: 1 # one\nb:\n  - \"x\"\n  - {c: true, d: !Ref e}\n# end\nf: &g\n  h: 007\ni: *g\nj: |\n  k\n";
        let (node, spans) = read(text).unwrap();
        assert_eq!(
            node.json(),
            r#"{"a":1,"b":["x",{"c":true,"d":{"!Ref":"e"}}],"f":{"h":"007"},"i":{"h":"007"},"j":"k\n"}"#
        );
        assert_eq!(at(text, &spans, "$.a"), "1");
        assert_eq!(at(text, &spans, "$.b[0]"), "\"x\"");
        assert_eq!(at(text, &spans, "$.b[1].c"), "true");
        assert_eq!(at(text, &spans, "$.b[1].d"), "!Ref e");
        assert_eq!(at(text, &spans, "$.f"), "&g\n  h: 007");
        assert_eq!(at(text, &spans, "$.i.h"), "007");
    }

    #[test]
    fn what_is_not_yaml_is_found_where_it_is() {
        let read = read("a: \u{e4}\nb: [1,\nc").unwrap_err();
        assert_eq!(read.findings[0].code, "not-yaml");
        assert!(read.findings[0].place.as_ref().unwrap().line_column.unwrap().0 >= 2);
    }

    #[test]
    fn aliases_and_depth_come_to_an_end() {
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..10 {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        assert_eq!(read(&bomb).unwrap_err().findings[0].code, "yaml-too-large");
        let deep: String = (0..400).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
        assert_eq!(read(&deep).unwrap_err().findings[0].code, "yaml-too-large");
        let flow = "[".repeat(100_000);
        assert!(read(&flow).is_err());
        assert!(read("a: &a [*a]").is_err());
    }
}
