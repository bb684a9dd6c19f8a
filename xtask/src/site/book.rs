//! The book: every page of the project under its own path, in an order to read it in.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process::root;

/// The parts of the book. A page that no part names stands in the last one.
const PARTS: [(&str, &[&str]); 5] = [
    ("Start here", &["docs/guide.md"]),
    (
        "Reference",
        &[
            "docs/semantics.md",
            "docs/findings.md",
            "docs/lints.md",
            "docs/explanations.md",
            "docs/verify.md",
            "docs/import.md",
            "docs/watch.md",
            "docs/fleet.md",
            "docs/operations.md",
            "docs/ci.md",
            "docs/image.md",
            "docs/fuzzing.md",
        ],
    ),
    ("The command", &["cli/README.md", "host-examples/zones/README.md"]),
    (
        "In a program",
        &[
            "core/README.md",
            "wasm/js/package/README.md",
            "host-examples/node/README.md",
            "host-examples/browser/README.md",
            "host-examples/worker/README.md",
            "host-examples/python/README.md",
            "host-examples/go/README.md",
            "host-examples/coredns/README.md",
            "host-examples/envoy/README.md",
            "host-examples/kubernetes/README.md",
            "host-examples/wasmtime/README.md",
            "host-examples/http/README.md",
            "host-examples/proptest/README.md",
            "wasm/plain/README.md",
        ],
    ),
    (
        "The project",
        &["ARCHITECTURE.md", "BENCHMARKS.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md", "RELEASING.md"],
    ),
];
/// What the book says of itself.
const BOOK: &str = "[book]
title = \"Pointsman\"
language = \"en\"

[output.html]
smart-punctuation = false
default-theme = \"light\"
no-section-label = true

[output.html.playground]
runnable = false

[output.html.print]
enable = false
";
/// The page that leads to what is not in the book.
const ELSEWHERE: &str = "# Programming interfaces

- [Rust](rust/pointsman_core/index.html): `pointsman-core`, and beside it the other crates
- [JavaScript](js/index.html): the npm package `pointsman`
- [The playground](playground/index.html): a zone on a map
";

/// Writes the book's sources.
pub(crate) fn write(to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("cannot remove {}", to.display()))?;
    }
    let tracked = tracked()?;
    let pages: Vec<&String> =
        tracked.iter().filter(|path| path.ends_with(".md") && !path.starts_with(".github/")).collect();
    let mut files: BTreeSet<String> = BTreeSet::new();
    for page in &pages {
        let text = read(page)?;
        let text = follow(page, &text, &tracked, &mut files);
        put(&to.join("src").join(page), text.as_bytes())?;
    }
    // What pages link to, as it stands in the project.
    for file in files {
        let bytes = fs::read(root().join(&file)).with_context(|| format!("cannot read {file}"))?;
        put(&to.join("src").join(&file), &bytes)?;
    }
    put(&to.join("src").join("elsewhere.md"), ELSEWHERE.as_bytes())?;
    put(&to.join("src").join("SUMMARY.md"), summary(&pages)?.as_bytes())?;
    put(&to.join("book.toml"), BOOK.as_bytes())
}

/// The order of the pages, by their own titles.
fn summary(pages: &[&String]) -> Result<String> {
    let mut text = String::from("# Summary\n\n[Pointsman](README.md)\n\n[Programming interfaces](elsewhere.md)\n");
    let mut rest: BTreeSet<&str> = pages.iter().map(|page| page.as_str()).filter(|page| *page != "README.md").collect();
    for (part, pages) in PARTS {
        let _ = writeln!(text, "\n# {part}\n");
        for page in pages {
            if !rest.remove(page) {
                bail!("the book has the page {page}, and the project does not");
            }
            let _ = writeln!(text, "- [{}]({page})", title(page)?);
        }
    }
    let _ = writeln!(text, "\n# More\n");
    for page in rest {
        let _ = writeln!(text, "- [{}]({page})", title(page)?);
    }
    Ok(text)
}

/// The first heading of a page.
fn title(page: &str) -> Result<String> {
    let text = read(page)?;
    let heading = text.lines().find_map(|line| line.strip_prefix("# "));
    Ok(heading.with_context(|| format!("{page} has no title"))?.replace(['[', ']'], ""))
}

/// A page with its links as the book has them: those to files bring the files, and those to folders lead to the README there,
/// or are no links any more.
fn follow(page: &str, text: &str, tracked: &BTreeSet<String>, files: &mut BTreeSet<String>) -> String {
    let mut out = String::new();
    let mut is_code = false;
    for line in text.split_inclusive('\n') {
        is_code ^= line.trim_start().starts_with("```");
        if is_code {
            out.push_str(line);
            continue;
        }
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("](") {
            let Some((target, behind)) = after.split_once(')') else { break };
            match led(page, target, tracked, files) {
                Some(target) => {
                    let _ = write!(out, "{before}]({target})");
                }
                None => match before.rsplit_once('[') {
                    Some((before, words)) => {
                        let _ = write!(out, "{before}{words}");
                    }
                    None => out.push_str(before),
                },
            }
            rest = behind;
        }
        out.push_str(rest);
    }
    out
}

/// Where a link of a page leads in the book; `None`: nowhere that is a page or a file.
fn led(page: &str, target: &str, tracked: &BTreeSet<String>, files: &mut BTreeSet<String>) -> Option<String> {
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
        return Some(target.into());
    }
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in path.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    let inside = parts.join("/");
    let path = path.trim_end_matches('/');
    let anchor = anchor.map(|anchor| format!("#{anchor}")).unwrap_or_default();
    if tracked.contains(&inside) {
        if !inside.ends_with(".md") {
            files.insert(inside);
        }
        // The book calls a README the index of its folder, and does not change the links to it.
        let page = path.strip_suffix("README.md").map(|folder| format!("{folder}index.html"));
        return Some(page.map_or_else(|| target.into(), |page| format!("{page}{anchor}")));
    }
    let readme = if inside.is_empty() { String::from("README.md") } else { format!("{inside}/README.md") };
    tracked.contains(&readme).then(|| format!("{path}/index.html{anchor}"))
}

fn tracked() -> Result<BTreeSet<String>> {
    let output = Command::new("git")
        .current_dir(root())
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .output()?;
    if !output.status.success() {
        bail!("git lists no files; the site is made in a clone");
    }
    Ok(String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect())
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(root().join(path)).with_context(|| format!("cannot read {path}"))
}

fn put(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages_and_files_of_the_book() {
        let tracked: BTreeSet<String> =
            ["README.md", "docs/a.md", "core/src/lib.rs", "cli/README.md"].map(String::from).into();
        let mut files = BTreeSet::new();
        let text = "[a](a.md#x) [l](../core/src/lib.rs) [c](../cli) [r](../README.md#x) [s](../core/src) [h](https://example.org)\n```\n[x](y)\n```\n";
        assert_eq!(
            follow("docs/a.md", text, &tracked, &mut files),
            "[a](a.md#x) [l](../core/src/lib.rs) [c](../cli/index.html) [r](../index.html#x) s [h](https://example.org)\n```\n[x](y)\n```\n"
        );
        assert_eq!(files.into_iter().collect::<Vec<_>>(), ["core/src/lib.rs"]);
    }

    #[test]
    fn every_page_has_its_place() {
        let tracked = tracked().unwrap();
        for (_, pages) in PARTS {
            for page in pages {
                assert!(tracked.contains(*page), "{page} is not there");
                title(page).unwrap();
            }
        }
    }
}
