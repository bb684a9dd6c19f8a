//! One `pointsman watch` for several zones, and how a host distinguishes what it is sent.
#![cfg(all(target_os = "linux", feature = "watch"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod watching;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use watching::running::{Folder, Watch, pointsman, wait_for};
use watching::servers;

fn checks(ids: &[&str], port: u16) -> Value {
    let config = json!({"Type": "TCP", "IPAddress": "127.0.0.1", "Port": port, "FailureThreshold": 1,
        "RequestInterval": 10});
    ids.iter().map(|id| json!({"Id": id, "HealthCheckConfig": config})).collect()
}

fn zone(name: &str, id: &str, checks: &Value) -> String {
    json!({"HostedZone": {"Id": id, "Name": name}, "HealthChecks": checks, "ResourceRecordSets": []}).to_string()
}

#[test]
fn zones_share_a_check_and_each_has_its_own_report() {
    let folder = Folder::new("zones");
    let tries = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&tries);
    let mut server = servers::Server::start(move |_| {
        count.fetch_add(1, Ordering::Relaxed);
    });
    let port = server.address.port();
    std::fs::create_dir(folder.0.join("zones")).unwrap();
    std::fs::create_dir(folder.0.join("reports")).unwrap();
    folder.write("token", "secret");
    folder.write("zones/com.json", &zone("example.com.", "Z1", &checks(&["shared"], port)));
    folder.write("zones/net.json", &zone("example.net.", "Z2", &checks(&["shared"], port)));
    let arguments = [
        "-z",
        "zones",
        "--interval-scale",
        "0.1",
        "--token-file",
        "token",
        "--id",
        "fra-1",
        "--out",
        "reports",
        "--state",
        "state",
    ];
    let watch = Watch::start(&folder.0, &arguments);
    let health = |zone: &str| watch.get(&format!("/v1/zones/{zone}/health"));
    wait_for("both to be healthy", || {
        ["example.com", "example.net."]
            .iter()
            .all(|zone| health(zone)["HealthChecks"]["shared"] == "healthy")
            .then_some(())
    });
    let (before, begun) = (tries.load(Ordering::Relaxed), Instant::now());
    std::thread::sleep(Duration::from_secs(5));
    let made = (tries.load(Ordering::Relaxed) - before) as f64;
    let wanted = begun.elapsed().as_secs_f64();
    assert!(made <= wanted * 1.3 + 1.0, "{made} tries in {wanted} intervals: it is tried once for both");

    let names: Vec<String> = watch.get("/v1/zones")["Zones"]
        .as_array()
        .unwrap()
        .iter()
        .map(|zone| zone["Name"].as_str().unwrap().into())
        .collect();
    assert_eq!(names, ["example.com.", "example.net."]);
    let (code, _, text) = watch.request("GET", "/v1/health", &[], "");
    assert!(code == 404 && text.contains("example.com., example.net."), "{text}");
    assert_eq!(watch.request("GET", "/v1/zones/example.org/health", &[], "").0, 404);
    let (_, _, metrics) = watch.request("GET", "/metrics", &[], "");
    assert!(
        metrics.contains("pointsman_watch_healthy{zone=\"example.net.\",check=\"shared\",type=\"TCP\"} 1\n"),
        "{metrics}"
    );
    let report = health("example.net");
    assert_eq!((&report["Watch"]["Id"], &report["Watch"]["Zone"]), (&json!("fra-1"), &json!("example.net.")));

    // One zone's force is not the other's, unless it is asked for both.
    let (code, _, error) =
        watch.force(&folder.0, &["--check", "shared", "--zone", "example.net", "--down", "--why", "x"]);
    assert_eq!(code, Some(0), "{error}");
    assert_eq!(health("example.com")["HealthChecks"]["shared"], "healthy");
    assert_eq!(health("example.net")["HealthChecks"]["shared"], "unhealthy");
    wait_for("the files", || {
        let file = |name: &str| folder.read(&format!("reports/{name}.json"));
        (file("example.com").contains("\"shared\":\"healthy\"")
            && file("example.net").contains("\"shared\":\"unhealthy\""))
        .then_some(())
    });
    watch.kill();
    let watch = Watch::start(&folder.0, &arguments);
    let health = |zone: &str| watch.get(&format!("/v1/zones/{zone}/health"));
    assert_eq!(health("example.net")["HealthChecks"]["shared"], "unhealthy");
    assert_eq!(watch.force(&folder.0, &["--clear"]).0, Some(0));
    server.kill();
    wait_for("both to be unhealthy", || {
        ["example.com", "example.net"]
            .iter()
            .all(|zone| health(zone)["HealthChecks"]["shared"] == "unhealthy")
            .then_some(())
    });
    // A zone more is taken over, a zone less is not.
    folder.write("zones/org.json", &zone("example.org.", "Z3", &checks(&["own"], port)));
    wait_for("the third zone", || {
        (watch.request("GET", "/v1/zones/example.org/health", &[], "").0 == 200).then_some(())
    });
    std::fs::remove_file(folder.0.join("zones/com.json")).unwrap();
    wait_for("the problem", || {
        watch.get("/v1/zones/example.net/status")["Problem"]
            .as_str()
            .filter(|text| text.contains("lose the zone example.com."))
            .map(drop)
    });
    assert_eq!(watch.request("GET", "/v1/zones/example.com/health", &[], "").0, 200);
    watch.end();

    folder.write("zones/again.json", &zone("example.net.", "Z4", &checks(&["own"], port)));
    let output = pointsman().current_dir(&folder.0).args(["watch", "-z", "zones"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("two of the zones are named example.net."), "{output:?}");
}

