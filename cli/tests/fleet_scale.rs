//! What a fleet of a thousand checks and twenty watches costs, on one machine; docs/fleet.md has the figures.
#![cfg(all(target_os = "linux", feature = "watch"))]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[allow(dead_code, reason = "shared with the tests that need the rest of it")]
#[path = "fleet/etcd.rs"]
mod etcd;
#[allow(dead_code, reason = "shared with the tests that need the rest of it")]
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
use probers::{Prober, settled, zone};
use running::{Folder, wait_for};

/// Processor time of a process, in seconds.
fn processor(process: u32) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    // utime and stime, in hundredths.
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}

/// Resident memory of a process, in MB.
fn memory(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.split_whitespace().next().unwrap().parse::<f64>().unwrap() / 1024.0
}

fn number_of(variable: &str, otherwise: usize) -> usize {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

#[test]
#[ignore = "a measurement: it wants the machine for itself"]
fn a_thousand_checks_and_twenty_watches() {
    let checks = number_of("POINTSMAN_FLEET_CHECKS", 1000);
    let count = number_of("POINTSMAN_FLEET_PROBERS", 20);
    let seconds = number_of("POINTSMAN_FLEET_SECONDS", 30);
    let folder = Folder::new("fleet-scale");
    folder.write("token", "secret");
    let server = servers::tcp();
    let ports = vec![server.address.port(); checks];
    folder.write("zone.json", &zone(&ports).replace("\"RequestInterval\":10", "\"RequestInterval\":30"));
    let etcd = Etcd::start(&folder.0, 3);
    let more = ["--interval-scale", "1"];
    let probers: Vec<Prober> = (0..count)
        .map(|number| Prober::start_as(&folder, running::pointsman(), &etcd.urls(number), number, &more))
        .collect();
    settled(&probers);
    let last = format!("hc-{}", checks - 1);
    wait_for("the first verdicts", || (probers[0].status(&last).as_deref() == Some("healthy")).then_some(()));
    std::thread::sleep(Duration::from_secs(15));

    let leads = |prober: &&Prober| prober.fleet()["Role"] == "leader";
    let leader = probers.iter().find(leads).unwrap().watch.id();
    let others: Vec<u32> = probers.iter().map(|prober| prober.watch.id()).filter(|id| *id != leader).collect();
    let members: Vec<u32> = (0..3).map(|number| etcd.process(number)).collect();
    let bytes = |name: &str| (0..3).map(|number| etcd.figure(number, name)).sum::<f64>();
    let names = [
        "etcd_network_client_grpc_received_bytes_total",
        "etcd_network_client_grpc_sent_bytes_total",
        "etcd_network_peer_sent_bytes_total",
        "etcd_debugging_mvcc_put_total",
    ];
    let cpu = || {
        let sum = |all: &[u32]| all.iter().map(|process| processor(*process)).sum::<f64>();
        [sum(&members), processor(leader), sum(&others)]
    };
    let (start, cpu_before, bytes_before) = (Instant::now(), cpu(), names.map(bytes));
    std::thread::sleep(Duration::from_secs(seconds as u64));
    let (cpu_after, bytes_after) = (cpu(), names.map(bytes));
    let took = start.elapsed().as_secs_f64();
    for ((name, before), after) in
        ["etcd, three members", "leader", "the other watches"].iter().zip(cpu_before).zip(cpu_after)
    {
        println!("{name}: {:.1} % of a core", (after - before) / took * 100.0);
    }
    for ((name, before), after) in names.iter().zip(bytes_before).zip(bytes_after) {
        println!("{name}: {:.0} a second", (after - before) / took);
    }
    println!("memory: etcd {:.0} MB a member, leader {:.0} MB", memory(members[0]), memory(leader));
    for prober in &probers {
        assert_eq!(prober.fleet()["ReportsThatDiffer"], 0, "{}", prober.log());
        assert!(prober.log().lines().all(|line| !line.contains("event=fleet-lost")), "{}", prober.log());
    }
}
