//! Watches that take part in a fleet.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::etcd::Etcd;
use crate::running::{Folder, Watch, pointsman, wait_for};

/// A watch and its folder.
pub(crate) struct Prober {
    pub(crate) watch: Watch,
    pub(crate) folder: PathBuf,
    pub(crate) id: String,
}

/// A zone with endpoints of this machine: one TCP check for each port, behind one failover name each.
pub(crate) fn zone(ports: &[u16]) -> String {
    let checks: Vec<Value> = ports
        .iter()
        .enumerate()
        .map(|(number, port)| {
            json!({"Id": format!("hc-{number}"), "HealthCheckConfig": {"Type": "TCP", "IPAddress": "127.0.0.1",
                "Port": port, "FailureThreshold": 2, "RequestInterval": 10}})
        })
        .collect();
    let mut sets = Vec::new();
    for number in 0..ports.len() {
        for (role, address) in [("PRIMARY", 1), ("SECONDARY", 2)] {
            let mut set = json!({"Name": format!("n{number}.example.com."), "Type": "A", "SetIdentifier": role,
                "Failover": role, "TTL": 1, "ResourceRecords": [{"Value": format!("192.0.2.{}", number * 10 + address)}]});
            if role == "PRIMARY" {
                set["HealthCheckId"] = format!("hc-{number}").into();
            }
            sets.push(set);
        }
    }
    let soa = json!({"Name": "example.com.", "Type": "SOA", "TTL": 900, "ResourceRecords": [{"Value":
        "ns-1.example.net. hostmaster.example.com. 1 7200 900 1209600 86400"}]});
    sets.push(soa);
    sets.push(
        json!({"Name": "example.com.", "Type": "NS", "TTL": 900, "ResourceRecords": [{"Value": "ns-1.example.net."}]}),
    );
    json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "HealthChecks": checks, "ResourceRecordSets": sets})
        .to_string()
}

impl Prober {
    /// Starts one: its name is its location. Intervals are a twentieth, so that a check is tried every half second.
    pub(crate) fn start(folder: &Folder, etcd: &Etcd, number: usize, more: &[&str]) -> Self {
        Self::start_as(folder, pointsman(), &etcd.urls(number), number, more)
    }

    /// The same by a command of one's own, with etcd at these addresses.
    pub(crate) fn start_as(folder: &Folder, command: Command, urls: &str, number: usize, more: &[&str]) -> Self {
        let id = format!("at-{number}");
        let own = folder.0.join(&id);
        std::fs::create_dir_all(&own).unwrap();
        let zone = folder.0.join("zone.json");
        let token = folder.0.join("token");
        let mut arguments = vec!["--fleet", urls, "--id", &id, "--location", &id, "--interval-scale", "0.05"];
        let (zone, token) = (zone.to_str().unwrap().to_owned(), token.to_str().unwrap().to_owned());
        arguments.extend(["--token-file", &token]);
        if !more.contains(&"--fleet-zones") {
            arguments.extend(["-z", &zone]);
        }
        arguments.extend(more);
        let watch = Watch::start_as(&own, command, &arguments);
        Self { watch, folder: own, id }
    }

    /// The fleet as it sees it.
    pub(crate) fn fleet(&self) -> Value {
        self.watch.get("/v1/fleet")
    }

    /// What its feed says of a check.
    pub(crate) fn status(&self, check: &str) -> Option<String> {
        self.watch.get("/v1/health")["HealthChecks"][check].as_str().map(String::from)
    }

    /// The time of its report.
    pub(crate) fn time(&self) -> String {
        self.watch.get("/v1/health")["Time"].as_str().unwrap().to_owned()
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// `pointsman force` through this one.
    pub(crate) fn force(&self, arguments: &[&str]) -> (Option<i32>, String, String) {
        let token = self.folder.parent().unwrap().join("token");
        std::fs::copy(token, self.folder.join("token")).unwrap();
        self.watch.force(&self.folder, arguments)
    }
}

/// Waits until all of them see so many members, and one leader.
pub(crate) fn settled(probers: &[Prober]) {
    for prober in probers {
        wait_for("all to have joined", || {
            let fleet = prober.fleet();
            let members = fleet["Members"].as_array()?.len();
            (members == probers.len() && fleet["Leader"].is_string()).then_some(())
        });
    }
}

/// Waits until the feed of each of them says this of a check; returns how long that took.
pub(crate) fn all_say<'p>(probers: impl IntoIterator<Item = &'p Prober>, check: &str, status: &str) -> Duration {
    let start = Instant::now();
    for prober in probers {
        wait_for(&format!("{} to say that {check} is {status}", prober.id), || {
            (prober.status(check).as_deref() == Some(status)).then_some(())
        });
    }
    start.elapsed()
}
