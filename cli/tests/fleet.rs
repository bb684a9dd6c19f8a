//! A fleet of real processes: three members of etcd, watches, and what goes wrong with each of them.
#![cfg(all(target_os = "linux", feature = "watch"))]
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

#[path = "fleet/etcd.rs"]
mod etcd;
#[path = "fleet/probers.rs"]
mod probers;
#[path = "fleet/proxy.rs"]
mod proxy;
#[allow(dead_code, reason = "shared with the tests that need the rest of it")]
#[path = "watching/running.rs"]
mod running;
#[allow(dead_code, reason = "shared with the tests that need the rest of it")]
#[path = "watching/servers.rs"]
mod servers;

use std::time::{Duration, Instant};

use etcd::Etcd;
use probers::{Prober, all_say, settled, zone};
use proxy::Proxy;
use running::{Folder, pointsman, wait_for};
use serde_json::{Value, json};

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

/// How often checks became healthy or unhealthy, as a watch counts it.
fn flaps(prober: &Prober) -> u64 {
    let status = prober.watch.get("/v1/status");
    status["HealthChecks"].as_array().unwrap().iter().map(|check| check["Flaps"].as_u64().unwrap()).sum()
}

fn members(prober: &Prober) -> usize {
    prober.fleet()["Members"].as_array().unwrap().len()
}

#[test]
fn probers_die_leave_and_are_cut_off() {
    let mut fleet = fleet("probers", 1, 4, &[]);
    let proxy = Proxy::to(fleet.etcd.members[0].client);
    let urls = format!("http://{}", proxy.address);
    let cut_off = Prober::start_as(&fleet.folder, pointsman(), &urls, 9, &[]);
    fleet.probers.push(cut_off);
    settled(&fleet.probers);
    all_say(&fleet.probers, "hc-0", "healthy");
    let before: Vec<u64> = fleet.probers.iter().map(flaps).collect();

    // Killed: its votes leave in one revision, and nothing flaps.
    let start = Instant::now();
    fleet.probers.remove(0).watch.kill();
    wait_for("the dead prober's votes to leave", || (members(&fleet.probers[0]) == 4).then_some(()));
    eprintln!("prober killed: its votes left after {} ms", start.elapsed().as_millis());
    assert!(start.elapsed() < Duration::from_secs(6));
    // Asked to end: at once.
    let start = Instant::now();
    fleet.probers.remove(0).watch.end();
    wait_for("the leaving prober's votes to leave", || (members(&fleet.probers[0]) == 3).then_some(()));
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    assert_eq!(fleet.probers.iter().map(flaps).collect::<Vec<_>>(), before[2..]);
    assert_eq!(fleet.probers[0].fleet()["SeenWithinADay"], 5);

    // Cut off: it goes on trying, and its report stays what it was, with the time that it was.
    proxy.cut();
    let alone = fleet.probers.pop().unwrap();
    wait_for("it to notice", || (alone.fleet()["Role"] == "cut off").then_some(()));
    wait_for("its votes to leave", || (members(&fleet.probers[0]) == 2).then_some(()));
    // Two of five seen within a day are fewer than half: nothing is decided any more, so a third joins.
    let third = Prober::start(&fleet.folder, &fleet.etcd, 5, &[]);
    fleet.probers.push(third);
    settled(&fleet.probers);
    let stopped = alone.time();
    fleet.servers[0].kill();
    all_say(&fleet.probers, "hc-0", "unhealthy");
    wait_for("the one that is cut off to see it, too", || {
        let check = alone.watch.check("hc-0");
        (check["Last"]["Success"] == false).then_some(())
    });
    assert_eq!(alone.status("hc-0").as_deref(), Some("healthy"), "it never decides from its own view");
    assert_eq!(alone.time(), stopped, "its time stops");
    assert!(alone.watch.metric("pointsman_watch_fleet_connected") < 0.5);
    proxy.mend();
    all_say([&alone], "hc-0", "unhealthy");
    wait_for("its time to go on", || (alone.time() != stopped).then_some(()));
    assert_eq!(alone.fleet()["ReportsThatDiffer"], 0);
}