#[test]
fn a_host_sees_which_watch_speaks_and_what_it_missed() {
    let folder = Folder::new("origin");
    let server = servers::tcp();
    folder.write("token", "secret");
    folder.write("zone.json", &zone("example.com.", "Z1", &checks(&["one", "two"], server.address.port())));
    let arguments = ["-z", "zone.json", "--interval-scale", "0.05", "--token-file", "token", "--id", "fra-1"];
    let watch = Watch::start(&folder.0, &arguments);
    wait_for("both to be healthy", || {
        (watch.get("/v1/health")["HealthChecks"].as_object().unwrap().len() == 2).then_some(())
    });
    let events = watch.events();
    let next = |wanted: &str| -> Value {
        loop {
            let (_, name, data) = events.recv_timeout(Duration::from_secs(10)).unwrap();
            if name == wanted {
                return data;
            }
        }
    };
    let whole = next("report");
    assert_eq!(whole["Watch"]["Id"], "fra-1");
    let run = whole["Watch"]["Run"].clone();
    let mut sequence = whole["Watch"]["Sequence"].as_u64().unwrap();
    for round in 0..6 {
        let way = if round % 2 == 0 { "--down" } else { "--up" };
        assert_eq!(watch.force(&folder.0, &["--check", "one", way, "--why", "x"]).0, Some(0));
        let change = next("change");
        sequence += 1;
        assert_eq!(change["Watch"], json!({"Id": "fra-1", "Run": run, "Sequence": sequence, "Zone": "example.com."}));
    }
    let alive = next("alive");
    assert_eq!((&alive["Watch"]["Run"], &alive["Watch"]["Sequence"]), (&run, &json!(sequence)));
    let (_, head, _) = watch.request("GET", "/v1/health", &[], "");
    let tag = format!("etag: \"{}-{sequence}\"", run.as_str().unwrap());
    assert!(head.contains(&tag), "{head}");
    watch.end();
    let again = Watch::start(&folder.0, &arguments);
    let report = again.get("/v1/health");
    assert_eq!(report["Watch"]["Id"], "fra-1");
    assert_ne!(report["Watch"]["Run"], run);
    // What it writes is a report that the other commands read without a word about it.
    folder.write("report.json", &report.to_string());
    let output = pointsman()
        .current_dir(&folder.0)
        .args(["resolve", "example.com", "SOA", "-z", "zone.json", "-H", "report.json"])
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&output.stderr).contains("Watch"), "{output:?}");
    again.end();
}
