//! `cargo xtask shapes`: what the AWS CLI prints, and what OctoDNS compiles, against the command line.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process::{self, cargo, output, root, say};
use crate::system;

/// The oldest Python that the packages of tests/shapes/requirements.txt run on.
const PYTHON: (u32, u32) = (3, 10);
const REQUIREMENTS: &str = "tests/shapes/requirements.txt";
const TESTS: [&str; 2] = ["api_shapes.py", "octodns_shapes.py"];

/// Installs what the tests need and runs them.
pub(crate) fn run() -> Result<()> {
    let python = venv()?;
    process::run(cargo().args(["build", "--release", "--locked", "--package", "pointsman"]))?;
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    for test in TESTS {
        say(format_args!("tests/shapes/{test}"));
        let mut command = Command::new(&python);
        command.current_dir(root()).arg("tests/shapes/".to_owned() + test);
        command.env("POINTSMAN", target.join("release").join("pointsman"));
        // No __pycache__ among the sources, and no proxy between this machine and itself.
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
        process::run(&mut command)?;
    }
    Ok(())
}

/// The Python of target/venv, with exactly the packages of the list.
fn venv() -> Result<PathBuf> {
    let folder = root().join("target").join("venv");
    let python = folder.join("bin").join("python");
    let wanted =
        fs::read_to_string(root().join(REQUIREMENTS)).with_context(|| format!("cannot read {REQUIREMENTS}"))?;
    let installed = folder.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    if system::has_apt() {
        system::ensure_packages(&packages(), "to run the AWS CLI and OctoDNS")?;
    }
    let version = output("python3", &["-c", "import sys; print(*sys.version_info[:2])"]).unwrap_or_default();
    if parts(&version).is_none_or(|version| version < PYTHON) {
        bail!("python3 of {}.{} or newer is needed to run the AWS CLI and OctoDNS; install it", PYTHON.0, PYTHON.1);
    }
    say("installing the AWS CLI, a stand-in for Route 53, and OctoDNS into target/venv (half a minute)");
    process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(&python);
    pip.current_dir(root()).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    process::run(pip.args(["--requirement", REQUIREMENTS]))?;
    fs::write(&installed, wanted).with_context(|| format!("cannot write {}", installed.display()))?;
    Ok(python)
}

/// Debian's packages for what is missing: a Python of one's own needs none of them.
fn packages() -> Vec<&'static str> {
    let has = |module: &str| output("python3", &["-c", &format!("import {module}")]).is_some();
    match (has("sys"), has("venv") && has("ensurepip")) {
        (false, _) => vec!["python3", "python3-venv"],
        (true, false) => vec!["python3-venv"],
        (true, true) => vec![],
    }
}

/// `3 11` as numbers.
fn parts(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers_and_not_texts() {
        assert!(parts("3 9").is_some_and(|version| version < PYTHON));
        assert!(parts("3 11").is_some_and(|version| version >= PYTHON));
        assert_eq!(parts(""), None);
    }

    #[test]
    fn every_package_is_pinned_and_listed_once() {
        let list = fs::read_to_string(root().join(REQUIREMENTS)).unwrap();
        let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mut names: Vec<String> = lines
            .map(|line| line.split_once("==").unwrap_or_else(|| panic!("{line} is not pinned")).0.to_lowercase())
            .collect();
        names.sort();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        assert!(names.len() > 20, "{names:?}");
    }
}
