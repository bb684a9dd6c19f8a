//! Endpoints that answer anything at all: a result each time, in bounded time and words.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pointsman_watch::probe::Prober;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::{answer, https, matching, serve, short};

/// Enough randomness for tests, the same each time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// Random bytes, or an answer with some bytes changed, left out or put in.
    fn answer(&mut self) -> Vec<u8> {
        let chunked =
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nall is o\r\n1;x=y\r\nk\r\n0\r\n\r\n".to_vec();
        let packed = [
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 22\r\n\r\n".as_slice(),
            // `ok`, by gzip.
            b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\xcf\x06\x00\x47\xdd\xdc\x79\x02\x00\x00\x00",
        ]
        .concat();
        let deep = answer("200 OK", r#"{"status": "ok", "checks": {"database": {"status": "ok"}}}"#);
        let mut bytes = match self.below(5) {
            0 => return (0..self.below(3000)).map(|_| self.next() as u8).collect(),
            1 => chunked,
            2 => packed,
            3 => deep,
            _ => b"HTTP/1.0 302 Found\r\nLocation: http://127.0.0.1:1/\r\nSet-Cookie: a=b\r\n\r\nok".to_vec(),
        };
        for _ in 0..self.below(6) {
            let at = self.below(bytes.len());
            match self.below(3) {
                0 => bytes[at] = self.next() as u8,
                1 => bytes.truncate(at.max(1)),
                _ => bytes.insert(at, self.next() as u8),
            }
        }
        bytes
    }
}

#[tokio::test]
async fn whatever_is_answered_there_is_a_result_in_words() {
    let dice = Arc::new(std::sync::Mutex::new(Dice(0x0BAD_A115_EED5)));
    let address = serve(move |mut stream| {
        let bytes = dice.lock().expect("not poisoned").answer();
        async move {
            let _ = stream.read(&mut [0; 4096]).await?;
            stream.write_all(&bytes).await?;
            stream.shutdown().await?;
            stream.read(&mut [0; 64]).await.map(drop)
        }
    })
    .await;
    let prober = Prober::with_name_servers(&[]).expect("a prober");
    let begun = Instant::now();
    let (mut successes, mut failures) = (0, 0);
    for round in 0..600 {
        let target =
            if round % 6 == 0 { https(address, Some("a.example.com"), true, false) } else { matching(address, "ok") };
        let outcome = prober.probe(&target, &short()).await;
        let reason = &outcome.reason;
        assert!(!reason.is_empty() && reason.chars().count() <= 200, "{reason:?}");
        assert!(!reason.contains(char::is_control), "{reason:?}");
        assert!(outcome.parts.iter().all(|(name, status)| name.len() + status.len() < 1000), "{outcome:?}");
        if outcome.is_success() { successes += 1 } else { failures += 1 }
    }
    println!("600 answers: {successes} successes, {failures} failures in {:?}", begun.elapsed());
    // Some answers were left as they are, so that both ways are seen.
    assert!(successes > 20 && failures > 100, "{successes} {failures}");
    assert!(begun.elapsed() < Duration::from_secs(120));
}
