//! Structured lines on stderr, one an event: `time=... event=transition check=hc-1 status=unhealthy reason="HTTP 503 in 41 ms"`.
//!
//! A thread of its own writes them, so that whoever reads stderr slowly, or not at all, keeps nobody waiting. Written here
//! and not with `tracing`: there are no spans and no levels, a line is a fact for machines with keys in a fixed order, and
//! nothing else of a subscriber would be used.

use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use crate::clock::now;

/// Lines that wait to be written; more are dropped and counted.
const WAITING_MAX: usize = 32_768;
/// Between two writes: in an outage many lines are one write, and the first line does not wait.
const GATHER: Duration = Duration::from_millis(10);
/// What one write takes at most, give or take a line.
const WRITE_BYTES_MAX: usize = 64 * 1024;

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// `key=value`, values quoted where they need it.
    #[default]
    Pairs,
    /// An object of JSON a line.
    Json,
}

enum Line {
    Text(String),
    /// All before it are written when this is answered.
    Flush(SyncSender<()>),
}

/// The log.
#[derive(Debug, Clone)]
pub struct Log {
    form: Form,
    lines: SyncSender<Line>,
    dropped: Arc<AtomicU64>,
}

impl Log {
    /// A log on stderr.
    #[must_use]
    pub fn new(form: Form) -> Self {
        let (lines, waiting) = sync_channel::<Line>(WAITING_MAX);
        std::thread::spawn(move || {
            while let Ok(first) = waiting.recv() {
                write(first, &waiting);
                std::thread::sleep(GATHER);
            }
        });
        Self { form, lines, dropped: Arc::default() }
    }

    /// Writes a line, soon.
    pub fn line(&self, event: &str, pairs: &[(&str, &str)]) {
        let lost = self.dropped.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let text = render(self.form, &now().to_string(), "log-lines-dropped", &[("count", &lost.to_string())]);
            if self.lines.try_send(Line::Text(text)).is_err() {
                self.dropped.fetch_add(lost, Ordering::Relaxed);
            }
        }
        let text = render(self.form, &now().to_string(), event, pairs);
        if let Err(TrySendError::Full(_)) = self.lines.try_send(Line::Text(text)) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until all lines are written, but no longer than this.
    pub fn flush(&self, patience: Duration) {
        let (done, wait) = sync_channel(1);
        if self.lines.try_send(Line::Flush(done)).is_ok() {
            let _ = wait.recv_timeout(patience);
        }
    }
}

/// Writes a line and those that wait behind it.
fn write(first: Line, waiting: &Receiver<Line>) {
    let mut text = String::new();
    // That nobody can read it is no reason to stop.
    let put = |text: &mut String| drop(std::io::stderr().lock().write_all(std::mem::take(text).as_bytes()));
    for line in std::iter::once(first).chain(waiting.try_iter()) {
        match line {
            Line::Text(more) => text.push_str(&more),
            Line::Flush(done) => {
                put(&mut text);
                let _ = done.send(());
            }
        }
        if text.len() >= WRITE_BYTES_MAX {
            put(&mut text);
        }
    }
    put(&mut text);
}

fn render(form: Form, time: &str, event: &str, pairs: &[(&str, &str)]) -> String {
    let all = [("time", time), ("event", event)].into_iter().chain(pairs.iter().copied());
    match form {
        Form::Json => {
            let fields: Vec<String> = all.map(|(key, value)| format!("{}:{}", quoted(key), quoted(value))).collect();
            format!("{{{}}}\n", fields.join(","))
        }
        Form::Pairs => {
            let mut line = String::new();
            for (number, (key, value)) in all.enumerate() {
                let blank = if number == 0 { "" } else { " " };
                let is_plain = |text: &str| {
                    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"=\\".contains(&byte))
                };
                let _ = match is_plain(value) {
                    true => write!(line, "{blank}{key}={value}"),
                    false => write!(line, "{blank}{key}={}", quoted(value)),
                };
            }
            line.push('\n');
            line
        }
    }
}

/// A string of JSON without anything in it that moves a cursor, ends a line or reorders what stands around it.
fn quoted(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    if !json.contains(is_unseen) {
        return json;
    }
    let mut clean = String::with_capacity(json.len());
    for character in json.chars() {
        match is_unseen(character) {
            true => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    let _ = write!(clean, "\\u{unit:04x}");
                }
            }
            false => clean.push(character),
        }
    }
    clean
}

/// Control characters, and those that show as nothing or change the direction of text.
pub(crate) fn is_unseen(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_line_whatever_is_in_it() {
        let pairs = [("reason", "said \"no\"\nand went"), ("check", "hc-1"), ("empty", "")];
        let line = render(Form::Pairs, "T", "transition", &pairs);
        assert_eq!(line, "time=T event=transition reason=\"said \\\"no\\\"\\nand went\" check=hc-1 empty=\"\"\n");
        let line = render(Form::Json, "T", "x", &pairs);
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["reason"], "said \"no\"\nand went");
        assert_eq!(line.matches('\n').count(), 1);
    }

    #[test]
    fn no_character_reaches_a_terminal_that_would_do_something_there() {
        for form in [Form::Pairs, Form::Json] {
            for code in 0..=0x10_ffff {
                let Some(character) = char::from_u32(code).filter(|character| is_unseen(*character)) else { continue };
                let line = render(form, "T", "x", &[("why", &format!("a{character}b"))]);
                assert!(!line.trim_end_matches('\n').contains(is_unseen), "{code:x}: {line:?}");
                if form == Form::Json {
                    let value: serde_json::Value = serde_json::from_str(&line).unwrap();
                    assert_eq!(value["why"], format!("a{character}b"), "{code:x}");
                }
            }
        }
    }
}
