//! Domain names and the many ways to write them (1.1).

use super::rng::Rng;

/// A name as labels, leftmost first; letters are lower case.
pub(super) type Name = Vec<Vec<u8>>;

/// Labels of which names are made: few, so that names meet; some need escapes; a wildcard.
const LABELS: [&[u8]; 12] =
    [b"a", b"a", b"b", b"b", b"www", b"www", b"*", b"*", b"_tcp", b"x.y", b"\xc3\xa9 !", b"xn--bcher-kva"];

const APEXES: [&[&[u8]]; 4] =
    [&[b"example", b"com"], &[b"shop", b"example", b"net"], &[b"b-c", b"example", b"org"], &[b"internal"]];

/// The apex of a zone.
pub(super) fn apex(rng: &mut Rng) -> Name {
    rng.one_of(&APEXES).iter().map(|label| label.to_vec()).collect()
}

/// A name at or below another. An asterisk is a wildcard in front, and in rare cases a plain label elsewhere (1.2.1).
pub(super) fn below(rng: &mut Rng, above: &Name, depth: usize) -> Name {
    let mut name = above.clone();
    for _ in 0..depth {
        if name.first().is_some_and(|first| first == b"*") && !rng.percent(20) {
            name.remove(0);
        }
        let label = *rng.one_of(&LABELS);
        name.insert(0, label.to_vec());
    }
    name
}

/// One way to write a name: letters of any case or escaped, final dot or not.
pub(super) fn spelled(rng: &mut Rng, name: &Name) -> String {
    let odd = rng.percent(20);
    let mut text = String::new();
    for label in name {
        for byte in label {
            match byte {
                b'a'..=b'z' if odd && rng.percent(30) => text.push(char::from(byte.to_ascii_uppercase())),
                b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' if !odd || rng.percent(90) => text.push(char::from(*byte)),
                b'*' if label.len() == 1 && rng.percent(50) => text.push('*'),
                _ => text.push_str(&format!("\\{byte:03o}")),
            }
        }
        text.push('.');
    }
    if rng.percent(30) {
        text.pop();
    }
    text
}
