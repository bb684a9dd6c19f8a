//! The npm package in Node.js.

use std::process::Command;

use anyhow::Result;

use crate::host::{Host, Tests};
use crate::node::Node;
use crate::process::run;
use crate::{js, system, wasm};

const FOLDER: &str = "host-examples/node";

/// Node.js with the npm package; its example also runs the component, through jco in Node.js and in Chromium.
pub(super) struct NodeJs;

impl Host for NodeJs {
    fn name(&self) -> &'static str {
        "js"
    }

    fn build(&self) -> Result<()> {
        js::package().map(drop)
    }

    fn tests(&self) -> Option<Tests> {
        Some(("Node.js", tests))
    }

    fn conformance(&self, runner: &mut Command) -> Result<()> {
        Node::find()?.put_first(runner);
        Ok(())
    }

    fn is_asked_the_questions(&self) -> bool {
        true
    }
}

fn tests() -> Result<()> {
    wasm::component()?;
    system::ensure_browser()?;
    let node = Node::find()?;
    node.install(FOLDER)?;
    run(&mut node.tests(FOLDER))
}
