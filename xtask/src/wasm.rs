//! `cargo xtask wasm`: builds every binding into target/wasm, proves that it imports nothing, and weighs it.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use wasmparser::{Parser, Payload};
use wit_component::ComponentEncoder;

use crate::module::{gzip_size, optimized, thousands};
use crate::process::{self, once, root, say};
use crate::toolchain::{TARGET, Toolchain, target_dir};

/// The component, and the same world with nothing behind it, by which calls are measured.
const COMPONENT: (&str, &str) = ("pointsman-component", "pointsman.component.wasm");
const EMPTY: (&str, &str) = ("pointsman-empty", "empty.component.wasm");
/// The size profile of the root manifest.
pub(crate) const PROFILE: &str = "wasm";
/// Branches rebuilt from flat code, and a second round over the first one's result.
const SMALL: &[&str] = &["--flatten", "--rereloop", "-Oz", "-Oz"];
/// What the component may weigh, in bytes.
pub(crate) const RAW_BUDGET: usize = 300_000;
pub(crate) const GZIP_BUDGET: usize = 100_000;

/// A binding that was built, and what it weighs.
struct Binding {
    /// The file, under target/wasm.
    path: PathBuf,
    raw: usize,
    gzip: usize,
}

/// Builds and weighs.
pub(crate) fn run() -> Result<()> {
    component()?;
    crate::plain::module()?;
    crate::filter::module()?;
    crate::js::package()?;
    decide()
}

/// Builds the bindings that only decide: the module, and the component.
pub(crate) fn decide() -> Result<()> {
    crate::decide::module()?;
    decide_component()
}

/// Builds the component of the world `decide`: the same crate without its feature `documents`.
pub(crate) fn decide_component() -> Result<()> {
    once("the component that only decides", || {
        let toolchain = Toolchain::find()?;
        say(format_args!("building the component that only decides: {}", toolchain.way));
        process::run(&mut toolchain.build_to_decide(COMPONENT.0, PROFILE))?;
        let bytes = componentize(&optimized(&built(COMPONENT.0), SMALL)?)?;
        crate::decide::write(&crate::decide::target_wasm("pointsman_decide.component.wasm"), &bytes, None)
    })
}

/// Builds the component, and returns where it is.
pub(crate) fn component() -> Result<PathBuf> {
    once("the component", || build(COMPONENT).map(|binding| say(&binding)))?;
    Ok(root().join("target").join("wasm").join(COMPONENT.1))
}

/// Builds the empty component.
pub(crate) fn empty() -> Result<()> {
    once("the empty component", || build(EMPTY).map(drop))
}

fn build((package, file): (&str, &str)) -> Result<Binding> {
    let toolchain = Toolchain::find()?;
    say(format_args!("building {file}: {}", toolchain.way));
    process::run(&mut toolchain.build(package, PROFILE))?;

    let bytes = componentize(&optimized(&built(package), SMALL)?)?;
    let binding =
        Binding { path: root().join("target").join("wasm").join(file), raw: bytes.len(), gzip: gzip_size(&bytes) };
    if let Some(folder) = binding.path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(&binding.path, &bytes).with_context(|| format!("cannot write {}", binding.path.display()))?;
    Ok(binding)
}

/// Where cargo puts a package's module.
fn built(package: &str) -> PathBuf {
    target_dir().join(TARGET).join(PROFILE).join(package.replace('-', "_")).with_extension("wasm")
}

impl std::fmt::Display for Binding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.path.strip_prefix(root()).unwrap_or(&self.path);
        let (raw, gzip) = (weight(self.raw, "raw", RAW_BUDGET), weight(self.gzip, "gzip", GZIP_BUDGET));
        write!(f, "{}: no imports, {raw}, {gzip}", path.display())
    }
}

/// A weight with what it may be.
fn weight(bytes: usize, form: &str, budget: usize) -> String {
    let verdict = if bytes > budget { "over its budget of" } else { "budget" };
    format!("{} bytes {form} ({verdict} {})", thousands(bytes), thousands(budget))
}

/// A core module that wit-bindgen prepared, as a component. One that would import anything is refused.
pub(crate) fn componentize(module: &[u8]) -> Result<Vec<u8>> {
    let component = ComponentEncoder::default()
        .validate(true)
        .module(module)
        .context("the module does not carry a WIT world")?
        .encode()
        .context("the module does not fit its WIT world")?;
    let (imports, exports) = boundary(&component)?;
    if exports == 0 {
        // An encoder makes an empty component of a module without a world.
        bail!("the module does not carry a WIT world: the component would export nothing");
    }
    if !imports.is_empty() {
        bail!("the component must import nothing, and it imports {}", imports.join(", "));
    }
    without_names(&component)
}

/// A component without the section that names its parts for debuggers, which no host reads and everybody downloads.
fn without_names(component: &[u8]) -> Result<Vec<u8>> {
    const HEADER: usize = 8;
    let mut small = component.get(..HEADER).context("a component begins with eight bytes")?.to_vec();
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        let payload = payload?;
        let is_names = matches!(&payload, Payload::CustomSection(section) if section.name() == "component-name");
        if let Some((number, range)) = payload.as_section().filter(|_| depth == 0 && !is_names) {
            let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
            let section = component.get(range).context("a section lies in its component")?;
            small.push(number);
            let mut length = section.len();
            while length >= 0x80 {
                small.push(0x80 | length.to_le_bytes()[0]);
                length >>= 7;
            }
            small.push(length.to_le_bytes()[0]);
            small.extend_from_slice(section);
        }
        match payload {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth = depth.saturating_add(1),
            Payload::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(small)
}

/// What a component asks of its host, by name, and how much it offers. Imports and exports of the modules inside are the
/// component's own affair.
fn boundary(component: &[u8]) -> Result<(Vec<String>, u32)> {
    let (mut names, mut exports) = (Vec::new(), 0_u32);
    let mut depth = 0_usize;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth = depth.saturating_add(1),
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    names.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                exports = exports.saturating_add(section.count());
            }
            _ => {}
        }
    }
    Ok((names, exports))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_for_debuggers_are_left_out_and_nothing_else_is() {
        // Between two custom sections of a component a module that has one of that name, too.
        let header = b"\0asm\x0d\0\x01\0";
        let names = b"\0\x10\x0ecomponent-name!";
        let other = b"\0\x06\x05other";
        let module = b"\x01\x1a\0asm\x01\0\0\0\0\x10\x0ecomponent-name!";
        let whole = [&header[..], names, module, other].concat();
        assert_eq!(without_names(&whole).unwrap(), [&header[..], module, other].concat());
        let long = [&b"\0\xb0\x01\x05other"[..], &[7; 170]].concat();
        let whole = [&header[..], &long, names].concat();
        assert_eq!(without_names(&whole).unwrap(), [&header[..], &long].concat());
        assert!(without_names(b"").is_err());
    }

    #[test]
    fn a_module_without_a_world_is_refused() {
        let empty_module = b"\0asm\x01\0\0\0";
        assert!(componentize(empty_module).is_err());
    }
}
