//! In a pipeline: the script of the GitHub action, with the release's tar file, on a repository of somebody else's.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::folder::Folder;
use crate::dist::archive::{read, text, write};
use crate::dist::made::{Dist, sha256};
use crate::process::root;
use crate::system;

/// What the script left.
struct Run {
    code: Option<i32>,
    log: String,
    report: String,
}

/// Runs each command on a good and a bad zone, and tries what must not work.
pub(super) fn uses(dist: &Dist) -> Result<()> {
    if system::has_apt() {
        system::ensure_packages(&["jq"], "to run the script of the GitHub action")?;
    }
    let folder = Folder::new("action")?;
    let zone = text(&folder.0.join("zone.json"))?;
    write(&folder.0.join("changed.json"), zone.replace("192.0.2.2", "192.0.2.3").as_bytes())?;
    write(&folder.0.join("broken,100%.json"), zone.replace("192.0.2.2", "192.0.2.300").as_bytes())?;
    let archive = dist.path(&format!("pointsman-{}-{}.tar.gz", dist.facts.version, dist.host));
    let digest = sha256(&read(&archive)?);
    let run = |command: &str, files: &str, digest: &str| act(&folder, &archive, command, files, digest);

    let good = run("check", "zone.json", &digest)?;
    ensure!(good.code == Some(0) && !good.log.contains("::error"), "a good zone is refused:\n{}", good.log);
    let bad = run("check", "broken,100%.json", &digest)?;
    let annotation = "::error file=broken%2C100%25.json,line=";
    ensure!(bad.code == Some(1) && bad.log.contains(annotation), "a bad zone gets no annotation:\n{}", bad.log);
    ensure!(bad.report.contains("| broken,100%.json:"), "a bad zone gets no report:\n{}", bad.report);
    let drill = run("drill", "zone.json", &digest)?;
    ensure!(
        drill.code.is_some_and(|code| code <= 1) && drill.report.contains("example.com."),
        "no drill:\n{}",
        drill.log
    );
    let same = run("diff", "zone.json zone.json", &digest)?;
    ensure!(same.code == Some(0), "a zone differs from itself:\n{}", same.log);
    let diff = run("diff", "zone.json changed.json", &digest)?;
    ensure!(diff.code == Some(1) && diff.report.contains("192.0.2.3"), "a change is not shown:\n{}", diff.log);

    let forged = run("check", "zone.json", &"0".repeat(64))?;
    ensure!(
        forged.code == Some(2) && forged.log.contains("another digest"),
        "a forged archive is used:\n{}",
        forged.log
    );
    let absent = run("check", "absent.json", &digest)?;
    let is_claimed = absent.report.contains("Nothing is wrong") || !absent.report.contains("absent.json");
    ensure!(absent.code == Some(2) && !is_claimed, "a file that is not there passes:\n{}", absent.log);
    for command in ["rm", "check; touch harmed"] {
        ensure!(run(command, "zone.json", &digest)?.code == Some(2), "`{command}` is taken for a command");
    }
    run("check", "zone.json $(touch harmed) `touch harmed` ; touch harmed", &digest)?;
    ensure!(!folder.0.join("harmed").exists(), "an input became a command");
    Ok(())
}

fn act(folder: &Folder, archive: &Path, command: &str, files: &str, digest: &str) -> Result<Run> {
    let script = root().join(".github/actions/pointsman/run.sh");
    let (temp, summary) = (folder.0.join("runner"), folder.0.join("summary.md"));
    std::fs::create_dir_all(&temp)?;
    write(&summary, b"")?;
    let mut bash: Command = folder.command("bash");
    bash.arg(script).env("RUNNER_TEMP", temp).env("GITHUB_STEP_SUMMARY", &summary);
    bash.env("GITHUB_OUTPUT", folder.0.join("outputs")).env("POINTSMAN_COMMAND", command).env("POINTSMAN_FILES", files);
    bash.env("POINTSMAN_ARCHIVE", archive).env("POINTSMAN_SHA256", digest);
    let output = bash.output().context("bash does not run")?;
    let log = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Ok(Run { code: output.status.code(), log, report: text(&summary)? })
}
