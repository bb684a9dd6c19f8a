//! Bodies as they come off the wire: what frames them, what they are packed with, and never more of them than counts.

use std::io::{self, Write};

use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

/// What of a body counts (6.2), after unpacking.
pub(super) const BODY_LIMIT: usize = 5120;

/// The most bytes of a body that are read, framing and packing included: a body may be packed into nothing but framing.
const RAW_LIMIT: usize = 65_536;
/// The longest line of chunk framing, extensions included.
const CHUNK_LINE: usize = 1024;

/// Takes the bytes of a body and keeps the first 5,120 of what they stand for (6.2).
pub(super) struct Body {
    framing: Framing,
    decoder: Decoder,
    raw: usize,
}

/// Where a body stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// More may come.
    More,
    /// It is over, or all of it that counts is here.
    Done,
    /// It is not what its headers say: what is broken.
    Broken(&'static str),
}

/// How a body's end is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Framing {
    /// By the connection's end.
    UntilClose,
    /// After so many more bytes.
    Length(u64),
    /// By a chunk of no size.
    Chunked(Chunks),
}

/// Where in the chunks: `line` is framing that has not ended yet, `left` what is missing of a chunk's data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Chunks {
    line: Vec<u8>,
    left: u64,
}

/// What a body is packed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Packing {
    /// Nothing, or something that was not asked for.
    None,
    /// RFC 1952.
    Gzip,
    /// RFC 1950, or what many servers send by that name: RFC 1951.
    Deflate,
}

impl Body {
    pub(super) fn new(framing: Framing, packing: Packing) -> Self {
        let decoder = match packing {
            Packing::None => Decoder::Plain(First::default()),
            Packing::Gzip => Decoder::Gzip(Box::new(MultiGzDecoder::new(First::default()))),
            Packing::Deflate => Decoder::Undecided(Vec::new(), First::default()),
        };
        Self { framing, decoder, raw: 0 }
    }

    /// The beginning of the body, unpacked; at most 5,120 bytes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.decoder.first().0
    }

    /// Whether there is a body at all, before any of it came.
    pub(super) fn is_empty(&self) -> bool {
        self.framing == Framing::Length(0)
    }

    /// Takes what came.
    pub(super) fn take(&mut self, came: &[u8]) -> Progress {
        let room = RAW_LIMIT.saturating_sub(self.raw);
        let came = came.get(..room).unwrap_or(came);
        self.raw = self.raw.saturating_add(came.len());
        let framed = self.framing.take(came, &mut self.decoder);
        let flushed = self.decoder.flush();
        if self.bytes().len() >= BODY_LIMIT {
            return Progress::Done;
        }
        match (framed, flushed) {
            (Progress::More, Ok(())) if self.raw >= RAW_LIMIT => Progress::Done,
            (Progress::More, Err(_)) => Progress::Broken(self.decoder.broken()),
            (framed, _) => framed,
        }
    }
}

impl Framing {
    fn take(&mut self, came: &[u8], decoder: &mut Decoder) -> Progress {
        match self {
            Self::UntilClose => decoder.write(came),
            Self::Length(left) => {
                let here = usize::try_from(*left).ok().and_then(|left| came.get(..left)).unwrap_or(came);
                *left = left.saturating_sub(here.len() as u64);
                match decoder.write(here) {
                    Progress::More if *left == 0 => Progress::Done,
                    other => other,
                }
            }
            Self::Chunked(chunks) => chunks.take(came, decoder),
        }
    }
}

