//! What `pointsman watch` acknowledged is kept: over a crash, a full disk, a step of the clock, and files that are not what
//! they were. `POINTSMAN_KILLS=200` makes the first one long.
#![cfg(all(target_os = "linux", feature = "watch"))]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod watching;

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use watching::running::{Folder, Watch, pointsman, wait_for};
use watching::{TOKEN, number};

/// A zone with these checks, which nobody answers, and a routing control.
fn zone(name: &str, checks: &[&str]) -> String {
    let mut list: Vec<Value> = checks
        .iter()
        .map(|id| json!({"Id": id, "HealthCheckConfig": {"Type": "TCP", "IPAddress": "127.0.0.1", "Port": 1}}))
        .collect();
    list.push(json!({"Id": "control", "HealthCheckConfig": {"Type": "RECOVERY_CONTROL",
        "RoutingControlArn": "arn:aws:route53-recovery-control::123456789012:controlpanel/x/routingcontrol/y"}}));
    json!({"HostedZone": {"Id": "Z1", "Name": name}, "HealthChecks": list, "ResourceRecordSets": []}).to_string()
}

fn folder(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("token", "secret");
    folder.write("zone.json", &zone("example.com.", &["hc-1", "hc-2", "hc-3"]));
    folder
}

const ARGUMENTS: [&str; 8] =
    ["-z", "zone.json", "--interval-scale", "100", "--token-file", "token", "--state", "state"];

fn post(watch: &Watch, body: &Value) -> (u16, Value) {
    let (code, _, text) = watch.request("POST", "/v1/force", &[TOKEN], &body.to_string());
    (code, serde_json::from_str(&text).unwrap_or_default())
}

#[test]
fn a_crash_right_after_the_answer_loses_nothing() {
    let folder = folder("kill");
    let kills = number("POINTSMAN_KILLS", 24);
    for kill in 0..kills {
        let watch = Watch::start(&folder.0, &ARGUMENTS);
        if kill > 0 {
            // What the round before was told.
            let was = watch.check("hc-1");
            assert_eq!(was["Forced"]["Why"], format!("round {}", kill - 1), "{was}");
            assert_eq!(was["Forced"]["Until"].is_null(), (kill - 1) % 2 == 0, "{was}");
            let control = watch.get("/v1/health")["HealthChecks"]["control"].clone();
            assert_eq!(control, if (kill - 1) % 3 == 0 { "unhealthy" } else { "healthy" });
        }
        let state = if kill % 3 == 0 { "Off" } else { "On" };
        let body = json!({"RoutingControlState": state}).to_string();
        assert_eq!(watch.request("PUT", "/v1/checks/control", &[TOKEN], &body).0, 200);
        // Up: it counts as healthy already, so that no status changes. Every other one is for longer than the one before.
        let length = if kill % 2 == 0 { Value::Null } else { json!(format!("{}m", 10 + kill)) };
        let (code, answer) = post(
            &watch,
            &json!({"HealthCheck": "hc-1", "Status": "up", "For": length, "Why": format!("round {kill}")}),
        );
        watch.kill();
        assert_eq!((code, &answer["Kept"]), (200, &json!(true)), "{answer}");
    }
    let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.len() <= 6, "temporary files pile up: {left:?}");
}

#[test]
fn without_a_disk_nothing_is_acknowledged_and_it_is_tried_again() {
    let folder = folder("disk");
    let arguments = ["-z", "zone.json", "--interval-scale", "0.2", "--token-file", "token", "--state", "disk/state"];
    let watch = Watch::start(&folder.0, &arguments);
    let (code, answer) = post(&watch, &json!({"HealthCheck": "hc-1", "Status": "down", "Why": "maintenance"}));
    assert_eq!(code, 507, "{answer}");
    assert!(answer["error"].as_str().unwrap().contains("in effect"), "{answer}");
    assert_eq!(watch.check("hc-1")["Status"], "unhealthy");
    let (code, _, error) = watch.force(&folder.0, &["--check", "hc-2", "--down", "--why", "x"]);
    assert!(code == Some(2) && error.contains("state file"), "{error}");
    std::fs::create_dir(folder.0.join("disk")).unwrap();
    wait_for("the state to be written", || folder.read("disk/state").contains("maintenance").then_some(()));
    watch.kill();
    let again = Watch::start(&folder.0, &arguments);
    assert_eq!(again.check("hc-1")["Forced"]["Why"], "maintenance");
    assert_eq!(again.check("hc-2")["Forced"]["Why"], "x");
    again.end();
}

