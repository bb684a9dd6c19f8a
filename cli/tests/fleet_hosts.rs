//! A fleet and the hosts that answer by it, all of them real processes: five watches, three members of etcd, two CoreDNS, an
//! Envoy and a worker.
#![cfg(all(target_os = "linux", feature = "watch"))]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "shared with the tests that need the rest of it")]
#[path = "fleet/etcd.rs"]
mod etcd;
#[path = "fleet/hosts.rs"]
mod hosts;
#[allow(dead_code, reason = "shared with the tests that need the rest of it")]
#[path = "fleet/probers.rs"]
mod probers;
#[allow(dead_code, reason = "shared with the tests that need the rest of it")]
#[path = "watching/running.rs"]
mod running;
#[allow(dead_code, reason = "shared with the tests that need the rest of it")]
#[path = "watching/servers.rs"]
mod servers;

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use etcd::Etcd;
use hosts::{Host, NAME};
use probers::{Prober, all_say, settled};
use running::{Folder, pointsman, wait_for};
use serde_json::{Value, json};
use servers::Server;

/// Two tries of half a second, and a twentieth more.
const DETECTION: Duration = Duration::from_millis(1050);
const ACTIVE: &str = "127.0.0.11";
const PASSIVE: &str = "127.0.0.12";

/// An HTTP server that says where it stands.
fn page(address: SocketAddr) -> Server {
    Server::start_at(address, move |mut stream| {
        let mut request = Vec::new();
        let mut bytes = [0; 2048];
        while !request.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut bytes) {
                Ok(length @ 1..) => request.extend_from_slice(&bytes[..length]),
                _ => return,
            }
        }
        let text = format!("at {}", address.ip());
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", text.len());
        let _ = stream.write_all(format!("{head}{text}").as_bytes());
    })
}

/// An active and a passive server, each with a check.
fn zone(port: u16, first: &str, second: &str) -> String {
    let check = |id: &str, address: &str| {
        json!({"Id": id, "HealthCheckConfig": {"Type": "HTTP", "IPAddress": address, "Port": port,
            "ResourcePath": "/health", "RequestInterval": 10, "FailureThreshold": 2}})
    };
    let set = |role: &str, address: &str, check: &str| {
        json!({"Name": format!("{NAME}."), "Type": "A", "SetIdentifier": role, "Failover": role, "TTL": 1,
            "ResourceRecords": [{"Value": address}], "HealthCheckId": check})
    };
    let apex = |kind: &str, value: &str| json!({"Name": "example.com.", "Type": kind, "TTL": 900, "ResourceRecords": [{"Value": value}]});
    let id = |address: &str| if address == ACTIVE { "hc-11" } else { "hc-12" };
    json!({"HostedZone": {"Id": "Z1", "Name": "example.com."},
    "HealthChecks": [check("hc-11", ACTIVE), check("hc-12", PASSIVE)],
    "ResourceRecordSets": [
        apex("SOA", "ns-1.example.net. hostmaster.example.com. 1 7200 900 1209600 86400"),
        apex("NS", "ns-1.example.net."),
        set("PRIMARY", first, id(first)), set("SECONDARY", second, id(second)),
    ]})
    .to_string()
}

