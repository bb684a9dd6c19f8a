//! `cargo xtask site`: everything that there is to read as static pages in target/site, without a network: the guide and every
//! other page as a book with a search, the documentation of the crates and of the npm package, and the playground.

mod book;
mod links;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::node::Node;
use crate::process::{cargo, output, root, run, say};
use crate::{hosts, js, system};

/// The program that makes the book, at one version.
const MDBOOK: &str = "0.5.4";
/// What writes the pages about JavaScript, and walks the site.
const TOOLS: &str = "tests/site";
/// The published libraries.
const CRATES: [&str; 5] =
    ["pointsman-core", "pointsman-import", "pointsman-verify", "pointsman-fleet", "pointsman-watch"];

/// Where the site goes.
fn folder() -> PathBuf {
    root().join("target").join("site")
}

/// Writes the site and checks its links.
pub(crate) fn build() -> Result<()> {
    let site = folder();
    if site.exists() {
        fs::remove_dir_all(&site).with_context(|| format!("cannot remove {}", site.display()))?;
    }
    let sources = root().join("target").join("site-book");
    book::write(&sources)?;
    run(Command::new(mdbook()?).arg("build").arg("--dest-dir").arg(&site).arg(&sources).stdout(std::io::stderr()))?;

    let target = root().join("target").join("site-doc");
    // One after the other: rustdoc links to a crate that it finds beside its own.
    for name in CRATES {
        let mut doc = cargo();
        doc.args(["doc", "--quiet", "--no-deps", "--lib", "--locked", "--package", name]);
        run(doc.arg("--target-dir").arg(&target))?;
    }
    copy(&target.join("doc"), &site.join("rust"))?;
    // rustdoc writes no page above the crates, and links to one.
    fs::write(site.join("rust").join("index.html"), crates()).context("cannot write the list of crates")?;

    let node = js::package()?;
    node.install(TOOLS)?;
    let typedoc = root().join(TOOLS).join("node_modules/typedoc/bin/typedoc");
    run(node.node(&root().join(TOOLS)).arg(typedoc).stdout(std::io::stderr()))?;

    hosts::playground(true)?;
    copy(&root().join("target").join("playground"), &site.join("playground"))?;
    let count = links::check(&site)?;
    say(format_args!("target/site: {count} links lead somewhere; put the folder on any static file server"));
    Ok(())
}

/// Walks the site in a real browser: every page of the book, the search, and the first page of everything else.
pub(crate) fn walk() -> Result<()> {
    system::ensure_browser()?;
    let node = Node::find()?;
    node.install(TOOLS)?;
    run(&mut node.script(TOOLS, "walk.mjs"))
}

/// The program, built once from its registry.
fn mdbook() -> Result<PathBuf> {
    let tools = root().join("target").join("tools");
    let program = tools.join("bin").join("mdbook");
    if output(&program, &["--version"]).is_some_and(|version| version.ends_with(MDBOOK)) {
        return Ok(program);
    }
    say(format_args!("installing mdBook {MDBOOK} into target/tools (some minutes)"));
    let mut install = cargo();
    install.args([
        "install",
        "mdbook",
        "--version",
        MDBOOK,
        "--locked",
        "--no-default-features",
        "--features",
        "search",
    ]);
    run(install.arg("--root").arg(&tools))?;
    Ok(program)
}

/// The page of the crates.
fn crates() -> String {
    let link = |name: &&str| format!("<li><a href=\"{}/index.html\">{name}</a></li>", name.replace('-', "_"));
    let list: String = CRATES.iter().map(link).collect();
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Crates</title><h1>Crates</h1><ul>{list}</ul></html>\n"
    )
}

/// Copies a folder.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot list {}", from.display()))? {
        let path = entry?.path();
        let to = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy(&path, &to)?;
        } else if path.file_name().is_some_and(|name| name != ".lock") {
            fs::copy(&path, &to).with_context(|| format!("cannot write {}", to.display()))?;
        }
    }
    Ok(())
}
