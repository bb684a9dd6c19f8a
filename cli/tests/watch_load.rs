//! `pointsman watch` under load and abuse, one test at a time: a thousand endpoints that hang, random bytes, a long run.
#![cfg(all(target_os = "linux", feature = "watch"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod watching;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use watching::running::{Folder, Watch, wait_for};
use watching::servers::Server;
use watching::{TOKEN, alone, number, servers};

/// A zone with these checks: id, type, port, path.
fn zone<'a>(checks: impl Iterator<Item = (String, &'a str, u16, &'a str)>) -> String {
    let checks: Vec<Value> = checks
        .map(|(id, kind, port, path)| {
            let mut config = json!({"Type": kind, "IPAddress": "127.0.0.1", "Port": port, "RequestInterval": 10,
                "FailureThreshold": 3});
            if kind != "TCP" {
                config["ResourcePath"] = path.into();
            }
            json!({"Id": id, "HealthCheckConfig": config})
        })
        .collect();
    json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "HealthChecks": checks, "ResourceRecordSets": [
        {"Name": "example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]})
    .to_string()
}

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

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next() as u8).collect()
    }
}

/// All 1,000 want a connection for 0.4 of each interval: 400 at once.
#[test]
fn a_thousand_endpoints_that_hang_do_not_keep_healthy_ones_waiting() {
    let _alone = alone();
    let folder = Folder::new("thousand");
    // Nobody accepts: some connections wait for a handshake, and when the queue is full, the others for a connection.
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let tries: Arc<Mutex<Vec<Instant>>> = Arc::default();
    let seen = Arc::clone(&tries);
    let healthy = Server::start(move |mut stream| {
        seen.lock().unwrap().push(Instant::now());
        let _ = stream.read(&mut [0; 1024]);
        let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
    });
    let (bad, good) = (hanging.local_addr().unwrap().port(), healthy.address.port());
    let hangs = (0..1000).map(|number| (format!("hangs-{number}"), "HTTPS", bad, "/"));
    folder.write("zone.json", &zone(std::iter::once(("well".into(), "HTTP", good, "/")).chain(hangs)));
    let interval = Duration::from_secs(2);
    let watch = Watch::start(&folder.0, &["-z", "zone.json", "--interval-scale", "0.2"]);
    wait_for("all that hang to be unhealthy", || {
        let report = watch.get("/v1/health");
        let checks = report["HealthChecks"].as_object().unwrap();
        (checks.len() == 1001 && checks.values().filter(|status| *status == "unhealthy").count() == 1000).then_some(())
    });
    // From here on all of them are in full swing.
    let from = tries.lock().unwrap().len();
    std::thread::sleep(interval * 5);
    let tries = tries.lock().unwrap().split_off(from.saturating_sub(1));
    let mut gaps: Vec<Duration> = tries.windows(2).map(|pair| pair[1].duration_since(pair[0])).collect();
    gaps.sort_unstable();
    let (median, longest) = (gaps[gaps.len() / 2], gaps[gaps.len() - 1]);
    println!(
        "beside 1,000 that hang, a healthy one is tried every {median:?}, at most {longest:?}; wanted {interval:?}"
    );
    assert!(tries.len() >= 5, "{gaps:?}");
    assert!(median <= interval.mul_f64(1.15), "{gaps:?}");
    assert_eq!(watch.check("well")["Status"], "healthy");
    watch.end();
}

