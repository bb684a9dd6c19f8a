//! What findings are worded with.

use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt::{self, Write as _};

/// IntoMessage for a finding: a text that stands somewhere, or one that was put together.
///
/// Each way is one call at the place where a finding is made, whatever the words.
pub trait IntoMessage {
    /// Appends the words.
    fn append_to(self, text: &mut String);
}

impl IntoMessage for &str {
    #[inline(never)]
    fn append_to(self, text: &mut String) {
        text.push_str(self);
    }
}

impl IntoMessage for String {
    #[inline(never)]
    fn append_to(self, text: &mut String) {
        if text.is_empty() {
            *text = self;
        } else {
            text.push_str(&self);
        }
    }
}

impl IntoMessage for Cow<'_, str> {
    fn append_to(self, text: &mut String) {
        (*self).append_to(text);
    }
}

impl IntoMessage for fmt::Arguments<'_> {
    #[inline(never)]
    fn append_to(self, text: &mut String) {
        // Writing to a string does not fail.
        let _ = text.write_fmt(self);
    }
}

/// The most bytes of a sentence; the longest that a good document makes, with a long name in it, is shorter.
const SENTENCE_BYTES_MAX: usize = 4096;
/// What is kept of a longer one, at its start and its end.
const SENTENCE_BYTES_KEPT: usize = 1024;

/// Cuts the middle out of a sentence that repeats a text of any length, such as a document within a string.
#[inline(never)]
pub(crate) fn shorten(sentence: &mut String) {
    if sentence.len() <= SENTENCE_BYTES_MAX {
        return;
    }
    let mut start = SENTENCE_BYTES_KEPT;
    while !sentence.is_char_boundary(start) {
        start = start.saturating_sub(1);
    }
    let mut end = sentence.len().saturating_sub(SENTENCE_BYTES_KEPT);
    while !sentence.is_char_boundary(end) {
        end = end.saturating_add(1);
    }
    sentence.replace_range(start..end, " ... ");
}
