//! What an artefact is made of: its crates by `cargo tree`, their licences against deny.toml, and the licences' texts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::archive::text;
use super::facts::between;
use crate::process::{cargo, root};

/// A crate that is compiled into an artefact.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Crate {
    /// Its name.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// Its licence as an SPDX expression; older crates write `/` for `OR`.
    pub(crate) license: String,
    /// Whether it is one of the project's own.
    pub(crate) own: bool,
    /// The crates that it uses, as `name version`.
    pub(crate) uses: BTreeSet<String>,
}

/// The crates that packages of the workspace are compiled with, without those that only build or test them.
pub(crate) fn crates(packages: &[&str], target: &str) -> Result<Vec<Crate>> {
    let mut found: BTreeMap<String, Crate> = BTreeMap::new();
    for package in packages {
        let mut tree = cargo();
        tree.args(["tree", "--locked", "--edges", "normal", "--prefix", "depth", "--format", "\t{p}\t{l}"]);
        let output =
            tree.args(["--package", package, "--target", target]).output().context("cargo tree does not run")?;
        if !output.status.success() {
            bail!("cargo tree of {package} failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        take(&String::from_utf8_lossy(&output.stdout), &mut found)?;
    }
    Ok(found.into_values().collect())
}

/// Reads lines of depth, name with version and place, and licence.
fn take(tree: &str, found: &mut BTreeMap<String, Crate>) -> Result<()> {
    let mut above: Vec<String> = Vec::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let mut fields = line.split('\t');
        let (Some(depth), Some(package), Some(license)) = (fields.next(), fields.next(), fields.next()) else {
            bail!("cargo tree prints a line of another form: {line}");
        };
        let depth: usize = depth.parse().with_context(|| format!("not a depth: {line}"))?;
        let mut words = package.split(' ');
        let (name, version) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let version = version.trim_start_matches('v');
        let key = format!("{name} {version}");
        above.truncate(depth);
        if let Some(user) = above.last().and_then(|user| found.get_mut(user)) {
            user.uses.insert(key.clone());
        }
        above.push(key.clone());
        found.entry(key).or_insert_with(|| Crate {
            name: name.into(),
            version: version.into(),
            license: license.trim_end_matches(" (*)").into(),
            own: package.contains("(/"),
            uses: BTreeSet::new(),
        });
    }
    Ok(())
}

/// The checksums of Cargo.lock, by `name version`.
pub(crate) fn checksums() -> Result<BTreeMap<String, String>> {
    let lock = text(&root().join("Cargo.lock"))?;
    let mut sums = BTreeMap::new();
    for package in lock.split("[[package]]").skip(1) {
        let field = |name: &str| between(package, &format!("\n{name} = \""), "\"");
        if let (Some(name), Some(version), Some(sum)) = (field("name"), field("version"), field("checksum")) {
            sums.insert(format!("{name} {version}"), sum.to_owned());
        }
    }
    Ok(sums)
}

/// Refuses crates whose licence deny.toml does not allow.
pub(crate) fn check(crates: &[Crate]) -> Result<()> {
    let policy = text(&root().join("deny.toml"))?;
    let list = between(&policy, "\nallow = [", "]").context("deny.toml has no list `allow`")?;
    let allowed: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    for used in crates {
        if !permitted(&used.license, &allowed) {
            bail!("{} {} has the licence {:?}, which deny.toml does not allow", used.name, used.version, used.license);
        }
    }
    Ok(())
}

/// Whether an SPDX expression can be met with licences of a list. `AND` binds closer than `OR`.
fn permitted(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0_usize;
    let met = either(&words, &mut at, allowed);
    met && at == words.len()
}

fn either(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let mut met = both(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at = at.saturating_add(1);
        met |= both(words, at, allowed);
    }
    met
}

fn both(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let mut met = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at = at.saturating_add(1);
        met &= one(words, at, allowed);
    }
    met
}

