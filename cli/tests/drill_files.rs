//! What `drill` writes into files, and what it folds: the change batch of `--fix`, SARIF, notes, causes; and what `check` says of
//! the same health checks.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_pointsman"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn drilled(folder: &Path, arguments: &[&str]) -> Value {
    let mut words = vec!["drill", "--json"];
    words.extend(arguments);
    serde_json::from_str(&run(folder, &words).1).unwrap()
}

/// Names each with two addresses in weighted record sets, whose health check is `hc-shared`; checks of their own exist for
/// the first `own` names.
fn shared_probe(names: usize, own: usize) -> Value {
    let address = |name: usize, side: usize| format!("203.0.113.{}", name * 2 + side + 1);
    let sets: Vec<Value> = (0..names)
        .flat_map(|name| [0, 1].map(|side| (name, side)))
        .map(|(name, side)| {
            json!({"Name": format!("n{name:02}.example.com."), "Type": "A", "SetIdentifier": format!("m{side}"), "Weight": 1,
                "TTL": 60, "ResourceRecords": [{"Value": address(name, side)}], "HealthCheckId": "hc-shared"})
        })
        .collect();
    let check = |id: String, address: String| json!({"Id": id, "HealthCheckConfig": {"Type": "TCP", "IPAddress": address, "Port": 443}});
    let mut checks = vec![check("hc-shared".into(), address(0, 0))];
    for name in 0..own {
        checks.extend([0, 1].map(|side| check(format!("hc-{name}-{side}"), address(name, side))));
    }
    json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": sets, "HealthChecks": checks})
}

#[test]
fn one_shared_probe_is_one_cause() {
    let folder = folder("shared-probe");
    fs::write(folder.join("zone.json"), shared_probe(24, 0).to_string()).unwrap();
    let found = drilled(&folder, &["-z", "zone.json"]);
    let findings = found["findings"].as_array().unwrap();
    let dead = findings.iter().filter(|finding| finding["code"] == "dead-endpoint").count();
    assert!(dead >= 46, "{dead}");
    let causes = found["causes"].as_array().unwrap();
    assert_eq!(causes.len(), 1, "{causes:#?}");
    assert_eq!(causes[0]["cause"], "health check hc-shared");
    assert_eq!(causes[0]["findings"].as_array().unwrap().len(), findings.len());
    let (code, text) = run(&folder, &["drill", "-z", "zone.json"]);
    assert_eq!(code, Some(1));
    assert_eq!(text.matches("danger[dead-endpoint]").count(), 1, "{text}");
    assert!(text.contains("; 1 cause to mend") && !text.contains("delete it"), "{text}");
}

#[test]
fn a_fix_is_a_change_batch_that_applies_and_mends() {
    let folder = folder("fix");
    fs::write(folder.join("zone.json"), shared_probe(3, 3).to_string()).unwrap();
    let before = drilled(&folder, &["-z", "zone.json", "--fix", "fix.json"]);
    assert_eq!(before["fix"]["file"], "fix.json");
    assert_eq!(before["fix"]["mends"], json!(["health check hc-shared"]));
    let (code, applied) = run(&folder, &["apply", "zone.json", "--batch", "fix.json"]);
    assert_eq!(code, Some(0));
    fs::write(folder.join("after.json"), applied).unwrap();
    let after = drilled(&folder, &["-z", "after.json"]);
    let left = after["findings"].as_array().unwrap();
    assert!(left.iter().all(|finding| finding["code"] != "dead-endpoint"), "{left:#?}");
    // Where the checks do not exist there is nothing to write, and the reason is said.
    fs::write(folder.join("none.json"), shared_probe(3, 0).to_string()).unwrap();
    let none = drilled(&folder, &["-z", "none.json", "--fix", "none-fix.json"]);
    assert!(none["fix"]["file"].is_null() && !folder.join("none-fix.json").exists());
    assert!(none["fix"]["not_mended"][0]["why"].as_str().unwrap().contains("needs a health check"), "{none:#}");
    // A fix that would break a promise which held is not offered.
    let promise = "[[invariant]]\nname = \"as before\"\nholds = \"size(down) != 1 || moved < 0.1\"\n";
    fs::write(folder.join("promise.toml"), promise).unwrap();
    let kept = drilled(&folder, &["-z", "zone.json", "--fix", "kept.json", "--invariants", "promise.toml"]);
    assert!(kept["invariants"][0]["broken"].is_null(), "{kept:#}");
    assert!(kept["fix"]["change_batch"].is_null() && !folder.join("kept.json").exists(), "{kept:#}");
}

