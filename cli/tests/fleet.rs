//! A fleet of real processes: three members of etcd, watches, and what goes wrong with each of them.
#![cfg(all(target_os = "linux", feature = "watch"))]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "fleet/etcd.rs"]
mod etcd;
#[path = "fleet/probers.rs"]
mod probers;
#[allow(dead_code, reason = "shared with the tests that need the rest of it")]
#[path = "watching/running.rs"]
mod running;
#[allow(dead_code, reason = "shared with the tests that need the rest of it")]
#[path = "watching/servers.rs"]
mod servers;

use std::time::{Duration, Instant};

use etcd::Etcd;
use probers::{Prober, all_say, settled, zone};
use running::{Folder, wait_for};
use serde_json::Value;

/// Two tries of half a second, and a twentieth more.
const DETECTION: Duration = Duration::from_millis(1050);

struct Fleet {
    probers: Vec<Prober>,
    servers: Vec<servers::Server>,
    etcd: Etcd,
    folder: Folder,
}

/// So many endpoints, three members of etcd and so many watches, all of them healthy.
fn fleet(name: &str, endpoints: usize, probers: usize, more: &[&str]) -> Fleet {
    let folder = Folder::new(&format!("fleet-{name}"));
    folder.write("token", "secret");
    let servers: Vec<servers::Server> = (0..endpoints).map(|_| servers::tcp()).collect();
    let ports: Vec<u16> = servers.iter().map(|server| server.address.port()).collect();
    folder.write("zone.json", &zone(&ports));
    let etcd = Etcd::start(&folder.0, 3);
    let probers: Vec<Prober> = (0..probers).map(|number| Prober::start(&folder, &etcd, number, more)).collect();
    settled(&probers);
    for number in 0..endpoints {
        all_say(&probers, &format!("hc-{number}"), "healthy");
    }
    Fleet { probers, servers, etcd, folder }
}

#[test]
fn an_endpoint_dies_and_every_watch_says_so_at_once() {
    let mut fleet = fleet("dies", 2, 5, &[]);
    for round in 0..2 {
        fleet.servers[0].kill();
        let took = all_say(&fleet.probers, "hc-0", "unhealthy");
        eprintln!("endpoint dead, round {round}: every watch says so after {} ms", took.as_millis());
        assert!(took <= DETECTION + Duration::from_secs(1), "{took:?}");
        fleet.servers[0].revive();
        all_say(&fleet.probers, "hc-0", "healthy");
    }
    for prober in &fleet.probers {
        let state = prober.fleet();
        assert_eq!(state["ReportsThatDiffer"], 0, "{}", prober.log());
        assert_eq!(prober.status("hc-1").as_deref(), Some("healthy"));
        assert_eq!(prober.watch.check("hc-0")["Locations"].as_array().unwrap().len(), 5);
    }
    let leaders: Vec<Value> = fleet.probers.iter().map(|prober| prober.fleet()["Role"].clone()).collect();
    assert_eq!(leaders.iter().filter(|role| *role == "leader").count(), 1, "{leaders:?}");
}
