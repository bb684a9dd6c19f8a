//! For Go: the modules in the form of a module proxy, with the WebAssembly module inside.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use super::Dist;
use super::archive::{Files, text, write};
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

/// Seconds since 1970 as RFC 3339 has them.
fn date(seconds: u64) -> Result<String> {
    let days = i64::try_from(seconds / 86_400)?;
    // Days since 1 March of the year 0, in eras of 400 years.
    let shifted = days.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    Ok(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_796_083_200, "2026-12-01T00:00:00Z"),
        ] {
            assert_eq!(date(seconds).unwrap(), text);
        }
    }
}