#[test]
fn two_processes_do_not_share_a_state_file() {
    let folder = folder("lock");
    let watch = Watch::start(&folder.0, &ARGUMENTS);
    let second = pointsman().current_dir(&folder.0).args(["watch", "--listen", "127.0.0.1:0"]).args(ARGUMENTS).output();
    let second = second.unwrap();
    let error = String::from_utf8_lossy(&second.stderr);
    assert_eq!(second.status.code(), Some(2), "{error}");
    assert!(error.contains("another process has the state file"), "{error}");
    let state = wait_for("the state file", || std::fs::metadata(folder.0.join("state")).ok());
    assert_eq!(state.permissions().mode() & 0o777, 0o600);
    watch.kill();
    // The lock went with the process.
    Watch::start(&folder.0, &ARGUMENTS).end();
}

#[test]
fn a_file_that_loses_much_or_is_another_zone_is_refused_and_forces_stay() {
    let folder = folder("loss");
    let arguments = [&ARGUMENTS[..2], &["--interval-scale", "0.2"], &ARGUMENTS[4..]].concat();
    let watch = Watch::start(&folder.0, &arguments);
    let (code, _) = post(&watch, &json!({"HealthCheck": "hc-2", "Status": "down", "Why": "disk swap"}));
    assert_eq!(code, 200);
    let problem = |word: &str| {
        wait_for(word, || watch.get("/v1/status")["Problem"].as_str().filter(|text| text.contains(word)).map(drop));
    };
    folder.write("zone.json", &zone("example.com.", &[]));
    problem("They lose 3 of 4 checks");
    folder.write("zone.json", &zone("example.net.", &["hc-1", "hc-2", "hc-3"]));
    problem("They are of example.net.");
    assert_eq!(watch.check("hc-2")["Status"], "unhealthy");
    // A smaller loss is taken, and what was forced is remembered.
    folder.write("zone.json", &zone("example.com.", &["hc-1", "hc-3"]));
    wait_for("the smaller zone", || watch.get("/v1/status")["Problem"].is_null().then_some(()));
    assert_eq!(watch.get("/v1/status")["ForcedWithoutSubject"][0]["Id"], "hc-2");
    folder.wait_for_log("event=force-without-subject what=hc-2");
    watch.kill();
    let watch = Watch::start(&folder.0, &arguments);
    assert_eq!(watch.get("/v1/status")["ForcedWithoutSubject"][0]["Why"], "disk swap");
    folder.write("zone.json", &zone("example.com.", &["hc-1", "hc-2", "hc-3"]));
    wait_for("the check that is back", || {
        (watch.get("/v1/health")["HealthChecks"]["hc-2"] == "unhealthy").then_some(())
    });
    watch.end();
    let careless = Watch::start(&folder.0, &[&arguments[..], &["--accept-loss", "100%"]].concat());
    folder.write("zone.json", &zone("example.com.", &[]));
    wait_for("the empty zone", || {
        (careless.get("/v1/status")["HealthChecks"].as_array().unwrap().len() == 1).then_some(())
    });
    assert_eq!(careless.get("/v1/status")["ForcedWithoutSubject"][0]["Id"], "hc-2");
    careless.end();
}

