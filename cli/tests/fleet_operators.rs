//! Operators of a fleet of real processes: several at the same time, zones from one version to the next, and what refuses.
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

use std::time::Duration;

use etcd::Etcd;
use probers::{Prober, all_say, settled, zone};
use running::{Folder, pointsman, wait_for};
use serde_json::Value;

/// `pointsman fleet WORD` through a watch: exit code, stdout and stderr.
fn fleet(folder: &Folder, prober: &Prober, arguments: &[&str]) -> (Option<i32>, String, String) {
    let mut command = pointsman();
    command.current_dir(&folder.0).arg("fleet").args(arguments).args([
        "--feed",
        &prober.watch.url,
        "--token-file",
        "token",
    ]);
    let output = command.env_remove("POINTSMAN_TOKEN").output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

/// The schema of a document, as the command prints it.
fn schema(name: &str) -> jsonschema::Validator {
    let output = pointsman().args(["schema", name]).output().unwrap();
    jsonschema::validator_for(&serde_json::from_slice(&output.stdout).unwrap()).unwrap()
}

fn fits(schema: &jsonschema::Validator, document: &Value) {
    let errors: Vec<String> =
        schema.iter_errors(document).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?} in {document}");
}

fn prepared(name: &str, probers: usize, more: &[&str]) -> (Folder, Vec<servers::Server>, Etcd, Vec<Prober>) {
    let folder = Folder::new(&format!("fleet-{name}"));
    folder.write("token", "secret");
    let servers: Vec<servers::Server> = (0..2).map(|_| servers::tcp()).collect();
    let ports: Vec<u16> = servers.iter().map(|server| server.address.port()).collect();
    folder.write("zone.json", &zone(&ports));
    let etcd = Etcd::start(&folder.0, 3);
    let probers: Vec<Prober> = (0..probers).map(|number| Prober::start(&folder, &etcd, number, more)).collect();
    settled(&probers);
    all_say(&probers, "hc-0", "healthy");
    (folder, servers, etcd, probers)
}

#[test]
fn of_two_operators_one_is_first() {
    let (_folder, _servers, _etcd, probers) = prepared("forces", 3, &[]);
    for round in 0..5 {
        let done: Vec<(Option<i32>, String)> = std::thread::scope(|scope| {
            let through = |prober, way| {
                scope.spawn(move || {
                    let (code, _, err) = Prober::force(prober, &["--check", "hc-0", way, "--why", "test"]);
                    (code, err)
                })
            };
            let threads = [through(&probers[0], "--down"), through(&probers[1], "--up")];
            threads.map(|thread| thread.join().unwrap()).into()
        });
        let codes: Vec<Option<i32>> = done.iter().map(|(code, _)| *code).collect();
        assert!(codes.contains(&Some(0)) && codes.contains(&Some(2)), "round {round}: {done:?}");
        let way = if codes[0] == Some(0) { "unhealthy" } else { "healthy" };
        all_say(&probers, "hc-0", way);
        // Clearing and forcing at the same time: what is acknowledged last is what is so.
        let (code, out, err) = probers[2].force(&["--check", "hc-0", "--clear"]);
        assert_eq!(code, Some(0), "{out}{err}");
        for prober in &probers {
            wait_for("the force to be gone", || prober.watch.check("hc-0")["Forced"].is_null().then_some(()));
        }
    }
    // A Region or a check for a while: it ends on every watch by itself.
    let (code, out, err) = probers[0].force(&["--check", "hc-1", "--down", "--for", "2s", "--why", "drill"]);
    assert_eq!(code, Some(0), "{out}{err}");
    all_say(&probers, "hc-1", "unhealthy");
    let took = all_say(&probers, "hc-1", "healthy");
    assert!(took < Duration::from_secs(6), "{took:?}");
    // The moment it is over, the next one may begin, whether its key has left etcd or not.
    for _ in 0..3 {
        let (code, out, err) = probers[2].force(&["--check", "hc-1", "--down", "--for", "1s", "--why", "drill"]);
        assert_eq!(code, Some(0), "{out}{err}");
        all_say(&probers, "hc-1", "unhealthy");
        all_say(&probers, "hc-1", "healthy");
    }
    // To replace one, it has to be named.
    let (code, out, err) = probers[0].force(&["--check", "hc-1", "--down", "--why", "a"]);
    assert_eq!(code, Some(0), "{out}{err}");
    wait_for("the other watch to see it", || probers[1].watch.check("hc-1")["Forced"].is_object().then_some(()));
    let (code, _, err) = probers[1].force(&["--check", "hc-1", "--up", "--why", "b"]);
    assert_eq!(code, Some(2));
    let revision = err.split("--over ").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap_or_default();
    let (code, _, err) = probers[1].force(&["--check", "hc-1", "--up", "--why", "b", "--over", revision]);
    assert_eq!(code, Some(0), "{err}");
    all_say(&probers, "hc-1", "healthy");
}

