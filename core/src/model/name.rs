//! Domain names: normalised once, compared as bytes ever after (semantics 1.1).

mod text;

use alloc::boxed::Box;
use core::fmt;

use crate::limits::{LABEL_BYTES_MAX, NAME_BYTES_MAX, NAME_CHARACTERS_MAX};

/// Why a text is not a domain name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameError {
    /// Nothing was given.
    Empty,
    /// Two dots side by side, or a dot at the start.
    EmptyLabel,
    /// A label is longer than 63 bytes.
    LabelTooLong,
    /// The name is longer than 255 bytes on the wire, or 1024 characters as written.
    TooLong,
    /// A backslash is not followed by three octal digits of at most `\377`.
    BadEscape,
    /// A byte that must be written as an escape: a space, a control byte or a byte above 126.
    NeedsEscape(u8),
}

impl fmt::Display for NameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("a domain name is empty"),
            Self::EmptyLabel => f.write_str("a label of the name is empty"),
            Self::LabelTooLong => f.write_str("a label is longer than 63 bytes"),
            Self::TooLong => f.write_str("the name is longer than 255 bytes"),
            Self::BadEscape => f.write_str("a backslash is not followed by three octal digits"),
            Self::NeedsEscape(byte) if *byte > 126 => {
                write!(f, "byte \\{byte:03o} is not plain ASCII; write the name in Punycode")
            }
            Self::NeedsEscape(byte) => write!(f, "byte {byte:#04x} must be written as \\{byte:03o}"),
        }
    }
}

impl core::error::Error for NameError {}

/// A domain name in wire form (length-prefixed labels, no root label), lower case, on the heap.
///
/// ```
/// use pointsman_core::model::Name;
/// // Escapes are decoded, letters lower-cased, the final dot is optional (1.1.2 - 1.1.4).
/// let a = Name::parse("WWW.Example.com")?;
/// let b = Name::parse("\\167ww.example.com.")?;
/// assert_eq!(a, b);
/// assert_eq!(a.to_string(), "www.example.com.");
/// assert!(Name::parse("two..dots").is_err());
/// # Ok::<(), pointsman_core::model::NameError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name {
    wire: Box<[u8]>,
}

/// A domain name in wire form on the stack, so that a query is read without allocating.
#[derive(Clone, Copy)]
pub struct NameBuf {
    length: u8,
    bytes: [u8; NAME_BYTES_MAX],
}

/// A borrowed domain name in wire form.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NameRef<'a> {
    wire: &'a [u8],
}

impl Name {
    /// Reads a name; see [`NameBuf::parse`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        Ok(NameBuf::parse(text)?.as_ref().to_name())
    }

    /// Borrows the name.
    #[must_use]
    pub fn as_ref(&self) -> NameRef<'_> {
        NameRef { wire: &self.wire }
    }
}

impl NameBuf {
    /// The root.
    pub const ROOT: Self = Self { length: 0, bytes: [0; NAME_BYTES_MAX] };

