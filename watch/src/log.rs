//! Structured lines on stderr, one an event: `time=... event=transition check=hc-1 status=unhealthy reason="HTTP 503 in 41 ms"`.

use std::fmt::Write as _;
use std::io::Write as _;

use pointsman_core::parse::RawStatus;

use crate::board::Change;
use crate::plan::Subject;
use crate::shared::now;

/// How lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// `key=value`, values quoted where they need it.
    #[default]
    Pairs,
    /// An object of JSON a line.
    Json,
}

/// The log.
#[derive(Debug, Clone, Copy, Default)]
pub struct Log {
    /// How lines are written.
    pub form: Form,
}

impl Log {
    /// Writes a line. That nobody can read it is no reason to stop.
    pub fn line(&self, event: &str, pairs: &[(&str, &str)]) {
        let line = self.render(&now().to_string(), event, pairs);
        let _ = std::io::stderr().lock().write_all(line.as_bytes());
    }

    /// A status became another.
    pub(crate) fn transition(&self, change: &Change) {
        let key = match &change.subject {
            Subject::HealthCheck(_) => "check",
            Subject::AliasTarget(_) => "alias_target",
        };
        let word = |healthy: bool| if healthy { "healthy" } else { "unhealthy" };
        let mut pairs =
            vec![(key, change.subject.id()), ("status", word(change.healthy)), ("was", word(change.was_healthy))];
        pairs.extend(change.raw.map(|raw| ("raw", RawStatus::as_str(raw))));
        pairs.push(("reason", &change.reason));
        let event = if change.healthy == change.was_healthy { "raw-change" } else { "transition" };
        self.line(event, &pairs);
    }

    fn render(self, time: &str, event: &str, pairs: &[(&str, &str)]) -> String {
        let all = [("time", time), ("event", event)].into_iter().chain(pairs.iter().copied());
        match self.form {
            Form::Json => {
                let object: serde_json::Map<String, serde_json::Value> =
                    all.map(|(key, value)| (key.to_owned(), value.into())).collect();
                format!("{}\n", serde_json::Value::Object(object))
            }
            Form::Pairs => {
                let mut line = String::new();
                for (number, (key, value)) in all.enumerate() {
                    let blank = if number == 0 { "" } else { " " };
                    let is_plain = |text: &str| {
                        !text.is_empty()
                            && text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"=\\".contains(&byte))
                    };
                    let _ = match is_plain(value) {
                        true => write!(line, "{blank}{key}={value}"),
                        false => write!(line, "{blank}{key}={}", serde_json::Value::from(value)),
                    };
                }
                line.push('\n');
                line
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_line_whatever_is_in_it() {
        let pairs = [("reason", "said \"no\"\nand went"), ("check", "hc-1"), ("empty", "")];
        let line = Log { form: Form::Pairs }.render("T", "transition", &pairs);
        assert_eq!(line, "time=T event=transition reason=\"said \\\"no\\\"\\nand went\" check=hc-1 empty=\"\"\n");
        let line = Log { form: Form::Json }.render("T", "x", &pairs);
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["reason"], "said \"no\"\nand went");
        assert_eq!(line.matches('\n').count(), 1);
    }
}
