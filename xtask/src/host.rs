//! A host: a program that loads a binding, and what the chores need to know of it.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::process::{cargo, run};
use crate::toolchain::native_dir;

/// What people call a host, and the function that runs the tests of its folder in host-examples.
pub(crate) type Tests = (&'static str, fn() -> Result<()>);

/// One host. Every word that goes through the hosts asks these five things, and [`crate::hosts::ALL`] is the only list.
pub(crate) trait Host: Sync {
    /// Its name after `cargo xtask conformance --host`.
    fn name(&self) -> &'static str;

    /// Builds its binding and installs what runs it. Work that was done before is not done again.
    fn build(&self) -> Result<()>;

    /// Its tests, which need what [`Host::build`] made; `None` when it has no folder in host-examples.
    fn tests(&self) -> Option<Tests>;

    /// Tells the conformance runner where the host is, once it has been built.
    fn conformance(&self, _runner: &mut Command) -> Result<()> {
        Ok(())
    }

    /// Whether the 100,000 fixed questions are asked of it as well. Not of hosts that draw by themselves, since their
    /// answers are judged by what is possible and not byte by byte, and not of those that run the bytes which another
    /// host is asked with.
    fn is_asked_the_questions(&self) -> bool;
}

/// Builds the command line for tests that run it beside a host, and returns where it is.
pub(crate) fn command_line() -> Result<PathBuf> {
    run(cargo().args(["build", "--release", "--locked", "--package", "pointsman"]))?;
    Ok(native_dir().join("pointsman"))
}
