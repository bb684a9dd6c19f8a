//! Who may do what to `pointsman watch`, and that those who may do nothing keep nobody out.
#![cfg(all(target_os = "linux", feature = "watch"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod watching;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use watching::running::{Folder, Watch, pointsman, wait_for};
use watching::{TOKEN, servers};

fn zone(port: u16) -> String {
    let check = |id: &str| {
        json!({"Id": id, "HealthCheckConfig": {"Type": "TCP", "IPAddress": "127.0.0.1", "Port": port,
        "FailureThreshold": 1}})
    };
    json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "HealthChecks": [check("hc-1"), check("hc-2")],
        "ResourceRecordSets": []})
    .to_string()
}

fn folder(name: &str, port: u16) -> Folder {
    let folder = Folder::new(name);
    folder.write("token", "secret");
    folder.write("zone.json", &zone(port));
    folder
}

const ARGUMENTS: [&str; 6] = ["-z", "zone.json", "--interval-scale", "0.1", "--token-file", "token"];

/// Clients that read nothing, clients that never finish their request, and clients that ask without end.
#[test]
fn no_crowd_locks_the_operator_out() {
    let server = servers::tcp();
    let folder = folder("crowd", server.address.port());
    let watch = Watch::start(&folder.0, &ARGUMENTS);
    let streams = b"GET /v1/health/stream HTTP/1.1\r\nHost: localhost\r\n\r\n".as_slice();
    let half = b"POST /v1/force HTTP/1.1\r\nHost: local".as_slice();
    let pipelined = b"GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(400);
    for (what, request, count) in
        [("streams", streams, 520), ("half", half, 560), ("pipelined", &pipelined, 520), ("idle", b"", 600)]
    {
        let crowd: Vec<TcpStream> = (0..count)
            .filter_map(|_| {
                let mut stream = TcpStream::connect(watch.url.trim_start_matches("http://")).ok()?;
                stream.set_write_timeout(Some(Duration::from_millis(20))).unwrap();
                let _ = stream.write_all(request);
                Some(stream)
            })
            .collect();
        assert!(crowd.len() > 500);
        let begun = Instant::now();
        for way in ["--down", "--up"] {
            let (code, text, error) = watch.force(&folder.0, &["--check", "hc-1", way, "--why", "maintenance"]);
            assert_eq!(code, Some(0), "{what}: {text}{error}");
        }
        let took = begun.elapsed();
        println!("{what}: two forces beside {} clients in {took:?}", crowd.len());
        assert!(took < Duration::from_secs(5), "{what}: {took:?}");
        let (code, _, _) = watch.request("GET", "/v1/status", &[TOKEN], "");
        assert_eq!(code, 200, "{what}");
    }
    // When they are gone, everybody is served again.
    wait_for("a place for everybody", || (watch.request("GET", "/v1/health", &[], "").0 == 200).then_some(()));
    assert!(watch.metric("pointsman_watch_turned_away_total") > 0.0);
    watch.end();
}

#[test]
fn a_page_of_another_site_reads_nothing() {
    let folder = folder("rebinding", 1);
    let watch = Watch::start(&folder.0, &[&ARGUMENTS[..], &["--host", "watch.example.com"]].concat());
    let code = |host: &str, more: &str| {
        let request = format!("GET /v1/health HTTP/1.1\r\n{host}{more}Connection: close\r\n\r\n");
        watch.raw(request.as_bytes()).split(' ').nth(1).unwrap_or_default().to_owned()
    };
    for (host, more, wanted) in [
        ("Host: 127.0.0.1\r\n", "", "200"),
        ("Host: LOCALHOST:8053\r\n", "", "200"),
        ("Host: watch.example.com\r\n", "Origin: https://watch.example.com\r\n", "200"),
        ("Host: evil.example.net\r\n", "", "421"),
        ("Host: 127.0.0.2\r\n", "", "421"),
        ("Host: localhost.evil.example\r\n", "", "421"),
        ("Host: localhost\r\n", "Origin: http://evil.example.net\r\n", "421"),
        ("Host: localhost\r\n", "Origin: null\r\n", "421"),
        ("Host: localhost\r\nHost: evil.example.net\r\n", "", "400"),
        ("", "", "400"),
    ] {
        assert_eq!(code(host, more), wanted, "{host}{more}");
    }
    watch.end();
}

