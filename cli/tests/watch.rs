//! `pointsman watch` from end to end: real servers are killed and come back, and everybody who follows sees it.
#![cfg(all(unix, feature = "watch"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod watching;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use watching::TOKEN;
use watching::running::{Folder, Watch, pointsman, wait_for};
use watching::servers::{http, https, tcp, webhook};

/// Intervals of 10 s are half a second.
const SCALE: f64 = 0.05;
const INTERVAL: Duration = Duration::from_millis(500);
const THRESHOLD: u32 = 3;

/// A zone with a check on each port: HTTP, HTTPS that searches, TCP; one of all three; one told from outside.
fn zone(http: u16, https: u16, tcp: u16) -> String {
    let endpoint = |id: &str, kind: &str, port: u16, more: Value| {
        let mut config = json!({"Type": kind, "IPAddress": "127.0.0.1", "Port": port, "RequestInterval": 10,
            "FailureThreshold": THRESHOLD});
        config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"Id": id, "HealthCheckConfig": config})
    };
    let record = |region: &str, check: &str, last: u8| {
        json!({"Name": "app.example.com.", "Type": "A", "SetIdentifier": region, "Region": region, "TTL": 60,
            "HealthCheckId": check, "ResourceRecords": [{"Value": format!("192.0.2.{last}")}]})
    };
    json!({
        "HostedZone": {"Id": "/hostedzone/Z1", "Name": "example.com."},
        "ResourceRecordSets": [
            record("us-east-1", "hc-http", 1), record("eu-west-1", "hc-https", 2), record("ap-south-1", "hc-tcp", 3),
            {"Name": "tree.example.com.", "Type": "A", "SetIdentifier": "asia", "Region": "ap-south-1", "AliasTarget":
             {"HostedZoneId": "Z1", "DNSName": "leaves.example.com.", "EvaluateTargetHealth": true}},
            {"Name": "leaves.example.com.", "Type": "A", "SetIdentifier": "1", "Weight": 1, "TTL": 60,
             "HealthCheckId": "alarm", "ResourceRecords": [{"Value": "192.0.2.4"}]},
            {"Name": "open.example.com.", "Type": "A", "SetIdentifier": "asia", "Region": "ap-south-1", "TTL": 60,
             "ResourceRecords": [{"Value": "192.0.2.5"}]},
            {"Name": "lb.example.com.", "Type": "A", "AliasTarget": {"HostedZoneId": "Z35SXDOTRQ7X7K",
             "DNSName": "shop-1.us-east-1.elb.amazonaws.com.", "EvaluateTargetHealth": true}},
        ],
        "HealthChecks": [
            endpoint("hc-http", "HTTP", http, json!({"ResourcePath": "/health"})),
            endpoint("hc-https", "HTTPS_STR_MATCH", https, json!({"ResourcePath": "/", "SearchString": "\"status\":\"ok\"",
                "EnableSNI": true, "FullyQualifiedDomainName": "origin.example.com"})),
            endpoint("hc-tcp", "TCP", tcp, json!({})),
            {"Id": "hc-all", "HealthCheckConfig": {"Type": "CALCULATED", "HealthThreshold": 3,
             "ChildHealthChecks": ["hc-http", "hc-https", "hc-tcp"]}},
            {"Id": "alarm", "HealthCheckConfig": {"Type": "CLOUDWATCH_METRIC",
             "InsufficientDataHealthStatus": "LastKnownStatus", "AlarmIdentifier": {"Region": "us-east-1", "Name": "x"}}},
        ],
    })
    .to_string()
}

fn everything_is_healthy(watch: &Watch) -> Option<()> {
    let report = watch.get("/v1/health");
    ["hc-http", "hc-https", "hc-tcp"].iter().all(|id| report["HealthChecks"][id] == "healthy").then_some(())
}

