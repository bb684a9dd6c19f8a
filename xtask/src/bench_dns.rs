//! `cargo xtask bench --only dns`: what the plain module costs in wazero, and what CoreDNS costs with the plugin,
//! and what its decisions cost as Lua records of PowerDNS.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::process::{self, cargo, root, say};
use crate::toolchain::native_dir;
use crate::{hosts, plain, system};

/// Measures native calls and the module's in wazero, and CoreDNS with the plugin against CoreDNS `file` under dnsperf;
/// the same with PowerDNS, where that can be installed.
pub(crate) fn bench(lines: &Path, smoke: bool) -> Result<()> {
    system::ensure_packages(&["dnsperf"], "to load CoreDNS")?;
    if !smoke || !plain::path().exists() {
        plain::module()?;
    }
    if !smoke || !hosts::go_program("coredns").exists() {
        hosts::go_programs()?;
    }
    let program = hosts::build_dns_bench()?;
    process::run(cargo().args(["build", "--quiet", "--release", "--locked", "--package", "pointsman-bench"]))?;
    let calls = root().join("target").join("dns-bench");
    std::fs::create_dir_all(&calls).with_context(|| format!("cannot make {}", calls.display()))?;
    let mut bench = Command::new(program);
    bench.arg("-coredns").arg(hosts::go_program("coredns")).arg("-module").arg(plain::path());
    bench.arg("-native").arg(native_dir().join("pointsman-bench")).arg("-calls").arg(calls).arg("-figures").arg(lines);
    // A test does not bring a DNS server to a machine that has none.
    if !smoke || Path::new(POWERDNS).exists() {
        let packages = ["pdns-server", "pdns-backend-bind"];
        match system::ensure_programs(&packages, "pdns.service", "to hold CoreDNS against PowerDNS") {
            Ok(()) => {
                bench.args(["-powerdns", POWERDNS]);
            }
            Err(error) => say(format_args!("PowerDNS is left out of the figures: {error:#}")),
        }
    }
    process::run(bench.args(smoke.then_some("-smoke")))
}

/// How a pool of instances in CoreDNS comes to a changed zone, which lies in a folder as `pointsman-bench calls` writes it.
pub(crate) fn pool(lines: &Path, calls: &Path, smoke: bool) -> Result<()> {
    if !smoke || !plain::path().exists() {
        plain::module()?;
    }
    let mut bench = Command::new(hosts::build_dns_bench()?);
    bench.arg("-pool-only").arg("-module").arg(plain::path()).arg("-calls").arg(calls).arg("-figures").arg(lines);
    process::run(bench.args(smoke.then_some("-smoke")))
}

/// Where Debian puts it, which is not in the PATH of everyone.
const POWERDNS: &str = "/usr/sbin/pdns_server";
