//! `pointsman watch` on the day it exists for: much fails at once, or the watch itself is in trouble, and nothing false is
//! said. One test at a time; `POINTSMAN_OUTAGE_CHECKS=10000` and `POINTSMAN_OUTAGE_ROUNDS=3` make the first one long.
#![cfg(all(target_os = "linux", feature = "watch"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod watching;

use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use watching::running::{Folder, Watch, pointsman, wait_for};
use watching::{alone, number, servers};

/// A zone with these checks: id, type, port; one failure is enough.
fn zone<'a>(checks: impl Iterator<Item = (String, &'a str, u16)>) -> String {
    let checks: Vec<Value> = checks
        .map(|(id, kind, port)| {
            let mut config = json!({"Type": kind, "IPAddress": "127.0.0.1", "Port": port, "RequestInterval": 10,
                "FailureThreshold": 1});
            if kind != "TCP" {
                config["ResourcePath"] = "/".into();
            }
            json!({"Id": id, "HealthCheckConfig": config})
        })
        .collect();
    json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "HealthChecks": checks, "ResourceRecordSets": []})
        .to_string()
}

fn cpu_seconds(watch: &Watch) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", watch.id())).unwrap();
    let after_name = stat.rsplit(')').next().unwrap();
    let ticks = after_name.split_whitespace().skip(11).take(2).map(|word| word.parse::<f64>().unwrap());
    ticks.sum::<f64>() / 100.0
}

fn with_status(watch: &Watch, status: &str) -> usize {
    let report = watch.get("/v1/health");
    report["HealthChecks"].as_object().unwrap().values().filter(|is| *is == status).count()
}

/// Asks for the report again and again until it is stopped; how long each answer took.
fn ask_meanwhile(url: &str, stop: &Arc<AtomicBool>) -> std::thread::JoinHandle<Vec<Duration>> {
    let (address, stop) = (url.trim_start_matches("http://").to_owned(), Arc::clone(stop));
    std::thread::spawn(move || {
        let mut took = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            let begun = Instant::now();
            let mut stream = std::net::TcpStream::connect(&address).unwrap();
            let request = b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            std::io::Write::write_all(&mut stream, request).unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).unwrap();
            assert!(answer.starts_with(b"HTTP/1.1 200"));
            took.push(begun.elapsed());
            std::thread::sleep(Duration::from_millis(20));
        }
        took.sort_unstable();
        took
    })
}

/// What was measured, as lines for `cargo xtask bench`.
fn figures(checks: usize, last: Duration, limit: Duration, p99: Duration, cost_ms: f64) -> String {
    let what = format!("all but 50 of {checks} checks die at once");
    let rounded = |figure: f64| (figure * 1000.0).round() / 1000.0;
    [
        ("watch/outage-last", "the last transition is reported after", last.as_secs_f64(), "s", limit.as_secs_f64()),
        ("watch/outage-feed", "GET /v1/health meanwhile, p99", p99.as_secs_f64() * 1000.0, "ms", 50.0),
        ("watch/outage-cpu", "processor time a transition", cost_ms, "ms", 0.1),
    ]
    .map(|(id, name, figure, unit, most)| {
        json!({"id": id, "what": format!("{name}, {what}"), "figure": rounded(figure), "unit": unit,
            "budget": {"at_most": most}})
        .to_string()
            + "\n"
    })
    .concat()
}

