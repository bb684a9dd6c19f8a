//! An answer as an HTTP field: a dictionary of RFC 9651, so that any structured-fields parser reads it.
//!
//! ```text
//! rcode=NOERROR, type=A, ttl=60, answer=("192.0.2.20"), path=("primary" "blue"), fail-open=?0
//! ```

use std::fmt::Write as _;

use pointsman_core::answer::Answer;

/// Writes an answer.
pub fn write_answer(out: &mut String, answer: &Answer<'_>) {
    let _ = write!(out, "rcode={}, type={}", answer.rcode().as_str(), answer.record_type().as_str());
    if let Some(ttl) = answer.ttl() {
        let _ = write!(out, ", ttl={ttl}");
    }
    write_list(out, "answer", answer.values());
    write_list(out, "path", answer.set_identifiers());
    out.push_str(if answer.fail_open() { ", fail-open=?1" } else { ", fail-open=?0" });
    if let Some(name) = answer.referral() {
        write_item(out, "referral", &name.to_string());
    }
    if let Some(name) = answer.alias_target() {
        write_item(out, "alias-target", &name.to_string());
    }
    if answer.undetermined().is_some() {
        out.push_str(", undetermined=?1");
    }
}

/// Writes `, key=("one" "two")`.
pub fn write_list<'a>(out: &mut String, key: &str, values: impl Iterator<Item = &'a str>) {
    let _ = write!(out, ", {key}=(");
    for (number, value) in values.enumerate() {
        if number > 0 {
            out.push(' ');
        }
        write_text(out, value);
    }
    out.push(')');
}

/// Writes `, key="text"`.
pub fn write_item(out: &mut String, key: &str, text: &str) {
    let _ = write!(out, ", {key}=");
    write_text(out, text);
}

/// A string of RFC 9651 where the text is plain ASCII, else a display string.
fn write_text(out: &mut String, text: &str) {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        out.push('"');
        for character in text.chars() {
            if matches!(character, '"' | '\\') {
                out.push('\\');
            }
            out.push(character);
        }
    } else {
        out.push_str("%\"");
        for byte in text.bytes() {
            match byte {
                b'%' | b'"' | 0..=0x1f | 0x7f.. => {
                    let _ = write!(out, "%{byte:02x}");
                }
                plain => out.push(char::from(plain)),
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_structured_field_strings() {
        for (text, written) in [
            ("blue", r#""blue""#),
            (r#"a"b\c"#, r#""a\"b\\c""#),
            ("f\u{fc}r 100%", r#"%"f%c3%bcr 100%25""#),
            ("a\r\nb", r#"%"a%0d%0ab""#),
        ] {
            let mut out = String::new();
            write_text(&mut out, text);
            assert_eq!(out, written);
        }
    }
}
