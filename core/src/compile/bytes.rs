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

/// Reads a section from its start. What is read past its end is zero or empty, and the section is at fault: who reads asks
/// [`end`](Self::end) once, after all of it.
#[derive(Debug)]
pub(super) struct Reader<'b> {
    bytes: &'b [u8],
    fault: Option<Fault>,
}

/// What is wrong with a section, in words; bindings that only decide do without the words.
pub(super) type Fault = &'static str;

/// A fault's words, where they are to be had.
pub(super) const fn fault(words: Fault) -> Fault {
    if cfg!(feature = "documents") { words } else { "no more is said here" }
}

impl<'b> Reader<'b> {
    pub(super) const fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, fault: None }
    }

    /// Says what is wrong; the first fault counts.
    #[inline(never)]
    pub(super) fn fail(&mut self, fault: Fault) {
        self.fault.get_or_insert(fault);
        self.bytes = &[];
    }

    /// Whether something was wrong so far.
    pub(super) const fn is_at_fault(&self) -> bool {
        self.fault.is_some()
    }

    /// What was wrong; a section that goes on past its last item is at fault, too.
    pub(super) fn end(&self) -> Option<Fault> {
        self.fault.or(if self.bytes.is_empty() { None } else { Some(fault("something follows its last item")) })
    }

    /// The value, or with the first one that there is none of a fault.
    pub(super) fn known<T>(&mut self, value: Option<T>, otherwise: T, fault: Fault) -> T {
        value.unwrap_or_else(|| {
            self.fail(fault);
            otherwise
        })
    }

    #[inline(never)]
    pub(super) fn bytes(&mut self, count: usize) -> &'b [u8] {
        match self.bytes.split_at_checked(count) {
            Some((bytes, rest)) => {
                self.bytes = rest;
                bytes
            }
            None => {
                self.fail(fault("it ends early"));
                &[]
            }
        }
    }

    fn array<const N: usize>(&mut self) -> [u8; N] {
        self.bytes(N).first_chunk().copied().unwrap_or([0; N])
    }

    #[inline(never)]
    pub(super) fn u8(&mut self) -> u8 {
        self.array::<1>()[0]
    }

    #[inline(never)]
    pub(super) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.array())
    }

    #[inline(never)]
    pub(super) fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.array())
    }

    pub(super) fn i32(&mut self) -> i32 {
        self.u32().cast_signed()
    }

    #[inline(never)]
    pub(super) fn u128(&mut self) -> u128 {
        u128::from_le_bytes(self.array())
    }

    /// 0 or 1.
    #[inline(never)]
    pub(super) fn flag(&mut self) -> bool {
        let byte = self.u8();
        if byte > 1 {
            self.fail(fault("a flag is neither 0 nor 1"));
        }
        byte == 1
    }

    /// How many things of at least `bytes` each follow: never more than the section has room for, so that nobody makes room
    /// for things that are not there.
    #[inline(never)]
    pub(super) fn count(&mut self, bytes: usize) -> usize {
        let count = self.u32() as usize;
        if count.checked_mul(bytes).is_some_and(|needed| needed <= self.bytes.len()) {
            return count;
        }
        self.fail(fault("it ends early"));
        0
    }

    /// As many things of at least `bytes` each as a count says.
    pub(super) fn list<T>(&mut self, bytes: usize, mut read: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let count = self.count(bytes);
        let mut list = Vec::with_capacity(count);
        for _ in 0..count {
            list.push(read(self));
            if self.is_at_fault() {
                break;
            }
        }
        list
    }

    #[inline(never)]
    pub(super) fn sized(&mut self) -> &'b [u8] {
        let count = self.count(1);
        self.bytes(count)
    }

    #[inline(never)]
    pub(super) fn text(&mut self) -> &'b str {
        let bytes = self.sized();
        self.known(core::str::from_utf8(bytes).ok(), "", fault("a text is not UTF-8"))
    }

    /// Rows of `N` bytes with their number before them.
    pub(super) fn rows<const N: usize>(&mut self) -> &'b [[u8; N]] {
        let count = self.count(N);
        self.bytes(count.saturating_mul(N)).as_chunks().0
    }
}

/// The numbers of 32 bits that a row consists of.
#[inline]
pub(super) fn words<const BYTES: usize, const WORDS: usize>(row: &[u8; BYTES]) -> [u32; WORDS] {
    let (chunks, _) = row.as_chunks::<4>();
    core::array::from_fn(|at| chunks.get(at).map_or(0, |chunk| u32::from_le_bytes(*chunk)))
}
