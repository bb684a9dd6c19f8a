//! The project's own rules about its files: who depends on whom, what each policy has, how long a file may be, and that
//! documents speak of what exists.

#[path = "tidy/circles.rs"]
mod circles;
#[path = "tidy/dependencies.rs"]
mod dependencies;
#[path = "tidy/documents.rs"]
mod documents;
#[path = "tidy/glossary.rs"]
mod glossary;
#[path = "tidy/policies.rs"]
mod policies;
#[path = "tidy/registers.rs"]
mod registers;
#[path = "tidy/tree.rs"]
mod tree;
#[path = "tidy/vectors.rs"]
mod vectors;

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::tree::{code, files, read, report, root};

/// The modules of core in the order that a query travels; each may use those in the groups before its own.
const STAGES: [&[&str]; 13] = [
    &["limits", "map", "split_mix"],
    &["sort"],
    &["model"],
    &["diagnostic"],
    &["query"],
    &["parse"],
    &["validate"],
    &["compile"],
    &["answer"],
    // Neither uses the other.
    &["health", "policy"],
    &["resolve"],
    &["explain"],
    &["follow"],
];

/// Modules that put stages together, and so may use all of them.
const ON_TOP: [&str; 3] = ["api", "lines", "proptest"];

/// Which crates of the project each crate may depend on.
const CRATES: [(&str, &[&str]); 20] = [
    ("core", &[]),
    ("import", &["pointsman-core"]),
    ("verify", &["pointsman-core"]),
    ("fleet", &["pointsman-core"]),
    ("watch", &["pointsman-core", "pointsman-fleet"]),
    ("cli", &["pointsman-core", "pointsman-import", "pointsman-verify", "pointsman-watch"]),
    ("wasm/component", &["pointsman-core"]),
    ("wasm/js", &["pointsman-core"]),
    ("wasm/js/bindgen", &[]),
    ("wasm/empty", &[]),
    ("wasm/plain", &["pointsman-core"]),
    ("wasm/envoy", &["pointsman-core"]),
    ("wasm/verify", &["pointsman-core", "pointsman-import", "pointsman-verify"]),
    ("tests/envoy/baseline", &[]),
    ("host-examples/proptest", &["pointsman-core"]),
    ("host-examples/wasmtime", &[]),
    ("tests", &["pointsman-core", "pointsman-import", "pointsman-verify", "pointsman-wasmtime-example"]),
    ("tests/bench", &["pointsman-core", "pointsman-wasmtime-example"]),
    (
        "tests/fuzz",
        &[
            "pointsman-core",
            "pointsman-envoy",
            "pointsman-import",
            "pointsman-tests",
            "pointsman-verify",
            "pointsman-watch",
        ],
    ),
    ("xtask", &[]),
];

/// Lines that no file may have.
const LINES_MAX: usize = 800;
/// Lines past which a file asks to be split.
const LINES_LONG: usize = 400;
/// How many files are past it. This number goes down.
const LONG_FILES: usize = 4;

// ---- who depends on whom -----------------------------------------------------------------------------------------------

#[test]
fn stages_use_only_what_comes_before_them() -> Result<()> {
    let rank = |module: &str| STAGES.iter().position(|group| group.contains(&module));
    let mut faults = Vec::new();
    for file in files(&[".rs"])? {
        let Some(inside) = file.path.strip_prefix("core/src/") else { continue };
        let stage = inside.split(['/', '.']).next().unwrap_or_default();
        if stage == "lib" || ON_TOP.contains(&stage) || inside.ends_with("/tests.rs") {
            continue;
        }
        let own = rank(stage).with_context(|| format!("core's `{stage}` has no place in tests/tidy.rs"))?;
        for (number, line) in file.text.lines().enumerate() {
            for rest in code(line).split("crate::").skip(1) {
                let other: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                let allowed = match rank(&other) {
                    Some(rank) => rank < own || other == stage,
                    None => false,
                };
                if !allowed {
                    faults.push(format!("{}:{}: `{stage}` uses `{other}`", file.path, number + 1));
                }
            }
        }
    }
    report(&faults)
}

#[test]
fn the_map_of_core_is_in_travel_order() -> Result<()> {
    let map = read("core/src/lib.rs")?;
    let declared: BTreeSet<&str> = map
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    let placed: BTreeSet<&str> = STAGES.iter().copied().flatten().copied().chain(ON_TOP).collect();
    assert_eq!(declared, placed, "modules of core/src/lib.rs against those of tests/tidy.rs");
    let stages = ["parse", "validate", "compile", "health", "policy", "resolve", "explain"];
    let mut at = 0;
    for stage in stages {
        let declaration = format!("mod {stage};");
        let found = map.find(&declaration).with_context(|| format!("no `{declaration}`"))?;
        ensure!(found > at, "`{declaration}` stands before the stage that comes before it");
        at = found;
    }
    Ok(())
}

/// The packages of the workspace as cargo itself reads their manifests, each with its folder. The crate `cargo_metadata` would put
/// types around the four fields that are read here, and bring three crates for it.
fn packages() -> Result<Vec<(String, Value)>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = std::process::Command::new(cargo);
    let output =
        command.current_dir(root()).args(["metadata", "--no-deps", "--offline", "--format-version", "1"]).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let top = metadata["workspace_root"].as_str().context("cargo names no workspace")?;
    let packages = metadata["packages"].as_array().context("cargo lists no packages")?;
    let with_folder = packages.iter().map(|package| {
        let manifest = package["manifest_path"].as_str().and_then(|path| path.strip_prefix(top));
        let folder =
            manifest.and_then(|path| path.strip_suffix("/Cargo.toml")).context("a package outside the workspace")?;
        Ok((folder.trim_start_matches('/').to_owned(), package.clone()))
    });
    with_folder.collect()
}

