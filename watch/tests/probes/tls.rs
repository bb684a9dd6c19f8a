//! HTTPS.

use std::time::Duration;

use pointsman_watch::probe::{Outcome, Prober, Target, Timeouts};

use crate::support::tls::{Authority, self_signed, server};
use crate::support::{answer, answering, assert_outcome, http, https, matching, probe, probe_within, serve, short};

const NAME: &str = "www.example.com";

/// One try by a prober that trusts this authority.
async fn probe_trusting(authority: &Authority, target: &Target) -> Outcome {
    let prober = Prober::with_name_servers(&[]).and_then(|prober| prober.trusting([authority.certificate()]));
    prober.expect("a prober").probe(target, &Timeouts::default()).await
}

#[tokio::test]
async fn certificates_are_not_examined() {
    let (address, _) = server(self_signed("other.example.com")).await;
    assert_outcome(&probe(&https(address, Some(NAME), true, false)).await, true, "HTTP 200 in N ms");
    assert_outcome(&probe(&https(address, None, true, false)).await, true, "HTTP 200 in N ms");
    let target = Target { search: Some("is ok".to_owned()), ..https(address, Some(NAME), true, false) };
    assert_outcome(&probe(&target).await, true, "HTTP 200 in N ms, `is ok` found");

    let (address, _) = server(Authority::new("Other").issue(NAME, true)).await;
    assert_outcome(&probe(&https(address, Some(NAME), true, false)).await, true, "HTTP 200 in N ms");
}

#[tokio::test]
async fn certificates_are_examined_when_asked() {
    let authority = Authority::new("Trusted");
    let unknown = "certificate: not issued by an authority that this machine trusts";
    let cases = [
        (self_signed(NAME), false, unknown),
        (Authority::new("Other").issue(NAME, false), false, unknown),
        // One that says it is issued by the trusted one.
        (Authority::new("Trusted").issue(NAME, false), false, "certificate: its issuer's signature is wrong"),
        (authority.issue(NAME, true), false, "certificate: expired"),
        (authority.issue("other.example.com", false), false, "certificate: not for `www.example.com`"),
        (authority.issue(NAME, false), true, "HTTP 200 in N ms"),
    ];
    for (identity, success, reason) in cases {
        let (address, _) = server(identity).await;
        for sni in [true, false] {
            let outcome = probe_trusting(&authority, &https(address, Some(NAME), sni, true)).await;
            assert_outcome(&outcome, success, reason);
        }
    }
    // By address there is no name to be valid for, but the address.
    let (address, _) = server(authority.issue(NAME, false)).await;
    let outcome = probe_trusting(&authority, &https(address, None, true, true)).await;
    assert_outcome(&outcome, false, "certificate: not for `127.0.0.1`");
    let (address, _) = server(authority.issue("127.0.0.1", false)).await;
    assert!(probe_trusting(&authority, &https(address, None, true, true)).await.is_success());
}

#[tokio::test]
async fn the_name_is_sent_or_not() {
    let (address, names) = server(self_signed(NAME)).await;
    for (host, sni) in [(Some(NAME), true), (Some("www.example.com."), true), (Some(NAME), false), (None, true)] {
        assert!(probe(&https(address, host, sni, false)).await.is_success());
    }
    let sent = Some(NAME.to_owned());
    assert_eq!(*names.lock().expect("not poisoned"), [sent.clone(), sent, None, None]);
}

#[tokio::test]
async fn http_is_spoken_where_https_is_expected() {
    let address = serve(async |mut stream| {
        // As web servers do: some answer what they take for a bad request.
        tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 16]).await?;
        tokio::io::AsyncWriteExt::write_all(&mut stream, &answer("400 Bad Request", "speak HTTP")).await?;
        tokio::time::sleep(Duration::from_secs(5)).await;
        Ok(())
    })
    .await;
    let outcome = probe(&https(address, Some(NAME), true, false)).await;
    assert_outcome(&outcome, false, "TLS handshake failed: what came is not TLS");
}

#[tokio::test]
async fn https_is_spoken_where_http_is_expected() {
    let (address, _) = server(self_signed(NAME)).await;
    assert_outcome(&probe(&http(address)).await, false, "not HTTP: it speaks TLS");
    assert_outcome(&probe(&matching(address, "ok")).await, false, "not HTTP: it speaks TLS");
}

#[tokio::test]
async fn the_handshake_hangs_or_ends() {
    let address = serve(async |stream| {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
        Ok(())
    })
    .await;
    let timeouts = Timeouts { connect_http: Duration::from_millis(300), ..short() };
    let outcome = probe_within(&https(address, Some(NAME), true, false), &timeouts).await;
    assert_outcome(&outcome, false, "no TLS handshake within 300 ms");
    assert!(outcome.took >= timeouts.connect_http && outcome.took < Duration::from_secs(3));

    let address = serve(async |mut stream| {
        // The whole of what was sent is read, so that the end is an end and no reset.
        tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 4096]).await.map(drop)
    })
    .await;
    let outcome = probe(&https(address, Some(NAME), true, false)).await;
    assert_outcome(&outcome, false, "TLS handshake failed: connection closed");
    let (address, _) = answering("").await;
    assert!(!probe_within(&https(address, Some("not a name"), true, false), &short()).await.is_success());
}
