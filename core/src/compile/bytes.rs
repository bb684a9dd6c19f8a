//! Numbers and texts as little-endian bytes.

use alloc::vec::Vec;

/// Appends to a section.
#[derive(Debug, Default)]
pub(super) struct Writer(pub(super) Vec<u8>);

impl Writer {
    pub(super) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(super) fn u16(&mut self, value: u16) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    pub(super) fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_le_bytes());
    }

    /// How many things follow.
    pub(super) fn count(&mut self, count: usize) {
        // A zone has fewer of anything than 2^32: they are numbered by `u32`.
        self.u32(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// Bytes with their length before them.
    pub(super) fn sized(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.0.extend_from_slice(bytes);
    }
}

/// Reads a section from its start; `None` past its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'b>(&'b [u8]);

impl<'b> Reader<'b> {
    pub(super) const fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    pub(super) fn bytes(&mut self, count: usize) -> Option<&'b [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*bytes)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(super) fn i8(&mut self) -> Option<i8> {
        self.array().map(i8::from_le_bytes)
    }

    pub(super) fn i32(&mut self) -> Option<i32> {
        self.array().map(i32::from_le_bytes)
    }

    pub(super) fn u128(&mut self) -> Option<u128> {
        self.array().map(u128::from_le_bytes)
    }

    /// How many things of at least `bytes` each follow: never more than the section has room for, so that nobody makes room
    /// for things that are not there.
    pub(super) fn count(&mut self, bytes: usize) -> Option<usize> {
        let count = self.u32()? as usize;
        (count.checked_mul(bytes)? <= self.0.len()).then_some(count)
    }

    pub(super) fn sized(&mut self) -> Option<&'b [u8]> {
        let count = self.count(1)?;
        self.bytes(count)
    }

    pub(super) fn text(&mut self) -> Option<&'b str> {
        core::str::from_utf8(self.sized()?).ok()
    }

    /// Rows of `N` bytes with their number before them.
    pub(super) fn rows<const N: usize>(&mut self) -> Option<&'b [[u8; N]]> {
        let count = self.count(N)?;
        let (rows, _) = self.bytes(count.checked_mul(N)?)?.as_chunks();
        Some(rows)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
