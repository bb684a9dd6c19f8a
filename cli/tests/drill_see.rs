//! The command that a drill prints with a finding is typed as it stands, and shows what the finding says.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;
use std::process::Command;

/// The zones that are drilled.
const ZONES: [&str; 6] =
    ["incidents.json", "active-active.json", "canary.json", "weighted.json", "hybrid.json", "active-passive.json"];

fn shell(command: &str) -> (String, Option<i32>) {
    let programs = Path::new(env!("CARGO_BIN_EXE_pointsman")).parent().unwrap();
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../host-examples/zones"))
        .env("PATH", format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default()))
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

/// A command without what it takes down.
fn when_all_is_well(command: &str) -> String {
    let mut words = command.split(' ');
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        match word {
            "--down" => drop(words.next()),
            _ => kept.push(word),
        }
    }
    kept.join(" ")
}

fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    text.split_once(before).unwrap().1.split_once(after).unwrap().0
}

#[test]
fn every_command_shows_its_finding() {
    let (mut typed, mut codes) = (0, std::collections::BTreeSet::new());
    for zone in ZONES {
        let (drilled, _) = shell(&format!("pointsman drill -z {zone}"));
        for finding in drilled.split("\n\n").filter(|finding| finding.contains("\n  see ")) {
            let command = finding.lines().find_map(|line| line.strip_prefix("  see   ")).unwrap();
            let (shown, status) = shell(command);
            assert_eq!(status, Some(0), "{command}");
            let code = between(finding, "[", "]");
            let seen = match code {
                "dead-endpoint" => between(finding, "clients are sent to ", ", which is dead"),
                "zero-weight-goes-live" => between(finding, " is down, ", " gets live traffic"),
                "unwatched-standby" => between(finding, "the standby ", ", and nothing"),
                "leaves-continent" => between(finding, "are answered from ", " in "),
                "load-shift" => between(finding, " of the traffic before, ", " after"),
                other => panic!("what does {other} show? {finding}"),
            };
            let close = |text: &str| text.replace(" %", "%");
            assert!(close(&shown).contains(&close(seen)), "{command} does not show {seen}:\n{shown}");
            if command.contains("--down") {
                let (calm, _) = shell(&when_all_is_well(command));
                assert_ne!(calm, shown, "{command} shows the same when all is well");
            }
            codes.insert(code.to_owned());
            typed += 1;
        }
    }
    assert!(typed >= 10 && codes.len() == 5, "{typed} commands typed, of {codes:?}");
}