#[test]
fn a_server_dies_and_comes_back_and_everybody_hears_of_it() {
    let folder = Folder::new("outage");
    let (mut http, https, tcp) = (http(), https(), tcp());
    let (webhook, received) = webhook();
    folder.write("zone.json", &zone(http.address.port(), https.address.port(), tcp.address.port()));
    let notify = format!("http://{}/hook", webhook.address);
    let watch = Watch::start(
        &folder.0,
        &[
            "-z",
            "zone.json",
            "--interval-scale",
            &SCALE.to_string(),
            "--out",
            "report.json",
            "--on-change",
            &notify,
            "--on-change",
            "cat >> told",
        ],
    );
    wait_for("three healthy checks", || everything_is_healthy(&watch));
    let parts = watch.check("hc-http")["Parts"].clone();
    assert_eq!(parts, json!([{"Name": "database", "Status": "ok"}, {"Name": "queue", "Status": "slow"}]));
    let events = watch.events();
    let (_, name, whole) = events.recv_timeout(Duration::from_secs(10)).unwrap();
    assert_eq!((name.as_str(), &whole["HealthChecks"]["hc-http"]), ("report", &json!("healthy")));

    let next_change = |status: &str| -> Instant {
        wait_for(&format!("the event that hc-http is {status}"), || {
            let (at, name, data) = events.recv_timeout(Duration::from_secs(20)).ok()?;
            if name != "change" {
                return None;
            }
            assert_eq!(data["HealthChecks"], json!({"hc-http": status}));
            Some(at)
        })
    };
    let killed = Instant::now();
    http.kill();
    let detected = next_change("unhealthy").duration_since(killed);
    let reason = watch.check("hc-http")["Reason"].clone();
    assert_eq!(reason, "connection refused");
    let revived = Instant::now();
    http.revive();
    let recovered = next_change("healthy").duration_since(revived);

    // The first try after the event comes within one interval, then one each interval; a loaded machine adds some.
    for (what, took) in [("detected", detected), ("recovered", recovered)] {
        println!(
            "{what} after {:.2} s: {:.1} intervals, threshold {THRESHOLD}",
            took.as_secs_f64(),
            took.div_duration_f64(INTERVAL)
        );
        assert!(took >= INTERVAL.mul_f64(0.9) * (THRESHOLD - 1), "{what} after {took:?} is too soon");
        assert!(
            took <= INTERVAL.mul_f64(1.1) * (THRESHOLD + 1) + Duration::from_secs(3),
            "{what} after {took:?} is late"
        );
    }
    let transitions = wait_for("four notifications", || {
        let received = received.lock().unwrap();
        (received.len() >= 4).then(|| received.clone())
    });
    let told: Vec<(String, String)> = transitions
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|line| (line["HealthCheck"].as_str().unwrap().into(), line["Status"].as_str().unwrap().into()))
        .collect();
    let pair = |id: &str, status: &str| (id.to_owned(), status.to_owned());
    assert_eq!(
        told,
        [
            pair("hc-http", "unhealthy"),
            pair("hc-all", "unhealthy"),
            pair("hc-http", "healthy"),
            pair("hc-all", "healthy")
        ]
    );
    wait_for("the command's four lines", || (folder.read("told").lines().count() == 4).then_some(()));
    let log = folder.read("log");
    assert_eq!(log.matches("event=transition check=hc-http").count(), 2, "{log}");
    assert!(log.contains("reason=\"2 of 3 children healthy, 3 needed; unhealthy: hc-http\""), "{log}");
    watch.end();

    // What it left in the file is a report that the other commands read.
    let report = folder.0.join("report.json");
    let asked = ["app.example.com", "A", "-z", "zone.json", "--draw", "0", "--latency", "us-east-1=1", "--json", "-H"];
    let output = pointsman().current_dir(&folder.0).arg("resolve").args(asked).arg(report).output().unwrap();
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(answer["values"], json!(["192.0.2.1"]));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("Time"), "{output:?}");
}

