//! `cargo xtask dist`: every artefact that people install, in target/dist, with checksums, a bill of materials each, and a
//! manifest. `--test` installs each of them in an empty folder, as somebody would who has nothing else of this project.

mod archive;
mod checklist;
mod crates;
mod facts;
mod go;
mod licences;
mod made;
mod modules;
mod npm;
mod oci;
mod python;
mod sbom;
mod shell;
mod stranger;

use anyhow::Result;

use facts::Facts;
use made::Dist;
pub(crate) use made::Options;

/// Makes everything, and with the options installs it.
pub(crate) fn run(options: Options) -> Result<()> {
    let mut dist = Dist::new(Facts::read()?, Facts::host()?);
    if !options.built {
        crate::wasm::run()?;
    }
    archive::empty(&dist.folder)?;
    shell::make(&mut dist, options.built)?;
    crates::make(&mut dist)?;
    npm::make(&mut dist)?;
    python::make(&mut dist)?;
    go::make(&mut dist)?;
    modules::make(&mut dist)?;
    oci::make(&mut dist)?;
    dist.finish()?;
    checklist::check(&dist)?;
    if options.test || options.built {
        stranger::all(&dist, options)?;
    }
    Ok(())
}

/// The step of `cargo xtask test`: what the steps before have built, packed and installed.
pub(crate) fn step() -> Result<()> {
    run(Options { test: false, built: true })
}
