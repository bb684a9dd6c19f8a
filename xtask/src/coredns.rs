//! `cargo xtask coredns`: CoreDNS with the plugin, and the plain module in wazero: built, then tested with real clients.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process::{self, cargo, output, root, say};
use crate::{plain, system};

/// The oldest Go that fetches the release that go.mod asks for by itself.
const GO: (u32, u32) = (1, 21);
/// What is built, and where each stands in the Go module.
const PROGRAMS: [(&str, &str); 3] = [
    ("coredns", "./cmd/coredns"),
    ("coredns-subject", "./cmd/coredns-subject"),
    ("plain-subject", "./cmd/plain-subject"),
];

/// Builds the module and the programs, and runs every test of the Go module.
pub(crate) fn run() -> Result<()> {
    plain::module()?;
    build()?;
    tests()
}

/// Builds CoreDNS and the programs that conformance asks.
pub(crate) fn build() -> Result<()> {
    ensure_go()?;
    say("building CoreDNS with the plugin (minutes the first time)");
    for (name, package) in PROGRAMS {
        process::run(go().args(["build", "-trimpath", "-o"]).arg(program(name)).arg(package))?;
    }
    Ok(())
}

/// The tests of the Go module, against what was built.
pub(crate) fn tests() -> Result<()> {
    system::ensure_packages(&["bind9-dnsutils", "knot-dnsutils"], "to ask CoreDNS with dig and kdig")?;
    say("building the prober, for the failover from end to end");
    process::run(cargo().args(["build", "--release", "--locked", "--package", "pointsman"]))?;
    process::run(go().args(["vet", "./..."]))?;
    process::run(test().args(["test", "-count=1", "-timeout=15m", "./..."]))
}

/// The same storms for longer: 1,000 reloads, a minute of noise, a million names.
pub(crate) fn soak() -> Result<()> {
    plain::module()?;
    build()?;
    let mut command = test();
    command.env("POINTSMAN_RELOADS", "1000").env("POINTSMAN_NOISE_SECONDS", "60").env("POINTSMAN_NAMES", "1000000");
    process::run(command.args(["test", "-count=1", "-timeout=30m", "-v", "-run", "Storm|Random", "./e2e"]))
}

fn test() -> Command {
    let mut command = go();
    command.env("POINTSMAN_MODULE", plain::path()).env("POINTSMAN_COREDNS", program("coredns"));
    command.env("POINTSMAN", released("pointsman"));
    command
}

/// A program that cargo built with the profile of releases.
pub(crate) fn released(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    target.join("release").join(name)
}

/// A program that was built.
pub(crate) fn program(name: &str) -> PathBuf {
    root().join("target").join("go").join(name)
}

/// Go in the folder of the module.
pub(crate) fn go() -> Command {
    let mut command = Command::new("go");
    command.current_dir(root().join("host-examples").join("coredns"));
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
