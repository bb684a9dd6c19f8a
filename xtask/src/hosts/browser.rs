//! The npm package in a browser, and `cargo xtask playground`: the page of host-examples/browser, served or written as a
//! folder of files.

use std::process::Command;

use anyhow::Result;

use crate::host::{Host, Tests};
use crate::node::Node;
use crate::process::{self, say};
use crate::{js, system};

const FOLDER: &str = "host-examples/browser";

/// Chromium, driven by the tests of the playground.
pub(super) struct Browser;

impl Host for Browser {
    fn name(&self) -> &'static str {
        "browser"
    }

    fn build(&self) -> Result<()> {
        let node = js::package()?;
        system::ensure_browser()?;
        node.install(FOLDER)
    }

    fn tests(&self) -> Option<Tests> {
        Some(("browser", tests))
    }

    fn conformance(&self, runner: &mut Command) -> Result<()> {
        Node::find()?.put_first(runner);
        Ok(())
    }

    fn is_asked_the_questions(&self) -> bool {
        false
    }
}

/// Builds the page with the package that has been built, and drives it in a real browser.
fn tests() -> Result<()> {
    let node = Node::find()?;
    process::run(&mut node.script(FOLDER, "build.mjs"))?;
    process::run(&mut node.tests(FOLDER))
}

/// Serves the page, or with `build` writes it to target/playground.
pub(crate) fn serve(build: bool) -> Result<()> {
    let node = js::package()?;
    node.install(FOLDER)?;
    process::run(&mut node.script(FOLDER, "build.mjs"))?;
    if build {
        say("target/playground holds the page; put the folder on any static file server");
        return Ok(());
    }
    process::run(&mut node.script(FOLDER, "serve.mjs"))
}