fn publish(folder: &Folder, prober: &Prober, arguments: &[&str]) {
    let mut command = pointsman();
    command.current_dir(&folder.0).args(["fleet", "publish"]).args(arguments);
    command.args(["--accept", "--feed", &prober.watch.url, "--token-file", "token"]);
    let output = command.env_remove("POINTSMAN_TOKEN").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// How long until each host answers so, all of them asked at the same time.
fn until_all(hosts: &[&Host], since: Instant, answer: &str, why: &str) -> Vec<(String, Duration)> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = hosts
            .iter()
            .map(|host| {
                scope.spawn(move || {
                    host.wait_for(answer, why);
                    (host.name.clone(), since.elapsed())
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn hosts_follow_a_fleet_through_its_bad_days() {
    let folder = Folder::new("fleet-hosts");
    folder.write("token", "secret");
    let mut active = page(format!("{ACTIVE}:0").parse().unwrap());
    let port = active.address.port();
    let _passive = page(format!("{PASSIVE}:{port}").parse().unwrap());
    folder.write("zone.json", &zone(port, ACTIVE, PASSIVE));
    let mut etcd = Etcd::start(&folder.0, 3);
    let more = ["--fleet-zones", "zones", "-z", "../zone.json", "--healthy-above", "50%"];
    let mut probers: Vec<Prober> = (0..4).map(|number| Prober::start(&folder, &etcd, number, &more)).collect();
    settled(&probers);
    publish(&folder, &probers[0], &["zone.json", "--why", "first"]);
    let has = |prober: &Prober| prober.watch.request("GET", "/v1/zone", &[], "").0 == 200;
    wait_for("every watch to have it", || probers.iter().all(has).then_some(()));
    // The last one joins with nothing but what was published.
    probers.push(Prober::start(&folder, &etcd, 4, &more[..2]));
    settled(&probers);
    all_say(&probers, "hc-11", "healthy");
    all_say(&probers, "hc-12", "healthy");

    let url = |number: usize| probers[number].watch.url.clone();
    let first = Host::coredns(0, &folder.0, &format!("{} {}", url(0), url(1)), "at-0");
    let second = Host::coredns(1, &folder.0, &format!("{} {}", url(2), url(3)), "at-2");
    let envoy = Host::envoy(&folder.0, port, &url(2));
    let worker = Host::worker(&folder.0, port, &url(3), "at-3");
    let all = [&first, &second, &envoy, &worker];
    until_all(&all, Instant::now(), ACTIVE, "at the beginning");

    // An endpoint dies: how long until every host answers anew. A busy machine may delay a round, but not each of them.
    let mut best = Duration::MAX;
    for round in 0..4 {
        let start = Instant::now();
        active.kill();
        let took = until_all(&all, start, PASSIVE, "the active server is dead");
        eprintln!("endpoint dead, round {round}: {took:?}");
        best = took.iter().map(|(_, took)| *took).max().unwrap().min(best);
        active.revive();
        until_all(&all, Instant::now(), ACTIVE, "the active server is back");
        if best <= DETECTION + Duration::from_secs(1) {
            break;
        }
    }
    assert!(best <= DETECTION + Duration::from_secs(1), "{best:?}");

    // The watch that a host follows is killed: the host goes to its next address, and answers all the while.
    probers.remove(0).watch.kill();
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(1) {
        assert_eq!(first.answer().as_deref(), Some(ACTIVE));
    }
    active.kill();
    until_all(&all, Instant::now(), PASSIVE, "with a watch less");

    // etcd has no quorum: nothing is decided, and every host goes on with what was.
    let leader = wait_for("a leader", || etcd.leader());
    let other = (leader + 1) % 3;
    etcd.kill(leader);
    etcd.kill(other);
    active.revive();
    wait_for("the tries to succeed", || {
        probers.iter().all(|prober| prober.watch.check("hc-11")["Last"]["Success"] == true).then_some(())
    });
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(2) {
        for host in all {
            assert_eq!(host.answer().as_deref(), Some(PASSIVE), "{}", host.name);
        }
    }
    let (code, _, said) = wait_for("a watch to know that it is cut off", || {
        let answer = probers[0].watch.request("GET", "/v1/zone", &["If-None-Match: \"x\""], "");
        (answer.0 == 503).then_some(answer)
    });
    assert!(code == 503 && said.contains("cannot say"), "{said}");
    etcd.revive(leader);
    etcd.revive(other);
    until_all(&all, Instant::now(), ACTIVE, "the quorum is back");

    // A version for one location: its hosts take it, and the others keep what they have. The one whose watch is dead asks
    // another location's watch, and gets its own location's version all the same.
    folder.write("turned.json", &zone(port, PASSIVE, ACTIVE));
    settled(&probers);
    publish(&folder, &probers[0], &["turned.json", "--to", "at-0,at-3", "--why", "turned"]);
    first.wait_for(PASSIVE, "published to at-0, asked of at-1");
    worker.wait_for(PASSIVE, "published to at-3");
    assert_eq!(second.answer().as_deref(), Some(ACTIVE), "at-2 keeps what it has");
    publish(&folder, &probers[0], &["turned.json", "--why", "everywhere"]);
    second.wait_for(PASSIVE, "published everywhere");
    let kept: Value = serde_json::from_str(&folder.read("coredns-1.zone.json")).unwrap();
    assert_eq!(kept, serde_json::from_str::<Value>(&folder.read("turned.json")).unwrap());

    // Started anew while no watch answers: by the version that it kept.
    for prober in probers {
        prober.watch.kill();
    }
    drop(second);
    let again = Host::coredns(1, &folder.0, "http://127.0.0.1:9", "at-2");
    again.wait_for(PASSIVE, "by the version that was kept");
    assert_eq!(first.answer().as_deref(), Some(PASSIVE));
}
