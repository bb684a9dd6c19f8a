//! Connections, statuses and headers.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use pointsman_watch::probe::{Protocol, Target, Timeouts};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};

use crate::support::{
    answer, answering, assert_outcome, http, matching, nobody, probe, probe_within, request, serve, short, tcp,
};

/// The bounds of a wait that must end by itself: not before its time, and not much after it on a busy machine.
#[track_caller]
fn assert_waited(begun: Instant, at_least: Duration) {
    let waited = begun.elapsed();
    assert!(waited >= at_least && waited < at_least + Duration::from_secs(5), "waited {waited:?}, not {at_least:?}");
}

#[tokio::test]
async fn a_connection_is_enough_for_tcp() {
    let (address, requests) = answering("").await;
    assert_outcome(&probe(&tcp(address)).await, true, "connected in N ms");
    assert!(requests.lock().expect("not poisoned").is_empty());
}

#[tokio::test]
async fn nobody_listens() {
    for target in [tcp(nobody()), http(nobody()), matching(nobody(), "ok")] {
        assert_outcome(&probe(&target).await, false, "connection refused");
    }
}

#[tokio::test]
async fn statuses_from_200_to_399_are_success() {
    for (status, success) in [(200, true), (204, true), (299, true), (302, true), (399, true)].into_iter().chain([
        (400, false),
        (404, false),
        (500, false),
        (503, false),
        (599, false),
    ]) {
        let (address, _) = answering(answer(&format!("{status} Word"), "")).await;
        assert_outcome(&probe(&http(address)).await, success, &format!("HTTP {status} in N ms"));
    }
}

#[tokio::test]
async fn the_request_is_one_that_route_53_would_send() {
    let (address, requests) = answering(answer("200 OK", "ok")).await;
    let target = Target { host: Some("www.example.com".to_owned()), path: "/a?b=c".to_owned(), ..http(address) };
    assert!(probe(&target).await.is_success());
    let requests = requests.lock().expect("not poisoned");
    let lines: Vec<&str> = requests[0].lines().collect();
    assert_eq!(lines[..2], ["GET /a?b=c HTTP/1.1", format!("Host: www.example.com:{}", address.port()).as_str()]);
    assert!(lines.contains(&"Connection: close") && lines.contains(&"Accept-Encoding: gzip, deflate"));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (elsewhere, followed) = answering(answer("500 No", "")).await;
    let (address, _) = answering(answer(&format!("302 Found\r\nLocation: http://{elsewhere}/"), "")).await;
    assert_outcome(&probe(&http(address)).await, true, "HTTP 302 in N ms");
    assert!(followed.lock().expect("not poisoned").is_empty());
}