fn one(words: &[&str], at: &mut usize, allowed: &[&str]) -> bool {
    let word = words.get(*at).copied().unwrap_or_default();
    *at = at.saturating_add(1);
    if word == "(" {
        let met = either(words, at, allowed);
        *at = at.saturating_add(1);
        return met;
    }
    if words.get(*at) == Some(&"WITH") {
        let exception = words.get(at.saturating_add(1)).copied().unwrap_or_default();
        *at = at.saturating_add(2);
        return allowed.contains(&format!("{word} WITH {exception}").as_str());
    }
    allowed.contains(&word)
}

/// The licences of other people's crates as one text: which crate has which, and the words of each, every text once.
pub(crate) fn texts(crates: &[Crate]) -> Result<String> {
    let folders = folders()?;
    let mut list = String::from("This program contains the following packages of others.\n\n");
    let mut by_text: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for used in crates.iter().filter(|used| !used.own) {
        let key = format!("{} {}", used.name, used.version);
        let _ = writeln!(list, "  {key}: {}", used.license);
        let Some(folder) = folders.get(&key) else { continue };
        let mut names: Vec<PathBuf> = fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
        names.sort();
        for path in names {
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
            let is_licence =
                ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"].iter().any(|it| name.starts_with(it));
            if is_licence && let Ok(words) = fs::read_to_string(&path) {
                by_text.entry(words.trim().to_owned()).or_default().insert(key.clone());
            }
        }
    }
    for (words, users) in by_text {
        let users: Vec<&str> = users.iter().map(String::as_str).collect();
        let _ = write!(list, "\n{}\n\nOf {}:\n\n{words}\n", "-".repeat(80), users.join(", "));
    }
    Ok(list)
}

/// Where cargo keeps the sources of each crate.
fn folders() -> Result<BTreeMap<String, PathBuf>> {
    let output =
        cargo().args(["metadata", "--locked", "--format-version", "1"]).output().context("no cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let mut folders = BTreeMap::new();
    for package in metadata.get("packages").and_then(Value::as_array).into_iter().flatten() {
        let field = |name: &str| package.get(name).and_then(Value::as_str);
        if let (Some(name), Some(version), Some(manifest)) = (field("name"), field("version"), field("manifest_path"))
            && let Some(folder) = PathBuf::from(manifest).parent()
        {
            folders.insert(format!("{name} {version}"), folder.to_path_buf());
        }
    }
    Ok(folders)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_met_by_what_is_allowed() {
        let allowed = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "ISC"];
        for met in ["MIT", "MIT/Unlicense", "GPL-3.0 OR MIT", "MIT AND ISC", "(MIT OR GPL-3.0) AND Apache-2.0"] {
            assert!(permitted(met, &allowed), "{met}");
        }
        assert!(permitted("Apache-2.0 WITH LLVM-exception", &allowed));
        for unmet in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR GPL-3.0) AND OpenSSL", "MIT WITH Something", "MIT MIT"]
        {
            assert!(!permitted(unmet, &allowed), "{unmet}");
        }
    }

    #[test]
    fn a_tree_is_read_with_who_uses_whom() {
        let mut found = BTreeMap::new();
        take("0\ta v1.0.0 (/x)\tMIT\n1\tb v2.0.0\tISC\n2\tc v3.0.0\tMIT\n1\tc v3.0.0\tMIT (*)\n", &mut found).unwrap();
        let uses = |key: &str| found.get(key).map(|it| it.uses.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(uses("a 1.0.0"), Some(vec!["b 2.0.0", "c 3.0.0"]));
        assert_eq!(uses("b 2.0.0"), Some(vec!["c 3.0.0"]));
        assert_eq!(found.get("c 3.0.0").map(|it| it.license.as_str()), Some("MIT"));
        assert!(found.get("a 1.0.0").is_some_and(|it| it.own) && found.get("b 2.0.0").is_some_and(|it| !it.own));
    }
}
