//! What `pointsman watch --record` wrote, replayed: real endpoints die, and `replay` says who was sent where meanwhile.
#![cfg(all(target_os = "linux", feature = "watch"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod watching;

use std::time::Duration;

use jsonschema::Validator;
use serde_json::{Value, json};
use watching::running::{Folder, Watch, pointsman, wait_for};
use watching::servers;

/// A primary and a secondary; the primary with a health check of its own, or without any.
fn zone(port: u16, is_checked: bool) -> String {
    let record = |failover: &str, value: &str| {
        json!({"Name": "www.example.com.", "Type": "A", "SetIdentifier": failover, "Failover": failover, "TTL": 60,
            "ResourceRecords": [{"Value": value}]})
    };
    let (mut primary, secondary) = (record("PRIMARY", "127.0.0.1"), record("SECONDARY", "192.0.2.2"));
    let mut checks = Vec::new();
    if is_checked {
        primary["HealthCheckId"] = "hc-1".into();
    }
    checks.push(json!({"Id": "hc-1", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "127.0.0.1", "Port": port,
        "FailureThreshold": 1, "RequestInterval": 10}}));
    // Without a policy nothing goes elsewhere.
    let sets = if is_checked {
        vec![primary, secondary]
    } else {
        vec![json!({"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "127.0.0.1"}]})]
    };
    json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": sets, "HealthChecks": checks})
        .to_string()
}

fn replayed(folder: &Folder, arguments: &[&str]) -> Value {
    let output = pointsman().current_dir(&folder.0).args(["replay"]).args(arguments).arg("--json").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn an_outage_is_replayed_over_the_zone_and_over_another_one() {
    let folder = Folder::new("replay");
    let mut primary = servers::tcp();
    let port = primary.address.port();
    folder.write("zone.json", &zone(port, true));
    folder.write("plain.json", &zone(port, false));
    let arguments = ["-z", "zone.json", "--interval-scale", "0.05", "--record", "records/events"];
    let watch = Watch::start(&folder.0, &arguments);
    let is = |watch: &Watch, status: &str| {
        wait_for(status, || (watch.get("/v1/health")["HealthChecks"]["hc-1"] == status).then_some(()));
    };
    // There is no such folder yet: it is said, counted, and tried again with the whole report.
    is(&watch, "healthy");
    wait_for("the failure", || (watch.metric("pointsman_watch_write_failures_total") > 0.0).then_some(()));
    std::fs::create_dir(folder.0.join("records")).unwrap();
    wait_for("the record", || folder.read("records/events").contains("\"hc-1\":\"healthy\"").then_some(()));
    primary.kill();
    is(&watch, "unhealthy");
    std::thread::sleep(Duration::from_secs(3));
    primary.revive();
    is(&watch, "healthy");
    std::thread::sleep(Duration::from_millis(1800));
    watch.kill();
    std::thread::sleep(Duration::from_secs(1));
    let watch = Watch::start(&folder.0, &arguments);
    is(&watch, "healthy");
    std::thread::sleep(Duration::from_millis(1800));
    watch.end();

    let history = ["--history", "records/events", "--against", "plain.json", "--svg", "chart.svg"];
    let value = replayed(&folder, &[&["zone.json"], &history[..]].concat());
    let row = &value["rows"][0];
    let seconds = |of: &str, what: &str| row[of]["seconds"][what].as_f64().unwrap();
    // By what the check said, the zone sent everybody to the secondary, and the plain one to what was dead.
    let elsewhere = seconds("was", "elsewhere");
    assert!((2.5..8.0).contains(&elsewhere), "{row}");
    assert_eq!((seconds("was", "dead"), seconds("was", "no_answer")), (0.0, 0.0), "{row}");
    assert!((seconds("against", "dead") - elsewhere).abs() < 0.01, "{row}");
    assert!(value["unrecorded_seconds"].as_f64().unwrap() > 0.9, "between the two runs: {value}");
    let answers: Vec<&Value> =
        row["was"]["steps"].as_array().unwrap().iter().map(|step| &step["answers"][0]["values"][0]).collect();
    assert_eq!(answers, ["127.0.0.1", "192.0.2.2", "127.0.0.1", "127.0.0.1"], "{row}");
    assert_eq!(value["exact"], false);
    let chart = folder.read("chart.svg");
    assert!(chart.starts_with("<svg ") && chart.contains("www.example.com. A"), "{chart}");
}

/// What `pointsman schema NAME` prints, ready to compare documents with.
fn schema(name: &str) -> Validator {
    let output = pointsman().args(["schema", name]).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    jsonschema::validator_for(&serde_json::from_slice(&output.stdout).unwrap()).unwrap()
}

/// Whether all of these fit, and none of them would with one member more.
fn fit(name: &str, documents: &[Value]) {
    let schema = schema(name);
    assert!(!documents.is_empty(), "nothing to compare with {name}");
    for document in documents {
        let faults: Vec<String> =
            schema.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(faults.is_empty(), "{document}\ndoes not fit {name}: {faults:#?}");
        let mut altered = document.clone();
        altered["not a member"] = json!(1);
        assert!(!schema.is_valid(&altered), "{name} takes anything");
    }
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

#[test]
fn all_that_a_watch_prints_and_keeps_fits_its_schema() {
    let folder = Folder::new("documents");
    let primary = servers::tcp();
    folder.write("token", "secret");
    folder.write("zone.json", &zone(primary.address.port(), true));
    let watch = Watch::start(
        &folder.0,
        &["-z", "zone.json", "--interval-scale", "0.05", "--record", "history", "--state", "state", "--json"]
            .into_iter()
            .chain(["--token-file", "token", "--out", "report.json"])
            .collect::<Vec<_>>(),
    );
    wait_for("the first status", || (watch.get("/v1/health")["HealthChecks"]["hc-1"] == "healthy").then_some(()));
    let (code, ..) = watch.force(&folder.0, &["--check", "hc-1", "--down", "--for", "1h", "--why", "a drill"]);
    assert_eq!(code, Some(0));
    let events = watch.events();
    fit("watch-status", &[watch.get("/v1/status")]);
    fit("watch-zones", &[watch.get("/v1/zones")]);
    fit("health-report", &[watch.get("/v1/health"), events.recv_timeout(Duration::from_secs(20)).unwrap().2]);
    wait_for("the force in the record", || folder.read("history").contains("\"hc-1\":\"unhealthy\"").then_some(()));
    std::thread::sleep(Duration::from_millis(1100));
    watch.end();

    fit("watch-log", &lines(&folder.read("log")));
    let state = folder.read("state");
    let kept: Vec<Value> = state.lines().skip(1).map(|line| serde_json::from_str(line).unwrap()).collect();
    fit("watch-state", &kept);
    assert_eq!(kept[0]["Force"]["Why"], "a drill", "{state}");
    fit("health-report", &lines(&folder.read("report.json")));
    folder.write("plain.json", &zone(primary.address.port(), false));
    fit("replay", &[replayed(&folder, &["zone.json", "--history", "history", "--against", "plain.json"])]);
}
