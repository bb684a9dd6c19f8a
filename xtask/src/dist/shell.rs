//! For shells: a tar file to unpack over a prefix such as /usr/local.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::archive::{Files, text};
use super::licences;
use super::made::Dist;
use super::sbom::Parts;
use crate::process::{self, cargo, root};

const PACKAGES: &[&str] = &["pointsman"];

/// Builds the command without paths of this machine, unless it is to be taken as it is, and packs it.
pub(crate) fn make(dist: &mut Dist, built: bool) -> Result<()> {
    let program = if built { crate::host::command_line()? } else { build()? };
    let scratch = dist.scratch("shell")?;
    let pages = scratch.join("man1");
    process::run(Command::new(&program).arg("man").arg(&pages))?;

    let top = format!("pointsman-{}-{}", dist.facts.version, dist.host);
    let mut files = Files::default();
    files.program(format!("{top}/bin/pointsman"), &program)?;
    files.folder(&format!("{top}/share/man/man1"), &pages)?;
    for (shell, path) in [
        ("bash", "share/bash-completion/completions/pointsman"),
        ("zsh", "share/zsh/site-functions/_pointsman"),
        ("fish", "share/fish/vendor_completions.d/pointsman.fish"),
    ] {
        files.put(format!("{top}/{path}"), completions(&program, shell)?);
    }
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        files.copy(format!("{top}/share/doc/pointsman/{licence}"), &root().join(licence))?;
    }
    let others = licences::texts(&licences::crates(PACKAGES, &dist.host)?)?;
    files.put(format!("{top}/share/doc/pointsman/LICENSES-OF-OTHERS.txt"), others);
    files.put(format!("{top}/share/doc/pointsman/CHANGELOG.md"), text(&root().join("CHANGELOG.md"))?);
    let parts = Parts::of(PACKAGES, &dist.host);
    dist.add("shell", &format!("{top}.tar.gz"), &files.tar_gz(dist.facts.date)?, &parts)
}

/// The command by the profile of releases, stripped, and with no path of this machine in it.
pub(crate) fn build() -> Result<PathBuf> {
    build_in(&root(), &root().join("target").join("dist-build").join("native"))
}

/// The same from the sources in a folder.
pub(crate) fn build_in(sources: &Path, target: &Path) -> Result<PathBuf> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home =
        home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo"))).context("no CARGO_HOME")?;
    let remap = |from: &Path, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    // The unit separator allows spaces in paths.
    let flags = [remap(sources, "/pointsman"), remap(&home, "/cargo")].join("\u{1f}");
    let mut command = cargo();
    command.current_dir(sources).env("CARGO_ENCODED_RUSTFLAGS", flags).env_remove("RUSTFLAGS");
    command.args(["build", "--profile", "dist", "--locked", "--package", "pointsman"]).arg("--target-dir").arg(target);
    process::run(&mut command)?;
    Ok(target.join("dist").join("pointsman"))
}

fn completions(program: &Path, shell: &str) -> Result<Vec<u8>> {
    let output = Command::new(program).args(["completions", shell]).output()?;
    if !output.status.success() {
        bail!("`pointsman completions {shell}` failed");
    }
    Ok(output.stdout)
}
