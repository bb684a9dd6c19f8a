//! A thousand endpoints that are down at once, each in one of four ways; and nothing of them is left behind. Alone in its
//! process, since it counts the process's file descriptors.
#![expect(clippy::expect_used, reason = "helpers of tests, which end when there is nothing to test with")]

#[expect(dead_code, reason = "shared with the tests that need the rest of it")]
mod support;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pointsman_watch::probe::{Outcome, Prober, Protocol, Target, Timeouts};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinHandle;

use crate::support::{http, serve};

#[tokio::test]
async fn a_thousand_endpoints_are_down_at_once() {
    let prober = Arc::new(Prober::with_name_servers(&[]).expect("a prober"));
    // The first round opens what the runtime keeps.
    all_refuse(&prober).await;
    let (before, begun) = (descriptors(), Instant::now());
    for _ in 0..5 {
        all_refuse(&prober).await;
    }
    let (after, took) = (descriptors(), begun.elapsed());
    println!("5 rounds of 1,000 refused connections in {took:?}; {before} descriptors before, {after} after");
    // A machine with other work needs seconds for it; a time-out that is waited for, ten for each.
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert_eq!(after, before);

    let [hanging, closing, talking] = [Fault::Hangs, Fault::Closes, Fault::Talks].map(start);
    let servers = [hanging.await, closing.await, talking.await];
    let before = descriptors();
    let begun = Instant::now();
    let timeouts = Timeouts { response: Duration::from_millis(200), ..Timeouts::default() };
    let tries: Vec<_> = (0..300).map(|number| spawn(&prober, http(servers[number % 3]), timeouts)).collect();
    for one in tries {
        assert!(!one.await.expect("no panic").is_success());
    }
    let took = begun.elapsed();
    // The servers' own ends close as soon as they notice.
    while descriptors() > before && begun.elapsed() < Duration::from_secs(20) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    println!("300 that hang, close and babble in {took:?}; {before} descriptors before, {} after", descriptors());
    // One after the other, those that hang would take 20 s.
    assert!(took < Duration::from_secs(15), "{took:?}");
    assert_eq!(descriptors(), before);
}

/// A thousand addresses of loopback; nobody listens on the reserved port.
async fn all_refuse(prober: &Arc<Prober>) {
    let https = Protocol::Https { sni: true, verify: false };
    let tries: Vec<_> = (0..1000_u32)
        .map(|number| {
            let [_, _, third, fourth] = number.to_be_bytes();
            let address = IpAddr::V4(Ipv4Addr::new(127, 1, third, fourth));
            let protocol = [Protocol::Tcp, Protocol::Http, https][number as usize % 3];
            spawn(prober, Target { protocol, ..http(SocketAddr::new(address, 1)) }, Timeouts::default())
        })
        .collect();
    for one in tries {
        let outcome = one.await.expect("no panic");
        assert_eq!((outcome.is_success(), outcome.reason.as_str()), (false, "connection refused"));
    }
}

fn spawn(prober: &Arc<Prober>, target: Target, timeouts: Timeouts) -> JoinHandle<Outcome> {
    let prober = Arc::clone(prober);
    tokio::spawn(async move { prober.probe(&target, &timeouts).await })
}

#[derive(Clone, Copy)]
enum Fault {
    Hangs,
    Closes,
    Talks,
}

async fn start(fault: Fault) -> SocketAddr {
    serve(move |mut stream| async move {
        match fault {
            Fault::Closes => return Ok(()),
            Fault::Hangs => {}
            Fault::Talks => stream.write_all(b"babble\n").await?,
        }
        // Until the other side is gone.
        while stream.read(&mut [0; 256]).await? > 0 {}
        Ok(())
    })
    .await
}

fn descriptors() -> usize {
    std::fs::read_dir("/proc/self/fd").expect("Linux").count()
}
