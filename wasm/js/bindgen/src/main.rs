//! `pointsman-bindgen MODULE FOLDER`: a module that wasm-bindgen's macros prepared, as `glue.js` and `glue_bg.wasm`.
//!
//! wasm-bindgen is used as a library, so that no tool has to be installed and `Cargo.lock` pins both of its halves.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use wasm_bindgen_cli_support::Bindgen;

/// What the compiler turns on for the target. It says so in a section that stripping takes out with the debug
/// information, and wasm-bindgen goes by it: JavaScript's values then need no table of their own.
const FEATURES: [&str; 6] =
    ["bulk-memory", "multivalue", "mutable-globals", "nontrapping-fptoint", "reference-types", "sign-ext"];

fn main() -> Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (module, folder) = arguments.next().zip(arguments.next()).context("usage: pointsman-bindgen MODULE FOLDER")?;
    let mut bytes = std::fs::read(&module).with_context(|| format!("cannot read {}", module.display()))?;
    bytes.extend(target_features()?);
    let mut bindgen = Bindgen::new();
    bindgen.input_bytes("glue", bytes).typescript(true).omit_default_module_path(true).reset_state_function(true);
    bindgen
        .web(true)?
        .generate(&folder)
        .with_context(|| format!("{} is not what wasm-bindgen prepared", module.display()))
}

/// The custom section `target_features`: its size, its name, and each feature behind a plus.
fn target_features() -> Result<Vec<u8>> {
    let mut body = Vec::new();
    push(&mut body, "target_features")?;
    body.push(u8::try_from(FEATURES.len())?);
    for feature in FEATURES {
        body.push(b'+');
        push(&mut body, feature)?;
    }
    // Every number here is below 128, so that its LEB128 form is one byte; the section's own size may take two.
    let size = u16::try_from(body.len())?;
    let mut section = vec![0, (size & 0x7F) as u8 | 0x80, (size >> 7) as u8];
    section.extend(body);
    Ok(section)
}

fn push(bytes: &mut Vec<u8>, text: &str) -> Result<()> {
    bytes.push(u8::try_from(text.len())?);
    bytes.extend_from_slice(text.as_bytes());
    Ok(())
}