#[test]
fn most_endpoints_die_at_once_and_no_bystander_changes() {
    let _alone = alone();
    let folder = Folder::new("mass");
    let (checks, rounds) = (number("POINTSMAN_OUTAGE_CHECKS", 1500), number("POINTSMAN_OUTAGE_ROUNDS", 1));
    let is_long = checks >= 10_000;
    let scale = if is_long { 1.0 } else { 0.4 };
    let interval = Duration::from_secs(10).mul_f64(scale);
    let bystanders = 50;
    let (mut mortal, immortal) = (servers::tcp(), servers::tcp());
    let port = |number: usize| if number < bystanders { immortal.address.port() } else { mortal.address.port() };
    folder.write("zone.json", &zone((0..checks).map(|number| (format!("hc-{number}"), "TCP", port(number)))));
    let watch = Watch::start(&folder.0, &["-z", "zone.json", "--interval-scale", &scale.to_string()]);
    for round in 0..rounds {
        wait_for("all to be healthy", || (with_status(&watch, "healthy") == checks).then_some(()));
        let events = watch.events();
        let stop = Arc::new(AtomicBool::new(false));
        let quiet = ask_meanwhile(&watch.url, &stop);
        let (begun, before) = (Instant::now(), cpu_seconds(&watch));
        std::thread::sleep(interval);
        let usual = (cpu_seconds(&watch) - before) / begun.elapsed().as_secs_f64();
        stop.store(true, Ordering::Relaxed);
        let quiet = quiet.join().unwrap();

        let stop = Arc::new(AtomicBool::new(false));
        let asking = ask_meanwhile(&watch.url, &stop);
        let before = cpu_seconds(&watch);
        mortal.kill();
        let killed = Instant::now();
        // Threshold 1, and two intervals more.
        let limit = interval * 3;
        let mut down = BTreeSet::new();
        let mut last = killed;
        while down.len() < checks - bystanders && killed.elapsed() < limit * 3 {
            let Ok((at, name, data)) = events.recv_timeout(Duration::from_secs(1)) else { continue };
            if name == "alive" {
                continue;
            }
            for (id, status) in data["HealthChecks"].as_object().unwrap() {
                if status == "unhealthy" {
                    let number: usize = id.trim_start_matches("hc-").parse().unwrap();
                    assert!(number >= bystanders, "bystander {id} changed");
                    down.insert(number);
                    last = at;
                }
            }
        }
        let took = last.duration_since(killed);
        let rest = killed.elapsed().as_secs_f64();
        let transitions = (checks - bystanders) as f64;
        let cost_ms = 1000.0 * (cpu_seconds(&watch) - before - usual * rest).max(0.0) / transitions;
        stop.store(true, Ordering::Relaxed);
        let busy = asking.join().unwrap();
        let p99 = |times: &[Duration]| times[times.len() * 99 / 100];
        println!(
            "round {round}: {} of {checks} die at once; the last is reported after {took:?} (limit {limit:?}); GET /v1/health \
             p99 {:?} ({:?} before); {cost_ms:.3} ms of CPU a transition; {} descriptors",
            down.len(),
            p99(&busy),
            p99(&quiet),
            std::fs::read_dir(format!("/proc/{}/fd", watch.id())).unwrap().count()
        );
        assert_eq!(down.len(), checks - bystanders);
        if let Ok(file) = std::env::var("POINTSMAN_OUTAGE_FIGURES") {
            std::fs::write(file, figures(checks, took, limit, p99(&busy), cost_ms)).unwrap();
        }
        assert!(took <= limit, "{took:?}");
        assert_eq!(with_status(&watch, "healthy"), bystanders);
        // The short form runs beside whatever else this machine does.
        let (p99_max, cost_max) = if is_long { (50, 0.1) } else { (500, 1.0) };
        assert!(p99(&busy) <= Duration::from_millis(p99_max), "{busy:?}");
        assert!(cost_ms <= cost_max, "{cost_ms}");
        mortal.revive();
    }
    watch.end();
}

/// Handshakes of several steps, so that the process is often stopped between two of them; one failure would be enough.
#[test]
fn a_process_that_was_stopped_blames_nobody() {
    let _alone = alone();
    let folder = Folder::new("stopped");
    let secure = servers::https();
    let port = secure.address.port();
    folder.write("zone.json", &zone((0..150).map(|number| (format!("hc-{number}"), "HTTPS", port))));
    let watch = Watch::start(&folder.0, &["-z", "zone.json", "--interval-scale", "0.1"]);
    wait_for("all to be healthy", || (with_status(&watch, "healthy") == 150).then_some(()));
    let before = folder.read("log").matches("status=unhealthy").count();
    for _ in 0..12 {
        std::thread::sleep(Duration::from_millis(170));
        watch.signal("STOP");
        std::thread::sleep(Duration::from_millis(900));
        watch.signal("CONT");
    }
    std::thread::sleep(Duration::from_secs(2));
    let log = folder.read("log");
    assert_eq!(log.matches("status=unhealthy").count(), before, "{log}");
    assert!(watch.metric("pointsman_watch_late_seconds_total") > 5.0);
    let status = watch.get("/v1/status");
    let excused: u64 =
        status["HealthChecks"].as_array().unwrap().iter().filter_map(|check| check["NotTried"].as_u64()).sum();
    println!("{excused} tries could not be made in time");
    watch.end();
}

