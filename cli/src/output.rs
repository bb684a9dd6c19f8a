//! What goes to the terminal: results on stdout, notes on stderr, colour only where a person looks.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::AutoStream;
use anstyle::{AnsiColor, Style};
use serde::Serialize;

/// For the result itself.
pub(crate) const STRONG: Style = Style::new().bold();
/// For what stands beside it.
pub(crate) const QUIET: Style = Style::new().dimmed();
/// For what went well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// For what should be looked at.
pub(crate) const WARN: Style = AnsiColor::Yellow.on_default().bold();
/// For what went wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();
const NOTE: Style = AnsiColor::Cyan.on_default().bold();

/// Stdout for people: styles are dropped unless it is a terminal, and under NO_COLOR.
pub(crate) fn stdout() -> impl Write {
    AutoStream::auto(io::stdout().lock())
}

/// Writes one finished result and a line end.
pub(crate) fn line(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.write_all(b"\n")?;
    stdout.flush()
}

/// Whether stderr gets lines of JSON: under `--json`.
static LINES_OF_JSON: AtomicBool = AtomicBool::new(false);

/// From now on, findings and messages are lines of JSON.
pub(crate) fn use_lines_of_json() {
    LINES_OF_JSON.store(true, Ordering::Relaxed);
}

/// Whether findings and messages are lines of JSON.
pub(crate) fn is_json() -> bool {
    LINES_OF_JSON.load(Ordering::Relaxed)
}

/// What the command line itself has to say, beside findings: the schema `message`.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Message<'a> {
    /// `error`, `warning` or `note`.
    pub(crate) severity: &'static str,
    /// The sentence.
    pub(crate) message: &'a str,
    /// What to do; may be empty.
    pub(crate) help: &'a str,
    /// The digest of the zone's record sets, where the message is about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) digest: Option<&'a str>,
    /// The digest after a batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) digest_after: Option<&'a str>,
}

impl Message<'_> {
    /// Writes it to stderr, as a line of JSON or for people.
    pub(crate) fn tell(&self) {
        if is_json() {
            return say(format_args!("{}", serde_json::to_string(self).unwrap_or_default()));
        }
        let style = match self.severity {
            "error" => BAD,
            "warning" => WARN,
            _ => NOTE,
        };
        say(format_args!("{style}{}{style:#}: {}", self.severity, clean(self.message)));
        if !self.help.is_empty() {
            say(format_args!("{GOOD}help{GOOD:#}: {}", clean(self.help)));
        }
    }
}

/// Writes a line to stderr. That nobody may read it is no reason to stop.
pub(crate) fn say(text: fmt::Arguments<'_>) {
    let mut stderr = AutoStream::auto(io::stderr().lock());
    let _ = writeln!(stderr, "{text}");
}

/// Says how a command ends, behind its findings.
pub(crate) fn conclude(text: &str) {
    if is_json() { note(text) } else { say(format_args!("{}", clean(text))) }
}

/// Says what could not be done.
pub(crate) fn error(message: &str, help: &str) {
    Message { severity: "error", message, help, ..Message::default() }.tell();
}

/// Says what should be looked at.
pub(crate) fn warning(message: &str, help: &str) {
    Message { severity: "warning", message, help, ..Message::default() }.tell();
}

/// Says what is good to know.
pub(crate) fn note(message: &str) {
    Message { severity: "note", message, ..Message::default() }.tell();
}

/// Text of the user without control characters, which could move a terminal's cursor or recolour what follows.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    if !text.contains(is_control) {
        return Cow::Borrowed(text);
    }
    let mut cleaned = String::with_capacity(text.len());
    for character in text.chars() {
        if is_control(character) {
            cleaned.extend(character.escape_default());
        } else {
            cleaned.push(character);
        }
    }
    Cow::Owned(cleaned)
}

/// Control characters, and those that reorder the text around them.
fn is_control(character: char) -> bool {
    character.is_control() || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `1 error`, `2 errors`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// At most `limit` items with commas, and how many more there are.
pub(crate) fn list(items: &[&str], limit: usize) -> String {
    let shown = items.iter().take(limit).copied().collect::<Vec<_>>().join(", ");
    match items.len().saturating_sub(limit) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_shown_not_obeyed() {
        assert_eq!(clean("plain \u{e4}"), "plain \u{e4}");
        assert_eq!(clean("\u{1b}[31mred\u{202e}"), "\\u{1b}[31mred\\u{202e}");
    }

    #[test]
    fn lists_end_with_how_many_more() {
        assert_eq!(list(&["a", "b"], 2), "a, b");
        assert_eq!(list(&["a", "b", "c", "d"], 2), "a, b and 2 more");
    }
}