    /// Reads a name as Route 53 spells it: final dot optional, `\ooo` escapes decoded, letters lower-cased (1.1).
    ///
    /// The root is written `.`.
    ///
    /// # Errors
    /// A [`NameError`] when the text is not a domain name.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let mut name = Self::ROOT;
        name.set(text)?;
        Ok(name)
    }

    /// Reads another name into the same room; after an error it is the root.
    ///
    /// # Errors
    /// As for [`parse`](Self::parse).
    pub fn set(&mut self, text: &str) -> Result<(), NameError> {
        self.length = 0;
        let length = self.read(text)?;
        self.length = u8::try_from(length).map_err(|_| NameError::TooLong)?;
        Ok(())
    }

    /// Writes the wire form; returns its length.
    fn read(&mut self, text: &str) -> Result<usize, NameError> {
        let mut text = text.as_bytes();
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > NAME_CHARACTERS_MAX {
            return Err(NameError::TooLong);
        }
        if text == b"." {
            return Ok(0);
        }
        let mut written = 1_usize;
        let mut label_at = 0_usize;
        while let Some((&first, rest)) = text.split_first() {
            text = rest;
            let byte = match first {
                b'.' => {
                    label_at = self.end_label(label_at, written)?;
                    if text.is_empty() {
                        return Ok(label_at);
                    }
                    written = label_at.saturating_add(1);
                    continue;
                }
                b'\\' => {
                    let (digits, rest) = text.split_at_checked(3).ok_or(NameError::BadEscape)?;
                    text = rest;
                    octal(digits).ok_or(NameError::BadEscape)?
                }
                0..=32 | 127.. => return Err(NameError::NeedsEscape(first)),
                plain => plain,
            };
            *self.bytes.get_mut(written).ok_or(NameError::TooLong)? = byte.to_ascii_lowercase();
            written = written.saturating_add(1);
        }
        self.end_label(label_at, written)
    }

    /// Reads a name in wire form, as it stands in a DNS message: length-prefixed labels without compression, the root
    /// label at the end or left out. Letters are lower-cased.
    ///
    /// ```
    /// use pointsman_core::model::NameBuf;
    /// let name = NameBuf::from_wire(b"\x03WWW\x07example\x00")?;
    /// assert_eq!(name.as_ref().to_name().to_string(), "www.example.");
    /// assert!(NameBuf::from_wire(b"\x09short").is_err());
    /// # Ok::<(), pointsman_core::model::NameError>(())
    /// ```
    ///
    /// # Errors
    /// A [`NameError`] when the bytes are not a domain name.
    pub fn from_wire(wire: &[u8]) -> Result<Self, NameError> {
        let mut name = Self::ROOT;
        name.set_wire(wire)?;
        Ok(name)
    }

    /// Reads a name in wire form in the place of this one, as [`from_wire`](Self::from_wire) does; for hosts that
    /// answer query after query. After an error it is the root.
    ///
    /// # Errors
    /// A [`NameError`] when the bytes are not a domain name.
    pub fn set_wire(&mut self, wire: &[u8]) -> Result<(), NameError> {
        self.length = 0;
        let (mut rest, mut length) = (wire, 0_usize);
        while let Some((&label_length, behind)) = rest.split_first() {
            match usize::from(label_length) {
                0 if behind.is_empty() => break,
                0 => return Err(NameError::EmptyLabel),
                label if label > LABEL_BYTES_MAX => return Err(NameError::LabelTooLong),
                label => rest = behind.get(label..).ok_or(NameError::TooLong)?,
            }
            length = wire.len().saturating_sub(rest.len());
        }
        // A label's length is below every upper-case letter, so that all bytes can be treated alike.
        let room = self.bytes.get_mut(..length).ok_or(NameError::TooLong)?;
        for (to, from) in room.iter_mut().zip(wire) {
            *to = from.to_ascii_lowercase();
        }
        self.length = u8::try_from(length).map_err(|_| NameError::TooLong)?;
        Ok(())
    }

    /// Writes the length of the label that ends before `end`; returns where the next one starts.
    fn end_label(&mut self, label_at: usize, end: usize) -> Result<usize, NameError> {
        let length = end.saturating_sub(label_at).saturating_sub(1);
        if length == 0 {
            return Err(NameError::EmptyLabel);
        }
        if length > LABEL_BYTES_MAX {
            return Err(NameError::LabelTooLong);
        }
        *self.bytes.get_mut(label_at).ok_or(NameError::TooLong)? = u8::try_from(length).unwrap_or(u8::MAX);
        Ok(end)
    }

    /// Borrows the name.
    #[must_use]
    pub fn as_ref(&self) -> NameRef<'_> {
        NameRef { wire: self.bytes.get(..usize::from(self.length)).unwrap_or_default() }
    }
}

fn octal(digits: &[u8]) -> Option<u8> {
    let mut value = 0_u16;
    for digit in digits {
        if !(b'0'..=b'7').contains(digit) {
            return None;
        }
        value = value.saturating_mul(8).saturating_add(u16::from(digit.saturating_sub(b'0')));
    }
    u8::try_from(value).ok()
}

/// Names are looked up by their wire bytes; [`Name`] hashes and compares as those bytes do.
impl core::borrow::Borrow<[u8]> for Name {
    fn borrow(&self) -> &[u8] {
        &self.wire
    }
}

impl<'a> NameRef<'a> {
    /// The root, an ancestor of every name.
    pub const ROOT: NameRef<'static> = NameRef { wire: &[] };

    /// A name from wire bytes that a [`Name`] gave out.
    pub(crate) fn from_wire(wire: &'a [u8]) -> Self {
        Self { wire }
    }

    /// Whether bytes are a wire form that a [`Name`] would give out: labels of 1 to 63 bytes without upper-case letters, and
    /// no more of them than a name may have.
    pub(crate) fn is_wire(mut wire: &[u8]) -> bool {
        if wire.len() > NAME_BYTES_MAX || wire.iter().any(u8::is_ascii_uppercase) {
            return false;
        }
        while let Some((&length, rest)) = wire.split_first() {
            match rest.get(usize::from(length)..) {
                Some(behind) if (1..=LABEL_BYTES_MAX).contains(&usize::from(length)) => wire = behind,
                _ => return false,
            }
        }
        true
    }

