//! `cargo xtask playground`: the page of host-examples/browser, served or written as a folder of files.

use anyhow::Result;

use crate::node::Node;
use crate::process::{self, say};
use crate::{js, system};

const FOLDER: &str = "host-examples/browser";

/// Serves the page, or with `build` writes it to target/playground.
pub(crate) fn run(build: bool) -> Result<()> {
    let node = js::package()?;
    node.install(FOLDER)?;
    process::run(&mut node.script(FOLDER, "build.mjs"))?;
    if build {
        say("target/playground holds the page; put the folder on any static file server");
        return Ok(());
    }
    process::run(&mut node.script(FOLDER, "serve.mjs"))
}

/// Builds the page with the package that has been built, and drives it in a real browser.
pub(crate) fn test() -> Result<()> {
    system::ensure_browser()?;
    let node = Node::find()?;
    node.install(FOLDER)?;
    process::run(&mut node.script(FOLDER, "build.mjs"))?;
    process::run(&mut node.tests(FOLDER))
}
