//! What a format is.

use crate::options::Options;
use crate::read::Read;
use crate::sample::Sample;

/// A format that is read, or known by its looks and refused with the way that works.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    /// What people call it, with an article where it has one.
    pub(crate) name: &'static str,
    /// Whether a text is of this format, as far as its beginning shows.
    pub(crate) recognises: fn(&Sample<'_>) -> bool,
    /// Reads a text of this format.
    pub(crate) read: fn(&str, &Options<'_>) -> Read,
}
