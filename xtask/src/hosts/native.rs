//! The engine in the runner's own process.

use anyhow::Result;

use crate::host::{Host, Tests};

/// Core without any binding. Its tests are those of the crates.
pub(super) struct Native;

impl Host for Native {
    fn name(&self) -> &'static str {
        "native"
    }

    fn build(&self) -> Result<()> {
        Ok(())
    }

    fn tests(&self) -> Option<Tests> {
        None
    }

    fn is_asked_the_questions(&self) -> bool {
        true
    }
}
