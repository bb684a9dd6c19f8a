//! A thousand endpoints that are down at once. Alone in its process, since it counts the process's file descriptors.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pointsman_watch::probe::{Prober, Protocol, Target, Timeouts};

#[tokio::test]
async fn a_thousand_endpoints_are_down_at_once() {
    let descriptors = || std::fs::read_dir("/proc/self/fd").expect("Linux").count();
    let prober = Arc::new(Prober::with_name_servers(&[]).expect("a prober"));
    let round = async |timeouts: Timeouts| {
        let tries: Vec<_> = (0..1000_u32)
            .map(|number| {
                let [_, _, third, fourth] = number.to_be_bytes();
                let target = Target {
                    // A thousand addresses of loopback; nobody listens on the reserved port.
                    address: Some(IpAddr::V4(Ipv4Addr::new(127, 1, third, fourth))),
                    protocol: [Protocol::Tcp, Protocol::Http, Protocol::Https { sni: true, verify: false }]
                        [number as usize % 3],
                    host: Some("www.example.com".to_owned()),
                    port: 1,
                    path: "/".to_owned(),
                    search: None,
                };
                let prober = Arc::clone(&prober);
                tokio::spawn(async move { prober.probe(&target, &timeouts).await })
            })
            .collect();
        for one in tries {
            let outcome = one.await.expect("no panic");
            assert_eq!((outcome.success, outcome.reason.as_str()), (false, "connection refused"));
        }
    };
    // The first one opens what the runtime keeps.
    round(Timeouts::default()).await;
    let (before, begun) = (descriptors(), Instant::now());
    for _ in 0..5 {
        round(Timeouts::default()).await;
    }
    let (after, took) = (descriptors(), begun.elapsed());
    println!("5 rounds of 1,000 refused connections in {took:?}; {before} descriptors before, {after} after");
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(after, before);
}