    /// The wire form: length-prefixed labels without the root label.
    #[must_use]
    pub fn wire(self) -> &'a [u8] {
        self.wire
    }

    /// A copy on the heap.
    #[must_use]
    pub fn to_name(self) -> Name {
        Name { wire: self.wire.into() }
    }

    /// The first label and the name behind it; `None` for the root.
    #[must_use]
    pub fn split_first(self) -> Option<(&'a [u8], NameRef<'a>)> {
        let (&length, rest) = self.wire.split_first()?;
        let (label, rest) = rest.split_at_checked(usize::from(length))?;
        Some((label, NameRef { wire: rest }))
    }

    /// The name one label up; `None` for the root.
    #[must_use]
    pub fn parent(self) -> Option<NameRef<'a>> {
        self.split_first().map(|(_, parent)| parent)
    }

    /// Whether this name is `origin` or lies below it.
    #[must_use]
    pub fn is_within(self, origin: NameRef<'_>) -> bool {
        let mut at = self;
        loop {
            if at.wire.len() <= origin.wire.len() {
                return at.wire == origin.wire;
            }
            match at.parent() {
                Some(parent) => at = parent,
                None => return false,
            }
        }
    }

    /// Whether the leftmost label is exactly `*` (1.2.1).
    #[must_use]
    pub fn is_wildcard(self) -> bool {
        self.wire.starts_with(&[1, b'*'])
    }

    /// The labels, leftmost first.
    pub fn labels(self) -> impl Iterator<Item = &'a [u8]> {
        let mut at = self;
        core::iter::from_fn(move || {
            let (label, parent) = at.split_first()?;
            at = parent;
            Some(label)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn escapes_case_and_final_dot_do_not_matter() {
        let name = Name::parse("\\052.EXAMPLE.com").unwrap();
        assert_eq!(name, Name::parse("*.example.com.").unwrap());
        assert!(name.as_ref().is_wildcard());
        assert_eq!(Name::parse("a\\056b.example.").unwrap().to_string(), "a\\056b.example.");
        assert_eq!(Name::parse("a.*.example.").unwrap().to_string(), "a.\\052.example.");
    }

    #[test]
    fn what_is_not_a_name_is_refused() {
        let long = "a".repeat(64);
        for (text, error) in [
            ("", NameError::Empty),
            ("a..b", NameError::EmptyLabel),
            (".a", NameError::EmptyLabel),
            (long.as_str(), NameError::LabelTooLong),
            ("a\\9", NameError::BadEscape),
            ("a\\400", NameError::BadEscape),
            ("a b", NameError::NeedsEscape(b' ')),
            ("a\0b", NameError::NeedsEscape(0)),
            ("caf\u{e9}", NameError::NeedsEscape(0xc3)),
        ] {
            assert_eq!(Name::parse(text), Err(error), "{text:?}");
        }
        assert_eq!(Name::parse(&"abc.".repeat(75)), Err(NameError::TooLong));
        assert!(Name::parse(&"abc.".repeat(63)).is_ok());
        assert_eq!(Name::parse(".").unwrap().as_ref(), NameRef::ROOT);
    }

    #[test]
    fn wire_form_reads_as_the_text_does() {
        for text in [".", "example.com", "WWW.Example.com.", "a\\056b.\\000.example", "*.example"] {
            let name = NameBuf::parse(text).unwrap();
            assert_eq!(NameBuf::from_wire(name.as_ref().wire()).unwrap().as_ref(), name.as_ref(), "{text}");
            let with_root = [name.as_ref().wire(), &[0]].concat();
            assert_eq!(NameBuf::from_wire(&with_root).unwrap().as_ref(), name.as_ref(), "{text}");
        }
        let long = [3, b'a', b'b', b'c'].repeat(64);
        for wire in [&b"\x01"[..], b"\x01a\x00\x01b", b"\x40", b"\xc0\x0c", &long] {
            assert!(NameBuf::from_wire(wire).is_err(), "{wire:?}");
        }
    }

    #[test]
    fn within_ends_at_a_label() {
        let zone = Name::parse("example.com").unwrap();
        let within = |text: &str| Name::parse(text).unwrap().as_ref().is_within(zone.as_ref());
        assert!(within("example.com") && within("a.b.example.com"));
        assert!(!within("badexample.com") && !within("com") && !within("example.net"));
    }
}
