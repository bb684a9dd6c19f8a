//! The npm package in an edge worker.

use std::process::Command;

use anyhow::Result;

use crate::host::{Host, Tests, command_line};
use crate::js;
use crate::node::Node;
use crate::process::run;

const FOLDER: &str = "host-examples/worker";

/// workerd, the runtime that edge workers run in.
pub(super) struct Worker;

impl Host for Worker {
    fn name(&self) -> &'static str {
        "worker"
    }

    fn build(&self) -> Result<()> {
        js::package()?.install(FOLDER)
    }

    fn tests(&self) -> Option<Tests> {
        Some(("edge worker", tests))
    }

    fn conformance(&self, runner: &mut Command) -> Result<()> {
        Node::find()?.put_first(runner);
        Ok(())
    }

    fn is_asked_the_questions(&self) -> bool {
        false
    }
}

/// In the real workerd, and behind the real `pointsman watch`.
fn tests() -> Result<()> {
    let node = Node::find()?;
    let program = command_line()?;
    run(node.tests(FOLDER).env("POINTSMAN", program))
}
