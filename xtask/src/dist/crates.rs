//! For Rust: the crates as `cargo publish` would send them.

use anyhow::{Context as _, Result};

use super::archive::read;
use super::made::Dist;
use super::sbom::Parts;
use crate::process::{self, cargo};

/// The crates that are published, in the order that `cargo publish` needs. A test holds the manifests and RELEASING.md to it.
pub(crate) const PUBLISHED: [(&str, &[&str]); 6] = [
    ("pointsman-core", &["pointsman-core"]),
    ("pointsman-import", &["pointsman-import"]),
    ("pointsman-verify", &["pointsman-verify"]),
    ("pointsman-fleet", &["pointsman-fleet"]),
    ("pointsman-watch", &["pointsman-watch"]),
    ("pointsman", &["pointsman"]),
];

/// Packs them. Whether they build is asked by those who install them.
pub(crate) fn make(dist: &mut Dist) -> Result<()> {
    let scratch = dist.scratch("crates")?;
    let mut command = cargo();
    command.args(["package", "--quiet", "--no-verify", "--locked", "--allow-dirty"]).arg("--target-dir").arg(&scratch);
    for (name, _) in PUBLISHED {
        command.args(["--package", name]);
    }
    process::run(&mut command)?;
    for (name, packages) in PUBLISHED {
        let file = format!("{name}-{}.crate", dist.facts.version);
        let bytes = read(&scratch.join("package").join(&file)).with_context(|| format!("cargo packed no {name}"))?;
        let parts = Parts::of(packages, &dist.host);
        dist.add("Rust", &file, &bytes, &parts)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::root;

    /// A published crate says what people look for before they take it, and no other crate can be published by mistake.
    #[test]
    fn manifests_can_be_published_or_say_that_they_cannot() {
        let root_manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
        let members = root_manifest.split("members = [").nth(1).unwrap().split(']').next().unwrap();
        for folder in members.split('"').skip(1).step_by(2) {
            let manifest = std::fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap();
            let name = manifest.split("name = \"").nth(1).unwrap().split('"').next().unwrap();
            if !PUBLISHED.iter().any(|(published, _)| *published == name) {
                assert!(manifest.contains("publish = false"), "{folder} can be published by mistake");
                continue;
            }
            assert!(!manifest.contains("publish = false"), "{folder} cannot be published");
            for field in ["description", "license", "repository", "readme", "keywords", "categories"] {
                let stated = [format!("\n{field}.workspace = true"), format!("\n{field} = ")];
                assert!(stated.iter().any(|line| manifest.contains(line)), "{folder} has no {field}");
            }
            assert!(
                manifest.contains("[package.metadata.docs.rs]"),
                "{folder} does not say which features docs.rs builds"
            );
            for file in ["README.md", "LICENSE-APACHE", "LICENSE-MIT"] {
                assert!(root().join(folder).join(file).is_file(), "{folder} has no {file}");
            }
        }
    }
}
