//! With Node.js: `npm install` of the packed package beside the tools that people build with.

use anyhow::Result;

use super::folder::{Folder, answers};
use crate::dist::made::Dist;
use crate::node::Node;
use crate::process;

/// Installs and asks: tests/dist/javascript.
pub(super) fn uses(dist: &Dist) -> Result<()> {
    let folder = Folder::new("javascript")?;
    let node = Node::find()?;
    let package = dist.path(&format!("pointsman-{}.tgz", dist.facts.version));
    let mut install = node.npm(&folder.0);
    install.args(["install", "--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"]).arg(&package);
    process::run(install.stdout(std::io::stderr()))?;
    answers(node.node(&folder.0).arg("use.cjs"))?;
    process::run(node.node(&folder.0).env("PACKAGE", &package).args(["--test", "stranger.test.mjs"]))
}
