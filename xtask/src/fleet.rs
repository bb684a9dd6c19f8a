//! `cargo xtask fleet`: watches that decide together, against a real etcd.

use anyhow::Result;

use crate::process::{cargo, run};
use crate::system;

/// Installs etcd, and runs every test of a fleet: the protocol in all orders, and real processes that fail.
pub(crate) fn tests() -> Result<()> {
    system::ensure_programs(&["etcd-server"], "etcd", "to test a fleet of watches")?;
    system::ensure_packages(&["faketime"], "to test watches whose clocks are apart")?;
    run(cargo().args(["test", "--release", "--locked", "--package", "pointsman-fleet"]))?;
    run(cargo().args(["test", "--release", "--locked", "--package", "pointsman", "--features", "etcd-tests"]).args([
        "--test",
        "fleet",
        "--test",
        "fleet_operators",
        "--",
        "--test-threads=2",
    ]))
}

/// The same protocol for longer: schedules from seeds of their own, and a larger model.
pub(crate) fn fuzz(schedules: u64, seed: u64) -> Result<()> {
    run(cargo()
        .args([
            "test",
            "--release",
            "--locked",
            "--quiet",
            "--package",
            "pointsman-fleet",
            "--tests",
            "--",
            "--nocapture",
        ])
        .env("POINTSMAN_FLEET_SCHEDULES", schedules.to_string())
        .env("POINTSMAN_FLEET_SEED", seed.to_string())
        .env("POINTSMAN_FLEET_MODEL", "1"))
}
