//! What the project is built from: Cargo.lock against deny.toml, and exact versions in every other list.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::tree::{files, read, report, root};

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    source: Option<String>,
}

#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: BTreeSet<String>,
    skip: Vec<Skip>,
}

#[derive(Deserialize)]
struct Skip {
    #[serde(rename = "crate")]
    name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: BTreeSet<String>,
}

fn packages() -> Result<Vec<Package>> {
    let ran = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
        .current_dir(root())
        .output()?;
    ensure!(ran.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&ran.stderr));
    Ok(serde_json::from_slice::<Metadata>(&ran.stdout)?.packages)
}

fn deny() -> Result<Deny> {
    toml::from_str(&read("deny.toml")?).context("deny.toml")
}

/// Whether an SPDX expression leaves a choice among the allowed ones. AND binds tighter than OR; `/` is an old OR.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ").replace(" WITH ", "+WITH+");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let verdict = any_of(&mut rest, allowed);
    verdict && rest.is_empty()
}

fn any_of(rest: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let mut verdict = all_of(rest, allowed);
    while let ["OR", more @ ..] = *rest {
        *rest = more;
        // Both sides are read, whatever the first says.
        verdict |= all_of(rest, allowed);
    }
    verdict
}

fn all_of(rest: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let mut verdict = one(rest, allowed);
    while let ["AND", more @ ..] = *rest {
        *rest = more;
        verdict &= one(rest, allowed);
    }
    verdict
}

fn one(rest: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let Some((word, more)) = rest.split_first() else { return false };
    *rest = more;
    if *word != "(" {
        return allowed.contains(&word.replace("+WITH+", " WITH "));
    }
    let verdict = any_of(rest, allowed);
    let Some((")", more)) = rest.split_first().map(|(word, more)| (*word, more)) else { return false };
    *rest = more;
    verdict
}

#[test]
fn licences_are_read_as_spdx_has_them() {
    let allowed: BTreeSet<String> = ["MIT", "Apache-2.0 WITH LLVM-exception", "ISC"].map(String::from).into();
    for (expression, verdict) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("MIT AND GPL-3.0 OR ISC", true),
        ("(MIT OR GPL-3.0) AND ISC", true),
        ("(MIT OR GPL-3.0) AND GPL-2.0", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0", false),
        ("(MIT", false),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression, &allowed), verdict, "{expression}");
    }
}

#[test]
fn crates_have_licences_and_come_from_where_they_may() -> Result<()> {
    let deny = deny()?;
    let mut faults = Vec::new();
    for Package { name, version, license, source } in packages()? {
        let license = license.unwrap_or_default();
        if !is_allowed(&license, &deny.licenses.allow) {
            faults.push(format!("{name} {version} has the licence `{license}`"));
        }
        if deny.bans.deny.contains(&name) {
            faults.push(format!("{name} {version} is banned"));
        }
        let registry = source.as_deref().map(|source| source.trim_start_matches("registry+"));
        if registry.is_some_and(|registry| !deny.sources.allow_registry.contains(registry)) {
            faults.push(format!("{name} {version} comes from {}", registry.unwrap_or_default()));
        }
    }
    report(&faults)
}

#[test]
fn no_crate_is_there_twice_but_those_that_wait() -> Result<()> {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages()? {
        versions.entry(package.name).or_default().insert(package.version);
    }
    let twice = versions.into_iter().filter(|(_, versions)| versions.len() > 1);
    let mut spare: BTreeMap<String, usize> = twice.map(|(name, versions)| (name, versions.len() - 1)).collect();
    let mut faults = Vec::new();
    for Skip { name } in deny()?.bans.skip {
        let (name, version) = name.split_once('@').context("a skip names a version, as in `crate@1.0.0`")?;
        match spare.get_mut(name) {
            Some(left @ 1..) => *left -= 1,
            _ => faults.push(format!("{name} {version} waits no longer: take it out of deny.toml")),
        }
    }
    let over = spare.into_iter().filter(|(_, left)| *left > 0);
    faults.extend(over.map(|(name, left)| format!("{name} is there in {left} more versions than deny.toml has")));
    report(&faults)
}

#[test]
fn other_lists_name_exact_versions() -> Result<()> {
    let mut faults = Vec::new();
    let (mut packages, mut requirements) = (0, 0);
    for file in files(&["package.json", "requirements.txt"])? {
        if file.path.ends_with(".txt") {
            for line in file.text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
                requirements += 1;
                let is_exact =
                    line.split_once("==").is_some_and(|(_, version)| !version.contains(['*', ',', '>', '<']));
                if !is_exact {
                    faults.push(format!("{}: {line}", file.path));
                }
            }
            continue;
        }
        let manifest: serde_json::Value = serde_json::from_str(&file.text).context(file.path.clone())?;
        for list in ["dependencies", "devDependencies", "optionalDependencies"] {
            for (name, version) in manifest[list].as_object().into_iter().flatten() {
                packages += 1;
                let version = version.as_str().unwrap_or_default();
                // Beside another version of the same package: `npm:NAME@VERSION`.
                let version =
                    version.strip_prefix("npm:").and_then(|alias| alias.rsplit('@').next()).unwrap_or(version);
                let is_exact = version.starts_with("file:")
                    || version.split('.').count() == 3 && version.starts_with(|c: char| c.is_ascii_digit());
                if !is_exact {
                    faults.push(format!("{}: {name} {version}", file.path));
                }
            }
        }
    }
    ensure!(packages > 5 && requirements > 20, "only {packages} packages and {requirements} requirements were found");
    for path in ["host-examples/coredns", "tests/coredns"] {
        let module = read(&format!("{path}/go.mod"))?;
        let sums = read(&format!("{path}/go.sum"))?;
        for line in module.lines().map(str::trim) {
            let mut words = line.trim_start_matches("require ").split_whitespace();
            let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
            let is_module = name.contains('.') && version.starts_with('v') && version != "v0.0.0";
            if is_module && !sums.contains(&format!("{name} {version}/go.mod h1:")) {
                faults.push(format!("{path}/go.sum has no sum of {name} {version}"));
            }
        }
    }
    report(&faults)
}
