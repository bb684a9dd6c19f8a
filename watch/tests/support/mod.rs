//! Local servers that behave badly, on loopback, each for one test.
#![expect(clippy::expect_used, reason = "part of tests, where a server that does not start ends the test")]

pub(crate) mod dns;
pub(crate) mod tls;

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pointsman_watch::probe::{Outcome, Prober, Protocol, Target, Timeouts, Verdict};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// A server whose every connection is handled by `handle`, until the test ends.
pub(crate) async fn serve<F>(handle: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    serve_on(Ipv4Addr::LOCALHOST, 0, handle).await
}

/// The same on an address and port of one's own.
pub(crate) async fn serve_on<F>(
    address: Ipv4Addr,
    port: u16,
    handle: impl Fn(TcpStream) -> F + Send + 'static,
) -> SocketAddr
where
    F: Future<Output = io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind((address, port)).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // What becomes of one connection is the test's business, by what it sees of it.
            tokio::spawn(handle(stream));
        }
    });
    address
}

/// Reads a request to its empty line.
pub(crate) async fn request(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&request).into_owned())
}

/// A server that answers each request with these bytes and closes; and the requests that it got.
pub(crate) async fn answering(answer: impl Into<Vec<u8>>) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let (answer, requests) = (Arc::new(answer.into()), Arc::new(Mutex::new(Vec::new())));
    let seen = Arc::clone(&requests);
    let address = serve(move |mut stream| {
        let (answer, seen) = (Arc::clone(&answer), Arc::clone(&seen));
        async move {
            let request = request(&mut stream).await?;
            seen.lock().expect("not poisoned").push(request);
            stream.write_all(&answer).await?;
            stream.shutdown().await?;
            // Closed for good once the other side is, so that nothing of the answer is reset away.
            stream.read(&mut [0; 64]).await.map(drop)
        }
    })
    .await;
    (address, requests)
}

/// A port on which nobody listens: a reserved one, which no test is given by chance.
pub(crate) fn nobody() -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, 1))
}

/// An HTTP answer with a body of known length.
pub(crate) fn answer(head: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let mut answer = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// `GET /health` by plain HTTP.
pub(crate) fn http(address: SocketAddr) -> Target {
    Target {
        protocol: Protocol::Http,
        address: Some(address.ip()),
        host: None,
        port: address.port(),
        path: "/health".to_owned(),
        search: None,
    }
}

/// The same, and `string` has to be in the body.
pub(crate) fn matching(address: SocketAddr, string: &str) -> Target {
    Target { search: Some(string.to_owned()), ..http(address) }
}

/// The same by HTTPS.
pub(crate) fn https(address: SocketAddr, host: Option<&str>, sni: bool, verify: bool) -> Target {
    Target { protocol: Protocol::Https { sni, verify }, host: host.map(str::to_owned), ..http(address) }
}

/// A connection and no more.
pub(crate) fn tcp(address: SocketAddr) -> Target {
    Target { protocol: Protocol::Tcp, ..http(address) }
}

/// By name instead of address.
pub(crate) fn named(name: &str, port: u16) -> Target {
    let nowhere = SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), port);
    Target { address: None, host: Some(name.to_owned()), ..http(nowhere) }
}

/// Time-outs for tests that wait for one to pass; long enough for a busy machine to do all else in.
pub(crate) fn short() -> Timeouts {
    let [long, short] = [1000, 300].map(Duration::from_millis);
    Timeouts { connect_tcp: long, connect_http: long, response: short, body: short }
}

/// One try with a prober of its own, and time-outs that are those of Route 53.
pub(crate) async fn probe(target: &Target) -> Outcome {
    probe_within(target, &Timeouts::default()).await
}

/// One try with a prober of its own.
pub(crate) async fn probe_within(target: &Target, timeouts: &Timeouts) -> Outcome {
    let outcome = Prober::with_name_servers(&[]).expect("a prober").probe(target, timeouts).await;
    assert!(outcome.reason.chars().count() <= 200, "{}", outcome.reason);
    assert!(!outcome.reason.contains(char::is_control), "{:?}", outcome.reason);
    outcome
}

/// A reason without its figures: `HTTP 200 in N ms`.
pub(crate) fn without_time(reason: &str) -> String {
    let words: Vec<&str> = reason.split(' ').collect();
    let mut plain: Vec<&str> = Vec::with_capacity(words.len());
    for (at, word) in words.iter().enumerate() {
        // Only near the beginning: a limit that was passed is part of the reason.
        let timed = (1..4).contains(&at)
            && words[at - 1] == "in"
            && words.get(at + 1).is_some_and(|unit| unit.starts_with("ms"));
        plain.push(if timed && word.parse::<u64>().is_ok() { "N" } else { word });
    }
    plain.join(" ")
}

/// Asserts that nothing was found out of the endpoint, and why not.
#[track_caller]
pub(crate) fn assert_not_tried(outcome: &Outcome, reason: &str) {
    assert_eq!((outcome.verdict, without_time(&outcome.reason).as_str()), (Verdict::NotTried, reason), "{outcome:?}");
}

/// Asserts success or failure and the reason, figures aside.
#[track_caller]
pub(crate) fn assert_outcome(outcome: &Outcome, success: bool, reason: &str) {
    let verdict = if success { Verdict::Success } else { Verdict::Failure };
    assert_eq!((outcome.verdict, without_time(&outcome.reason).as_str()), (verdict, reason), "{outcome:?}");
}
