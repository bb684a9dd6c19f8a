//! For hosts of WebAssembly: the modules with what they are written into them, and the WIT package.

use std::path::Path;

use anyhow::{Context as _, Result};
use wasm_metadata::{AddMetadata, AddMetadataField};

use super::Dist;
use super::archive::read;
use super::facts::Facts;
use super::sbom::Parts;
use crate::process::root;
use crate::toolchain::TARGET;

/// A module of target/wasm: its file there, what follows the version in the artefact's name, its package, what it is.
struct Module {
    file: &'static str,
    suffix: &'static str,
    packages: &'static [&'static str],
    what: &'static str,
}

const MODULES: [Module; 3] = [
    Module {
        file: "pointsman.component.wasm",
        suffix: "component",
        packages: &["pointsman-component"],
        what: "a component without imports",
    },
    Module {
        file: "pointsman_plain.wasm",
        suffix: "plain",
        packages: &["pointsman-plain"],
        what: "a core module of integers and flat bytes, without imports",
    },
    Module {
        file: "pointsman_envoy.wasm",
        suffix: "envoy",
        packages: &["pointsman-envoy"],
        what: "a proxy-wasm filter for Envoy",
    },
];

/// Writes the modules and the package.
pub(crate) fn make(dist: &mut Dist) -> Result<()> {
    for module in &MODULES {
        let bytes = read(&root().join("target").join("wasm").join(module.file))?;
        let bytes = labelled(&bytes, &dist.facts, module)?;
        let file = format!("pointsman-{}.{}.wasm", dist.facts.version, module.suffix);
        dist.add("WebAssembly", &file, &bytes, &Parts::of(module.packages, TARGET))?;
    }
    let file = format!("pointsman-routing-{}.wit.wasm", dist.facts.version);
    let encoded = wit(&root().join("wasm").join("wit"))?;
    dist.add("WebAssembly", &file, &encoded, &Parts::default())
}

/// A module or component with name, version, licence, source, revision, description and semantics inside, in the sections
/// that wasm-metadata and the tools over it read.
fn labelled(bytes: &[u8], facts: &Facts, module: &Module) -> Result<Vec<u8>> {
    let mut add = AddMetadata::default();
    add.name = AddMetadataField::Set("pointsman".into());
    let mut labelled = add.to_wasm(bytes).context("cannot name a module")?;
    let description = format!("{}; {}; semantics {}", facts.description, module.what, facts.semantics);
    for (name, value) in [
        ("description", description.as_str()),
        ("licenses", &facts.license),
        ("source", &facts.repository),
        ("revision", &facts.revision),
        ("version", &facts.version),
    ] {
        let mut content = Vec::new();
        leb128(name.len(), &mut content);
        content.extend(name.bytes());
        content.extend(value.bytes());
        // A custom section: 0, how long it is, its name with its length, and what it says.
        labelled.push(0);
        leb128(content.len(), &mut labelled);
        labelled.extend(content);
    }
    Ok(labelled)
}

/// A number as WebAssembly writes it: seven bits a byte, the lowest first.
fn leb128(mut number: usize, to: &mut Vec<u8>) {
    loop {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            to.push(byte);
            return;
        }
        to.push(byte | 0x80);
    }
}

/// The WIT package of a folder as a binary, which `wkg publish` and registries take.
fn wit(folder: &Path) -> Result<Vec<u8>> {
    let mut resolve = wit_parser::Resolve::default();
    let (package, _) = resolve.push_dir(folder).context("the WIT package is not valid")?;
    wit_component::encode(&resolve, package).context("the WIT package cannot be encoded")
}