#[test]
fn reading_can_ask_for_a_token_too() {
    let folder = folder("reading", 1);
    folder.write("read", "glance\n");
    let watch = Watch::start(&folder.0, &[&ARGUMENTS[..], &["--read-token-file", "read"]].concat());
    for path in ["/v1/health", "/v1/health/stream", "/v1/status", "/v1/zones", "/metrics"] {
        assert_eq!(watch.request("GET", path, &[], "").0, 401, "{path}");
        assert_eq!(watch.request("GET", path, &["Authorization: Bearer wrong"], "").0, 401, "{path}");
    }
    assert_eq!(watch.request("GET", "/v1/health", &["Authorization: Bearer glance"], "").0, 200);
    assert_eq!(watch.request("GET", "/v1/health", &[TOKEN], "").0, 200);
    let body = json!({"HealthCheck": "hc-1", "Status": "down", "Why": "x"}).to_string();
    assert_eq!(watch.request("POST", "/v1/force", &["Authorization: Bearer glance"], &body).0, 401);
    let (code, _, page) = watch.request("GET", "/", &[], "");
    assert!(code == 200 && !page.contains("example.com"), "the page is a form without data");
    watch.end();
}

/// PEM of some bytes.
fn pem(label: &str, bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = format!("-----BEGIN {label}-----\n");
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for digit in 0..4 {
            let value = (bits >> (18 - 6 * digit)) & 63;
            text.push(if digit <= group.len() { DIGITS[value as usize].into() } else { '=' });
        }
    }
    format!("{text}\n-----END {label}-----\n")
}

#[test]
fn the_feed_speaks_tls() {
    let folder = folder("tls", 1);
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    folder.write("cert.pem", &pem("CERTIFICATE", certified.cert.der()));
    folder.write("key.pem", &pem("PRIVATE KEY", &certified.signing_key.serialize_der()));
    let watch =
        Watch::start(&folder.0, &[&ARGUMENTS[..], &["--tls-cert", "cert.pem", "--tls-key", "key.pem"]].concat());
    assert!(watch.url.starts_with("https://"), "{}", watch.url);
    let url = watch.url.replace("127.0.0.1", "localhost");
    let force = |trusting: bool| {
        let mut command = pointsman();
        command.current_dir(&folder.0).args(["force", "--feed", &url, "--token-file", "token"]);
        command.args(["--check", "hc-1", "--down", "--why", "x"]);
        if trusting {
            command.env("SSL_CERT_FILE", folder.0.join("cert.pem"));
        }
        command.output().unwrap()
    };
    let output = force(true);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let output = force(false);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    // Plain HTTP gets nothing, and a client that never shakes hands keeps nobody out.
    let mut plain = TcpStream::connect(watch.url.trim_start_matches("https://")).unwrap();
    plain.write_all(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP/"), "{answer:?}");
    watch.end();
    let tls = ["--tls-cert", "key.pem", "--tls-key", "key.pem"];
    let output = pointsman().current_dir(&folder.0).arg("watch").args(ARGUMENTS).args(tls).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("no certificate"), "{output:?}");
}

#[test]
fn a_command_gets_no_token_and_leaves_nothing_behind() {
    let mut server = servers::tcp();
    let folder = folder("command", server.address.port());
    let mut command = pointsman();
    command.env("POINTSMAN_TOKEN", "secret-of-the-environment");
    let hangs = "echo >> slow; sleep 300";
    let leaves = "env > environment; sleep 300 & echo $! > child; cat >> quick";
    let watch = Watch::start_as(
        &folder.0,
        command,
        &[&ARGUMENTS[..4], &["--on-change", hangs, "--on-change", leaves]].concat(),
    );
    wait_for("two healthy checks", || {
        (watch.get("/v1/health")["HealthChecks"].as_object().unwrap().len() == 2).then_some(())
    });
    for _ in 0..3 {
        server.kill();
        wait_for("down", || {
            (watch.check("hc-1")["Status"] == "unhealthy" && watch.check("hc-2")["Status"] == "unhealthy").then_some(())
        });
        server.revive();
        wait_for("up", || {
            (watch.check("hc-1")["Status"] == "healthy" && watch.check("hc-2")["Status"] == "healthy").then_some(())
        });
    }
    // Beside a command that hangs for ten seconds at a time, the other one has got everything.
    wait_for("all twelve", || (folder.read("quick").lines().count() == 12).then_some(()));
    assert!(folder.read("slow").lines().count() <= 3);
    assert!(!folder.read("environment").contains("secret-of-the-environment"));
    let child: u32 = folder.read("child").trim().parse().unwrap();
    let is_gone = || {
        let status = std::fs::read_to_string(format!("/proc/{child}/status")).unwrap_or_default();
        (status.is_empty() || status.contains("State:\tZ")).then_some(())
    };
    wait_for("the process that it left", is_gone);
    watch.end();
}

