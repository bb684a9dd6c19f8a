//! CoreDNS with the plugin, and the plain module in wazero: built, then tested with real clients.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::host::{Host, Tests, command_line};
use crate::process::{self, once, output, root, say};
use crate::toolchain::native_dir;
use crate::{plain, system};

/// The oldest Go that fetches the release that go.mod asks for by itself.
const GO: (u32, u32) = (1, 21);
/// The Go modules that people install, and the one that tests the first.
const PLUGIN: &str = "host-examples/coredns";
const PACKAGE: &str = "host-examples/go";
const TESTS: &str = "tests/coredns";
/// What is built, and where each stands in which Go module.
const PROGRAMS: [(&str, &str, &str); 3] = [
    ("coredns", PLUGIN, "./cmd/coredns"),
    ("coredns-subject", TESTS, "./cmd/coredns-subject"),
    ("plain-subject", TESTS, "./cmd/plain-subject"),
];

/// CoreDNS with the plugin.
pub(super) struct CoreDns;

impl Host for CoreDns {
    fn name(&self) -> &'static str {
        "coredns"
    }

    fn build(&self) -> Result<()> {
        plain::module()?;
        programs()
    }

    fn tests(&self) -> Option<Tests> {
        Some(("CoreDNS", tests))
    }

    fn is_asked_the_questions(&self) -> bool {
        false
    }
}

/// Builds CoreDNS and the programs that conformance asks.
pub(crate) fn programs() -> Result<()> {
    once("the Go programs", || {
        ensure_go()?;
        say("building CoreDNS with the plugin (minutes the first time)");
        for (name, module, package) in PROGRAMS {
            build_program(name, module, package)?;
        }
        Ok(())
    })
}

/// Builds the program that measures, from the module of tests.
pub(crate) fn build_bench() -> Result<PathBuf> {
    build_program("dns-bench", TESTS, "./cmd/dns-bench")?;
    Ok(program("dns-bench"))
}

fn build_program(name: &str, module: &str, package: &str) -> Result<()> {
    process::run(go(module).args(["build", "-trimpath", "-o"]).arg(program(name)).arg(package))
}

/// The tests of both Go modules, against what was built.
fn tests() -> Result<()> {
    system::ensure_packages(&["bind9-dnsutils", "knot-dnsutils"], "to ask CoreDNS with dig and kdig")?;
    say("building the prober, for the failover from end to end");
    command_line()?;
    for module in [PLUGIN, PACKAGE, TESTS] {
        process::run(go(module).args(["vet", "./..."]))?;
        process::run(test(module).args(["test", "-count=1", "-timeout=15m", "./..."]))?;
    }
    Ok(())
}

/// The same storms for longer: 1,000 reloads, a minute of noise, a million names.
pub(crate) fn soak() -> Result<()> {
    plain::module()?;
    programs()?;
    let mut command = test(TESTS);
    command.env("POINTSMAN_RELOADS", "1000").env("POINTSMAN_NOISE_SECONDS", "60").env("POINTSMAN_NAMES", "1000000");
    process::run(command.args(["test", "-count=1", "-timeout=30m", "-v", "-run", "Storm|Random", "./e2e"]))
}

fn test(module: &str) -> Command {
    let mut command = go(module);
    command.env("POINTSMAN_MODULE", plain::path()).env("POINTSMAN_COREDNS", program("coredns"));
    command.env("POINTSMAN", native_dir().join("pointsman"));
    command
}

/// Fuzzes the reader of the feed's events for so many seconds, by one worker; returns what Go says.
pub(crate) fn fuzz_events(seconds: u64) -> Result<String> {
    ensure_go()?;
    let ended = go(PLUGIN)
        .args(["test", "./pointsman", "-run=^$", "-fuzz=^FuzzEvents$", "-parallel=1"])
        .arg(format!("-fuzztime={seconds}s"))
        .stderr(std::process::Stdio::inherit())
        .output()?;
    let log = String::from_utf8_lossy(&ended.stdout).into_owned();
    if !ended.status.success() {
        bail!("events fails:\n{log}");
    }
    Ok(log)
}

/// A program that was built.
pub(crate) fn program(name: &str) -> PathBuf {
    root().join("target").join("go").join(name)
}

/// Go in the folder of a module.
fn go(module: &str) -> Command {
    let mut command = Command::new("go");
    command.current_dir(root().join(module));
    command
}

fn ensure_go() -> Result<()> {
    if output("go", &["version"]).is_none() && system::has_apt() {
        system::ensure_packages(&["golang-go"], "to build CoreDNS")?;
    }
    let version = output("go", &["env", "GOVERSION"]).unwrap_or_default();
    if version_of(&version).is_none_or(|version| version < GO) {
        let (major, minor) = GO;
        bail!(
            "Go {major}.{minor} or newer is needed to build CoreDNS, and `go env GOVERSION` says {version:?}; install it from \
             https://go.dev/dl (or Debian's backports), then run the same again"
        );
    }
    Ok(())
}

/// `go1.26.8` as numbers.
fn version_of(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.strip_prefix("go")?.split(['.', 'r', 'b']).map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_go_are_read() {
        assert_eq!(version_of("go1.26.8"), Some((1, 26)));
        assert_eq!(version_of("go1.27rc1"), Some((1, 27)));
        assert!(version_of("go1.9").is_some_and(|version| version < GO));
        assert_eq!(version_of("devel"), None);
    }
}
