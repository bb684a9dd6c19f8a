//! Endpoints by name.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use pointsman_watch::probe::{Prober, Protocol, Target, Timeouts};

use crate::support::dns::{NameServer, Says};
use crate::support::{answer, answering, assert_not_tried, assert_outcome, named, probe, request, serve_on, short};

const NAME: &str = "www.example.com";

async fn prober(says: Says) -> (NameServer, Prober) {
    let server = NameServer::start(says).await;
    let prober = Prober::with_name_servers(&[server.address]).expect("a prober");
    (server, prober)
}

#[tokio::test]
async fn it_changes_its_address() {
    let (first, requests) = answering(answer("200 OK", "first")).await;
    let second = Ipv4Addr::new(127, 0, 0, 2);
    serve_on(second, first.port(), async |mut stream| {
        request(&mut stream).await?;
        tokio::io::AsyncWriteExt::write_all(&mut stream, &answer("503 No", "second")).await
    })
    .await;
    let (dns, prober) = prober(Says::Address(Ipv4Addr::LOCALHOST, 0)).await;
    let target = named(NAME, first.port());
    assert_outcome(&prober.probe(&target, &Timeouts::default()).await, true, "HTTP 200 in N ms");
    dns.say(Says::Address(second, 0));
    assert_outcome(&prober.probe(&target, &Timeouts::default()).await, false, "HTTP 503 in N ms");
    // The name that was resolved is the name that is sent.
    let sent = requests.lock().expect("not poisoned")[0].clone();
    assert!(sent.contains(&format!("\r\nHost: {NAME}:{}\r\n", first.port())), "{sent}");
}

#[tokio::test]
async fn an_address_is_remembered_for_its_ttl() {
    let (address, _) = answering(answer("200 OK", "")).await;
    let (dns, prober) = prober(Says::Address(Ipv4Addr::LOCALHOST, 1)).await;
    let target = named(NAME, address.port());
    for _ in 0..3 {
        assert!(prober.probe(&target, &Timeouts::default()).await.is_success());
    }
    let asked = dns.asked();
    tokio::time::sleep(Duration::from_millis(1100)).await;
    dns.say(Says::NoName);
    let outcome = prober.probe(&target, &Timeouts::default()).await;
    assert_outcome(&outcome, false, "no such name: `www.example.com`");
    assert!(asked < 3 && dns.asked() > asked, "asked {asked} times, then {}", dns.asked());
}

#[tokio::test]
async fn names_fail_in_words() {
    for (says, reason) in [
        (Says::Failure, "name server answered SERVFAIL"),
        (Says::NoName, "no such name: `www.example.com`"),
        (Says::NoRecord, "no A record for `www.example.com`"),
    ] {
        let (dns, prober) = prober(says).await;
        for protocol in [Protocol::Http, Protocol::Tcp] {
            let target = Target { protocol, ..named(NAME, 80) };
            assert_outcome(&prober.probe(&target, &Timeouts::default()).await, false, reason);
        }
        assert!(dns.asked() > 0);
    }
}

#[tokio::test]
async fn a_failure_is_not_remembered() {
    let (address, _) = answering(answer("200 OK", "")).await;
    let (dns, prober) = prober(Says::Failure).await;
    let target = named(NAME, address.port());
    assert!(!prober.probe(&target, &Timeouts::default()).await.is_success());
    dns.say(Says::Address(Ipv4Addr::LOCALHOST, 60));
    assert_outcome(&prober.probe(&target, &Timeouts::default()).await, true, "HTTP 200 in N ms");
}

#[tokio::test]
async fn the_name_server_does_not_answer() {
    let (_dns, prober) = prober(Says::Nothing).await;
    let begun = Instant::now();
    let timeouts = Timeouts { connect_http: Duration::from_millis(300), ..short() };
    let outcome = prober.probe(&named(NAME, 80), &timeouts).await;
    assert_not_tried(&outcome, "name server did not answer in 300 ms");
    assert!(begun.elapsed() >= timeouts.connect_http && begun.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_lost_packet_costs_one_try_and_not_the_check() {
    let (address, _) = answering(answer("200 OK", "")).await;
    let (dns, prober) = prober(Says::Nothing).await;
    let (target, timeouts) = (named(NAME, address.port()), Timeouts::default());
    let mend = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        dns.say(Says::Address(Ipv4Addr::LOCALHOST, 0));
    };
    let (outcome, ()) = tokio::join!(prober.probe(&target, &timeouts), mend);
    assert!(outcome.is_success(), "{outcome:?}");
    assert!(dns.asked() >= 2);
}

#[tokio::test]
async fn there_is_no_name_server() {
    assert_not_tried(&probe(&named(NAME, 80)).await, "no name server is configured");
    // A name that is an address needs none.
    let (address, _) = answering(answer("200 OK", "")).await;
    assert_outcome(&probe(&named("127.0.0.1", address.port())).await, true, "HTTP 200 in N ms");
}

#[tokio::test]
async fn odd_names_fail_in_words() {
    let (dns, prober) = prober(Says::NoName).await;
    let outcome = prober.probe(&named("_my_host.example.com.", 80), &Timeouts::default()).await;
    assert_outcome(&outcome, false, "no such name: `_my_host.example.com.`");
    assert!(dns.asked() > 0);
    for name in ["", ".", "a..b", "a b\u{7}", &"x".repeat(300), "\u{e9}\u{202e}.example"] {
        let outcome = prober.probe(&named(name, 80), &Timeouts::default()).await;
        assert!(!outcome.is_success() && !outcome.reason.is_empty());
        assert!(outcome.reason.chars().count() <= 200 && !outcome.reason.contains(char::is_control), "{outcome:?}");
    }
}
