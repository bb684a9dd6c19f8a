//! Domain names: labels of bytes, escapes decoded, letters lower-cased (1.1).

use anyhow::{Context as _, Result, ensure};

/// A name as its labels, leftmost first; the root has none.
pub(super) type Name = Vec<Vec<u8>>;

/// Reads a name as Route 53 spells it: a backslash and three octal digits are one byte, a final dot changes nothing,
/// letters count as lower case however they are written (1.1.2 - 1.1.4).
pub(super) fn parse(text: &str) -> Result<Name> {
    let mut labels = Vec::new();
    let mut label = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'.' => labels.push(std::mem::take(&mut label)),
            b'\\' => {
                let mut value = 0_u32;
                for _ in 0..3 {
                    let digit = bytes.next().filter(|digit| (b'0'..=b'7').contains(digit));
                    value = value * 8 + u32::from(digit.context("an escape has three octal digits")? - b'0');
                }
                label.push(u8::try_from(value).context("an escape is one byte")?.to_ascii_lowercase());
            }
            plain => label.push(plain.to_ascii_lowercase()),
        }
    }
    if !label.is_empty() {
        labels.push(label);
    }
    if text == "." {
        labels.clear();
    }
    ensure!(labels.iter().all(|label| !label.is_empty()), "`{text}` has an empty label");
    Ok(labels)
}

/// Writes a name with a final dot, everything but letters, digits, hyphen and underscore escaped (1.1.4), the asterisk of
/// a wildcard left as it is.
pub(super) fn print(name: &Name) -> String {
    if name.is_empty() {
        return ".".into();
    }
    let mut text = String::new();
    for (number, label) in name.iter().enumerate() {
        for byte in label {
            match byte {
                b'*' if number == 0 && label.len() == 1 => text.push('*'),
                b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' => text.push(char::from(*byte)),
                _ => text.push_str(&format!("\\{byte:03o}")),
            }
        }
        text.push('.');
    }
    text
}

/// Whether `name` is `above` or lies below it.
pub(super) fn is_within(name: &Name, above: &Name) -> bool {
    name.ends_with(above)
}

/// The name with `*` put in front of it (1.2.1).
pub(super) fn wildcard_under(name: &[Vec<u8>]) -> Name {
    let mut wildcard = vec![b"*".to_vec()];
    wildcard.extend_from_slice(name);
    wildcard
}
