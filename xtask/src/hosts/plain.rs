//! The plain module in wazero and in Node.js.

use anyhow::{Result, bail};

use super::coredns;
use crate::host::{Host, Tests};
use crate::{plain, process, system};

/// Both runtimes are asked, each beside the other. CoreDNS, which is built upon it, has the tests.
pub(super) struct Plain;

impl Host for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn build(&self) -> Result<()> {
        ensure_node()?;
        plain::module()?;
        coredns::programs()
    }

    fn tests(&self) -> Option<Tests> {
        None
    }

    fn is_asked_the_questions(&self) -> bool {
        true
    }
}

/// Node, the second runtime that the module is asked in.
fn ensure_node() -> Result<()> {
    if process::output("node", &["--version"]).is_none() {
        if !system::has_apt() {
            bail!("Node is needed to ask the plain module in a second runtime; install it from your system's packages");
        }
        system::ensure_packages(&["nodejs"], "to ask the plain module in a second runtime")?;
    }
    Ok(())
}
