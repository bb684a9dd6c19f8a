//! Reports that have grown old: what `--max-age` makes of them, by the clock of this machine.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pointsman_core::model::Time;

/// A report that was made so many seconds ago.
fn report(seconds_ago: u64) -> String {
    let then = SystemTime::now() - Duration::from_secs(seconds_ago);
    let time = Time::from_unix_ms(then.duration_since(UNIX_EPOCH).unwrap().as_millis() as u64);
    format!(r#"{{"Time": "{time}", "HealthChecks": {{"hc-us-east-1": "unhealthy", "hc-eu-west-1": "healthy"}}}}"#)
}

/// Asks a zone of the examples under the reports in these files; returns exit code, stdout and stderr.
fn ask(folder: &Path, command: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let zones = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("host-examples/zones");
    let mut asked = Command::new(env!("CARGO_BIN_EXE_pointsman"));
    asked.current_dir(folder).arg(command);
    for zone in ["active-active.json", "latency.json"] {
        asked.arg("-z").arg(zones.join(zone));
    }
    let output = asked.args(["app.example.com", "A", "--from", "US", "--json"]).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn an_old_report_is_kept_left_out_or_no_ground_for_answers() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("age");
    std::fs::create_dir_all(&folder).unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    write("young.json", &report(5));
    write("old.json", &report(600));
    write("ahead.json", r#"{"Time": "2999-01-01T00:00:00Z", "HealthChecks": {"hc-us-east-1": "unhealthy"}}"#);
    write("ageless.json", r#"{"HealthChecks": {"hc-us-east-1": "unhealthy", "hc-eu-west-1": "healthy"}}"#);
    let (down, up) = ("198.51.100.10", "192.0.2.10");
    for command in ["resolve", "odds", "explain"] {
        for (file, age, code, address, told) in [
            ("old.json", None, 0, down, ""),
            ("old.json", Some("1h"), 0, down, ""),
            ("young.json", Some("5m,not-ready"), 0, down, ""),
            // A clock that is ahead makes no report old.
            ("ahead.json", Some("5m,not-ready"), 0, down, ""),
            ("old.json", Some("90s"), 0, down, "is 10 min old; --max-age allows 90 s; it is used all the same"),
            ("old.json", Some("5m,no-data"), 0, up, "--max-age allows 5 min; it is left out"),
            ("ageless.json", Some("5m,no-data"), 0, up, "does not say when it was made"),
            ("old.json", Some("5m,not-ready"), 2, "", "nothing is answered"),
            ("old.json", Some("soon"), 2, "", "a time such as 90s"),
        ] {
            let age = age.map(|age| vec!["--max-age", age]).unwrap_or_default();
            let what = format!("{command} -H {file} {}", age.join(" "));
            let (is, out, error) = ask(&folder, command, &[&["-H", file], &*age].concat());
            assert_eq!(is, Some(code), "{what}: {error}");
            assert!(out.contains(address) && out.is_empty() == address.is_empty(), "{what}: {out}{error}");
            assert!(error.contains(told), "{what}: {error}");
            assert_eq!(error.contains("--max-age allows") || error.contains("when it was made"), {
                code == 2 && told.contains("nothing") || code == 0 && !told.is_empty()
            });
        }
    }
    // Of several, each is as old as it is itself.
    let (_, out, _) = ask(&folder, "resolve", &["-H", "young.json", "-H", "old.json", "--max-age", "60s,no-data"]);
    assert!(out.contains(down), "{out}");
    let (code, _, error) = ask(&folder, "resolve", &["--max-age", "60s"]);
    assert!(code == Some(2) && error.contains("--health"), "{error}");
}
