//! As much of HTTP/1.1 as a check needs: one request, the head of its answer, the beginning of its body.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use bytes::BufMut;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::time::{Instant, timeout_at};

use super::body::{Body, Chunks, Framing, Packing, Progress};
use super::target::{Protocol, Target};
use super::words;

/// The longest head of an answer.
const HEAD_LIMIT: usize = 16_384;
/// How much is read at once.
const READ: usize = 2048;

/// What the head of an answer says of use to a check.
pub(super) struct Head {
    /// The final status; those from 100 to 199 are waited out.
    pub(super) status: u16,
    framing: Framing,
    packing: Packing,
    /// What of the body came along.
    rest: Vec<u8>,
}

/// How the reading of a body ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// All is here that counts or that was wanted.
    Done,
    /// Time was up.
    Late,
    /// The body or the connection broke: how.
    Broken(String),
}

/// The request of a check. Nothing that a zone file holds can end a line of it.
pub(super) fn request(target: &Target, address: IpAddr) -> String {
    let mut path = String::with_capacity(target.path.len().saturating_add(1));
    if !target.path.starts_with('/') {
        path.push('/');
    }
    for byte in target.path.bytes() {
        if byte.is_ascii_graphic() {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
    }
    format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\nUser-Agent: Pointsman-Health-Check/{}\r\nAccept: */*\r\n\
         Accept-Encoding: gzip, deflate\r\nConnection: close\r\n\r\n",
        host(target, address),
        env!("CARGO_PKG_VERSION"),
    )
}

/// The name if there is one, the address if not; the port unless it is the protocol's own.
fn host(target: &Target, address: IpAddr) -> String {
    let own = if matches!(target.protocol, Protocol::Https { .. }) { 443 } else { 80 };
    let host = match (&target.host, address) {
        (Some(host), _) => host.trim_end_matches('.').chars().filter(char::is_ascii_graphic).collect(),
        (None, IpAddr::V4(address)) => address.to_string(),
        (None, IpAddr::V6(_)) if target.port != own => return SocketAddr::new(address, target.port).to_string(),
        (None, IpAddr::V6(address)) => format!("[{address}]"),
    };
    if target.port == own { host } else { format!("{host}:{}", target.port) }
}

/// Asks, and waits for the head of the answer until `limit` from now is over.
pub(super) async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    request: &str,
    limit: Duration,
) -> Result<Head, String> {
    let deadline = deadline(Instant::now(), limit);
    // Whoever refuses to read may still have said something.
    match timeout_at(deadline, async { stream.write_all(request.as_bytes()).await.and(stream.flush().await) }).await {
        Ok(_) => {}
        Err(_) => return Err(format!("no status within {}", words::span(limit))),
    }
    let mut came = Vec::with_capacity(READ);
    let mut spent = 0_usize;
    loop {
        let looked_at = came.len();
        let room = HEAD_LIMIT.saturating_sub(spent).saturating_sub(came.len());
        if room == 0 {
            return Err("headers longer than 16,384 bytes".to_owned());
        }
        came.reserve(READ.min(room));
        let read = timeout_at(deadline, stream.read_buf(&mut (&mut came).limit(room))).await;
        let so_far = status_of(&came);
        match (read, so_far) {
            (Ok(Ok(1..)), _) => {}
            (Err(_), None) => return Err(format!("no status within {}", words::span(limit))),
            (Err(_), Some(status)) => {
                return Err(format!("HTTP {status}, but its headers did not end within {}", words::span(limit)));
            }
            (Ok(Err(error)), None) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
                return Err(format!("{} before a status", words::io(&error)));
            }
            (Ok(_), None) => return Err("closed before a status".to_owned()),
            (Ok(_), Some(status)) => return Err(format!("HTTP {status}, but closed before its headers ended")),
        }
        if !begins_as_http(&came) {
            return Err(not_http(&came));
        }
        // Interim answers may come together with the final one.
        let mut from = looked_at.saturating_sub(2);
        while let Some(end) = end_of_head(&came, from) {
            let rest = came.split_off(end);
            let mut head = parse(&came).ok_or_else(|| not_http(&came))?;
            if !(100..200).contains(&head.status) || head.status == 101 {
                head.rest = rest;
                return Ok(head);
            }
            spent = spent.saturating_add(end);
            came = rest;
            from = 0;
            if !begins_as_http(&came) {
                return Err(not_http(&came));
            }
        }
    }
}

/// Reads the body until it is over, or `enough` of it is here, or `limit` from now is over.
pub(super) async fn body<S: AsyncRead + Unpin>(
    stream: &mut S,
    head: Head,
    limit: Duration,
    mut enough: impl FnMut(&[u8]) -> bool,
) -> (Body, End) {
    let deadline = deadline(Instant::now(), limit);
    let mut body = Body::new(head.framing, head.packing);
    if body.is_empty() {
        return (body, End::Done);
    }
    let mut came = head.rest;
    loop {
        if !came.is_empty() {
            let progress = body.take(&came);
            if enough(body.bytes()) {
                return (body, End::Done);
            }
            match progress {
                Progress::More => {}
                Progress::Done => return (body, End::Done),
                Progress::Broken(how) => return (body, End::Broken(how.to_owned())),
            }
        }
        came.clear();
        came.reserve(READ);
        match timeout_at(deadline, stream.read_buf(&mut (&mut came).limit(READ))).await {
            Ok(Ok(1..)) => {}
            Ok(Ok(0)) => return (body, End::Done),
            // Many servers do not say goodbye in TLS.
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::UnexpectedEof => return (body, End::Done),
            Ok(Err(error)) => return (body, End::Broken(words::io(&error))),
            Err(_) => return (body, End::Late),
        }
    }
}

/// The end of a wait; one without end lasts a day, so that no sum passes the end of time.
pub(super) fn deadline(begun: Instant, limit: Duration) -> Instant {
    begun + limit.min(Duration::from_secs(86_400))
}

/// Where the head ends: behind the first empty line that begins at `from` or later.
fn end_of_head(came: &[u8], from: usize) -> Option<usize> {
    let tail = came.get(from..)?;
    let at = |found: usize, length: usize| Some(from.saturating_add(found).saturating_add(length));
    for (found, _) in tail.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
        match tail.get(found.saturating_add(1)..)? {
            [b'\n', ..] => return at(found, 2),
            [b'\r', b'\n', ..] => return at(found, 3),
            _ => {}
        }
    }
    None
}

fn begins_as_http(came: &[u8]) -> bool {
    came.iter().zip(b"HTTP/1.").all(|(came, expected)| came == expected)
}

/// The status, once its line is whole.
fn status_of(came: &[u8]) -> Option<u16> {
    let line = came.split_inclusive(|byte| *byte == b'\n').next().filter(|line| line.ends_with(b"\n"))?;
    // Followed by the empty line, it is a head without headers.
    let head = [line, b"\r\n"].concat();
    let mut answer = httparse::Response::new(&mut []);
    answer.parse(&head).ok()?;
    answer.code
}

fn not_http(came: &[u8]) -> String {
    match came {
        [0x15 | 0x16, 3, ..] => "not HTTP: it speaks TLS".to_owned(),
        _ => format!("not HTTP: {}", words::quoted(came.split(|byte| *byte == b'\n').next().unwrap_or_default())),
    }
}

/// Reads a whole head; headers that are none are passed over, since the status is what counts.
fn parse(head: &[u8]) -> Option<Head> {
    let lines = head.iter().filter(|byte| **byte == b'\n').count();
    let mut headers = vec![httparse::EMPTY_HEADER; lines];
    let mut answer = httparse::Response::new(&mut headers);
    let mut lenient = httparse::ParserConfig::default();
    lenient
        .ignore_invalid_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .allow_obsolete_multiline_headers_in_responses(true);
    let parsed = lenient.parse_response(&mut answer, head).ok()?;
    let status = answer.code.filter(|_| parsed.is_complete())?;
    let value = |name: &str| {
        let header = answer.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(header.value).ok().map(|value| value.trim().to_ascii_lowercase())
    };
    let chunked = value("transfer-encoding").is_some_and(|codings| codings.ends_with("chunked"));
    let framing = match value("content-length").and_then(|length| length.parse().ok()) {
        _ if matches!(status, 204 | 304) => Framing::Length(0),
        _ if chunked => Framing::Chunked(Chunks::default()),
        Some(length) => Framing::Length(length),
        None => Framing::UntilClose,
    };
    let packing = match value("content-encoding").as_deref() {
        Some("gzip" | "x-gzip") => Packing::Gzip,
        Some("deflate") => Packing::Deflate,
        _ => Packing::None,
    };
    Some(Head { status, framing, packing, rest: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(host: Option<&str>, port: u16, path: &str, https: bool) -> Target {
        let protocol = if https { Protocol::Https { sni: true, verify: false } } else { Protocol::Http };
        Target { protocol, address: None, host: host.map(str::to_owned), port, path: path.to_owned(), search: None }
    }

    #[test]
    fn host_is_what_route_53_sends() {
        let v4 = "192.0.2.1".parse().expect("an address");
        let v6 = "2001:db8::1".parse().expect("an address");
        let cases = [
            (Some("www.example.com"), 80, false, v4, "www.example.com"),
            (Some("www.example.com."), 443, true, v4, "www.example.com"),
            (Some("www.example.com"), 443, false, v4, "www.example.com:443"),
            (Some("www.example.com"), 80, true, v4, "www.example.com:80"),
            (None, 80, false, v4, "192.0.2.1"),
            (None, 8080, false, v4, "192.0.2.1:8080"),
            (None, 80, false, v6, "[2001:db8::1]"),
            (None, 8080, false, v6, "[2001:db8::1]:8080"),
        ];
        for (name, port, https, address, expected) in cases {
            assert_eq!(host(&target(name, port, "/", https), address), expected);
        }
    }

    #[test]
    fn no_path_and_no_name_can_end_a_line() {
        let sent =
            request(&target(Some("a\r\nX: 1"), 80, "a b\r\nX: 2 \u{e9}?q=%20", false), IpAddr::from([192, 0, 2, 1]));
        assert!(sent.starts_with("GET /a%20b%0D%0AX:%202%20%C3%A9?q=%20 HTTP/1.1\r\nHost: aX:1\r\n"), "{sent}");
        assert_eq!(sent.matches("\r\n\r\n").count(), 1);
    }

    #[test]
    fn heads_end_at_an_empty_line() {
        assert_eq!(end_of_head(b"HTTP/1.1 200 OK\r\n\r\nrest", 0), Some(19));
        assert_eq!(end_of_head(b"HTTP/1.1 200 OK\n\nrest", 0), Some(17));
        assert_eq!(end_of_head(b"HTTP/1.1 200 OK\r\nA: b\r\n", 0), None);
        assert_eq!(end_of_head(b"", 0), None);
        let whole = b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n";
        // Wherever the last byte of what was looked at was, the end is found from two before it.
        for seen in 0..whole.len() {
            assert_eq!(end_of_head(whole, seen.saturating_sub(2)), Some(whole.len()), "{seen}");
        }
    }

    #[test]
    fn heads_are_read_leniently() {
        let head = parse(b"HTTP/1.0 503\nbad header\nContent-Encoding : GZIP\nContent-Length: 12\n\n").expect("a head");
        assert_eq!((head.status, head.framing, head.packing), (503, Framing::Length(12), Packing::Gzip));
        let head =
            parse(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n").expect("a head");
        assert_eq!(head.framing, Framing::Chunked(Chunks::default()));
        let head = parse(b"HTTP/1.1 204 No Content\r\n\r\n").expect("a head");
        assert_eq!(head.framing, Framing::Length(0));
        let head = parse(b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n").expect("a head");
        assert_eq!(head.framing, Framing::UntilClose);
        assert!(parse(b"HTTP/1.1 abc OK\r\n\r\n").is_none());
        assert_eq!(status_of(b"HTTP/1.1 404 Not Found\r\nA:"), Some(404));
        assert_eq!(status_of(b"HTTP/1.1 404 Not"), None);
    }
}
