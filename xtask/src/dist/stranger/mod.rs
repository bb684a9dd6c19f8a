//! People who have an artefact and nothing else of this project: an empty folder outside of the clone, an environment
//! without its variables, and the tool that they install with.

mod action;
mod folder;
mod go;
mod javascript;
mod kubernetes;
mod python;
mod registry;
mod rust;
mod shell;

use anyhow::Result;

use super::made::{Dist, Options};
use crate::process::{Steps, say};

/// Installs and uses every artefact; without `--test` only in the ways that take seconds.
pub(crate) fn all(dist: &Dist, options: Options) -> Result<()> {
    let slow = options.test;
    let mut steps = Steps::new(8);
    steps.step("a stranger at a shell", || shell::uses(dist))?;
    steps.step("a stranger's pipeline", || action::uses(dist))?;
    steps.step("a stranger with Rust", || rust::uses(dist, slow))?;
    steps.step("a stranger with Node.js", || javascript::uses(dist))?;
    steps.step("a stranger with Python", || python::uses(dist, slow))?;
    steps.step("a stranger with Go", || go::uses(dist, slow))?;
    steps.step("a stranger with a registry", || registry::uses(dist))?;
    steps.step("a stranger with a cluster", kubernetes::validates)?;
    say(format_args!("strangers installed and used what they found\n{}", steps.summary()));
    if !slow {
        say("without --test: not the ways that take minutes (cargo install, the sdist, CoreDNS from plugin.cfg)");
    }
    Ok(())
}
