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
