//! For Go: the modules in the form of a module proxy, with the WebAssembly module inside.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use super::archive::{Files, text, write};
use super::facts::date;
use super::made::Dist;
use super::sbom::Parts;
use crate::process::root;
use crate::toolchain::TARGET;

/// A Go module: its path, and its folder in the clone.
pub(crate) struct Module {
    /// What people import.
    pub(crate) path: &'static str,
    folder: &'static str,
}

/// The CoreDNS plugin with what runs the WebAssembly module, and the package for other programs.
pub(crate) const MODULES: [Module; 2] = [
    Module { path: "pointsman.example/coredns", folder: "host-examples/coredns" },
    Module { path: "pointsman.example/pointsman", folder: "host-examples/go" },
];
/// What a release puts in the place of plain/embedded.go.
const EMBEDDED: &str = "package plain

import _ \"embed\" // for the module below

// Embedded is pointsman_plain.wasm of this release.
//
//go:embed pointsman_plain.wasm
var Embedded []byte
";

/// Writes target/dist/go, which `GOPROXY=file://...` reads.
pub(crate) fn make(dist: &mut Dist) -> Result<()> {
    let version = format!("v{}", dist.facts.version);
    for module in &MODULES {
        let manifest = manifest(module, &version)?;
        let top = format!("{}@{version}", module.path);
        let mut files = Files::default();
        for path in tracked(module.folder)? {
            let inside = path.strip_prefix(module.folder).unwrap_or(&path).trim_start_matches('/');
            files.copy(format!("{top}/{inside}"), &root().join(&path))?;
        }
        files.put(format!("{top}/go.mod"), manifest.as_bytes());
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            files.copy(format!("{top}/{licence}"), &root().join(licence))?;
        }
        let mut packages: &[&str] = &[];
        if module.path == MODULES[0].path {
            files.put(format!("{top}/plain/embedded.go"), EMBEDDED);
            files.copy(format!("{top}/plain/pointsman_plain.wasm"), &crate::plain::path())?;
            packages = &["pointsman-plain"];
        }
        let folder = format!("go/{}/@v", module.path);
        let parts = Parts::of(packages, TARGET).with(used(module.folder)?);
        dist.add("Go", &format!("{folder}/{version}.zip"), &files.zip()?, &parts)?;
        let info = json!({"Version": version, "Time": date(dist.facts.date)?});
        for (name, content) in [
            (format!("{version}.mod"), manifest),
            (format!("{version}.info"), info.to_string()),
            ("list".into(), format!("{version}\n")),
        ] {
            write(&dist.folder.join(&folder).join(name), content.as_bytes())?;
        }
    }
    Ok(())
}

/// go.mod as it is published: what stands beside it in the clone comes by its version.
fn manifest(module: &Module, version: &str) -> Result<String> {
    let manifest = text(&root().join(module.folder).join("go.mod"))?;
    let lines = manifest.lines().filter(|line| !line.starts_with("replace "));
    Ok(lines.map(|line| format!("{}\n", line.replace(" v0.0.0", &format!(" {version}")))).collect())
}

/// The files that belong to the module, as git knows them.
fn tracked(folder: &str) -> Result<Vec<String>> {
    let output = Command::new("git").current_dir(root()).args(["ls-files", "--", folder]).output()?;
    let files: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    if !output.status.success() || files.is_empty() {
        bail!("git lists no files in {folder}; a Go module is packed in a clone");
    }
    Ok(files)
}

/// The modules that its packages are compiled with.
fn used(folder: &str) -> Result<BTreeSet<String>> {
    let format =
        "{{with .Module}}{{if not .Main}}{{if .Version}}pkg:golang/{{.Path}}@{{.Version}}{{end}}{{end}}{{end}}";
    let mut list = Command::new("go");
    list.current_dir(root().join(folder)).args(["list", "-deps", "-f", format, "./..."]);
    let output = list.output().context("go does not run")?;
    if !output.status.success() {
        bail!("go list of {folder} failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let lines = String::from_utf8_lossy(&output.stdout);
    Ok(lines.lines().filter(|line| !line.is_empty() && !line.contains("@v0.0.0\n")).map(str::to_owned).collect())
}
