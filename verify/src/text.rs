//! Small words: lists, counts, shares and shell words.

/// `a`, `a and b`, `a, b and c`; at most `limit` of them.
#[must_use]
pub fn listed<S: AsRef<str>>(items: &[S], limit: usize) -> String {
    let more = items.len().saturating_sub(limit);
    let shown: Vec<&str> = items.iter().take(limit).map(AsRef::as_ref).collect();
    match (shown.as_slice(), more) {
        (all, 1..) => format!("{} and {more} more", all.join(", ")),
        ([], _) => String::new(),
        ([one], _) => (*one).into(),
        ([head @ .., last], _) => format!("{} and {last}", head.join(", ")),
    }
}

/// `1 name`, `2 names`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// A share as a percentage that people read: `90 %`, `33.3 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    let tenths = (share * 1000.0).round() / 10.0;
    if tenths == 0.0 && share > 0.0 {
        return "under 0.1 %".into();
    }
    format!("{tenths} %")
}

/// What is wrong with a TOML file, in one line.
#[cfg(feature = "toml")]
pub(crate) fn toml_error(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().lines().collect::<Vec<_>>().join(", ");
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else { return message };
    let line = before.matches('\n').count().saturating_add(1);
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count().saturating_add(1);
    format!("line {line}, column {column}: {message}")
}

/// A word as a shell takes it.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./,:=@%+".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) { word.into() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

/// A text as XML takes it.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
