//! Every command as a person types it, over the example zones: what it prints where, and its exit code.
//!
//! Each file in `tests/golden` is a session. A line that starts with
//! - `@` names the folder that the commands after it run in, from the top of the repository;
//! - `#` says why a command is there;
//! - `$` is a command for the shell;
//! - `1>` and `2>` is what it printed on stdout and stderr, and `=` is its exit code.
//!
//! `BLESS=1 cargo test -p pointsman --test golden` writes what the commands print now into the files. `$TMP` is a folder
//! with files that are made for the tests.
#![cfg(unix)]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Runs the commands of a session; gives the session with what they print now.
fn replay(session: &str, fixtures: &Path) -> String {
    let mut folder = repository();
    let mut replayed = String::new();
    for line in session.lines() {
        match line.split_at_checked(1) {
            Some(("1" | "2" | "=", _)) => continue,
            Some(("@", path)) => folder = repository().join(path.trim()),
            _ => {}
        }
        writeln!(replayed, "{line}").unwrap();
        if let Some(command) = line.strip_prefix("$ ") {
            run(command, &folder, fixtures, &mut replayed);
        }
    }
    replayed
}

fn run(command: &str, folder: &Path, fixtures: &Path, replayed: &mut String) {
    let programs = Path::new(env!("CARGO_BIN_EXE_pointsman")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env_clear()
        .envs([("PATH", path.as_str()), ("LC_ALL", "C")])
        .env("TMP", fixtures)
        .output()
        .unwrap();
    for (mark, bytes) in [("1>", &output.stdout), ("2>", &output.stderr)] {
        let text = String::from_utf8(bytes.clone()).unwrap();
        for line in text.replace(fixtures.to_str().unwrap(), "$TMP").lines() {
            writeln!(replayed, "{}", format!("{mark} {line}").trim_end()).unwrap();
        }
    }
    writeln!(replayed, "= {}", output.status.code().expect("an exit code")).unwrap();
}

#[test]
fn sessions_print_what_they_did() {
    let fixtures = support::fixtures("golden");
    let bless = std::env::var_os("BLESS").is_some();
    let mut wrong = Vec::new();
    let mut files: Vec<PathBuf> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        // `script`, which gives a command a terminal, is not alike everywhere.
        .filter(|file| cfg!(target_os = "linux") || !file.ends_with("terminal.txt"))
        .collect();
    files.sort();
    std::thread::scope(|scope| {
        let replays: Vec<_> = files
            .iter()
            .map(|file| {
                let session = std::fs::read_to_string(file).unwrap();
                let fixtures = &fixtures;
                scope.spawn(move || (replay(&session, fixtures), session))
            })
            .collect();
        for (file, replayed) in files.iter().zip(replays) {
            let (replayed, session) = replayed.join().unwrap();
            assert!(!replayed.contains("panicked at"), "{}: a panic:\n{replayed}", file.display());
            if replayed == session {
                continue;
            }
            if bless {
                std::fs::write(file, replayed).unwrap();
            } else {
                wrong.push(format!("{}\n{}", file.display(), difference(&session, &replayed)));
            }
        }
    });
    std::fs::remove_dir_all(&fixtures).unwrap();
    assert!(wrong.is_empty(), "{}\naccept with BLESS=1, after reading", wrong.join("\n"));
}

/// A README with what its commands print now, right below each of them: stdout, from the folder of the example zones.
fn replay_readme(readme: &str, folder: &Path) -> String {
    let mut replayed = String::new();
    let mut in_console = false;
    for line in readme.lines() {
        match line {
            "```console" => in_console = true,
            "```" => in_console = false,
            _ if in_console && !line.starts_with("$ ") => continue,
            _ => {}
        }
        writeln!(replayed, "{line}").unwrap();
        if let Some(command) = line.strip_prefix("$ ").filter(|_| in_console) {
            let mut session = String::new();
            run(command, folder, folder, &mut session);
            let stdout = session.lines().filter_map(|line| line.strip_prefix("1>"));
            stdout.for_each(|line| writeln!(replayed, "{}", line.strip_prefix(' ').unwrap_or(line)).unwrap());
        }
    }
    replayed
}

#[test]
fn readmes_show_what_their_commands_print() {
    let zones = repository().join("host-examples/zones");
    for file in [zones.join("README.md"), repository().join("cli/README.md")] {
        let readme = std::fs::read_to_string(&file).unwrap();
        let replayed = replay_readme(&readme, &zones);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&file, &replayed).unwrap();
        } else {
            assert!(replayed == readme, "{}\n{}", file.display(), difference(&readme, &replayed));
        }
    }
}

/// The first lines that differ, with the command they belong to.
fn difference(session: &str, replayed: &str) -> String {
    let mut command = "";
    for (was, is) in session.lines().zip(replayed.lines()) {
        if was.starts_with('$') {
            command = was;
        }
        if was != is {
            return format!("  {command}\n  was: {was}\n  is:  {is}");
        }
    }
    "  the sessions differ in length".into()
}
