//! `cargo xtask bench --only dns`: what CoreDNS with the plugin costs, as lines of JSON on standard output.

use std::process::Command;

use anyhow::Result;

use crate::process::{self, cargo, root};
use crate::{coredns, plain, system};

/// Measures native calls, the module's calls in wazero, and CoreDNS against CoreDNS `file` under dnsperf.
pub(crate) fn run() -> Result<()> {
    system::ensure_packages(&["dnsperf"], "to load CoreDNS")?;
    let module = plain::module()?;
    coredns::build()?;
    process::run(
        coredns::go().args(["build", "-trimpath", "-o"]).arg(coredns::program("dns-bench")).arg("./cmd/dns-bench"),
    )?;
    let calls = root().join("target").join("dns-bench");
    std::fs::create_dir_all(&calls)?;
    process::run(
        cargo()
            .args(["run", "--quiet", "--release", "--locked", "--package", "pointsman-bench", "--", "calls"])
            .arg(&calls),
    )?;
    let mut bench = Command::new(coredns::program("dns-bench"));
    bench.arg("-coredns").arg(coredns::program("coredns")).arg("-module").arg(module).arg("-calls").arg(calls);
    process::run(&mut bench)
}
