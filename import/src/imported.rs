//! A text of another format, in the AWS CLI's words.

use std::ops::Range;
use std::sync::OnceLock;

use pointsman_core::diagnostic::{Diagnostic, Location, Path, Place};
use pointsman_core::parse::{Document, Placeholders, locate, parse};

use crate::read::{Origin, Read};
use crate::spans::Spans;

/// What a text of another format says, as the AWS CLI would print it, and where each part stands in the text.
///
/// The text itself is not kept: whoever has it passes it along to find a place in it.
#[derive(Debug)]
pub struct Imported {
    format: &'static str,
    read: Read,
    spans: OnceLock<Spans>,
    line_starts: OnceLock<Vec<usize>>,
}

impl Imported {
    pub(crate) fn new(format: &'static str, mut read: Read) -> Self {
        let spans = read.spans.take().map(OnceLock::from).unwrap_or_default();
        Self { format, read, spans, line_starts: OnceLock::new() }
    }

    /// What people call the format, such as `Terraform`.
    #[must_use]
    pub fn format(&self) -> &'static str {
        self.format
    }

    /// The ids of the traffic policy instances whose record sets these are: a listing's record sets with such a
    /// TrafficPolicyInstanceId give way to them.
    #[must_use]
    pub fn instances(&self) -> &[String] {
        &self.read.instances
    }

    /// The text as the AWS CLI would print it; empty when it could not be read.
    #[must_use]
    pub fn json(&self) -> &str {
        self.read.json.as_deref().unwrap_or_default()
    }

    /// The zone's name, where the text or the word in [`Options::zone`](crate::Options::zone) says it. Of a zone that was
    /// chosen by its id or address, this is what [`pointsman_core::validate::Options::zone_name`] takes.
    #[must_use]
    pub fn zone_name(&self) -> Option<&str> {
        self.read.zone_name.as_deref()
    }

    /// The document under a number of the caller's. Its findings, and those that validation makes of it, are at places in
    /// [`Imported::json`]; [`Imported::relocate`] says where that is in the user's text.
    #[must_use]
    pub fn document(&self, number: usize) -> Document<'_> {
        let mut document = match &self.read.json {
            Some(json) => parse(number, json),
            None => Document { number, ..Document::default() },
        };
        let placed = self.read.findings.iter().cloned().map(|mut finding| {
            if let Some(place) = finding.place.as_mut() {
                place.document = number;
            }
            finding
        });
        document.diagnostics.extend(placed);
        let mut placeholders = Placeholders::default();
        self.read.placeholders.iter().for_each(|path| placeholders.add(path));
        if self.read.any_health_check {
            placeholders.may_name_any_health_check();
        }
        document.placeholders = placeholders;
        document.is_excerpt = self.read.is_excerpt;
        for index in &self.read.incomplete {
            let fields =
                document.record_sets.iter_mut().flatten().find(|fields| fields.origin.index as usize == *index);
            if let Some(fields) = fields {
                fields.damaged = true;
            }
        }
        document
    }

    /// Moves a finding of this document to the user's own text: its path becomes that of the user's own JSON or YAML, or it
    /// gets a line and column where the text has no paths.
    pub fn relocate(&self, text: &str, finding: &mut Diagnostic) {
        let Some(place) = finding.place.as_mut().filter(|place| place.line_column.is_none()) else { return };
        match self.read.places.origin(&place.path) {
            Some(Origin::Path(path)) => {
                let (_, depth) = self.spans(text).find(&path);
                place.path = Path(path.0.get(..depth).unwrap_or_default().to_vec());
            }
            Some(Origin::Bytes(bytes) | Origin::Within(bytes, _)) => {
                let location = self.location(text, bytes);
                // Columns of a place are counted in bytes.
                let line_start = self.line_starts(text).get(location.line.saturating_sub(1)).copied().unwrap_or(0);
                let column = location.start.saturating_sub(line_start).saturating_add(1);
                place.path = Path::root();
                place.line_column = Some((location.line, column));
            }
            None => {}
        }
    }

    /// Where a finding of this document, not relocated yet, stands in the user's text.
    #[must_use]
    pub fn locate(&self, text: &str, place: &Place) -> Location {
        if place.line_column.is_some() {
            return locate(text, place);
        }
        let bytes = match self.read.places.origin(&place.path) {
            Some(Origin::Path(path)) => self.spans(text).find(&path).0,
            Some(Origin::Bytes(bytes)) => bytes,
            Some(Origin::Within(bytes, path)) => {
                let inner = Spans::of_json(text.get(bytes.clone()).unwrap_or_default()).find(&path).0;
                inner.start.saturating_add(bytes.start)..inner.end.saturating_add(bytes.start)
            }
            None => self.spans(text).find(&place.path).0,
        };
        self.location(text, bytes)
    }

    fn spans(&self, text: &str) -> &Spans {
        self.spans.get_or_init(|| Spans::of_json(text))
    }

    fn line_starts(&self, text: &str) -> &[usize] {
        self.line_starts.get_or_init(|| {
            std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at.saturating_add(1))).collect()
        })
    }

    fn location(&self, text: &str, bytes: Range<usize>) -> Location {
        let start = boundary(text, bytes.start);
        let end = boundary(text, bytes.end).max(start);
        let starts = self.line_starts(text);
        let line = starts.partition_point(|line_start| *line_start <= start);
        let line_start = line.checked_sub(1).and_then(|at| starts.get(at)).copied().unwrap_or(0);
        let column = text.get(line_start..start).unwrap_or_default().chars().count().saturating_add(1);
        Location { start, end, line: line.max(1), column }
    }
}

/// The nearest place at or before `at` where a character starts.
fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at = at.saturating_sub(1);
    }
    at
}
