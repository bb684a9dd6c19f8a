//! The npm package in an edge worker.

use std::process::Command;

use anyhow::{Result, ensure};

use crate::host::{Host, Tests, command_line};
use crate::js;
use crate::node::Node;
use crate::process::{root, run};

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

/// workerd and the bundled worker, for the tests of a fleet.
pub(super) fn for_a_fleet(command: &mut Command) -> Result<()> {
    let node = js::package()?;
    node.install(FOLDER)?;
    run(node.npm(&root().join(FOLDER)).args(["run", "--silent", "build"]))?;
    let question = "import workerd from 'workerd'; process.stdout.write(workerd.default ?? workerd)";
    let found = node.node(&root().join(FOLDER)).args(["--input-type=module", "--eval", question]).output()?;
    let program = String::from_utf8(found.stdout)?;
    ensure!(!program.is_empty(), "the package workerd does not say where its program is");
    command.env("WORKERD", program);
    Ok(())
}

/// In the real workerd, and behind the real `pointsman watch`.
fn tests() -> Result<()> {
    let node = Node::find()?;
    let program = command_line()?;
    run(node.tests(FOLDER).env("POINTSMAN", program))
}
