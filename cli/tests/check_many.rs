//! Documents with more findings than anybody reads: few are drawn, all are counted, and it takes no time.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Checks a document; returns what went to stdout and to stderr.
fn check(name: &str, text: &str, arguments: &[&str]) -> (String, String) {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&file, text).unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_pointsman")).arg("check").arg(&file).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn two_hundred_findings_are_drawn_and_all_are_counted() {
    let mut records: Vec<String> = Vec::new();
    for number in 0..150 {
        records.push(format!(r#"{{"Name": "u{number}.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{{"Value": "192.0.2.1"}}], "Extra": 1}}"#));
    }
    for number in 0..150 {
        records.push(format!(
            r#"{{"Name": "b{number}.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{{"Value": "bad"}}]}}"#
        ));
    }
    let zone = format!(
        r#"{{"HostedZone": {{"Id": "Z1", "Name": "example.com."}}, "ResourceRecordSets": [{}]}}"#,
        records.join(",\n")
    );
    let drawn = |text: &str| (text.matches("error[").count(), text.matches("warning[").count());
    let (_, some) = check("many.json", &zone, &[]);
    let (_, all) = check("many.json", &zone, &["--all"]);
    let (errors, warnings) = drawn(&all);
    assert!(errors >= 150 && errors + warnings >= 300, "{errors} errors, {warnings} warnings");
    // Errors before warnings, where not all are drawn.
    assert_eq!(drawn(&some), (errors.min(200), 200 - errors.min(200)));
    let more = errors + warnings - 200;
    let told = format!("{more} more findings are not drawn; `pointsman check --all` draws them, `--json` lists them\n");
    assert!(some.contains(&told), "{}", &some[some.len() - 300..]);
    assert!(!all.contains("not drawn"));
    // The count is that of all, whatever is drawn.
    assert_eq!(some.lines().last(), all.lines().last());
    let (json, _) = check("many.json", &zone, &["--json"]);
    assert_eq!(json.lines().count(), errors + warnings);
}

#[test]
fn layers_of_calculated_checks_end_in_time() {
    let layers = 20;
    let ids = |layer: usize| (0..255).map(|n| format!("\"c{layer}-{n}\"")).collect::<Vec<_>>().join(",");
    let mut checks = Vec::new();
    for layer in 0..layers {
        let children = ids(layer + 1);
        for number in 0..255 {
            checks.push(format!(
                r#"{{"Id": "c{layer}-{number}", "HealthCheckConfig": {{"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": [{children}]}}}}"#
            ));
        }
    }
    let document = format!(r#"{{"HealthChecks": [{}]}}"#, checks.join(","));
    assert!(document.len() > 10_000_000);
    let begun = Instant::now();
    let (_, drawn) = check("layers.json", &document, &[]);
    let (json, _) = check("layers.json", &document, &["--json"]);
    // A few seconds on a busy machine; what was not linear did not end.
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    assert!(drawn.len() < 500_000, "{} bytes for people", drawn.len());
    let calculated = json.lines().filter(|line| line.contains("\"child-is-calculated\"")).count();
    assert_eq!(calculated, (layers - 1) * 255);
}