#[test]
fn alone_only_when_it_was_asked_for() {
    let mut fleet = fleet("alone", 1, 2, &[]);
    let proxy = Proxy::to(fleet.etcd.members[0].client);
    let urls = format!("http://{}", proxy.address);
    let one = Prober::start_as(&fleet.folder, pointsman(), &urls, 9, &["--alone", "after=3s"]);
    all_say([&one], "hc-0", "healthy");
    proxy.cut();
    fleet.servers[0].kill();
    let start = Instant::now();
    all_say([&one], "hc-0", "unhealthy");
    assert!(start.elapsed() >= Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(one.fleet()["Alone"], true);
    assert!(one.log().contains("event=fleet-alone"), "{}", one.log());
    fleet.servers[0].revive();
    all_say([&one], "hc-0", "healthy");
    proxy.mend();
    wait_for("it to follow the fleet again", || (one.fleet()["Alone"] == false).then_some(()));
}

#[test]
fn fewer_than_the_quorum_decide_nothing() {
    let mut fleet = fleet("quorum", 1, 5, &[]);
    let last = fleet.probers.pop().unwrap();
    for prober in fleet.probers.drain(..) {
        prober.watch.kill();
    }
    wait_for("the others to be gone", || (members(&last) == 1).then_some(()));
    wait_for("it to lead", || (last.fleet()["Role"] == "leader").then_some(()));
    wait_for("the report to freeze", || (last.fleet()["Zones"][0]["Frozen"] == true).then_some(()));
    let stopped = last.time();
    fleet.servers[0].kill();
    wait_for("it to see it", || (last.watch.check("hc-0")["Last"]["Success"] == false).then_some(()));
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(last.status("hc-0").as_deref(), Some("healthy"));
    assert_eq!(last.time(), stopped);
    assert!(last.watch.metric("pointsman_watch_fleet_frozen") > 0.5);
    let two: Vec<Prober> = (1..3).map(|number| Prober::start(&fleet.folder, &fleet.etcd, number, &[])).collect();
    all_say(two.iter().chain([&last]), "hc-0", "unhealthy");
}

#[test]
fn etcd_loses_its_leader_its_quorum_and_everything() {
    let mut fleet = fleet("etcd", 1, 3, &[]);
    // Its leader dies: another one is found, and all goes on.
    let leader = wait_for("a leader", || fleet.etcd.leader());
    fleet.etcd.kill(leader);
    fleet.servers[0].kill();
    let took = all_say(&fleet.probers, "hc-0", "unhealthy");
    eprintln!("etcd's leader and an endpoint dead: every watch says so after {} ms", took.as_millis());

    // A second one: no quorum, so nothing can be changed, and nothing changes.
    let second = (leader + 1) % 3;
    fleet.etcd.kill(second);
    fleet.servers[0].revive();
    wait_for("a force to be refused", || {
        let body = json!({"HealthCheck": "hc-0", "Status": "up", "Why": "test"}).to_string();
        let (code, _, answer) =
            fleet.probers[0].watch.request("POST", "/v1/force", &["Authorization: Bearer secret"], &body);
        (code == 503 && answer.contains("etcd") | answer.contains("fleet")).then_some(())
    });
    wait_for("the tries to succeed", || {
        (fleet.probers[1].watch.check("hc-0")["Last"]["Success"] == true).then_some(())
    });
    // What was written before may still be on its way to a watch; then nothing moves.
    wait_for("the reports to stand still", || {
        let times = || fleet.probers.iter().map(Prober::time).collect::<Vec<String>>();
        let before = times();
        std::thread::sleep(Duration::from_secs(2));
        (times() == before).then_some(())
    });
    for prober in &fleet.probers {
        assert_eq!(prober.status("hc-0").as_deref(), Some("unhealthy"), "frozen");
    }
    // The quorum is back.
    fleet.etcd.revive(second);
    let start = Instant::now();
    all_say(&fleet.probers, "hc-0", "healthy");
    eprintln!("etcd's quorum back: every watch goes on after {} ms", start.elapsed().as_millis());

    // All of it gone, for longer than any lease.
    let living: Vec<usize> = (0..3).filter(|number| *number != leader).collect();
    living.iter().for_each(|number| fleet.etcd.kill(*number));
    let gone = number_of("POINTSMAN_FLEET_GONE_SECONDS").unwrap_or(6);
    std::thread::sleep(Duration::from_secs(gone));
    for prober in &fleet.probers {
        wait_for("it to know that it is cut off", || (prober.fleet()["Role"] == "cut off").then_some(()));
        assert_eq!(prober.status("hc-0").as_deref(), Some("healthy"));
    }
    (0..3).for_each(|number| fleet.etcd.revive(number));
    fleet.servers[0].kill();
    all_say(&fleet.probers, "hc-0", "unhealthy");
    settled(&fleet.probers);
    for prober in &fleet.probers {
        assert_eq!(prober.fleet()["ReportsThatDiffer"], 0, "{}", prober.log());
    }
}

fn number_of(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap())
}

