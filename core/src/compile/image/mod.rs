//! A compiled zone as bytes: written once where zones are checked, opened wherever queries are resolved.
//!
//! docs/image.md describes the format byte by byte. What takes more than a look at each number to work out is in it and checked:
//! heights, what depends on the client, the order of geolocation members. Back links, the order for bottom-up work and the index
//! of names are made at opening, at the cost of checking them.

mod check;
mod read;
mod write;

use core::fmt;

use super::bytes::Reader;
use crate::model::SEMANTICS_VERSION;

/// The first bytes of every image: like PNG's, they show what a transfer in text mode would damage.
pub const IMAGE_MAGIC: [u8; 8] = *b"\x89PMZ\r\n\x1a\n";
/// The version of the format that this crate writes and reads.
pub const IMAGE_FORMAT: u16 = 2;

/// Bytes before the table of sections.
const HEADER_BYTES: usize = 64;
/// Bytes of an entry of that table: id, zero, offset, length.
const ENTRY_BYTES: usize = 24;

/// What a section holds; the numbers are those of the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    Zone = 1,
    Names = 2,
    Groups = 3,
    Records = 4,
    Texts = 5,
    Checks = 6,
    Resources = 7,
    Places = 8,
    Locations = 9,
    Latency = 10,
    Quarantine = 11,
}

impl Section {
    /// Every section, in the order of their numbers, which is that of the file.
    const ALL: [Self; 11] = [
        Self::Zone,
        Self::Names,
        Self::Groups,
        Self::Records,
        Self::Texts,
        Self::Checks,
        Self::Resources,
        Self::Places,
        Self::Locations,
        Self::Latency,
        Self::Quarantine,
    ];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::Names => "names",
            Self::Groups => "groups",
            Self::Records => "records",
            Self::Texts => "texts",
            Self::Checks => "checks",
            Self::Resources => "resources",
            Self::Places => "places",
            Self::Locations => "locations",
            Self::Latency => "latency",
            Self::Quarantine => "quarantine",
        }
    }
}

/// Why bytes are not an image that this crate opens.
///
/// ```
/// use pointsman_core::compile::{ImageError, Zone};
/// assert_eq!(Zone::from_image(b"{}").err(), Some(ImageError::NotAnImage));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageError {
    /// The bytes do not begin as an image does.
    NotAnImage,
    /// It is of another version of the format.
    Format {
        /// The version that it has.
        found: u16,
    },
    /// It was compiled under another version of the semantics, so that its answers may be others.
    Semantics {
        /// The version that it has.
        found: u16,
    },
    /// It ends early, goes on past its end, or its digest is another: it was cut off or changed on the way.
    Damaged,
    /// A section does not hold what the format says, although the digest fits: no `to_image` wrote it.
    Malformed {
        /// The section.
        section: &'static str,
        /// What is wrong in it.
        fault: &'static str,
    },
}

impl ImageError {
    /// A stable code for the kind of error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAnImage => "not-an-image",
            Self::Format { .. } => "image-format-version",
            Self::Semantics { .. } => "image-semantics-version",
            Self::Damaged => "image-damaged",
            Self::Malformed { .. } => "image-malformed",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(self) -> &'static str {
        match self {
            Self::NotAnImage => "give the file that `pointsman compile` wrote",
            Self::Format { .. } | Self::Semantics { .. } => {
                "compile the zone's documents again with the version that opens the image"
            }
            Self::Damaged => "copy the file again, in binary mode, and compare its size and digest",
            Self::Malformed { .. } => "compile the zone's documents again",
        }
    }
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAnImage => f.write_str("this is not the image of a zone"),
            Self::Format { found } => {
                write!(f, "the image has format {found}, and this version opens format {IMAGE_FORMAT}")
            }
            Self::Semantics { found } => {
                write!(
                    f,
                    "the image was compiled for semantics {found}, and this version has semantics {SEMANTICS_VERSION}"
                )
            }
            Self::Damaged => f.write_str("the image is damaged: its length or its digest is wrong"),
            Self::Malformed { section, fault } => write!(f, "the image's section `{section}` is malformed: {fault}"),
        }
    }
}

impl core::error::Error for ImageError {}

/// The digest of an image, of what follows its 64 bytes of header. It finds what a transfer damaged; it is no proof against
/// forgery. Four lanes take a word each in turn, so that a processor works on all of them at once; then two take the lanes.
///
/// ```
/// use pointsman_core::compile::image_digest;
/// assert_ne!(image_digest(b"a zone"), image_digest(b"a zones"));
/// ```
#[must_use]
#[allow(clippy::arithmetic_side_effects, reason = "all of it wraps")]
pub fn image_digest(body: &[u8]) -> [u8; 16] {
    const FIRST: u64 = 0x9E37_79B9_7F4A_7C15;
    const SECOND: u64 = 0xBF58_476D_1CE4_E5B9;
    let mix = |lane: u64, word: u64| (lane ^ word).wrapping_mul(SECOND).rotate_left(29);
    let length = body.len() as u64;
    let mut lanes = [0, 1, 2, 3].map(|lane: u64| lane.wrapping_mul(FIRST) ^ length);
    let mut take = |block: &[[u8; 8]; 4]| {
        for (lane, word) in lanes.iter_mut().zip(block) {
            *lane = mix(*lane, u64::from_le_bytes(*word));
        }
    };
    let (words, _) = body.as_chunks::<8>();
    let (blocks, rest) = words.as_chunks::<4>();
    blocks.iter().for_each(&mut take);
    let mut last = [[0; 8]; 4];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    take(&last);
    let (mut a, mut b) = (FIRST, SECOND);
    for lane in lanes {
        a = mix(a, lane);
        b = b.wrapping_add(lane).rotate_left(41).wrapping_mul(FIRST);
    }
    let (a, b) = (a ^ b.rotate_left(32), b ^ (a >> 32));
    let [first, second] = [a.wrapping_mul(FIRST), b.wrapping_mul(SECOND)].map(u64::to_le_bytes);
    let mut digest = [0; 16];
    digest.iter_mut().zip(first.into_iter().chain(second)).for_each(|(to, from)| *to = from);
    digest
}

/// What an image says about itself, without opening it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageHeader {
    /// The version of the format.
    pub format: u16,
    /// The version of the semantics.
    pub semantics: u16,
    /// The digest of its content: equal zones have equal digests.
    pub digest: [u8; 16],
}

impl ImageHeader {
    /// Reads the header, and nothing behind it.
    ///
    /// # Errors
    /// [`ImageError::NotAnImage`] for bytes that do not begin as an image does.
    pub fn read(bytes: &[u8]) -> Result<Self, ImageError> {
        let header = bytes.get(..HEADER_BYTES).filter(|header| header.starts_with(&IMAGE_MAGIC));
        let mut reader = Reader::new(header.ok_or(ImageError::NotAnImage)?);
        reader.bytes(IMAGE_MAGIC.len());
        let versions = reader.u32().to_le_bytes();
        reader.bytes(12);
        let digest = reader.bytes(16).first_chunk().copied().ok_or(ImageError::NotAnImage)?;
        let [format, semantics] = [[versions[0], versions[1]], [versions[2], versions[3]]].map(u16::from_le_bytes);
        Ok(Self { format, semantics, digest })
    }
}