impl Chunks {
    fn take(&mut self, mut came: &[u8], decoder: &mut Decoder) -> Progress {
        while !came.is_empty() {
            if self.left > 0 {
                let here = usize::try_from(self.left).ok().and_then(|left| came.get(..left)).unwrap_or(came);
                self.left = self.left.saturating_sub(here.len() as u64);
                came = came.get(here.len()..).unwrap_or_default();
                match decoder.write(here) {
                    Progress::More => continue,
                    other => return other,
                }
            }
            let end = came.iter().position(|byte| *byte == b'\n').map(|at| at.saturating_add(1));
            let here = end.and_then(|end| came.get(..end)).unwrap_or(came);
            came = came.get(here.len()..).unwrap_or_default();
            self.line.extend_from_slice(here);
            if self.line.len() > CHUNK_LINE {
                return Progress::Broken("its chunks are broken");
            }
            if end.is_none() {
                return Progress::More;
            }
            // The line after a chunk's data is empty.
            if self.line == b"\r\n" || self.line == b"\n" {
                self.line.clear();
                continue;
            }
            match httparse::parse_chunk_size(&self.line) {
                Ok(httparse::Status::Complete((_, 0))) => return Progress::Done,
                Ok(httparse::Status::Complete((_, size))) => self.left = size,
                _ => return Progress::Broken("its chunks are broken"),
            }
            self.line.clear();
        }
        Progress::More
    }
}

/// Unpacks into [`First`]. What is packed is of no importance past the first 5,120 bytes, however much it unpacks to.
enum Decoder {
    Plain(First),
    Gzip(Box<MultiGzDecoder<First>>),
    Zlib(Box<ZlibDecoder<First>>),
    Raw(Box<DeflateDecoder<First>>),
    /// `deflate`, of which fewer than two bytes came: they tell the two kinds apart.
    Undecided(Vec<u8>, First),
}

impl Decoder {
    fn first(&self) -> &First {
        match self {
            Self::Plain(first) | Self::Undecided(_, first) => first,
            Self::Gzip(decoder) => decoder.get_ref(),
            Self::Zlib(decoder) => decoder.get_ref(),
            Self::Raw(decoder) => decoder.get_ref(),
        }
    }

    fn write(&mut self, came: &[u8]) -> Progress {
        let written = match self {
            Self::Plain(first) => first.write_all(came),
            Self::Gzip(decoder) => decoder.write_all(came),
            Self::Zlib(decoder) => decoder.write_all(came),
            Self::Raw(decoder) => decoder.write_all(came),
            Self::Undecided(held, _) => {
                held.extend_from_slice(came);
                let &[method, flags, ..] = held.as_slice() else { return Progress::More };
                let held = std::mem::take(held);
                // RFC 1950: method 8, and the two bytes as one number are a multiple of 31.
                *self = if method & 15 == 8 && u16::from_be_bytes([method, flags]) % 31 == 0 {
                    Self::Zlib(Box::new(ZlibDecoder::new(First::default())))
                } else {
                    Self::Raw(Box::new(DeflateDecoder::new(First::default())))
                };
                return self.write(&held);
            }
        };
        match written {
            Ok(()) => Progress::More,
            Err(_) if self.first().is_full() => Progress::Done,
            Err(_) => Progress::Broken(self.broken()),
        }
    }

    /// Hands over what was unpacked so far, so that a string is found before the body has ended.
    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(_) | Self::Undecided(..) => Ok(()),
            Self::Gzip(decoder) => decoder.flush(),
            Self::Zlib(decoder) => decoder.flush(),
            Self::Raw(decoder) => decoder.flush(),
        }
    }

    fn broken(&self) -> &'static str {
        match self {
            Self::Plain(_) => "its body is broken",
            Self::Gzip(_) => "its gzip body is broken",
            _ => "its deflate body is broken",
        }
    }
}

/// The first 5,120 bytes of what is written; then an error, so that no unpacking goes on for nothing.
#[derive(Default)]
struct First(Vec<u8>);

impl First {
    fn is_full(&self) -> bool {
        self.0.len() >= BODY_LIMIT
    }
}

