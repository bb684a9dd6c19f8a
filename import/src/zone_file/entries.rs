//! The entries of a zone file (RFC 1035, 5.1): words, quoted strings, parentheses, comments.
//!
//! Kept parsers (hickory-proto, domain) turn entries into records and drop comments and places; here the comments say how
//! cli53 routes, the places are what findings need, and what the values mean is core's business.

use std::ops::Range;

/// A word or a quoted string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// As written, with quotation marks; escapes are Route 53's, which counts in eights.
    pub(super) text: String,
    pub(super) bytes: Range<usize>,
}

/// One entry: a directive or a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry<'t> {
    pub(super) tokens: Vec<Token>,
    /// Whether the entry starts at the start of its line, and so with a name.
    pub(super) has_owner: bool,
    /// The last comment, without the semicolon.
    pub(super) comment: Option<&'t str>,
}

/// What ends the entries too early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A quotation mark or a parenthesis that nothing closes, and where it is.
    Unclosed(usize),
    /// A parenthesis that closes nothing.
    Stray(usize),
}

/// Reads the entries of a text.
pub(super) fn entries(text: &str) -> Result<Vec<Entry<'_>>, Fault> {
    let mut all = Vec::new();
    let mut entry = Entry { tokens: Vec::new(), has_owner: true, comment: None };
    let (mut open, mut is_line_start) = (None, true);
    let mut rest = text.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        match character {
            '\n' => {
                is_line_start = true;
                if open.is_none() {
                    let next = Entry { tokens: Vec::new(), has_owner: true, comment: None };
                    let done = std::mem::replace(&mut entry, next);
                    all.extend(Some(done).filter(|entry| !entry.tokens.is_empty()));
                }
                continue;
            }
            ';' => {
                let line = text.get(at.saturating_add(1)..).and_then(|rest| rest.lines().next()).unwrap_or_default();
                entry.comment = Some(line);
                while rest.next_if(|(_, character)| *character != '\n').is_some() {}
                continue;
            }
            '(' => {
                if open.is_some() {
                    return Err(Fault::Unclosed(at));
                }
                open = Some(at);
            }
            ')' => {
                if open.take().is_none() {
                    return Err(Fault::Stray(at));
                }
            }
            '"' => {
                let mut token = Token { text: "\"".into(), bytes: at..at };
                let mut is_closed = false;
                while let Some((at, character)) = rest.next() {
                    token.bytes.end = at.saturating_add(character.len_utf8());
                    match character {
                        '\\' => token.bytes.end = escaped(&mut rest, &mut token.text, token.bytes.end),
                        '"' => {
                            token.text.push('"');
                            is_closed = true;
                            break;
                        }
                        other => token.text.push(other),
                    }
                }
                if !is_closed {
                    return Err(Fault::Unclosed(at));
                }
                entry.tokens.push(token);
            }
            white if white.is_whitespace() => {
                if is_line_start && open.is_none() && entry.tokens.is_empty() {
                    entry.has_owner = false;
                }
            }
            first => {
                let mut token = Token { text: String::new(), bytes: at..at.saturating_add(first.len_utf8()) };
                match first {
                    '\\' => token.bytes.end = escaped(&mut rest, &mut token.text, token.bytes.end),
                    other => token.text.push(other),
                }
                let ends = |character: char| character.is_whitespace() || matches!(character, ';' | '(' | ')' | '"');
                while let Some((at, character)) = rest.next_if(|(_, character)| !ends(*character)) {
                    token.bytes.end = at.saturating_add(character.len_utf8());
                    match character {
                        '\\' => token.bytes.end = escaped(&mut rest, &mut token.text, token.bytes.end),
                        other => token.text.push(other),
                    }
                }
                entry.tokens.push(token);
            }
        }
        is_line_start = false;
    }
    if let Some(at) = open {
        return Err(Fault::Unclosed(at));
    }
    all.extend(Some(entry).filter(|entry| !entry.tokens.is_empty()));
    Ok(all)
}

/// Reads what follows a backslash: three decimal digits, which Route 53 writes in octal, or one character. Gives the byte
/// behind it.
fn escaped(rest: &mut std::iter::Peekable<std::str::CharIndices<'_>>, out: &mut String, end: usize) -> usize {
    let mut digits = String::new();
    let mut end = end;
    while digits.len() < 3 {
        let Some((at, digit)) = rest.next_if(|(_, character)| character.is_ascii_digit()) else { break };
        digits.push(digit);
        end = at.saturating_add(1);
    }
    match (digits.len(), digits.parse::<u8>()) {
        (3, Ok(byte)) => out.push_str(&format!("\\{byte:03o}")),
        (0, _) => {
            out.push('\\');
            if let Some((at, character)) = rest.next_if(|(_, character)| *character != '\n') {
                out.push(character);
                end = at.saturating_add(character.len_utf8());
            }
        }
        _ => {
            out.push('\\');
            out.push_str(&digits);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Vec<String>> {
        let list = entries(text).unwrap();
        list.into_iter().map(|entry| entry.tokens.into_iter().map(|token| token.text).collect()).collect()
    }

    #[test]
    fn words_strings_and_lines() {
        let text = "a 60 A 192.0.2.1 ; AWS x\n\n  IN TXT ( \"one; two\" ; c\n three ) four\n\\042.b A \"\\\"\\200\"\n";
        assert_eq!(
            words(text),
            [
                vec!["a", "60", "A", "192.0.2.1"],
                vec!["IN", "TXT", "\"one; two\"", "three", "four"],
                vec!["\\052.b", "A", "\"\\\"\\310\""]
            ]
        );
        let list = entries(text).unwrap();
        assert_eq!((list[0].comment, list[0].has_owner, list[1].has_owner), (Some(" AWS x"), true, false));
        assert_eq!(&text[list[2].tokens[0].bytes.clone()], "\\042.b");
        assert_eq!(&text[list[2].tokens[2].bytes.clone()], "\"\\\"\\200\"");
    }

    #[test]
    fn what_is_not_closed_is_named() {
        assert_eq!(entries("a TXT \"x\n"), Err(Fault::Unclosed(6)));
        assert_eq!(entries("a ( b"), Err(Fault::Unclosed(2)));
        assert_eq!(entries("a ) b"), Err(Fault::Stray(2)));
        assert_eq!(words("\\"), [vec!["\\"]]);
    }
}