#[test]
fn without_descriptors_nobody_becomes_unhealthy() {
    let _alone = alone();
    let folder = Folder::new("descriptors");
    // Each try takes a while, so that many are open at once.
    let slow = servers::Server::start(|mut stream| {
        std::thread::sleep(Duration::from_millis(150));
        let _ = stream.read(&mut [0; 1024]);
        let _ = std::io::Write::write_all(&mut stream, b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    });
    folder.write("zone.json", &zone((0..40).map(|number| (format!("hc-{number}"), "HTTP", slow.address.port()))));
    let mut limited = std::process::Command::new("/bin/sh");
    let program = pointsman().get_program().to_owned();
    limited.args(["-c", "ulimit -n 64 && exec \"$0\" \"$@\""]).arg(program);
    let watch = Watch::start_as(&folder.0, limited, &["-z", "zone.json", "--interval-scale", "0.2"]);
    let clients: Vec<_> =
        (0..600).filter_map(|_| std::net::TcpStream::connect(watch.url.trim_start_matches("http://")).ok()).collect();
    std::thread::sleep(Duration::from_secs(6));
    drop(clients);
    wait_for("all to be healthy", || (with_status(&watch, "healthy") == 40).then_some(()));
    let log = folder.read("log");
    assert!(!log.contains("status=unhealthy"), "{log}");
    let status = watch.get("/v1/status");
    let not_tried = |check: &Value| check["NotTried"].as_u64();
    let excused: u64 = status["HealthChecks"].as_array().unwrap().iter().filter_map(not_tried).sum();
    println!("{excused} tries found no descriptor");
    watch.end();
}

#[test]
fn the_brake_holds_the_report_loudly_until_it_is_released() {
    let _alone = alone();
    let folder = Folder::new("brake");
    let (mut mortal, immortal) = (servers::tcp(), servers::tcp());
    let port = |number: usize| if number < 4 { immortal.address.port() } else { mortal.address.port() };
    folder.write("zone.json", &zone((0..20).map(|number| (format!("hc-{number}"), "TCP", port(number)))));
    folder.write("token", "secret");
    let watch = Watch::start(
        &folder.0,
        &[
            "-z",
            "zone.json",
            "--interval-scale",
            "0.1",
            "--token-file",
            "token",
            "--hold-when-flips",
            "50%/20s",
            "--on-change",
            "cat >> told",
        ],
    );
    wait_for("all to be healthy", || (with_status(&watch, "healthy") == 20).then_some(()));
    mortal.kill();
    wait_for("the brake", || (watch.metric("pointsman_watch_report_held") > 0.0).then_some(()));
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(with_status(&watch, "unhealthy"), 10, "the last report before the share was passed");
    let status = watch.get("/v1/status");
    assert!(status["Hold"]["Reason"].as_str().unwrap().contains("of 20 endpoints flipped"), "{status}");
    folder.wait_for_log("event=report-held");
    wait_for("the notification", || folder.read("told").contains("\"ReportHeld\":true").then_some(()));
    let (code, text, _) = watch.force(&folder.0, &["--release", "--why", "the site is gone, it is true"]);
    assert_eq!((code, text.trim()), (Some(0), "released: example.com."));
    assert_eq!(with_status(&watch, "unhealthy"), 16);
    assert_eq!(watch.check("hc-19")["Flaps"], 1);
    let (code, _, error) = watch.force(&folder.0, &["--release", "--why", "again"]);
    assert!(code == Some(2) && error.contains("no report is held"), "{error}");
    watch.end();
}
