//! A value split into its fields: quoted strings, and words between white space.

use alloc::format;

use super::problem::Problem;

/// One field of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field<'v> {
    /// The text between two quotation marks, escapes as written.
    Quoted(&'v str),
    /// A word; it may hold a quoted part, as in `alpn="h2,h3"`.
    Bare(&'v str),
}

/// The fields of a value, in order.
pub(super) struct Fields<'v> {
    rest: &'v str,
}

impl<'v> Fields<'v> {
    /// The fields of `value`.
    pub(super) fn new(value: &'v str) -> Self {
        Self { rest: value }
    }

    /// The next field; `None` at the end.
    pub(super) fn next_field(&mut self) -> Result<Option<Field<'v>>, Problem> {
        let text = self.rest.trim_start_matches(is_blank);
        if let Some(inner) = text.strip_prefix('"') {
            let (string, rest) = inner.split_at_checked(closing_mark(inner)?).unwrap_or((inner, ""));
            self.rest = rest.get(1..).unwrap_or_default();
            return Ok(Some(Field::Quoted(string)));
        }
        let end = word_end(text)?;
        let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        self.rest = rest;
        Ok((!word.is_empty()).then_some(Field::Bare(word)))
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// Where the quotation mark stands that closes a string; a backslash takes the next character along.
fn closing_mark(inner: &str) -> Result<usize, Problem> {
    let mut escaped = false;
    for (at, character) in inner.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Ok(at),
            _ => {}
        }
    }
    let help = "close it with a quotation mark; a mark inside a string is written \\\"";
    Err(Problem::new("value-quote-unterminated", "a quotation mark opens a string that nothing closes", help))
}

/// Where a word ends: at white space outside quotation marks.
fn word_end(text: &str) -> Result<usize, Problem> {
    let mut at = 0_usize;
    while let Some(rest) = text.get(at..) {
        let Some(character) = rest.chars().next().filter(|character| !is_blank(*character)) else { break };
        at = at.saturating_add(character.len_utf8());
        if character == '"' {
            let inner = text.get(at..).unwrap_or_default();
            at = at.saturating_add(closing_mark(inner)?).saturating_add(1);
        }
    }
    Ok(at)
}

/// Bytes of a string on the wire: an escape of three octal digits, or of one character, is one byte.
fn string_bytes(text: &str) -> usize {
    let mut bytes = text.as_bytes();
    let mut count = 0_usize;
    while let Some((&first, rest)) = bytes.split_first() {
        bytes = match (first, rest) {
            (b'\\', [b'0'..=b'3', b'0'..=b'7', b'0'..=b'7', after @ ..]) => after,
            (b'\\', [_, after @ ..]) => after,
            _ => rest,
        };
        count = count.saturating_add(1);
    }
    count
}

/// Whether a string is short enough (1.5.4).
pub(super) fn check_string(text: &str) -> Result<(), Problem> {
    const STRING_BYTES_MAX: usize = 255;
    let bytes = string_bytes(text);
    if bytes <= STRING_BYTES_MAX {
        return Ok(());
    }
    let message = format!("a quoted string has at most {STRING_BYTES_MAX} bytes; this one has {bytes}");
    let help = r#"split it: "\"first part\" \"second part\"" is joined again by whoever reads the record"#;
    Err(Problem::new("value-string-too-long", message, help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec::Vec;

    fn split(value: &str) -> Result<Vec<Field<'_>>, String> {
        let mut fields = Fields::new(value);
        let mut list = Vec::new();
        while let Some(field) = fields.next_field().map_err(|problem| problem.message)? {
            list.push(field);
        }
        Ok(list)
    }

    #[test]
    fn words_and_strings_are_told_apart() {
        use Field::{Bare, Quoted};
        assert_eq!(split(" 0\tissue  \"a b\" ").unwrap(), [Bare("0"), Bare("issue"), Quoted("a b")]);
        assert_eq!(split("1 . alpn=\"h2 h3\" port=443").unwrap()[2..], [Bare("alpn=\"h2 h3\""), Bare("port=443")]);
        assert_eq!(split(r#""a\"b""c""#).unwrap(), [Quoted(r#"a\"b"#), Quoted("c")]);
        assert_eq!(split("").unwrap(), []);
        for open in ["\"", "\"a\\\"", "x=\"a", "\"a\" \"b"] {
            assert!(split(open).unwrap_err().contains("nothing closes"), "{open}");
        }
    }

    #[test]
    fn an_escape_is_one_byte() {
        assert_eq!(string_bytes(r#"a\"b\\c\101"#), 6);
        assert_eq!(string_bytes("\u{e9}"), 2);
        assert_eq!(string_bytes("\\"), 1);
    }
}