#[test]
fn what_others_say_has_limits() {
    let folder = folder("limits", 1);
    let watch = Watch::start(&folder.0, &["-z", "zone.json", "--interval-scale", "100", "--token-file", "token"]);
    let put = |checker: &str, reason: &str| {
        let body = json!({"Checker": checker, "Success": false, "Reason": reason}).to_string();
        watch.request("PUT", "/v1/checks/hc-1", &[TOKEN], &body).0
    };
    for name in ["watch", "Watch", "", " x", "a\u{202e}b", "a\nb", &"x".repeat(65)] {
        assert_eq!(put(name, "x"), 400, "{name:?}");
    }
    assert_eq!(put("frankfurt", &"x".repeat(501)), 400);
    for number in 0..32 {
        assert_eq!(put(&format!("checker-{number}"), "x"), 200, "{number}");
    }
    assert_eq!(put("one-too-many", "x"), 429);
    for number in 0..3000 {
        let code = put(&format!("checker-{}", number % 40), &"y".repeat(400));
        assert!(code == 200 || code == 429, "{code}");
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", watch.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim().to_owned();
    let peak: u64 = peak.split(' ').next().unwrap().parse().unwrap();
    println!("{peak} KiB at most after 3,000 messages");
    assert!(peak < 60_000, "{peak} KiB");
    // What moves a cursor or turns text round reaches the log escaped.
    assert_eq!(put("checker-1", "\u{1b}[2J\u{202e}lived\u{7f}\u{9b}31m"), 200);
    let body = json!({"HealthCheck": "hc-2", "Status": "down", "Why": "a\u{1b}]0;b\u{202e}c\u{85}d"}).to_string();
    assert_eq!(watch.request("POST", "/v1/force", &[TOKEN], &body).0, 200);
    wait_for("the log", || folder.read("log").contains("event=forced").then_some(()));
    let log = folder.read("log");
    let raw = |character: char| {
        character != '\n' && (character.is_control() || ('\u{202a}'..='\u{202e}').contains(&character))
    };
    assert!(!log.contains(raw), "{log:?}");
    watch.end();
}

#[test]
fn a_zone_does_not_choose_where_a_watch_connects() {
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    let server = servers::Server::start(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let folder = folder("networks", server.address.port());
    folder.write("zone.json", &zone(server.address.port()).replacen("127.0.0.1", "169.254.169.254", 1));
    let watch = Watch::start(&folder.0, &[&ARGUMENTS[..], &["--deny", "127.0.0.0/8"]].concat());
    wait_for("two tries of each", || {
        ["hc-1", "hc-2"].iter().all(|id| watch.check(id)["NotTried"].as_u64() >= Some(2)).then_some(())
    });
    for (id, network) in [("hc-1", "169.254.0.0/16"), ("hc-2", "127.0.0.0/8")] {
        let check = watch.check(id);
        assert_eq!((&check["Status"], &check["Raw"]), (&json!("healthy"), &json!("no data")), "{check}");
        assert!(check["Reason"].as_str().unwrap().contains(network), "{check}");
    }
    watch.end();
    assert_eq!(connections.load(Ordering::Relaxed), 0);
    let watch = Watch::start(&folder.0, &[&ARGUMENTS[..], &["--deny", "127.0.0.0/8", "--allow", "127.0.0.1"]].concat());
    wait_for("a healthy check", || (watch.get("/v1/health")["HealthChecks"]["hc-2"] == "healthy").then_some(()));
    wait_for("the other one to be denied", || {
        watch.check("hc-1")["Reason"].as_str().filter(|reason| reason.contains("denied")).map(drop)
    });
    watch.end();
}
