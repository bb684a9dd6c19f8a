//! What is searched, and what a deep health document says.

use std::io::Write;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use pointsman_watch::probe::Timeouts;
use tokio::io::AsyncWriteExt;

use crate::support::{answer, answering, assert_outcome, http, matching, probe, probe_within, request, serve, short};

const NOT_FOUND: &str = "HTTP 200 in N ms, but `ok` is not in the first 5,120 bytes";
const FOUND: &str = "HTTP 200 in N ms, `ok` found";

/// Tries a server that answers so for `ok`.
async fn search(answer: Vec<u8>) -> pointsman_watch::probe::Outcome {
    let (address, _) = answering(answer).await;
    probe(&matching(address, "ok")).await
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).expect("into memory");
    encoder.finish().expect("into memory")
}

#[tokio::test]
async fn the_string_is_searched_as_it_is_written() {
    assert_outcome(&search(answer("200 OK", "all is ok.")).await, true, FOUND);
    assert_outcome(&search(answer("200 OK", "all is OK.")).await, false, NOT_FOUND);
    assert_outcome(&search(answer("200 OK", "")).await, false, NOT_FOUND);
    // Not in the headers; and a bad status stays bad.
    assert_outcome(&search(answer("200 ok\r\nX: ok", "all is well")).await, false, NOT_FOUND);
    assert_outcome(&search(answer("503 No", "ok")).await, false, "HTTP 503 in N ms");
    assert_outcome(&search(answer("302 Found", "ok")).await, true, "HTTP 302 in N ms, `ok` found");
}

#[tokio::test]
async fn the_string_is_wholly_in_the_first_5120_bytes() {
    let body = |before: usize| [vec![b'x'; before], b"ok and so on".to_vec()].concat();
    assert_outcome(&search(answer("200 OK", body(5118))).await, true, FOUND);
    assert_outcome(&search(answer("200 OK", body(5119))).await, false, NOT_FOUND);
    assert_outcome(&search(answer("200 OK", body(5120))).await, false, NOT_FOUND);
    let packed = |before| answer("200 OK\r\nContent-Encoding: gzip", gzip(&body(before)));
    assert_outcome(&search(packed(5118)).await, true, FOUND);
    assert_outcome(&search(packed(5119)).await, false, NOT_FOUND);
}

#[tokio::test]
async fn packing_is_undone() {
    let text = "padding ".repeat(30) + "ok";
    assert_outcome(&search(answer("200 OK\r\nContent-Encoding: gzip", gzip(text.as_bytes()))).await, true, FOUND);
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(text.as_bytes()).expect("into memory");
    let zlib = zlib.finish().expect("into memory");
    assert_outcome(&search(answer("200 OK\r\nContent-Encoding: deflate", zlib)).await, true, FOUND);
    let mut raw = DeflateEncoder::new(Vec::new(), Compression::best());
    raw.write_all(text.as_bytes()).expect("into memory");
    let raw = raw.finish().expect("into memory");
    assert_outcome(&search(answer("200 OK\r\nContent-Encoding: deflate", raw)).await, true, FOUND);

    let broken = search(answer("200 OK\r\nContent-Encoding: gzip", "ok, but not packed")).await;
    assert_outcome(&broken, false, "HTTP 200 in N ms, but its gzip body is broken");
}

#[tokio::test]
async fn a_bomb_does_no_harm() {
    // 200 MB in 200 kB.
    let bomb = gzip(&vec![b'x'; 200_000_000]);
    let begun = Instant::now();
    assert_outcome(&search(answer("200 OK\r\nContent-Encoding: gzip", bomb)).await, false, NOT_FOUND);
    assert!(begun.elapsed() < Duration::from_secs(1), "took {:?}", begun.elapsed());
}

