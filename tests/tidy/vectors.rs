//! How the documented cases are laid out: JSON that a person can read, and a review shows line by line.

use std::fmt::Write as _;
use std::fs;

use anyhow::{Result, ensure};
use serde_json::Value;

use crate::tree::{files, report, root};

/// The longest line that a value is put on as a whole; what is longer is broken into its parts.
const WIDTH: usize = 200;

/// A value on one line, with a space after each colon and comma.
fn on_one_line(value: &Value, text: &mut String) -> Result<()> {
    match value {
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at == 0 { "" } else { ", " });
                on_one_line(item, text)?;
            }
            text.push(']');
        }
        Value::Object(members) => {
            text.push('{');
            for (at, (key, member)) in members.iter().enumerate() {
                write!(text, "{}{}: ", if at == 0 { "" } else { ", " }, Value::from(key.as_str()))?;
                on_one_line(member, text)?;
            }
            text.push('}');
        }
        scalar => write!(text, "{scalar}")?,
    }
    Ok(())
}

/// A value that begins after `before` characters of its line, whose own parts are indented by `indent`.
fn lay_out(value: &Value, before: usize, indent: usize, text: &mut String) -> Result<()> {
    let mut line = String::new();
    on_one_line(value, &mut line)?;
    // A case always has its keys below each other; what is below them is broken where it is too long.
    if indent > 1 && before + line.chars().count() < WIDTH {
        text.push_str(&line);
        return Ok(());
    }
    let (open, parts, close) = match value {
        Value::Array(items) => ('[', items.iter().map(|item| (String::new(), item)).collect::<Vec<_>>(), ']'),
        Value::Object(members) => {
            let key = |key: &String| format!("{}: ", Value::from(key.as_str()));
            ('{', members.iter().map(|(name, member)| (key(name), member)).collect(), '}')
        }
        _ => {
            text.push_str(&line);
            return Ok(());
        }
    };
    text.push(open);
    let margin = " ".repeat(2 * indent);
    for (at, (key, part)) in parts.iter().enumerate() {
        write!(text, "{}\n{margin}{key}", if at == 0 { "" } else { "," })?;
        lay_out(part, margin.len() + key.chars().count(), indent + 1, text)?;
    }
    write!(text, "\n{}{close}", " ".repeat(2 * indent.saturating_sub(1)))?;
    Ok(())
}

#[test]
fn cases_are_laid_out_for_people() -> Result<()> {
    let mut faults = Vec::new();
    let mut seen = 0;
    for file in files(&[".json"])?.iter().filter(|file| file.path.starts_with("tests/vectors/")) {
        let mut text = String::new();
        lay_out(&serde_json::from_str(&file.text)?, 0, 1, &mut text)?;
        text.push('\n');
        seen += 1;
        if text == file.text {
            continue;
        }
        if std::env::var_os("BLESS").is_some() {
            fs::write(root().join(&file.path), text)?;
            continue;
        }
        faults.push(format!("{} is laid out in another way; BLESS=1 lays it out anew", file.path));
    }
    ensure!(seen > 10, "only {seen} files of cases");
    report(&faults)
}
