//! With Rust: a new crate that depends on the packed ones, and `cargo install` of the command.

use std::fmt::Write as _;

use anyhow::{Result, ensure};

use super::folder::{Folder, answers, prints};
use crate::dist::archive::write;
use crate::dist::crates::PUBLISHED;
use crate::dist::made::Dist;

/// Builds and asks. `slow`: every library, the kit for tests, and the command.
pub(super) fn uses(dist: &Dist, slow: bool) -> Result<()> {
    let folder = Folder::new("rust")?;
    let version = &dist.facts.version;
    // The registry does not have them yet, so each is taken from its folder instead; nothing else points out of the folder.
    let mut patch = String::from("[patch.crates-io]\n");
    for (name, _) in PUBLISHED {
        folder.unpack(&dist.path(&format!("{name}-{version}.crate")))?;
        let _ = writeln!(patch, "{name} = {{ path = {:?} }}", folder.0.join(format!("{name}-{version}")));
    }
    write(&folder.0.join(".cargo/config.toml"), patch.as_bytes())?;
    let mut manifest = format!(
        "[package]\nname = \"stranger\"\nedition = \"2024\"\n\n[[bin]]\nname = \"stranger\"\npath = \"main.rs\"\n\n[workspace]\n\n\
         [dependencies]\npointsman-core = \"{version}\"\n"
    );
    write(&folder.0.join("Cargo.toml"), manifest.as_bytes())?;
    answers(folder.command("cargo").args(["run", "--quiet"]))?;
    if !slow {
        return Ok(());
    }
    for (name, _) in PUBLISHED.iter().filter(|(name, _)| *name != "pointsman-core" && *name != "pointsman") {
        let _ = writeln!(manifest, "{name} = \"{version}\"");
    }
    let manifest = manifest.replace(
        &format!("pointsman-core = \"{version}\""),
        &format!("pointsman-core = {{ version = \"{version}\", features = [\"proptest\"] }}"),
    );
    write(&folder.0.join("Cargo.toml"), manifest.as_bytes())?;
    answers(folder.command("cargo").args(["run", "--quiet"]))?;

    let mut install = folder.command("cargo");
    install.args(["install", "--quiet", "--root", "installed", "--path"]).arg(format!("pointsman-{version}"));
    prints(&mut install)?;
    let mut ask = folder.command(folder.0.join("installed/bin/pointsman"));
    answers(ask.args(["resolve", "www.example.com", "A", "-z", "zone.json", "-H", "report.json", "--draw", "0"]))?;
    let says = prints(folder.command(folder.0.join("installed/bin/pointsman")).arg("--version"))?;
    ensure!(says.trim() == format!("pointsman {version}"), "the installed command says that it is {says}");
    Ok(())
}
