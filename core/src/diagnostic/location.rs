//! Where in a text something stands.

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// The first byte, counted from 0.
    pub start: usize,
    /// The byte behind the last one.
    pub end: usize,
    /// The line of the first byte, counted from 1.
    pub line: usize,
    /// The column of the first byte in characters, counted from 1.
    pub column: usize,
}

impl Location {
    pub(crate) fn of_bytes(text: &str, start: usize, end: usize) -> Self {
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |at| at.saturating_add(1));
        let line = before.matches('\n').count().saturating_add(1);
        let column = before.get(line_start..).unwrap_or_default().chars().count().saturating_add(1);
        Self { start, end, line, column }
    }
}