#[test]
fn sarif_stands_at_what_causes_a_finding() {
    let folder = folder("sarif");
    fs::write(folder.join("zone.json"), format!("{:#}", shared_probe(3, 0))).unwrap();
    let found = drilled(&folder, &["-z", "zone.json", "--sarif", "drill.sarif"]);
    let log: Value = serde_json::from_str(&fs::read_to_string(folder.join("drill.sarif")).unwrap()).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), found["findings"].as_array().unwrap().len());
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let text = fs::read_to_string(folder.join("zone.json")).unwrap();
    for result in results {
        assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]));
        assert!(["error", "warning", "note"].iter().any(|level| result["level"] == *level));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "zone.json");
        let line = place["region"]["startLine"].as_u64().unwrap() as usize;
        let below: Vec<&str> = text.lines().skip(line - 1).take(12).collect();
        assert!(below.join("\n").contains("hc-shared"), "line {line}: {below:#?}");
    }
    // What the baseline has is a note.
    fs::write(folder.join("known.json"), found.to_string()).unwrap();
    let (code, _) = run(&folder, &["drill", "-z", "zone.json", "--sarif", "drill.sarif", "--baseline", "known.json"]);
    let log: Value = serde_json::from_str(&fs::read_to_string(folder.join("drill.sarif")).unwrap()).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    assert!(code == Some(0) && results.iter().all(|result| result["level"] == "note"), "{results:#?}");
}

#[test]
fn many_notes_are_folded() {
    let folder = folder("notes");
    let set = |name: usize, region: &str, address: String| {
        json!({"Name": format!("n{name}.example.com."), "Type": "A", "SetIdentifier": region, "Region": region, "TTL": 60,
            "ResourceRecords": [{"Value": address}], "HealthCheckId": format!("hc-{name}-{region}")})
    };
    let each = (0..12).flat_map(|name| [(name, "us-east-1", 1), (name, "eu-west-1", 2)]);
    let address = |name: usize, side: usize| format!("203.0.113.{}", name * 2 + side);
    let sets: Vec<Value> = each.clone().map(|(name, region, side)| set(name, region, address(name, side))).collect();
    let checks: Vec<Value> = each
        .map(|(name, region, side)| {
            json!({"Id": format!("hc-{name}-{region}"),
                "HealthCheckConfig": {"Type": "TCP", "IPAddress": address(name, side), "Port": 443}})
        })
        .collect();
    let zone =
        json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": sets, "HealthChecks": checks});
    fs::write(folder.join("zone.json"), zone.to_string()).unwrap();
    let (code, text) = run(&folder, &["drill", "-z", "zone.json"]);
    let (_, whole) = run(&folder, &["drill", "-z", "zone.json", "--notes"]);
    let notes = |text: &str| text.matches("note[leaves-continent]").count();
    assert_eq!((code, notes(&text)), (Some(0), 1), "{text}");
    assert!(notes(&whole) > 3, "{whole}");
    assert!(
        text.contains(&format!("{} more notes [leaves-continent]; --notes shows each", notes(&whole) - 1)),
        "{text}"
    );
    // Both sides of a failover at once, where that is asked for: these are none.
    let (code, text) = run(&folder, &["drill", "-z", "zone.json", "--split"]);
    assert!(code == Some(0) && !text.contains("split-answers"), "{text}");
}

#[test]
fn both_sides_of_a_failover_at_once() {
    let folder = folder("split");
    let set = |role: &str, address: &str| {
        json!({"Name": "db.example.com.", "Type": "A", "SetIdentifier": role, "Failover": role, "TTL": 60,
            "ResourceRecords": [{"Value": address}], "HealthCheckId": format!("hc-{role}")})
    };
    let check = |role: &str, address: &str| json!({"Id": format!("hc-{role}"), "HealthCheckConfig": {"Type": "TCP", "IPAddress": address, "Port": 5432}});
    let sides = [("PRIMARY", "203.0.113.1"), ("SECONDARY", "203.0.113.2")];
    let zone = json!({"HostedZone": {"Id": "Z1", "Name": "example.com."},
        "ResourceRecordSets": sides.map(|(role, address)| set(role, address)),
        "HealthChecks": sides.map(|(role, address)| check(role, address))});
    fs::write(folder.join("zone.json"), zone.to_string()).unwrap();
    assert_eq!(run(&folder, &["drill", "-z", "zone.json"]).0, Some(0));
    let found = drilled(&folder, &["-z", "zone.json", "--split"]);
    let findings = found["findings"].as_array().unwrap();
    let split: Vec<&Value> = findings.iter().filter(|finding| finding["code"] == "split-answers").collect();
    assert_eq!(split.len(), 1, "{findings:#?}");
    assert_eq!(split[0]["failures"], json!(["203.0.113.1"]));
    assert!(
        split[0]["message"].as_str().unwrap().ends_with("clients are sent to 203.0.113.1 and to 203.0.113.2 at once")
    );
}

#[test]
fn check_says_what_health_checks_misread() {
    let folder = folder("misread");
    fs::write(folder.join("zone.json"), shared_probe(2, 0).to_string()).unwrap();
    // The shared check reads an endpoint of one record set that names it.
    let (code, text) = run(&folder, &["check", "zone.json", "--json"]);
    assert!(code == Some(0) && !text.contains("check-reads"), "{text}");
    let mut zone = shared_probe(2, 0);
    zone["HealthChecks"][0]["HealthCheckConfig"]["IPAddress"] = "203.0.113.77".into();
    fs::write(folder.join("zone.json"), format!("{zone:#}")).unwrap();
    let (code, text) = run(&folder, &["check", "zone.json", "--json"]);
    let told: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told = told.iter().find(|finding| finding["code"] == "check-reads-elsewhere").unwrap();
    assert!(code == Some(0) && told["class"] == "lint" && told["severity"] == "warning", "{told}");
}