impl Write for First {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = BODY_LIMIT.saturating_sub(self.0.len());
        if room == 0 && !bytes.is_empty() {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        let bytes = bytes.get(..room).unwrap_or(bytes);
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn chunked() -> Framing {
        Framing::Chunked(Chunks::default())
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("into memory");
        encoder.finish().expect("into memory")
    }

    /// Takes `raw` in pieces of each size, and says how it ended and what was kept, which must not depend on the pieces.
    fn taken(framing: &Framing, packing: Packing, raw: &[u8]) -> (Progress, Vec<u8>) {
        let results: Vec<_> = [1, 2, 3, 7, 1000, raw.len().max(1)]
            .into_iter()
            .map(|size| {
                let mut body = Body::new(framing.clone(), packing);
                let mut progress = Progress::More;
                for piece in raw.chunks(size) {
                    progress = body.take(piece);
                    if progress != Progress::More {
                        break;
                    }
                }
                (progress, body.bytes().to_vec())
            })
            .collect();
        assert!(results.windows(2).all(|two| two[0] == two[1]), "it matters in which pieces a body comes");
        results[0].clone()
    }

    #[test]
    fn bodies_end_by_length_chunk_or_close() {
        assert_eq!(taken(&Framing::Length(5), Packing::None, b"hello, and more"), (Progress::Done, b"hello".to_vec()));
        assert_eq!(taken(&Framing::UntilClose, Packing::None, b"hello"), (Progress::More, b"hello".to_vec()));
        let raw = b"5;name=\"value\"\r\nhello\r\n7\r\n, world\r\n0\r\nTrailer: x\r\n\r\n";
        assert_eq!(taken(&chunked(), Packing::None, raw), (Progress::Done, b"hello, world".to_vec()));
    }

    #[test]
    fn broken_chunks_are_told() {
        for raw in [&b"zz\r\nhello"[..], b"fffffffffffffffffffff\r\n", b"5\r\nhello\r\nseven\r\n"] {
            assert!(matches!(taken(&chunked(), Packing::None, raw).0, Progress::Broken(_)), "{raw:?}");
        }
        let mut body = Body::new(chunked(), Packing::None);
        assert!(matches!(body.take(&[b'1'; 2 * CHUNK_LINE]), Progress::Broken(_)));
        // The largest size there is does not overflow.
        assert_eq!(taken(&chunked(), Packing::None, b"ffffffffffffffff\r\nhi"), (Progress::More, b"hi".to_vec()));
    }

    #[test]
    fn packing_is_undone() {
        let text = b"all is well".repeat(20);
        let mut two_members = gzip(&text);
        two_members.extend(gzip(b" and more"));
        assert_eq!(taken(&Framing::UntilClose, Packing::Gzip, &two_members).1, [&text[..], b" and more"].concat());

        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::fast());
        zlib.write_all(&text).expect("into memory");
        assert_eq!(taken(&Framing::UntilClose, Packing::Deflate, &zlib.finish().expect("into memory")).1, text);

        let mut raw = DeflateEncoder::new(Vec::new(), Compression::fast());
        raw.write_all(&text).expect("into memory");
        assert_eq!(taken(&Framing::UntilClose, Packing::Deflate, &raw.finish().expect("into memory")).1, text);
    }

    #[test]
    fn what_is_unpacked_is_seen_before_the_end() {
        let packed = gzip(&(0..4000_u32).flat_map(u32::to_be_bytes).collect::<Vec<_>>());
        let mut body = Body::new(Framing::UntilClose, Packing::Gzip);
        assert_eq!(body.take(&packed[..packed.len() / 5]), Progress::More);
        assert!(!body.bytes().is_empty());
    }

    #[test]
    fn bombs_and_floods_end_at_the_limit() {
        let bomb = gzip(&vec![b'a'; 50_000_000]);
        let before = std::time::Instant::now();
        assert_eq!(taken(&Framing::UntilClose, Packing::Gzip, &bomb), (Progress::Done, vec![b'a'; BODY_LIMIT]));
        assert!(before.elapsed() < std::time::Duration::from_secs(2), "it was unpacked past what counts");

        let flood = vec![b'b'; 1_000_000];
        assert_eq!(taken(&Framing::UntilClose, Packing::None, &flood), (Progress::Done, vec![b'b'; BODY_LIMIT]));
        // Stored blocks without content: packed bytes for ever, and nothing in them.
        let nothing = [0_u8, 0, 0, 0xff, 0xff].repeat(40_000);
        assert_eq!(taken(&Framing::UntilClose, Packing::Deflate, &nothing), (Progress::Done, Vec::new()));
    }

    #[test]
    fn broken_packing_is_told() {
        assert_eq!(
            taken(&Framing::UntilClose, Packing::Gzip, b"this is not packed at all").0,
            Progress::Broken("its gzip body is broken")
        );
    }
}
