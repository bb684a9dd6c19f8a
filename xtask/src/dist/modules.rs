//! For hosts of WebAssembly: the modules with what they are written into them, and the WIT package.

use std::path::Path;

use anyhow::{Context as _, Result};
use wasm_metadata::{AddMetadata, AddMetadataField};
use wasmparser::{Parser, Payload};

use super::archive::read;
use super::facts::Facts;
use super::made::Dist;
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

/// What a component offers, by name.
pub(crate) fn exports(component: &[u8]) -> Result<Vec<String>> {
    let (mut names, mut depth) = (Vec::new(), 0_usize);
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth = depth.saturating_add(1),
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    names.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Read back by the library behind the tools that people look into modules with.
    #[test]
    fn a_module_says_what_it_is() {
        let facts = Facts::read().unwrap();
        let module = MODULES.iter().find(|module| module.suffix == "plain").unwrap();
        let labelled = labelled(b"\0asm\x01\0\0\0", &facts, module).unwrap();
        let wasm_metadata::Payload::Module(said) = wasm_metadata::Payload::from_binary(&labelled).unwrap() else {
            panic!("a module turned into a component");
        };
        assert_eq!(said.name.as_deref(), Some("pointsman"));
        let said = [
            said.version.map(|it| it.to_string()),
            said.licenses.map(|it| it.to_string()),
            said.source.map(|it| it.to_string()),
            said.revision.map(|it| it.to_string()),
        ];
        assert_eq!(
            said,
            [&facts.version, &facts.license, &facts.repository, &facts.revision].map(|it| Some(it.clone()))
        );
    }

    /// The published interface grows and does not change: another function in it is compatible, one less is not.
    #[test]
    fn only_growth_of_the_interface_is_compatible() {
        let folder = root().join("wasm").join("wit");
        let mut resolve = wit_parser::Resolve::default();
        let (package, _) = resolve.push_dir(&folder).unwrap();
        let world =
            |resolve: &wit_parser::Resolve, package| resolve.select_world(&[package], Some("pointsman")).unwrap();
        let now = world(&resolve, package);

        let changed = |from: &str, to: &str| {
            let mut resolve = resolve.clone();
            let text = std::fs::read_to_string(folder.join("pointsman.wit")).unwrap();
            assert!(text.contains(from), "the interface has no `{from}`");
            let text = text.replacen(from, to, 1).replace(&format!("@{}", env!("CARGO_PKG_VERSION")), "@0.1.99");
            let prepared = std::fs::read_to_string(folder.join("prepared.wit")).unwrap();
            let group = wit_parser::UnresolvedPackageGroup::parse("both.wit", &format!("{text}\n{prepared}")).unwrap();
            let package = resolve.push_group(group).unwrap();
            let next = world(&resolve, package);
            // Whatever was written for the interface as it is finds all of that in the next component.
            wit_component::semver_check(resolve, next, now)
        };
        changed("interface routing {", "interface routing {\n    another: func() -> string;\n").unwrap();
        changed("    enum severity {", "    enum severity {\n        worse,").unwrap_err();
    }

    #[test]
    fn every_item_says_since_when() {
        let mut resolve = wit_parser::Resolve::default();
        resolve.push_dir(root().join("wasm").join("wit")).unwrap();
        let mut silent = Vec::new();
        let mut look = |name: &str, stability: &wit_parser::Stability| {
            if *stability == wit_parser::Stability::Unknown {
                silent.push(name.to_owned());
            }
        };
        for (_, interface) in &resolve.interfaces {
            look(interface.name.as_deref().unwrap_or_default(), &interface.stability);
            interface.functions.values().for_each(|function| look(&function.name, &function.stability));
        }
        for (_, world) in &resolve.worlds {
            look(&world.name, &world.stability);
        }
        for (_, kind) in resolve.types.iter().filter(|(_, kind)| kind.name.is_some()) {
            look(kind.name.as_deref().unwrap_or_default(), &kind.stability);
        }
        assert!(silent.is_empty(), "without @since: {silent:?}");
    }
}