#[test]
fn a_watch_that_was_away_during_a_compaction_lists_anew() {
    let mut fleet = fleet("compaction", 1, 2, &[]);
    let proxy = Proxy::to(fleet.etcd.members[0].client);
    let away = Prober::start_as(&fleet.folder, pointsman(), &format!("http://{}", proxy.address), 9, &[]);
    all_say([&away], "hc-0", "healthy");
    proxy.cut();
    fleet.servers[0].kill();
    // Both of the others have to say so: three were seen within a day.
    all_say(&fleet.probers, "hc-0", "unhealthy");
    let revision = fleet.probers[0].fleet()["Revision"].as_i64().unwrap();
    let answer = fleet.etcd.ask(0, "/v3/kv/compaction", &format!("{{\"revision\":\"{revision}\",\"physical\":true}}"));
    assert!(answer.as_deref().is_some_and(|answer| answer.contains("revision")), "{answer:?}");
    proxy.mend();
    all_say([&away], "hc-0", "unhealthy");
    assert!(away.log().contains("no longer kept"), "{}", away.log());
}

#[test]
fn clocks_an_hour_apart_change_nothing() {
    let folder = Folder::new("fleet-clocks");
    folder.write("token", "secret");
    let mut server = servers::tcp();
    folder.write("zone.json", &zone(&[server.address.port()]));
    let etcd = Etcd::start(&folder.0, 1);
    let start = |number: usize, offset: &str| {
        // Not by the command faketime, which would stand between this test and the process that it has to end.
        let mut command = pointsman();
        command.env("LD_PRELOAD", "/usr/$LIB/faketime/libfaketime.so.1").env("DONT_FAKE_MONOTONIC", "1");
        command.env("FAKETIME", offset);
        Prober::start_as(&folder, command, &etcd.urls(0), number, &[])
    };
    let probers = [start(0, "-3600s"), start(1, "+0s"), start(2, "+3600s")];
    settled(&probers);
    all_say(&probers, "hc-0", "healthy");
    let hours: std::collections::BTreeSet<String> =
        probers.iter().map(|prober| prober.time()[11..13].to_owned()).collect();
    assert_eq!(hours.len(), 3, "each speaks by its own clock: {hours:?}");
    server.kill();
    let took = all_say(&probers, "hc-0", "unhealthy");
    assert!(took <= DETECTION + Duration::from_secs(1), "{took:?}");
    let (code, out, err) = probers[0].force(&["--check", "hc-0", "--up", "--for", "3s", "--why", "test"]);
    assert_eq!(code, Some(0), "{out}{err}");
    all_say(&probers, "hc-0", "healthy");
    let start = Instant::now();
    all_say(&probers, "hc-0", "unhealthy");
    assert!(start.elapsed() < Duration::from_secs(6), "a force ends by no clock of the wall: {:?}", start.elapsed());
    assert!(probers.iter().all(|prober| prober.fleet()["ReportsThatDiffer"] == 0));
}
