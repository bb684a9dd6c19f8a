//! Running other programs, and telling the person who waits what is going on.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// The top of the project: the folder that holds xtask.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// Cargo as the caller runs it, at the top of the project.
pub(crate) fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    // What cargo tells this program of itself would have build scripts run again that ran without it, from a shell.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a program with its output passed through; an exit code other than 0 is an error that names the command line.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", line(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", line(command));
    }
    Ok(())
}

/// What a program prints, without the last line break; `None` if it cannot be started or fails.
pub(crate) fn output(program: impl AsRef<OsStr>, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// Says what is about to be done, on stderr so that results on stdout can be piped.
pub(crate) fn say(what: impl std::fmt::Display) {
    eprintln!("==> {what}");
}

/// Does some work the first time that it is asked for in this process: what one chore has built, the next one uses.
pub(crate) fn once(what: &'static str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    static DONE: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    if DONE.lock().unwrap_or_else(PoisonError::into_inner).contains(what) {
        return Ok(());
    }
    work()?;
    DONE.lock().unwrap_or_else(PoisonError::into_inner).insert(what);
    Ok(())
}

/// A named sequence of steps with the time of each, and a summary at the end.
pub(crate) struct Steps {
    total: usize,
    first: usize,
    at: usize,
    done: Vec<(String, Duration)>,
}

impl Steps {
    /// A sequence of `total` steps.
    pub(crate) fn new(total: usize) -> Self {
        Self { total, first: 1, at: 0, done: Vec::new() }
    }

    /// The same without those before the one with this number.
    pub(crate) fn from(self, first: usize) -> Self {
        Self { first, ..self }
    }

    /// Runs one step; says its number and name before, its time after.
    pub(crate) fn step<T>(&mut self, name: impl Into<String>, work: impl FnOnce() -> Result<T>) -> Result<()> {
        let name = name.into();
        self.at = self.at.saturating_add(1);
        if self.at < self.first {
            return Ok(());
        }
        say(format_args!("[{}/{}] {name}", self.at, self.total));
        let start = Instant::now();
        work().with_context(|| format!("step `{name}` failed"))?;
        let took = start.elapsed();
        eprintln!("    {name}: {:.1} s", took.as_secs_f64());
        self.done.push((name, took));
        Ok(())
    }

    /// The time of every step, one a line.
    pub(crate) fn summary(&self) -> String {
        let mut text = String::new();
        for (name, took) in &self.done {
            let _ = writeln!(text, "    {:>7.1} s  {name}", took.as_secs_f64());
        }
        let total: Duration = self.done.iter().map(|(_, took)| *took).sum();
        let _ = write!(text, "    {:>7.1} s  in all", total.as_secs_f64());
        text
    }
}

/// A command as a person would type it.
pub(crate) fn line(command: &Command) -> String {
    let mut text = format!("`{}", command.get_program().to_string_lossy());
    for argument in command.get_args() {
        let _ = write!(text, " {}", argument.to_string_lossy());
    }
    text.push('`');
    text
}