#[test]
fn random_bytes_at_the_feed_change_nothing() {
    let _alone = alone();
    let folder = Folder::new("random");
    let healthy = servers::http();
    folder.write("zone.json", &zone(std::iter::once(("well".into(), "HTTP", healthy.address.port(), "/"))));
    folder.write("token", "secret");
    let watch = Watch::start(&folder.0, &["-z", "zone.json", "--interval-scale", "0.05", "--token-file", "token"]);
    wait_for("a status", || (watch.check("well")["Raw"] == "healthy").then_some(()));
    let force = json!({"HealthCheck": "well", "Status": "down", "Why": "random"}).to_string();
    // All but the token, so that nothing of it may ever change a status.
    let whole: [Vec<u8>; 3] = [
        format!("POST /v1/force HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer wrong\r\nContent-Length: {}\r\n\r\n{force}", force.len()),
        "PUT /v1/checks/well HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n0\r\n\r\n".into(),
        "GET /v1/health HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: \"1\", W/\"2\"\r\n\r\n".into(),
    ]
    .map(String::into_bytes);
    let mut dice = Dice(0x00C0_FFEE_5EED);
    for round in 0..300 {
        let request = match round % 4 {
            0 => {
                let length = dice.below(4000);
                dice.bytes(length)
            }
            way => {
                let mut request = whole[dice.below(whole.len())].clone();
                for _ in 0..=dice.below(8) {
                    let at = dice.below(request.len());
                    match way {
                        1 => request[at] = dice.next() as u8,
                        2 => request.truncate(at.max(1)),
                        _ => drop(request.splice(at..at, dice.bytes(3))),
                    }
                }
                request
            }
        };
        let mut stream = TcpStream::connect(watch.url.trim_start_matches("http://")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        // It may hang up before it has read all.
        let _ = stream.write_all(&request);
        let _ = stream.shutdown(Shutdown::Write);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 "), "round {round}: {answer:?}");
    }
    let check = watch.check("well");
    assert_eq!((&check["Status"], check.get("Forced")), (&json!("healthy"), None));
    assert!(!folder.read("log").contains("event=forced"));
    watch.end();
}

/// What a process has.
#[derive(Debug, Clone, Copy)]
struct Has {
    descriptors: usize,
    threads: u64,
    tasks: u64,
    resident_kib: u64,
}

fn has(watch: &Watch) -> Has {
    let process = format!("/proc/{}", watch.id());
    let status = std::fs::read_to_string(format!("{process}/status")).unwrap();
    let field = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    let metrics = watch.request("GET", "/metrics", &[], "").2;
    let tasks = metrics.lines().find_map(|line| line.strip_prefix("pointsman_watch_tasks ")).unwrap().parse().unwrap();
    let descriptors = std::fs::read_dir(format!("{process}/fd")).unwrap().count();
    Has { descriptors, threads: field("Threads:"), tasks, resident_kib: field("VmRSS:") }
}

/// Everything at once, again and again: endpoints of all sorts, clients that come, go and stay away, forces, reloads,
/// notifications. `POINTSMAN_SOAK_SECONDS` makes it as long as one likes.
#[test]
fn a_long_run_gathers_nothing() {
    let _alone = alone();
    let folder = Folder::new("soak");
    let healthy = servers::http();
    let secure = servers::https();
    let garbage = {
        let dice = Mutex::new(Dice(0x05EE_D50A_CED5));
        Server::start(move |mut stream| {
            let bytes = dice.lock().unwrap().bytes(700);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
            let _ = stream.write_all(&bytes);
        })
    };
    let closing = Server::start(drop);
    let hanging = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = |server: &Server| server.address.port();
    let kinds = [
        ("HTTP", port(&healthy)),
        ("HTTPS", port(&secure)),
        ("HTTP", port(&garbage)),
        ("HTTP", port(&closing)),
        ("TCP", port(&closing)),
        ("HTTPS", hanging.local_addr().unwrap().port()),
        ("HTTP", 1),
    ];
    let zone_with = |path| {
        zone((0..56).map(move |number| {
            let (kind, port) = kinds[number % kinds.len()];
            (format!("hc-{number}"), kind, port, path)
        }))
    };
    folder.write("zone.json", &zone_with("/"));
    folder.write("token", "secret");
    let watch = Watch::start(
        &folder.0,
        &["-z", "zone.json", "--interval-scale", "0.03", "--token-file", "token", "--out", "out", "--state", "state"]
            .into_iter()
            .chain(["--on-change", "cat > /dev/null"])
            .collect::<Vec<_>>(),
    );
    let seconds = number("POINTSMAN_SOAK_SECONDS", 15);
    let length = Duration::from_secs(seconds);
    let begun = Instant::now();
    let mut dice = Dice(0x0501_1D5E_ED00);
    let (mut rounds, mut early) = (0_u32, None);
    while begun.elapsed() < length {
        rounds += 1;
        let events = watch.events();
        let _ = events.recv_timeout(Duration::from_secs(10)).unwrap();
        let status = if rounds % 2 == 0 { "down" } else { "clear" };
        let body = json!({"HealthCheck": format!("hc-{}", dice.below(56)), "Status": status, "Why": "soak"});
        let _ = watch.request("POST", "/v1/force", &[TOKEN], &body.to_string());
        let _ = watch.get("/v1/status");
        let rest = dice.bytes(200);
        let _ = watch.raw(&[b"POST /v1/force HTTP/1.1\r\n\r\n".as_slice(), &rest, b"\r\n\r\n"].concat());
        if rounds % 8 == 0 {
            // Half of the checks are others then, and their old tries end.
            folder.write("zone.json", &zone_with(if rounds % 16 == 0 { "/" } else { "/other" }));
        }
        std::thread::sleep(Duration::from_millis(100));
        if begun.elapsed() > length / 3 && early.is_none() {
            early = Some(settled(&watch));
        }
    }
    let clear = json!({"Status": "clear"}).to_string();
    assert_eq!(watch.request("POST", "/v1/force", &[TOKEN], &clear).0, 200);
    let (early, late) = (early.unwrap(), settled(&watch));
    println!("{rounds} rounds in {seconds} s\n  after a third: {early:?}\n  in the end:    {late:?}");
    assert!(rounds >= 5, "{rounds}");
    assert_flat(early, late);
    watch.end();
}

fn assert_flat(early: Has, late: Has) {
    assert!(late.tasks <= early.tasks + 8, "{early:?} {late:?}");
    assert!(late.descriptors <= early.descriptors + 24, "{early:?} {late:?}");
    assert!(late.threads <= early.threads + 4, "{early:?} {late:?}");
    assert!(late.resident_kib <= early.resident_kib + 6 * 1024, "{early:?} {late:?}");
}

/// Ten of twenty endpoints die and come back every few intervals, at a thousand times the speed: an interval of 10 s is 10 ms
/// long. `POINTSMAN_FLAPPING_INTERVALS=8640` is a day.
#[test]
fn endpoints_that_flap_all_day_gather_nothing() {
    let _alone = alone();
    let folder = Folder::new("flapping");
    let interval = Duration::from_millis(10);
    let (mut flapping, steady) = (servers::tcp(), servers::tcp());
    let (webhook, received) = servers::webhook();
    let ports = [flapping.address.port(), steady.address.port()];
    folder.write("zone.json", &zone((0..20).map(|number| (format!("hc-{number}"), "TCP", ports[number % 2], "/"))));
    folder.write("token", "secret");
    let notify = format!("http://{}/", webhook.address);
    let watch = Watch::start(
        &folder.0,
        &["-z", "zone.json", "--interval-scale", "0.001", "--token-file", "token", "--out", "out", "--state", "state"]
            .into_iter()
            .chain(["--on-change", &notify])
            .collect::<Vec<_>>(),
    );
    let length = interval * number("POINTSMAN_FLAPPING_INTERVALS", 900);
    let begun = Instant::now();
    let (mut rounds, mut early) = (0_u32, None);
    while begun.elapsed() < length {
        rounds += 1;
        flapping.kill();
        std::thread::sleep(interval * 8);
        flapping.revive();
        std::thread::sleep(interval * 8);
        if begun.elapsed() > length / 3 && early.is_none() {
            early = Some(settled(&watch));
        }
    }
    wait_for("all to be healthy in the end", || {
        let report = watch.get("/v1/health");
        let checks = report["HealthChecks"].as_object().unwrap();
        (checks.len() == 20 && checks.values().all(|status| status == "healthy")).then_some(())
    });
    let flaps = |number: usize| watch.check(&format!("hc-{number}"))["Flaps"].as_u64().unwrap();
    let (often, never) = (flaps(0), flaps(1));
    let (early, late) = (early.unwrap(), settled(&watch));
    println!(
        "{rounds} rounds, {often} flaps of a check\n  after a third: {early:?}\n  in the end:    {late:?}\n  {} notified",
        received.lock().unwrap().len()
    );
    assert!(often >= u64::from(rounds), "it goes down and comes back in most rounds: {often} flaps in {rounds}");
    assert_eq!(never, 0, "what never failed never flaps");
    assert_flat(early, late);
    watch.end();
}

/// The least of some moments: connections come and go.
fn settled(watch: &Watch) -> Has {
    let moments: Vec<Has> = (0..8)
        .map(|_| {
            std::thread::sleep(Duration::from_millis(150));
            has(watch)
        })
        .collect();
    let least = |of: fn(&Has) -> u64| moments.iter().map(of).min().unwrap();
    Has {
        descriptors: least(|has| has.descriptors as u64) as usize,
        threads: least(|has| has.threads),
        tasks: least(|has| has.tasks),
        resident_kib: least(|has| has.resident_kib),
    }
}
