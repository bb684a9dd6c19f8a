//! System packages: installed when this is root on Debian or Ubuntu, else the exact command is printed.

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