#[test]
fn crates_depend_in_one_direction() -> Result<()> {
    let packages = packages()?;
    let members: BTreeSet<&str> = packages.iter().map(|(folder, _)| folder.as_str()).collect();
    assert_eq!(members, CRATES.map(|(folder, _)| folder).into(), "workspace members against those of tests/tidy.rs");
    let ours: BTreeSet<&str> = packages.iter().filter_map(|(_, package)| package["name"].as_str()).collect();
    let mut faults = Vec::new();
    for (folder, package) in &packages {
        let allowed = CRATES.iter().find(|(of, _)| of == folder).map_or(&[][..], |(_, allowed)| allowed);
        // Those of tests and build scripts, of features and of single targets are among them.
        let dependencies = package["dependencies"].as_array().context("a package without a list of dependencies")?;
        for name in dependencies.iter().filter_map(|dependency| dependency["name"].as_str()) {
            if ours.contains(name) && !allowed.contains(&name) {
                faults.push(format!("{folder} depends on {name}"));
            }
        }
        if !read(&format!("{folder}/Cargo.toml"))?.contains("[lints]\nworkspace = true") {
            faults.push(format!("{folder} does not take the lints of the workspace"));
        }
    }
    report(&faults)
}

#[test]
fn core_stays_pure() -> Result<()> {
    let map = read("core/src/lib.rs")?;
    ensure!(
        map.contains("#![no_std]\n") && map.contains("#![forbid(unsafe_code)]\n"),
        "core/src/lib.rs lost an attribute"
    );
    let mut faults = Vec::new();
    for file in files(&[".rs"])?.iter().filter(|file| file.path.starts_with("core/src/")) {
        for (number, line) in file.text.lines().enumerate() {
            if code(line).contains("std::") || code(line).contains("extern crate std") {
                faults.push(format!("{}:{}: core knows no std", file.path, number + 1));
            }
        }
    }
    report(&faults)
}

// ---- what belongs together ---------------------------------------------------------------------------------------------

#[test]
fn versions_agree() -> Result<()> {
    let manifest = read("Cargo.toml")?;
    let version =
        manifest.split("version = \"").nth(1).and_then(|rest| rest.split('"').next()).context("no version")?;
    let changelog = read("CHANGELOG.md")?;
    let has = |heading: String| changelog.lines().any(|line| line.starts_with(&heading));
    ensure!(has(format!("## [{version}]")) || has("## [Unreleased]".into()), "CHANGELOG.md has no entry for {version}");
    let semantics = read("docs/semantics.md")?;
    let number = semantics.split("**Semantics version ").nth(1).and_then(|rest| rest.split('.').next());
    let number = number.context("docs/semantics.md names no semantics version")?;
    ensure!(
        read("core/src/model/mod.rs")?.contains(&format!("pub const SEMANTICS_VERSION: u16 = {number};")),
        "core/src/model/mod.rs has another semantics version than docs/semantics.md"
    );
    ensure!(has(format!("### Semantics {number}")), "CHANGELOG.md has no entry for semantics {number}");
    let wit = read("wasm/wit/pointsman.wit")?;
    ensure!(
        wit.contains(&format!("package pointsman:routing@{version};")),
        "the WIT package is not of version {version}"
    );
    Ok(())
}

// ---- files -------------------------------------------------------------------------------------------------------------

#[test]
fn files_are_short() -> Result<()> {
    let mut long: Vec<(usize, String)> =
        files(&[".rs", ".wit"])?.into_iter().map(|file| (file.text.lines().count(), file.path)).collect();
    long.retain(|(lines, _)| *lines > LINES_LONG);
    long.sort();
    let list = long.iter().map(|(lines, path)| format!("{lines} {path}")).collect::<Vec<_>>().join("\n");
    ensure!(long.iter().all(|(lines, _)| *lines <= LINES_MAX), "split what is over {LINES_MAX} lines:\n{list}");
    ensure!(
        long.len() <= LONG_FILES,
        "{} files are over {LINES_LONG} lines, and {LONG_FILES} were; split one:\n{list}",
        long.len()
    );
    Ok(())
}

#[test]
fn nothing_is_left_for_later() -> Result<()> {
    // In two pieces, so that this file is not its own fault.
    let words = [("to", "do!("), ("unimple", "mented!("), ("FIX", "ME"), ("TO", "DO"), ("db", "g!("), ("XX", "X ")];
    let words = words.map(|(start, end)| format!("{start}{end}"));
    let here = root().display().to_string();
    let mut faults = Vec::new();
    for file in files(&[".rs", ".md", ".toml", ".wit", ".json", "run"])? {
        for (number, line) in file.text.lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(word.as_str())) {
                faults.push(format!("{}:{}: `{word}`", file.path, number + 1));
            }
            if here.len() > 1 && line.contains(&format!("{here}/")) {
                faults.push(format!("{}:{}: a path of this machine", file.path, number + 1));
            }
        }
    }
    report(&faults)
}
