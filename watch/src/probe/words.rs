//! How reasons read: short, stable, one line, whatever an endpoint sent.

use std::io;
use std::time::Duration;

/// The most characters of a reason.
const LONGEST: usize = 200;
/// The most characters of somebody else's text within a reason.
const QUOTED: usize = 40;

/// A limit as a reason names it: `4 s`, `1.5 s`, `200 ms`.
pub(super) fn span(time: Duration) -> String {
    let ms = time.as_millis();
    if ms < 1000 {
        return format!("{ms} ms");
    }
    let tenths = time.saturating_add(Duration::from_millis(50)).as_millis() / 100;
    match tenths % 10 {
        0 => format!("{} s", tenths / 10),
        tenth => format!("{}.{tenth} s", tenths / 10),
    }
}

/// A measured time, in whole milliseconds, rounded up: nothing takes no time.
pub(super) fn measured(time: Duration) -> String {
    format!("{} ms", time.as_micros().div_ceil(1000).max(1))
}

/// Somebody else's text in backticks: its beginning, with nothing in it that could move a cursor or end a line.
pub(super) fn quoted(text: &[u8]) -> String {
    let mut words = String::from("`");
    let mut characters = 0_usize;
    let text = String::from_utf8_lossy(text.get(..4 * QUOTED).unwrap_or(text));
    for character in text.trim_end().chars() {
        let shown = shown(character);
        characters = characters.saturating_add(shown.chars().count());
        if characters > QUOTED {
            words.push_str("...");
            break;
        }
        words.push_str(&shown);
    }
    words.push('`');
    words
}

/// A character as a reason may hold it.
fn shown(character: char) -> String {
    let direction =
        matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
    match character {
        '`' => "'".to_owned(),
        '\u{fffd}' => "?".to_owned(),
        other if other.is_control() || direction => other.escape_default().to_string(),
        other => other.to_string(),
    }
}

/// The last word on any reason: one line, no control characters, not too long.
pub(super) fn tidy(reason: &str) -> String {
    // Backticks are ours here; what was quoted has lost its own already.
    let clean: String = reason.chars().map(|c| if c == '`' { c.to_string() } else { shown(c) }).collect();
    if clean.chars().count() <= LONGEST {
        return clean;
    }
    let mut short: String = clean.chars().take(LONGEST.saturating_sub(3)).collect();
    short.push_str("...");
    short
}

/// What went wrong with a socket.
pub(super) fn io(error: &io::Error) -> String {
    use io::ErrorKind;
    let words = match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::ConnectionReset => "connection reset",
        ErrorKind::ConnectionAborted => "connection aborted",
        ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof => "connection closed",
        ErrorKind::HostUnreachable => "no route to the host",
        ErrorKind::NetworkUnreachable => "network unreachable",
        ErrorKind::NetworkDown => "network down",
        ErrorKind::TimedOut => "connection timed out",
        ErrorKind::AddrNotAvailable => "no free port on this machine",
        ErrorKind::PermissionDenied => "not permitted by this machine",
        _ => match error.raw_os_error() {
            // ENFILE and EMFILE have no kind of their own.
            Some(23 | 24) => "no free file descriptor on this machine",
            _ => return tidy(&error.to_string()),
        },
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_read_as_people_say_them() {
        for (ms, words) in
            [(4000, "4 s"), (10_000, "10 s"), (1500, "1.5 s"), (200, "200 ms"), (4021, "4 s"), (0, "0 ms")]
        {
            assert_eq!(span(Duration::from_millis(ms)), words);
        }
        assert_eq!(measured(Duration::from_micros(40_100)), "41 ms");
        assert_eq!(measured(Duration::ZERO), "1 ms");
    }

    #[test]
    fn what_others_send_is_shown_harmlessly() {
        assert_eq!(quoted(b"SSH-2.0-OpenSSH_9.6\r\n"), "`SSH-2.0-OpenSSH_9.6`");
        assert_eq!(quoted(b"a`b\x1b[2Jc\xff"), "`a'b\\u{1b}[2Jc?`");
        assert_eq!(quoted("\u{202e}evil".as_bytes()), "`\\u{202e}evil`");
        let long = quoted(&[b'x'; 5000]);
        assert_eq!(long, format!("`{}...`", "x".repeat(QUOTED)));
        assert_eq!(quoted(b""), "``");
    }

    #[test]
    fn a_reason_is_one_short_line() {
        let reason = tidy(&format!("with `ticks`\n{}", "y".repeat(500)));
        assert!(reason.starts_with("with `ticks`\\n"));
        assert_eq!(reason.chars().count(), LONGEST);
        assert_eq!(io(&io::Error::from_raw_os_error(24)), "no free file descriptor on this machine");
        assert_eq!(io(&io::Error::from(io::ErrorKind::ConnectionRefused)), "connection refused");
    }
}
