//! The links of a folder of static pages: each leads to a file of the folder and to a place in it, and nothing is loaded from
//! a network.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

/// Checks every page, and returns how many links of the folder it followed.
pub(crate) fn check(site: &Path) -> Result<usize> {
    let mut pages = BTreeMap::new();
    collect(site, site, &mut pages)?;
    let mut faults = BTreeSet::new();
    let mut count = 0_usize;
    for (page, text) in &pages {
        for (kind, target) in targets(text) {
            if ["data:", "mailto:", "javascript:", "blob:"].iter().any(|scheme| target.starts_with(scheme)) {
                continue;
            }
            if target.contains("://") || target.starts_with("//") {
                // A page may name another site, and may not load anything from it.
                if kind == "src" {
                    faults.insert(format!("{page} loads {target}"));
                }
                continue;
            }
            if is_of_others(page, &target) {
                continue;
            }
            count = count.saturating_add(1);
            if let Some(fault) = follow(site, page, &target, &pages) {
                faults.insert(format!("{page}: {target} {fault}"));
            }
        }
    }
    if !faults.is_empty() {
        let list: Vec<&str> = faults.iter().map(String::as_str).take(60).collect();
        bail!("{} links lead nowhere:\n{}", faults.len(), list.join("\n"));
    }
    Ok(count)
}

fn follow(site: &Path, page: &str, target: &str, pages: &BTreeMap<String, Page>) -> Option<&'static str> {
    let (path, anchor) = target.split_once('#').map_or((target, ""), |(path, anchor)| (path, anchor));
    let path = path.split('?').next().unwrap_or_default();
    let inside = if path.is_empty() { page.to_owned() } else { join(page, &decoded(path)) };
    let file = site.join(&inside);
    let inside = if file.is_dir() { format!("{}/index.html", inside.trim_end_matches('/')) } else { inside };
    let inside = inside.trim_start_matches('/').to_owned();
    if !site.join(&inside).is_file() {
        return Some("is not there");
    }
    match pages.get(&inside) {
        Some(page) if !anchor.is_empty() => {
            // rustdoc writes a name with percent signs in both places.
            let is_there = page.ids.contains(anchor) || page.ids.contains(&decoded(anchor));
            (!is_there && !is_made_later(&inside, anchor)).then_some("is not in that page")
        }
        _ => None,
    }
}

/// Where a type of ours has a trait of another crate, rustdoc shows that crate's words, with links as they stand in its source.
fn is_of_others(page: &str, target: &str) -> bool {
    let path = target.split(['#', '?']).next().unwrap_or_default();
    page.starts_with("rust/") && !path.is_empty() && (!path.contains('.') || path.contains("::"))
}

/// rustdoc makes the numbers of the lines of its source pages in the browser.
fn is_made_later(page: &str, anchor: &str) -> bool {
    page.starts_with("rust/src/") && anchor.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

/// A page: its links, and what can be linked to in it.
struct Page {
    targets: Vec<(&'static str, String)>,
    ids: BTreeSet<String>,
}

fn targets(page: &Page) -> impl Iterator<Item = (&'static str, String)> {
    page.targets.iter().cloned()
}

fn collect(site: &Path, folder: &Path, pages: &mut BTreeMap<String, Page>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path: PathBuf = entry?.path();
        if path.is_dir() {
            collect(site, &path, pages)?;
        } else if path.extension().is_some_and(|it| it == "html") {
            let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let inside = path.strip_prefix(site).unwrap_or(&path).to_string_lossy().into_owned();
            pages.insert(inside, read(&text));
        }
    }
    Ok(())
}

/// The attributes `href`, `src`, `id` and `name` of the tags of a page, without those in scripts and comments.
fn read(text: &str) -> Page {
    let mut page = Page { targets: Vec::new(), ids: BTreeSet::new() };
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, behind)| behind);
            continue;
        }
        let Some((tag, behind)) = tag_of(after) else { break };
        rest = behind;
        let name = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default().to_ascii_lowercase();
        for (attribute, value) in attributes(tag) {
            match attribute {
                "id" | "name" => drop(page.ids.insert(value)),
                // A style sheet and an icon are loaded; a link is only followed.
                "href" if name == "link" && !tag.contains("canonical") => page.targets.push(("src", value)),
                "href" => page.targets.push(("href", value)),
                "src" => page.targets.push(("src", value)),
                _ => {}
            }
        }
        if name == "script" {
            rest = rest.split_once("</script").map_or("", |(_, behind)| behind);
        }
    }
    page
}

/// A tag up to its end, which is no `>` between quotation marks.
fn tag_of(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (None, '>') => return Some((text.get(..at)?, text.get(at.saturating_add(1)..)?)),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    None
}

fn attributes(tag: &str) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for name in ["href", "src", "id", "name"] {
        for quote in ['"', '\''] {
            let mut rest = tag;
            while let Some((before, after)) = rest.split_once(&format!("{name}={quote}")) {
                let Some((value, behind)) = after.split_once(quote) else { break };
                if before.ends_with(char::is_whitespace) {
                    found.push((name, value.replace("&amp;", "&").replace("&#x27;", "'").replace("&quot;", "\"")));
                }
                rest = behind;
            }
        }
    }
    found
}

/// A relative path from a page.
fn join(page: &str, path: &str) -> String {
    let mut parts: Vec<&str> = if path.starts_with('/') { Vec::new() } else { page.split('/').collect() };
    parts.pop();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// A text of a URL without its percent signs.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let pair = behind.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match pair.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            _ => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let site = std::env::temp_dir().join(format!("pointsman-links-{}", std::process::id()));
        fs::create_dir_all(site.join("a")).unwrap();
        fs::write(
            site.join("index.html"),
            "<a href=\"a/b.html#x\">b</a><script>\"<a href='no'>\"</script><!-- <a href=\"no\"> -->",
        )
        .unwrap();
        let page = |text: &str| fs::write(site.join("a/b.html"), text).unwrap();
        page("<h1 id=\"x\">x</h1><a href='../index.html'>up</a><a href=\"https://example.org\">out</a>");
        assert_eq!(check(&site).unwrap(), 2);
        page("<h1 id=\"y\">y</h1><a href=\"c.html\">c</a><img src=\"https://example.org/i.png\">");
        let faults = check(&site).unwrap_err().to_string();
        for fault in ["b.html#x is not in that page", "c.html is not there", "loads https://example.org/i.png"] {
            assert!(faults.contains(fault), "{faults}");
        }
        fs::remove_dir_all(site).unwrap();
    }
}