#[test]
fn a_pipe_as_zone_file_keeps_nobody_waiting() {
    let folder = folder("pipe");
    let fifo = folder.0.join("fifo.json");
    assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let output = pointsman().current_dir(&folder.0).args(["watch", "-z", "fifo.json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("not a regular file"), "{output:?}");

    let arguments = ["-z", "zone.json", "--interval-scale", "0.2"];
    let watch = Watch::start(&folder.0, &arguments);
    std::fs::rename(&fifo, folder.0.join("zone.json")).unwrap();
    wait_for("the problem", || {
        watch.get("/v1/status")["Problem"].as_str().filter(|text| text.contains("not a regular file")).map(drop)
    });
    assert_eq!(watch.get("/v1/status")["HealthChecks"].as_array().unwrap().len(), 4);
    watch.end();
}

/// Shifts the wall clock, and that alone, by the seconds that a file holds.
const SHIFT: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *at) {
    static int (*real)(clockid_t, struct timespec *);
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(id, at);
    if (id == CLOCK_REALTIME) {
        FILE *file = fopen(getenv("SHIFT_FILE"), "r");
        long seconds = 0;
        if (file) { if (fscanf(file, "%ld", &seconds) != 1) seconds = 0; fclose(file); }
        at->tv_sec += seconds;
    }
    return result;
}
"#;

fn shifted(folder: &Folder) -> Command {
    let library = folder.0.join("shift.so");
    let source = folder.write("shift.c", SHIFT);
    let done = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source).arg("-ldl").status();
    assert!(done.unwrap().success());
    let mut command = pointsman();
    command.env("LD_PRELOAD", library).env("SHIFT_FILE", folder.0.join("seconds"));
    command
}

#[test]
fn a_step_of_the_wall_clock_neither_ends_nor_prolongs_a_force() {
    let folder = folder("clock");
    folder.write("seconds", "0");
    let arguments = [&ARGUMENTS[..2], &["--interval-scale", "0.2"], &ARGUMENTS[4..]].concat();
    let watch = Watch::start_as(&folder.0, shifted(&folder), &arguments);
    let force =
        |id: &str, length: &str| post(&watch, &json!({"HealthCheck": id, "Status": "down", "For": length, "Why": "x"}));
    assert_eq!(force("hc-1", "30m").0, 200);
    let time = || watch.get("/v1/health")["Time"].as_str().unwrap()[..16].to_owned();
    let before = time();
    folder.write("seconds", "3600");
    std::thread::sleep(Duration::from_secs(2));
    assert_ne!(time(), before, "the clock that is shown did step");
    let check = watch.check("hc-1");
    assert_eq!(check["Forced"]["Status"], "down", "an hour ahead: {check}");
    assert_eq!(force("hc-2", "3s").0, 200);
    folder.write("seconds", "-3600");
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(watch.check("hc-2").get("Forced"), None, "an hour back");
    // What is shown follows the clock: half an hour from the hour that it is now.
    let check = watch.check("hc-1");
    let until = check["Forced"]["Until"].as_str().unwrap();
    assert!(until > &*time(), "{check}");
    watch.kill();
    // A restart under the stepped clock has what is left of it.
    let again = Watch::start_as(&folder.0, shifted(&folder), &arguments);
    assert_eq!(again.check("hc-1")["Forced"]["Why"], "x");
    again.end();
}

#[test]
fn a_report_behind_a_link_is_replaced_there() {
    let folder = folder("link");
    std::fs::create_dir(folder.0.join("elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere/report.json", folder.0.join("report.json")).unwrap();
    let watch = Watch::start(&folder.0, &["-z", "zone.json", "--interval-scale", "0.2", "--out", "report.json"]);
    wait_for("the report", || folder.read("elsewhere/report.json").contains("\"Time\"").then_some(()));
    assert!(std::fs::symlink_metadata(folder.0.join("report.json")).unwrap().is_symlink());
    watch.end();
    assert_eq!(std::fs::read_dir(folder.0.join(Path::new("elsewhere"))).unwrap().count(), 1);
}
