//! For Python: a wheel and an sdist with the component inside, and a wheel of the native extension, which the extra `native`
//! of the first brings.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use super::archive::{Files, read, text, write};
use super::licences;
use super::made::Dist;
use super::sbom::Parts;
use super::shell::flags;
use crate::process::{self, root};
use crate::toolchain::TARGET;
use crate::venv::Venv;

/// What builds and checks Python packages, at versions that stand in a list.
pub(crate) const TOOLS: Venv = Venv {
    folder: "venv-dist",
    requirements: "host-examples/python/package/tools.txt",
    what: "what builds Python packages",
};
const FOLDER: &str = "host-examples/python";
const NATIVE: &[&str] = &["pointsman-python"];

/// Puts the sources of the package together and builds both forms.
pub(crate) fn make(dist: &mut Dist) -> Result<()> {
    let scratch = dist.scratch("python")?;
    let sources = scratch.join("sources");
    stage(dist, &sources)?;
    let mut build = Command::new(TOOLS.python()?);
    build.current_dir(&sources).env("SOURCE_DATE_EPOCH", dist.facts.date.max(EARLIEST).to_string());
    build.args(["-m", "build", "--no-isolation", "--sdist", "--wheel", "--outdir"]).arg(scratch.join("built"));
    process::run(build.stdout(std::io::stderr()))?;
    let wasmtime = text(&root().join(FOLDER).join("requirements.txt"))?;
    let wasmtime = wasmtime.split("wasmtime==").nth(1).context("requirements.txt pins no wasmtime")?.trim().to_owned();
    for file in [
        format!("pointsman-{}-py3-none-any.whl", dist.facts.version),
        format!("pointsman-{}.tar.gz", dist.facts.version),
    ] {
        let parts = Parts::of(&["pointsman-component"], TARGET).with([format!("pkg:pypi/wasmtime@{wasmtime}")]);
        dist.add("Python", &file, &read(&scratch.join("built").join(&file))?, &parts)?;
    }
    Ok(())
}

/// Builds the wheel of the native extension: for releases with no path of this machine in it, else of what the tests have built.
pub(crate) fn make_native(dist: &mut Dist, built: bool) -> Result<()> {
    let scratch = dist.scratch("python-native")?;
    let maturin = TOOLS.python()?.with_file_name("maturin");
    let others = licences::texts(&licences::crates(NATIVE, &dist.host)?)?;
    write(&root().join(FOLDER).join("native").join(licences::OF_OTHERS), others.as_bytes())?;
    let wheel = native(&maturin, dist.facts.date, &scratch, built)?;
    let file = wheel.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let parts = Parts::of(NATIVE, &dist.host);
    dist.add("Python", &file, &read(&wheel)?, &parts)
}

fn native(maturin: &Path, date: u64, out: &Path, built: bool) -> Result<PathBuf> {
    let mut build = Command::new(maturin);
    build.current_dir(root().join(FOLDER).join("native")).env("SOURCE_DATE_EPOCH", date.max(EARLIEST).to_string());
    build.args(["build", "--quiet", "--locked", "--profile", if built { "release" } else { "dist" }, "--out"]).arg(out);
    if !built {
        build.env("CARGO_ENCODED_RUSTFLAGS", flags()?).env_remove("RUSTFLAGS");
        build.env("CARGO_TARGET_DIR", out.with_extension("target"));
    }
    process::run(build.stdout(std::io::stderr()))?;
    let made = std::fs::read_dir(out)?.flatten().map(|entry| entry.path());
    made.filter(|path| path.extension().is_some_and(|it| it == "whl")).last().context("maturin made no wheel")
}

/// A zip file knows no date before 1980.
const EARLIEST: u64 = 315_532_800;

/// The package as it is built: its modules, the component, licences, and the manifest with the version.
fn stage(dist: &Dist, to: &Path) -> Result<()> {
    let folder = root().join(FOLDER);
    let mut files = Files::default();
    for entry in std::fs::read_dir(folder.join("pointsman")).context("cannot list the modules")? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|it| it == "py") || name == "py.typed" {
            files.copy(format!("pointsman/{name}"), &path)?;
        }
    }
    files.copy("pointsman/pointsman.component.wasm", &root().join("target/wasm/pointsman.component.wasm"))?;
    files.copy("README.md", &folder.join("package/README.md"))?;
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        files.copy(licence, &root().join(licence))?;
    }
    files.put(licences::OF_OTHERS, licences::texts(&licences::crates(&["pointsman-component"], TARGET)?)?);
    let manifest = text(&folder.join("package/pyproject.toml"))?;
    let manifest = manifest.replace("0.0.0", &dist.facts.version);
    files.put("pyproject.toml", manifest.replace("REPOSITORY", &dist.facts.repository));
    files.write(to)
}
