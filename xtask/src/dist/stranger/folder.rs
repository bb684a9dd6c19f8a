//! A stranger's folder: empty, outside of the clone, without this project's variables in its environment.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use crate::dist::archive::empty;
use crate::process::{self, line, root};

/// The answer of tests/dist/zone.json under tests/dist/report.json, in which the primary is down.
pub(super) const ANSWER: &str = "192.0.2.2";

/// An empty folder with a zone and a report in it, removed at the end.
pub(super) struct Folder(pub(super) PathBuf);

impl Folder {
    /// Makes one, and copies what this stranger wrote (a folder of tests/dist) into it.
    pub(super) fn new(name: &str) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("pointsman-stranger-{}-{name}", std::process::id()));
        empty(&folder)?;
        let made = Self(folder);
        let sources = root().join("tests").join("dist");
        for from in [sources.clone(), sources.join(name)] {
            let Ok(entries) = std::fs::read_dir(&from) else { continue };
            for entry in entries {
                let path = entry?.path();
                if path.is_file() {
                    let to = made.0.join(path.file_name().unwrap_or_default());
                    std::fs::copy(&path, &to).with_context(|| format!("cannot write {}", to.display()))?;
                }
            }
        }
        Ok(made)
    }

    /// A program in the folder, with nothing of this project in its environment.
    pub(super) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.0);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            let is_ours = ["CARGO", "POINTSMAN", "PYTHON"].iter().any(|start| text.starts_with(start));
            // Where registries and caches are is the machine's affair.
            let is_machines =
                ["CARGO_HOME", "CARGO_REGISTR", "CARGO_HTTP", "CARGO_NET"].iter().any(|start| text.starts_with(start));
            if text == "RUSTFLAGS" || is_ours && !is_machines {
                command.env_remove(name);
            }
        }
        command
    }

    /// Unpacks a tar file.
    pub(super) fn unpack(&self, archive: &Path) -> Result<()> {
        process::run(self.command("tar").arg("-xzf").arg(archive))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs a program that has to print the address of the secondary, somewhere.
pub(super) fn answers(command: &mut Command) -> Result<String> {
    let text = prints(command)?;
    ensure!(text.contains(ANSWER), "{} answers otherwise:\n{text}", line(command));
    Ok(text)
}

/// What a program prints; an error with both of its streams if it fails.
pub(super) fn prints(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {}", line(command)))?;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    if !output.status.success() {
        bail!("{} ended with {}:\n{out}{err}", line(command), output.status);
    }
    Ok(out.into_owned())
}