#[tokio::test]
async fn interim_statuses_are_waited_out() {
    let both = [b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".to_vec(), answer("200 OK", "ok")].concat();
    let (address, _) = answering(both).await;
    assert_outcome(&probe(&matching(address, "ok")).await, true, "HTTP 200 in N ms, `ok` found");
    let (address, _) = answering("HTTP/1.1 101 Switching Protocols\r\n\r\n").await;
    assert_outcome(&probe(&http(address)).await, false, "HTTP 101 in N ms");
    let (address, _) = answering("HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)).await;
    assert_outcome(&probe(&http(address)).await, false, "headers longer than 16,384 bytes");
}

#[tokio::test]
async fn it_hangs_after_accept() {
    let address = serve(async |stream| {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
        Ok(())
    })
    .await;
    let begun = Instant::now();
    assert_outcome(&probe_within(&http(address), &short()).await, false, "no status within 300 ms");
    assert_waited(begun, Duration::from_millis(300));
    assert_outcome(&probe_within(&tcp(address), &short()).await, true, "connected in N ms");
}

#[tokio::test]
async fn it_does_not_even_accept() {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
    // Room for one connection that nobody accepts; the kernel drops what comes after it.
    let listener = socket.listen(0).expect("it listens");
    let address = listener.local_addr().expect("an address");
    let _first = TcpStream::connect(address).await.expect("the one there is room for");
    let timeouts =
        Timeouts { connect_tcp: Duration::from_millis(250), connect_http: Duration::from_millis(200), ..short() };
    let begun = Instant::now();
    assert_outcome(&probe_within(&http(address), &timeouts).await, false, "no connection within 200 ms");
    assert_waited(begun, Duration::from_millis(200));
    assert_outcome(&probe_within(&tcp(address), &timeouts).await, false, "no connection within 250 ms");
}

/// Sends `text` a byte at a time, for ever.
async fn trickle(mut stream: TcpStream, text: &'static [u8], pause: Duration) -> io::Result<()> {
    request(&mut stream).await?;
    for byte in text.iter().copied().chain(std::iter::repeat(b'x')) {
        stream.write_all(&[byte]).await?;
        stream.flush().await?;
        tokio::time::sleep(pause).await;
    }
    Ok(())
}

#[tokio::test]
async fn it_trickles_its_status() {
    let address = serve(|stream| trickle(stream, b"HTTP/1.1 200 OK\r\n", Duration::from_secs(1))).await;
    let begun = Instant::now();
    // A byte a second, against the real two seconds.
    let timeouts = Timeouts { response: Duration::from_secs(2), ..short() };
    assert_outcome(&probe_within(&http(address), &timeouts).await, false, "no status within 2 s");
    assert_waited(begun, Duration::from_secs(2));
}

#[tokio::test]
async fn it_trickles_its_headers() {
    let address = serve(async |mut stream| {
        request(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n").await?;
        loop {
            stream.write_all(b"a").await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    let begun = Instant::now();
    let outcome = probe_within(&http(address), &short()).await;
    assert_outcome(&outcome, false, "HTTP 200, but its headers did not end within 300 ms");
    assert_waited(begun, Duration::from_millis(300));
}

#[tokio::test]
async fn it_closes_at_once() {
    let address = serve(async |stream| {
        drop(stream);
        Ok(())
    })
    .await;
    let outcome = probe(&http(address)).await;
    // With the request unread, closing is a reset or not as the two race.
    assert!(
        !outcome.is_success()
            && ["closed before a status", "connection reset before a status"].contains(&&*outcome.reason),
        "{outcome:?}"
    );
    let (address, _) = answering("").await;
    assert_outcome(&probe(&http(address)).await, false, "closed before a status");
    let (address, _) = answering("HTTP/1.1 200 OK\r\nA: b\r\n").await;
    assert_outcome(&probe(&http(address)).await, false, "HTTP 200, but closed before its headers ended");
    let address = serve(async |mut stream| {
        request(&mut stream).await?;
        stream.set_zero_linger()
    })
    .await;
    assert_outcome(&probe(&http(address)).await, false, "connection reset before a status");
}

#[tokio::test]
async fn it_answers_garbage() {
    let cases: [(&[u8], &str); 5] = [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "not HTTP: `SSH-2.0-OpenSSH_9.6`"),
        (b"\x00\x1b[31m\xff\xfe`x`\r\n", "not HTTP: `\\u{0}\\u{1b}[31m??'x'`"),
        (b"\x15\x03\x01\x00\x02\x02\x16", "not HTTP: it speaks TLS"),
        (b"HTTP/1.1 abc\r\n\r\n", "not HTTP: `HTTP/1.1 abc`"),
        (b"HTTP/2 200\r\n\r\n", "not HTTP: `HTTP/2 200`"),
    ];
    for (garbage, reason) in cases {
        let (address, _) = answering(garbage).await;
        assert_outcome(&probe(&http(address)).await, false, reason);
    }
}

#[tokio::test]
async fn its_headers_have_no_end() {
    let head = |length: usize| {
        let mut head = b"HTTP/1.1 200 OK\r\nA: ".to_vec();
        head.resize(length - 4, b'x');
        head.extend_from_slice(b"\r\n\r\n");
        head
    };
    let (address, _) = answering(head(16_384)).await;
    assert_outcome(&probe(&http(address)).await, true, "HTTP 200 in N ms");
    let (address, _) = answering(head(16_385)).await;
    assert_outcome(&probe(&http(address)).await, false, "headers longer than 16,384 bytes");
}

#[tokio::test]
async fn it_sends_10_gb() {
    let cases: [(&str, &[&str]); 3] = [
        // In its headers, in a body that nobody wants, in one that is searched.
        ("HTTP/1.1 200 OK\r\nA: ", &["headers longer than 16,384 bytes"]),
        ("HTTP/1.1 200 OK\r\n\r\n<html>", &["HTTP 200 in N ms"]),
        ("HTTP/1.1 200 OK\r\n\r\n{", &["HTTP 200 in N ms, but `ok` is not in the first 5,120 bytes"]),
    ];
    for (head, reasons) in cases {
        let sent = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&sent);
        let address = serve(move |mut stream| {
            let counter = Arc::clone(&counter);
            async move {
                request(&mut stream).await?;
                stream.write_all(head.as_bytes()).await?;
                let block = vec![b'x'; 65_536];
                while counter.load(Ordering::SeqCst) < 10_000_000_000 {
                    let written = stream.write(&block).await?;
                    counter.fetch_add(written as u64, Ordering::SeqCst);
                }
                Ok(())
            }
        })
        .await;
        let target = if head.ends_with('{') { matching(address, "ok") } else { http(address) };
        let begun = Instant::now();
        let outcome = probe(&target).await;
        assert_outcome(&outcome, reasons[0].starts_with("HTTP 200 in N ms") && reasons[0].len() < 20, reasons[0]);
        assert!(begun.elapsed() < Duration::from_secs(2), "took {:?}", begun.elapsed());
        tokio::time::sleep(Duration::from_millis(50)).await;
        // What the kernel takes from the server before it hears of the end; none of it is read.
        let sent = sent.load(Ordering::SeqCst);
        println!("{} bytes of 10 GB were sent before the end in {:?}", sent, outcome.took);
        assert!(sent < 10_000_000, "{sent} bytes were sent");
    }
}

#[tokio::test]
async fn waits_without_end_are_no_sum_too_large() {
    let [connect_tcp, connect_http, response, body] = [Duration::MAX; 4];
    let for_ever = Timeouts { connect_tcp, connect_http, response, body };
    let (address, _) = answering(answer("200 OK", "ok")).await;
    assert!(probe_within(&matching(address, "ok"), &for_ever).await.is_success());
    assert!(probe_within(&tcp(address), &for_ever).await.is_success());
    assert_eq!(for_ever.scaled(1e9), for_ever);
}

#[tokio::test]
async fn other_targets_fail_in_words() {
    let target = Target { address: None, ..http(nobody()) };
    assert_outcome(&probe(&target).await, false, "neither an address nor a name to connect to");
    // Link-local without a scope: there is no way there.
    let target = Target { protocol: Protocol::Tcp, address: Some("fe80::1".parse().expect("an address")), ..target };
    assert!(!probe_within(&target, &short()).await.is_success());
}
