//! Python packages, each list in an environment of its own below target: nothing is installed into the machine's Python.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process::{self, output, root, say};
use crate::system;

/// The oldest Python that the lists' packages run on.
const PYTHON: (u32, u32) = (3, 10);

/// An environment with exactly the packages of a list.
pub(crate) struct Venv {
    /// Its folder in target.
    pub(crate) folder: &'static str,
    /// The list: a file of the project with every package and its version.
    pub(crate) requirements: &'static str,
    /// What the packages are, in words.
    pub(crate) what: &'static str,
}

impl Venv {
    /// The environment's Python; what the list names is installed first, unless it is there.
    pub(crate) fn python(&self) -> Result<PathBuf> {
        let folder = root().join("target").join(self.folder);
        let python = folder.join("bin").join("python");
        let list = root().join(self.requirements);
        let wanted = fs::read_to_string(&list).with_context(|| format!("cannot read {}", self.requirements))?;
        let installed = folder.join("installed.txt");
        if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
            return Ok(python);
        }
        if system::has_apt() {
            system::ensure_packages(&packages(), &format!("to install {}", self.what))?;
        }
        let version = output("python3", &["-c", "import sys; print(*sys.version_info[:2])"]).unwrap_or_default();
        if parts(&version).is_none_or(|version| version < PYTHON) {
            bail!("python3 of {}.{} or newer is needed to install {}; install it", PYTHON.0, PYTHON.1, self.what);
        }
        say(format_args!("installing {} into target/{} (half a minute)", self.what, self.folder));
        process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        let mut pip = Command::new(&python);
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--requirement"]);
        process::run(pip.arg(&list))?;
        fs::write(&installed, wanted).with_context(|| format!("cannot write {}", installed.display()))?;
        Ok(python)
    }

    /// The environment's Python at the top of the project, told where the command line is.
    pub(crate) fn command(&self) -> Result<Command> {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
        let mut command = Command::new(self.python()?);
        command.current_dir(root()).env("POINTSMAN", target.join("release").join("pointsman"));
        // No __pycache__ among the sources, and no proxy between this machine and itself.
        command.env("PYTHONDONTWRITEBYTECODE", "1").env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
        Ok(command)
    }
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
}