#[test]
fn an_operator_drills_a_region_and_lets_go_of_it() {
    let folder = Folder::new("drill");
    let (http, https, tcp) = (http(), https(), tcp());
    folder.write("zone.json", &zone(http.address.port(), https.address.port(), tcp.address.port()));
    folder.write("token", "secret\n");
    folder.write(
        "targets.json",
        &json!({"shop-1.us-east-1.elb.amazonaws.com": format!("tcp://{}", tcp.address)}).to_string(),
    );
    let watch = Watch::start(
        &folder.0,
        &["-z", "zone.json", "--targets", "targets.json", "--interval-scale", "0.05", "--token-file", "token"],
    );
    wait_for("three healthy checks", || everything_is_healthy(&watch));
    let force = |arguments: &[&str]| {
        let mut command = pointsman();
        command.current_dir(&folder.0).args(["force", "--feed", &watch.url]).args(arguments);
        let output = command.env_remove("POINTSMAN_TOKEN").output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let with_token = |arguments: &[&str]| force(&[arguments, &["--token-file", "token"]].concat());

    let (code, text, _) = with_token(&["--region", "us-east-1", "--down", "--for", "2s", "--why", "the May drill"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("hc-http, shop-1.us-east-1.elb.amazonaws.com."), "{text}");
    let report = watch.get("/v1/health");
    assert_eq!(report["HealthChecks"]["hc-http"], "unhealthy");
    assert_eq!(report["AliasTargets"], json!({"shop-1.us-east-1.elb.amazonaws.com.": "unhealthy"}));
    let check = watch.check("hc-http");
    assert_eq!((&check["Status"], &check["Forced"]["Why"]), (&json!("unhealthy"), &json!("the May drill")));
    let (_, _, metrics) = watch.request("GET", "/metrics", &[], "");
    assert!(metrics.contains("pointsman_watch_forced{check=\"hc-http\",type=\"HTTP\"} 1\n"), "{metrics}");
    folder.wait_for_log("event=forced status=down");
    folder.wait_for_log("why=\"the May drill\"");
    wait_for("the drill's end", || (watch.get("/v1/health")["HealthChecks"]["hc-http"] == "healthy").then_some(()));

    folder.wait_for_log("event=force-over what=hc-http,shop-1.us-east-1.elb.amazonaws.com.\n");

    let (code, _, _) = with_token(&["--check", "hc-tcp", "--down", "--why", "maintenance"]);
    assert_eq!((code, watch.check("hc-tcp")["Status"].clone()), (Some(0), json!("unhealthy")));
    let (code, text, _) = with_token(&["--clear"]);
    assert_eq!((code, text.trim()), (Some(0), "cleared: hc-tcp"));
    folder.wait_for_log("event=force-cleared what=hc-tcp\n");
    assert_eq!(watch.check("hc-tcp")["Status"], "healthy");

    let (code, text, _) = with_token(&["--clear"]);
    assert_eq!((code, text.trim()), (Some(0), "nothing was forced"));
    let (code, text, warning) = with_token(&["--region", "ap-south-1", "--down", "--why", "leaves, too"]);
    assert_eq!((code, text.trim()), (Some(0), "forced down until it is cleared: hc-tcp, alarm"));
    assert!(warning.contains("stay healthy all the same: open.example.com./A/asia\n"), "{warning}");
    assert_eq!(watch.get("/v1/health")["HealthChecks"]["alarm"], "unhealthy");
    let (code, text, _) = with_token(&["--region", "ap-south-1", "--clear"]);
    assert_eq!((code, text.trim()), (Some(0), "cleared: hc-tcp, alarm"));

    for (arguments, with, word) in [
        (&["--check", "hc-all", "--down", "--why", "x"][..], true, "calculated"),
        (&["--region", "us-west-2", "--down", "--why", "x"], true, "ap-south-1, eu-west-1, us-east-1"),
        (&["--check", "hc-tcp", "--down", "--why", "x"], false, "token"),
        (&["--down", "--why", "x"], true, "nothing is named"),
    ] {
        let (code, _, error) = if with { with_token(arguments) } else { force(arguments) };
        assert_eq!(code, Some(2), "{arguments:?}");
        assert!(error.contains(word), "{arguments:?}: {error}");
    }
    watch.end();
}

#[test]
fn what_comes_from_outside_needs_the_token() {
    let folder = Folder::new("outside");
    let (http, https, tcp) = (http(), https(), tcp());
    folder.write("zone.json", &zone(http.address.port(), https.address.port(), tcp.address.port()));
    folder.write("token", "secret");
    let open = Watch::start(&folder.0, &["-z", "zone.json", "--interval-scale", "0.05", "--token-file", "token"]);
    let alarm = "/v1/checks/alarm";
    let state = |value: &str| json!({"StateValue": value}).to_string();
    assert_eq!(open.request("PUT", alarm, &[], &state("ALARM")).0, 401);
    assert_eq!(open.request("PUT", alarm, &["Authorization: Bearer secrets"], &state("ALARM")).0, 401);
    assert_eq!(open.request("PUT", alarm, &[TOKEN], &state("ALARM")).0, 200);
    assert_eq!(open.get("/v1/health")["HealthChecks"]["alarm"], "unhealthy");
    assert_eq!(open.request("PUT", alarm, &[TOKEN], &state("INSUFFICIENT_DATA")).0, 200);
    let report = open.get("/v1/health");
    assert_eq!(report["HealthChecks"]["alarm"], json!({"Status": "insufficient", "LastKnown": "unhealthy"}));
    assert_eq!(open.check("alarm")["Status"], "unhealthy");
    for (method, path, body, code) in [
        ("PUT", alarm, "{", 400),
        ("PUT", alarm, "{\"StateValue\":\"Ok\"}", 409),
        ("PUT", "/v1/checks/hc-http", "{\"StateValue\":\"OK\"}", 409),
        ("PUT", "/v1/checks/%", "{}", 404),
        ("GET", alarm, "", 405),
        ("DELETE", "/v1/health", "", 405),
        ("GET", "/v2", "", 404),
        ("POST", "/v1/force", "{\"Status\":\"down\",\"Region\":\"us-east-1\"}", 400),
    ] {
        let (answered, _, text) = open.request(method, path, &[TOKEN], body);
        assert_eq!(answered, code, "{method} {path} {body}: {text}");
        assert!(serde_json::from_str::<Value>(&text).unwrap()["error"].is_string(), "{text}");
    }
    let long = format!("{{\"StateValue\":\"{}\"}}", "x".repeat(70_000));
    assert_eq!(open.request("PUT", alarm, &[TOKEN], &long).0, 413);
    let header = format!("X-Long: {}", "x".repeat(100_000));
    assert_eq!(open.request("GET", "/v1/health", &[&header], "").0, 431);
    assert!(!open.raw(b"\x16\x03\x01 this is no HTTP\r\n\r\n").starts_with("HTTP/1.1 2"));

    // The entity tag is the same until a status is another.
    let (code, head, _) = open.request("GET", "/v1/health", &[], "");
    let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
    assert_eq!(code, 200);
    let known = format!("If-None-Match: {tag}");
    wait_for("the first tries to be over", || everything_is_healthy(&open));
    let (_, head, _) = open.request("GET", "/v1/health", &[], "");
    let now = head.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().to_owned();
    let (code, _, body) = open.request("GET", "/v1/health", &[&format!("If-None-Match: {now}")], "");
    assert_eq!((code, body.as_str()), (304, ""));
    assert_eq!(open.request("PUT", alarm, &[TOKEN], &state("OK")).0, 200);
    assert_eq!(open.request("GET", "/v1/health", &[&known, &format!("If-None-Match: {now}")], "").0, 200);
    let (code, head, page) = open.request("GET", "/", &[], "");
    assert!(code == 200 && head.contains("text/html") && page.contains("<!doctype html>"));
    open.end();

    let closed = Watch::start(&folder.0, &["-z", "zone.json", "--interval-scale", "0.05"]);
    let (code, _, text) = closed.request("PUT", alarm, &[TOKEN], &state("ALARM"));
    assert_eq!(code, 403, "{text}");
    assert!(text.contains("--token-file"), "{text}");
    closed.end();
}

#[test]
fn a_broken_file_changes_nothing_and_a_restart_begins_where_it_ended() {
    let folder = Folder::new("reload");
    let (http, https, mut tcp) = (http(), https(), tcp());
    let good = zone(http.address.port(), https.address.port(), tcp.address.port());
    folder.write("zone.json", &good);
    let arguments = ["-z", "zone.json", "--interval-scale", "0.05", "--state", "state"];
    let watch = Watch::start(&folder.0, &arguments);
    wait_for("three healthy checks", || everything_is_healthy(&watch));

    folder.write("zone.json", good.split_at(good.len() / 2).0);
    let problem = wait_for("the problem", || watch.get("/v1/status")["Problem"].as_str().map(str::to_owned));
    assert!(problem.contains("last good ones stay") && problem.contains("zone.json:1:"), "{problem}");
    assert_eq!(everything_is_healthy(&watch), Some(()));
    let (_, _, metrics) = watch.request("GET", "/metrics", &[], "");
    assert!(metrics.contains("pointsman_watch_reload_failures_total 1\n"), "{metrics}");
    std::fs::remove_file(folder.0.join("zone.json")).unwrap();
    wait_for("the file to be missed", || {
        watch.get("/v1/status")["Problem"].as_str().filter(|problem| problem.contains("no such file")).map(drop)
    });

    folder.write("zone.json", &good.replace("hc-tcp", "hc-renamed"));
    wait_for("the new check", || (watch.get("/v1/health")["HealthChecks"]["hc-renamed"] == "healthy").then_some(()));
    let status = watch.get("/v1/status");
    assert_eq!(status["Problem"], Value::Null);
    assert!(watch.get("/v1/health")["HealthChecks"].get("hc-tcp").is_none());
    watch.signal("HUP");
    wait_for("the reload that was asked for", || {
        (folder.read("log").matches("event=reloaded").count() >= 2).then_some(())
    });

    tcp.kill();
    wait_for("the dead port", || (watch.check("hc-renamed")["Status"] == "unhealthy").then_some(()));
    watch.end();
    // Slow this time, so that nothing was tried yet when it is asked.
    let again = Watch::start(&folder.0, &["-z", "zone.json", "--interval-scale", "10", "--state", "state"]);
    let report = again.get("/v1/health");
    assert_eq!(report["HealthChecks"]["hc-renamed"], "unhealthy");
    assert_eq!(report["HealthChecks"]["hc-http"], "healthy");
    again.end();

    // A damaged state file is reported, and does not keep the watch from starting.
    let state = folder.read("state");
    folder.write("state", &state.replace("unhealthy", "healthy"));
    let fresh = Watch::start(&folder.0, &["-z", "zone.json", "--interval-scale", "10", "--state", "state"]);
    assert_eq!(fresh.get("/v1/health")["HealthChecks"], json!({}));
    folder.wait_for_log("event=state-not-read");
    fresh.end();
}

#[test]
fn files_that_cannot_be_written_are_told_and_the_feed_goes_on() {
    let folder = Folder::new("full");
    let (http, https, tcp) = (http(), https(), tcp());
    folder.write("zone.json", &zone(http.address.port(), https.address.port(), tcp.address.port()));
    let arguments = ["-z", "zone.json", "--interval-scale", "0.05", "--state", "none/state", "--out", "none/report"];
    let watch = Watch::start(&folder.0, &arguments);
    wait_for("three healthy checks", || everything_is_healthy(&watch));
    wait_for("a word about it", || folder.read("log").contains("event=file-not-written").then_some(()));
    std::fs::create_dir(folder.0.join("none")).unwrap();
    // The report is written again by and by, the state with the next change or at the end.
    wait_for("the report", || (!folder.read("none/report").is_empty()).then_some(()));
    watch.end();
    assert!(folder.read("none/state").starts_with("pointsman watch state"));
}

#[test]
fn what_cannot_begin_says_why() {
    let folder = Folder::new("begin");
    folder.write("zone.json", &zone(1, 2, 3));
    folder.write("broken.json", "{\"ResourceRecordSets\": [");
    folder.write("targets.json", "{\"shop-1.us-east-1.elb.amazonaws.com\": \"ftp://x\"}");
    folder.write("empty", "\n");
    for (arguments, code, word) in [
        (&["-z", "broken.json"][..], 1, "broken.json:1:"),
        (&["-z", "nowhere.json"], 1, "no such file"),
        (&["-z", "zone.json", "--targets", "targets.json"], 1, "http, https or tcp"),
        (&["-z", "zone.json", "--token-file", "empty"], 2, "token is empty"),
        (&["-z", "zone.json", "--listen", "192.0.2.1:1"], 2, "cannot listen on 192.0.2.1:1"),
        (&["-z", "-"], 2, "standard input"),
        (&["-z", "zone.json", "--interval-scale", "0"], 2, "0.001 to 100"),
    ] {
        let output = pointsman().current_dir(&folder.0).arg("watch").args(arguments).output().unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        assert!(text.contains(word), "{arguments:?}: {text}");
    }
}
