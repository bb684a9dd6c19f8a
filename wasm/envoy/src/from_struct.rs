//! A `google.protobuf.Struct` as JSON. Envoy hands a Struct of its own configuration to a filter in protobuf's wire form,
//! so that zones can stand in Envoy's YAML as they are.

use std::fmt::Write as _;

/// Levels of objects and arrays; core reads no deeper JSON either.
const DEPTH_MAX: u8 = 100;
/// Whole numbers up to here are exact in a double, and are written without a fraction.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

/// The JSON of a Struct in wire form; `None` when the bytes are none, such as JSON already.
///
/// ```
/// use pointsman_envoy::from_struct::to_json;
/// // {"a": 1.0}: field 1 of the Struct is an entry of key "a" and a value with a number.
/// let wire = [&[0x0a, 14, 0x0a, 1, b'a', 0x12, 9, 0x11][..], &1.0_f64.to_le_bytes()].concat();
/// assert_eq!(to_json(&wire).as_deref(), Some(r#"{"a":1}"#));
/// assert_eq!(to_json(b"{}"), None);
/// ```
#[must_use]
pub fn to_json(bytes: &[u8]) -> Option<String> {
    let mut out = String::with_capacity(bytes.len().saturating_mul(2));
    write_struct(bytes, &mut out, DEPTH_MAX)?;
    Some(out)
}

/// One field: its number, and its content.
enum Field<'b> {
    Number(u64),
    Double(f64),
    Bytes(&'b [u8]),
}

fn write_struct(mut bytes: &[u8], out: &mut String, depth: u8) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    out.push('{');
    let mut first = true;
    while !bytes.is_empty() {
        let (1, Field::Bytes(mut entry)) = field(&mut bytes)? else { return None };
        let (mut key, mut value): (&[u8], &[u8]) = (&[], &[]);
        while !entry.is_empty() {
            match field(&mut entry)? {
                (1, Field::Bytes(bytes)) => key = bytes,
                (2, Field::Bytes(bytes)) => value = bytes,
                _ => return None,
            }
        }
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        write_text(key, out)?;
        out.push(':');
        write_value(value, out, depth)?;
    }
    out.push('}');
    Some(())
}

fn write_value(mut bytes: &[u8], out: &mut String, depth: u8) -> Option<()> {
    match field(&mut bytes) {
        None | Some((1, Field::Number(_))) => out.push_str("null"),
        Some((2, Field::Double(number))) => write_number(number, out),
        Some((3, Field::Bytes(text))) => write_text(text, out)?,
        Some((4, Field::Number(truth))) => out.push_str(if truth == 0 { "false" } else { "true" }),
        Some((5, Field::Bytes(object))) => write_struct(object, out, depth)?,
        Some((6, Field::Bytes(list))) => write_list(list, out, depth)?,
        Some(_) => return None,
    }
    bytes.is_empty().then_some(())
}

fn write_list(mut bytes: &[u8], out: &mut String, depth: u8) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    out.push('[');
    let mut first = true;
    while !bytes.is_empty() {
        let (1, Field::Bytes(value)) = field(&mut bytes)? else { return None };
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        write_value(value, out, depth)?;
    }
    out.push(']');
    Some(())
}

fn write_text(text: &[u8], out: &mut String) -> Option<()> {
    out.push_str(&serde_json::to_string(std::str::from_utf8(text).ok()?).ok()?);
    Some(())
}

fn write_number(number: f64, out: &mut String) {
    if number.fract() == 0.0 && number.abs() <= WHOLE_MAX {
        let _ = write!(out, "{number:.0}");
    } else {
        // JSON has no infinities; what is none becomes null, which no number field takes.
        out.push_str(&serde_json::to_string(&number).unwrap_or_default());
    }
}

/// Takes the next field off the bytes.
fn field<'b>(bytes: &mut &'b [u8]) -> Option<(u64, Field<'b>)> {
    let tag = varint(bytes)?;
    let content = match tag & 7 {
        0 => Field::Number(varint(bytes)?),
        1 => {
            let (double, rest) = bytes.split_first_chunk()?;
            *bytes = rest;
            Field::Double(f64::from_le_bytes(*double))
        }
        2 => {
            let length = usize::try_from(varint(bytes)?).ok()?;
            let (content, rest) = bytes.split_at_checked(length)?;
            *bytes = rest;
            Field::Bytes(content)
        }
        _ => return None,
    };
    Some((tag >> 3, content))
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut length = content.len();
        let mut out = vec![tag];
        while length > 0x7f {
            out.push((length & 0x7f) as u8 | 0x80);
            length >>= 7;
        }
        out.push(length as u8);
        out.extend_from_slice(content);
        out
    }

    fn entry(key: &str, value: &[u8]) -> Vec<u8> {
        framed(0x0a, &[framed(0x0a, key.as_bytes()), framed(0x12, value)].concat())
    }

    #[test]
    fn every_kind_of_value_is_read() {
        let double = |number: f64| [vec![0x11], number.to_le_bytes().to_vec()].concat();
        let list = framed(0x32, &[framed(0x0a, &double(-2.5)), framed(0x0a, &[0x20, 1])].concat());
        let object = framed(0x2a, &entry("x", &framed(0x1a, "\"é\n".as_bytes())));
        let wire =
            [entry("n", &[0x08, 0]), entry("t", &double(172_800.0)), entry("l", &list), entry("o", &object)].concat();
        assert_eq!(to_json(&wire).unwrap(), r#"{"n":null,"t":172800,"l":[-2.5,true],"o":{"x":"\"é\n"}}"#);
        assert_eq!(to_json(b"").unwrap(), "{}");
    }

    #[test]
    fn what_is_cut_short_or_too_deep_is_none() {
        let wire = entry("key", &framed(0x1a, b"value"));
        for end in 1..wire.len() {
            assert_eq!(to_json(&wire[..end]), None, "{end}");
        }
        let mut deep = framed(0x1a, b"bottom");
        for _ in 0..200 {
            deep = framed(0x2a, &entry("a", &deep));
        }
        assert_eq!(to_json(&entry("a", &deep)), None);
        for text in ["{\"zones\": []}", "\n{}", "[1]", "x"] {
            assert_eq!(to_json(text.as_bytes()), None, "{text}");
        }
    }
}
