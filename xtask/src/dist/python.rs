//! For Python: a wheel and an sdist with the component inside.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::archive::{Files, read, text};
use super::made::Dist;
use super::sbom::Parts;
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
    let manifest = text(&folder.join("package/pyproject.toml"))?;
    let manifest = manifest.replace("version = \"0.0.0\"", &format!("version = \"{}\"", dist.facts.version));
    files.put("pyproject.toml", manifest.replace("REPOSITORY", &dist.facts.repository));
    files.write(to)
}