#[tokio::test]
async fn chunks_are_put_together() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let whole = format!("{head}5\r\nall o\r\n1;x=y\r\nk\r\n0\r\n\r\n");
    assert_outcome(&search(whole.into_bytes()).await, true, FOUND);
    // The size between the letters is no part of the body; what follows its end is none either.
    let end = format!("{head}1\r\no\r\n0\r\n\r\nok");
    assert_outcome(&search(end.into_bytes()).await, false, NOT_FOUND);
    let broken = format!("{head}many\r\nok");
    assert_outcome(&search(broken.into_bytes()).await, false, "HTTP 200 in N ms, but its chunks are broken");
    let mut packed = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for piece in gzip(b"it is ok").chunks(3) {
        packed.extend_from_slice(format!("{}\r\n", piece.len()).as_bytes());
        packed.extend_from_slice(piece);
        packed.extend_from_slice(b"\r\n");
    }
    packed.extend_from_slice(b"0\r\n\r\n");
    assert_outcome(&search(packed).await, true, FOUND);
}

#[tokio::test]
async fn a_body_may_end_with_the_connection() {
    assert_outcome(&search(b"HTTP/1.0 200 OK\r\n\r\nok".to_vec()).await, true, FOUND);
    assert_outcome(&search(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nok".to_vec()).await, false, NOT_FOUND);
}

#[tokio::test]
async fn it_trickles_its_body() {
    let address = serve(async |mut stream| {
        request(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        loop {
            stream.write_all(b"o").await?;
            tokio::time::sleep(Duration::from_millis(1000)).await;
        }
    })
    .await;
    let begun = Instant::now();
    let timeouts = Timeouts { body: Duration::from_millis(1500), ..Timeouts::default() };
    let outcome = probe_within(&matching(address, "ok"), &timeouts).await;
    assert_outcome(&outcome, false, "HTTP 200 in N ms, but no `ok` within 1.5 s");
    assert!(begun.elapsed() >= timeouts.body && begun.elapsed() < Duration::from_secs(6), "{:?}", begun.elapsed());
    // Who searches nothing does not wait for it.
    let begun = Instant::now();
    assert_outcome(&probe(&http(address)).await, true, "HTTP 200 in N ms");
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn what_is_found_need_not_end() {
    let address = serve(async |mut stream| {
        request(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nok so far").await?;
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok(())
    })
    .await;
    let begun = Instant::now();
    assert_outcome(&probe(&matching(address, "ok")).await, true, FOUND);
    assert!(begun.elapsed() < Duration::from_millis(1900), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn parts_are_read_whatever_the_status() {
    let document = r#"{"status": "unhealthy", "checks": {"database": "ok", "queue": {"status": "unreachable"}}}"#;
    let parts = [("database", "ok"), ("queue", "unreachable")].map(|(name, status)| (name.into(), status.into()));
    for status in ["200 OK", "503 No"] {
        let (address, _) = answering(answer(status, document)).await;
        let outcome = probe(&http(address)).await;
        assert_eq!((outcome.is_success(), &outcome.parts[..]), (status == "200 OK", &parts[..]));
    }
    // The string is found before the document ends, which is read all the same.
    let (address, _) = answering(answer("200 OK\r\nContent-Encoding: gzip", gzip(document.as_bytes()))).await;
    let outcome = probe(&matching(address, "status")).await;
    assert_eq!((outcome.is_success(), &outcome.parts[..]), (true, &parts[..]));
}

#[tokio::test]
async fn odd_documents_change_nothing() {
    let large = format!(r#"{{"checks": {{"a": "{}"}}}}"#, "x".repeat(6000));
    for body in ["{", "{]", "[1]", "{\"checks\": 7}", &large] {
        let (address, _) = answering(answer("200 OK", body)).await;
        let outcome = probe(&http(address)).await;
        assert_outcome(&outcome, true, "HTTP 200 in N ms");
        assert!(outcome.parts.is_empty());
    }
    // Slow ones: the status counts, the document is given up.
    let address = serve(async |mut stream| {
        request(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n{\"checks\": {").await?;
        tokio::time::sleep(Duration::from_secs(60)).await;
        Ok(())
    })
    .await;
    let outcome = probe_within(&http(address), &short()).await;
    assert_outcome(&outcome, true, "HTTP 200 in N ms");
    assert!(outcome.took < Duration::from_millis(300), "the document is no part of the time: {:?}", outcome.took);
}
