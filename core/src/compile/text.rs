//! Many short texts in one allocation.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use super::bytes::{Reader, Writer, fault};

/// Texts by number, in the order they were added.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    bytes: String,
    ends: Vec<u32>,
}

impl Texts {
    /// Adds a text; returns its number.
    pub(crate) fn add(&mut self, text: &str) -> u32 {
        let number = self.len();
        self.bytes.push_str(text);
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
        number
    }

    /// How many texts there are.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.ends.len()).unwrap_or(u32::MAX)
    }

    /// The text with a number; empty for a number that was never given.
    pub(crate) fn get(&self, number: u32) -> &str {
        let at = number as usize;
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        let end = self.ends.get(at).map_or(start, |end| *end as usize);
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// The texts with the numbers of a range.
    pub(crate) fn range(&self, numbers: Range<u32>) -> impl ExactSizeIterator<Item = &str> + Clone {
        // `Range<u32>` is not an exact-size iterator on 16-bit targets; `usize` is everywhere.
        (numbers.start as usize..numbers.end as usize).map(|number| self.get(number as u32))
    }

    /// Writes the texts for an image: where each ends, then all of them one after the other.
    pub(super) fn write(&self, out: &mut Writer) {
        out.count(self.ends.len());
        self.ends.iter().for_each(|end| out.u32(*end));
        out.sized(self.bytes.as_bytes());
    }

    /// Reads what [`write`](Self::write) wrote.
    pub(super) fn read(reader: &mut Reader<'_>) -> Self {
        let (rows, bytes) = (reader.rows::<4>(), reader.text());
        let mut ends = Vec::with_capacity(rows.len());
        let mut before = 0;
        for row in rows {
            let end = u32::from_le_bytes(*row);
            if end < before || !bytes.is_char_boundary(end as usize) {
                reader.fail(fault("a text does not end where one can"));
                break;
            }
            before = end;
            ends.push(end);
        }
        if before as usize != bytes.len() {
            reader.fail(fault("it has more texts than ends"));
        }
        Self { bytes: bytes.into(), ends }
    }

    pub(crate) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}