#[test]
fn zones_go_from_one_version_to_the_next() {
    let (folder, servers, etcd, probers) = prepared("zones", 2, &["--fleet-zones", "zones", "-z", "../zone.json"]);
    let ports: Vec<u16> = servers.iter().map(|server| server.address.port()).collect();
    let digest_at = |prober: &Prober| {
        let (code, head, body) = prober.watch.request("GET", "/v1/zone", &[], "");
        let tag = head.lines().find_map(|line| line.strip_prefix("etag: ")).map(|tag| tag.trim_matches('"').to_owned());
        (code == 200).then(|| (tag.unwrap(), body))
    };
    assert!(digest_at(&probers[0]).is_none());
    // The first version.
    let (code, out, err) = fleet(&folder, &probers[0], &["publish", "zone.json", "--why", "first", "--accept"]);
    assert_eq!(code, Some(0), "{out}{err}");
    let first = wait_for("both to have it", || {
        let (one, two) = (digest_at(&probers[0])?, digest_at(&probers[1])?);
        (one == two).then_some(one)
    });
    let known = format!("If-None-Match: \"{}\"", first.0);
    assert_eq!(probers[1].watch.request("GET", "/v1/zone", &[&known], "").0, 304);

    // One with errors is refused, and one that makes a name go dark, unless that is accepted.
    folder.write("wrong.json", &zone(&ports).replace("\"TTL\":1", "\"TTL\":-1"));
    let (code, _, err) = fleet(&folder, &probers[0], &["publish", "wrong.json", "--why", "oops"]);
    assert!(code != Some(0) && err.contains("not published"), "{code:?} {err}");
    folder.write("dark.json", &zone(&ports[..1]));
    let (code, out, _) = fleet(&folder, &probers[0], &["diff", "dark.json", "--json"]);
    assert_eq!(code, Some(1));
    fits(&schema("fleet-change"), &serde_json::from_str(&out).unwrap());
    let (code, out, _) = fleet(&folder, &probers[0], &["diff", "dark.json"]);
    assert!(code == Some(1) && out.contains("n1.example.com."), "{out}");
    let (code, out, err) = fleet(&folder, &probers[0], &["publish", "dark.json", "--why", "oops"]);
    assert!(code == Some(2) && out.contains("worse"), "{out}{err}");

    // To one location first; the other keeps what it has.
    let arguments =
        ["publish", "dark.json", "--to", "at-1", "--accept", "--why", "second", "--expect", &first.0[..12], "--json"];
    let (code, out, err) = fleet(&folder, &probers[0], &arguments);
    assert_eq!(code, Some(0), "{out}{err}");
    fits(&schema("fleet-change"), &serde_json::from_str(&out).unwrap());
    fits(&schema("fleet"), &probers[0].fleet());
    fits(&schema("watch-status"), &probers[0].watch.get("/v1/status"));
    wait_for("the second location to have it", || {
        let checks = probers[1].watch.get("/v1/status")["HealthChecks"].as_array()?.len();
        (checks == 1 && digest_at(&probers[1])?.0 != first.0).then_some(())
    });
    assert_eq!(digest_at(&probers[0]).unwrap().0, first.0);
    // Back, by one swap.
    let (code, out, err) = fleet(&folder, &probers[1], &["rollback", "example.com", "--why", "back"]);
    assert_eq!(code, Some(0), "{out}{err}");
    wait_for("both to be back", || {
        (digest_at(&probers[0])?.0 == first.0 && digest_at(&probers[1])?.0 == first.0).then_some(())
    });

    // Two at the same time: one is refused, whatever the order.
    folder.write("a.json", &zone(&ports).replace("\"TTL\":1", "\"TTL\":2"));
    folder.write("b.json", &zone(&ports).replace("\"TTL\":1", "\"TTL\":3"));
    let state = probers[0].fleet()["Published"][0]["Number"].as_u64().unwrap();
    let body = |file: &str| serde_json::json!({"Body": folder.read(file), "Expect": state, "Why": file}).to_string();
    let codes: Vec<u16> = std::thread::scope(|scope| {
        let send = |prober: &'static str, at: usize| {
            let (watch, body) = (&probers[at].watch, body(prober));
            scope.spawn(move || {
                watch.request("POST", "/v1/fleet/zones/example.com", &["Authorization: Bearer secret"], &body).0
            })
        };
        let threads = [send("a.json", 0), send("b.json", 1)];
        threads.map(|thread| thread.join().unwrap()).into()
    });
    assert!(codes.contains(&200) && codes.contains(&409), "{codes:?}");

    // A part that is damaged, and one that is missing: the last good version stays, and it is said.
    let good = wait_for("both to have the same", || {
        let (one, two) = (digest_at(&probers[0])?, digest_at(&probers[1])?);
        (one == two && one.0 != first.0).then_some(one)
    });
    damage(&etcd, &first.0);
    let (code, out, err) =
        fleet(&folder, &probers[0], &["rollback", "example.com", "--version", &first.0, "--why", "damaged"]);
    assert_eq!(code, Some(0), "{out}{err}");
    for prober in &probers {
        // A watch that has a version in its hands does not fetch it again.
        let problem = wait_for("it to be said", || {
            let state = prober.fleet();
            state["Published"][0]["Problem"].as_str().map(String::from)
        });
        assert!(problem.contains("damaged"), "{problem}");
        assert_eq!(digest_at(prober).unwrap(), good);
    }
    let (code, out, _) = fleet(&folder, &probers[0], &["status"]);
    assert!(code == Some(1) && out.contains("not in force here"), "{out}");
}

/// Overwrites the first part of a version with something else.
fn damage(etcd: &Etcd, digest: &str) {
    let key = base64(format!("/pointsman/v1/default/zone/example.com./body/{digest}/0").as_bytes());
    let put = serde_json::json!({"key": key, "value": base64(b"{}")}).to_string();
    assert!(etcd.ask(0, "/v3/kv/put", &put).is_some());
    let range = etcd.ask(0, "/v3/kv/range", &serde_json::json!({"key": key}).to_string()).unwrap();
    let range: Value = serde_json::from_str(&range).unwrap_or_default();
    assert_eq!(range["kvs"][0]["value"], base64(b"{}"), "{range}");
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for part in bytes.chunks(3) {
        let number = part.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte)) << (8 * (3 - part.len()));
        for digit in 0..4 {
            match digit <= part.len() {
                true => text.push(char::from(DIGITS[(number >> (18 - 6 * digit)) as usize & 63])),
                false => text.push('='),
            }
        }
    }
    text
}
