//! The prober's readers: status and headers, chunks, gzip and deflate, deep health documents.
//!
//! The first byte says in which pieces the answer comes, and how it is judged; the rest is what the endpoint sends.

use std::cell::RefCell;
use std::io::{self, Write as _};
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyhow::Result;
use flate2::write::{GzEncoder, ZlibEncoder};
use pointsman_watch::probe::{Protocol, Target as Goal, Timeouts, Verdict, judge};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::runtime::{Builder, Runtime};

use super::target::Target;

pub(super) const TARGET: Target =
    Target { name: "probe", reads: "what an endpoint answers: HTTP, chunks, gzip, deep documents", run, seeds };

/// An endpoint that sends these bytes, so many at once, and hangs up.
struct Endpoint<'b> {
    rest: &'b [u8],
    piece: usize,
}

impl AsyncRead for Endpoint<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let length = self.rest.len().min(self.piece).min(buffer.remaining());
        let (piece, rest) = self.rest.split_at(length);
        buffer.put_slice(piece);
        self.rest = rest;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Endpoint<'_> {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

thread_local! {
    static RUNTIME: RefCell<Option<Runtime>> = RefCell::new(Builder::new_current_thread().enable_time().build().ok());
}

fn run(bytes: &[u8]) {
    let Some((how, rest)) = bytes.split_first() else { return };
    let piece = [1, 2, 7, 64, 1000, 2048, 4096, 65_536].get(usize::from(how & 7)).copied().unwrap_or(1);
    let search = (how & 8 != 0).then(|| if how & 16 != 0 { "ok" } else { "a string of more letters" }.to_owned());
    let target = Goal {
        protocol: Protocol::Http,
        address: Some(Ipv4Addr::LOCALHOST.into()),
        host: None,
        port: 80,
        path: "/".into(),
        search,
    };
    let (mut stream, timeouts) = (Endpoint { rest, piece }, Timeouts::default());
    let judged = judge(&mut stream, &target, Ipv4Addr::LOCALHOST.into(), &timeouts);
    RUNTIME.with_borrow(|runtime| {
        let Some(runtime) = runtime else { return };
        let outcome = runtime.block_on(judged);
        assert!(outcome.verdict != Verdict::NotTried, "an answer is no trouble of ours: {}", outcome.reason);
        assert!(outcome.reason.len() < 1000 && !outcome.reason.contains('\n'), "{}", outcome.reason);
        assert!(outcome.parts.len() <= 64);
    });
}

fn seeds() -> Result<Vec<Vec<u8>>> {
    let deep = r#"{"status": "ok", "checks": {"database": {"status": "ok"}, "queue": "unreachable", "n": [1, null]}}"#;
    let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(deep.as_bytes())?;
    let gzip = gzip.finish()?;
    let mut zlib = ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    zlib.write_all(&deep.as_bytes().repeat(100))?;
    let zlib = zlib.finish()?;
    let chunked = format!("{:x};a=b\r\n{deep}\r\n0\r\nX: y\r\n\r\n", deep.len());
    let heads: [(&str, &[u8]); 8] = [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"ok"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 302 Found\r\n\r\n", b""),
        ("HTTP/1.0 503\nbad header\nContent-Encoding : GZIP\n\n", &gzip),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", chunked.as_bytes()),
        ("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", &gzip),
        ("HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n\r\n", &zlib),
        ("HTTP/1.1 408 Request Timeout\r\n\r\n", b""),
        ("HTTP/1.1 200\r\nA: b\r\n c\r\n\r\n", deep.as_bytes()),
    ];
    let seeds = heads.into_iter().enumerate();
    Ok(seeds.map(|(number, (head, body))| [&[number as u8 | 24], head.as_bytes(), body].concat()).collect())
}
