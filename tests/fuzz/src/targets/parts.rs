//! Several inputs in one: parts with a zero byte between them, which no text of ours holds.

/// The parts.
pub(super) fn split(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == 0)
}

/// The parts that are UTF-8; one that is not ends them.
pub(super) fn texts(bytes: &[u8]) -> Vec<&str> {
    split(bytes).map_while(|part| std::str::from_utf8(part).ok()).collect()
}

/// One input of several parts.
pub(super) fn join<P: AsRef<[u8]>>(parts: &[P]) -> Vec<u8> {
    parts.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(&0)
}
