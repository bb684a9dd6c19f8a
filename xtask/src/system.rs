//! System packages: installed when this is root on Debian or Ubuntu, else the exact command is printed.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process::{output, run, say};

/// Whether this machine has apt-get, and so Debian's package names mean something.
pub(crate) fn has_apt() -> bool {
    output("apt-get", &["--version"]).is_some()
}

/// Makes sure that the Debian packages are installed. `why` says what they are for, as the end of a sentence.
pub(crate) fn ensure_packages(packages: &[&str], why: &str) -> Result<()> {
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    let by_hand = format!("sudo apt-get update && sudo apt-get install -y --no-install-recommends {names}");
    if output("id", &["-u"]).as_deref() != Some("0") {
        bail!("{names} {} needed {why}; type this, then run the same again:\n    {by_hand}", is_or_are(missing.len()));
    }
    say(format_args!("installing {names} {why} (about a minute)"));
    run(apt_get().arg("update"))
        .and_then(|()| run(apt_get().args(["install", "-y", "--no-install-recommends"]).args(&missing)))
        .with_context(|| format!("cannot install {names}, {why}; by hand it is\n    {by_hand}"))
}

/// The same for packages that bring a service, of which only the program is wanted: it is neither started now nor at the
/// next boot. A service that was installed before stays as it is.
pub(crate) fn ensure_programs(packages: &[&str], service: &str, why: &str) -> Result<()> {
    if packages.iter().all(|package| is_installed(package)) {
        return Ok(());
    }
    let was_there = packages.first().is_some_and(|package| is_installed(package));
    let policy = if was_there { None } else { NoServices::declare() };
    let installed = ensure_packages(packages, why);
    drop(policy);
    if installed.is_ok() && !was_there {
        // The first takes effect at the next boot and works where systemd does not run; then the second has nothing to do.
        let _ = output("systemctl", &["disable", service]);
        let _ = output("systemctl", &["stop", service]);
    }
    installed
}

/// Makes sure that there is a Chromium to drive.
pub(crate) fn ensure_browser() -> Result<()> {
    if output("chromium", &["--version"]).is_some() {
        return Ok(());
    }
    ensure_packages(&["chromium"], "to test in a browser")
}

/// Debian's way to forbid that an installation starts services, for as long as this lives.
struct NoServices;

impl NoServices {
    const POLICY: &str = "/usr/sbin/policy-rc.d";

    /// `None` where there is a policy already, or where this may not make one and so may not install anything.
    fn declare() -> Option<Self> {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o755).open(Self::POLICY).ok()?;
        let declared = Self;
        file.write_all(b"#!/bin/sh\nexit 101\n").ok()?;
        Some(declared)
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(Self::POLICY) {
            say(format_args!("cannot remove {}, which keeps services from starting: {error}", Self::POLICY));
        }
    }
}

/// Quiet apart from errors, never asking, and patient while another program holds the package lock.
fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.args(["-qq", "-o", "DPkg::Lock::Timeout=300"]).env("DEBIAN_FRONTEND", "noninteractive");
    // Results go to stdout; what an installer has to say is not one.
    command.stdout(std::io::stderr());
    command
}

fn is_installed(package: &str) -> bool {
    output("dpkg-query", &["-W", "-f", "${db:Status-Status}", package]).as_deref() == Some("installed")
}

fn is_or_are(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}
