//! `pointsman-bindgen MODULE FOLDER`: a module that wasm-bindgen's macros prepared, as `glue.js` and `glue_bg.wasm`.
//!
//! wasm-bindgen is used as a library, so that no tool has to be installed and `Cargo.lock` pins both of its halves.

use std::path::PathBuf;

use anyhow::Context as _;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (module, folder) = arguments.next().zip(arguments.next()).context("usage: pointsman-bindgen MODULE FOLDER")?;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&module)
        .out_name("glue")
        .typescript(true)
        .omit_default_module_path(true)
        .reset_state_function(true);
    bindgen
        .web(true)?
        .generate(&folder)
        .with_context(|| format!("{} is not what wasm-bindgen prepared", module.display()))
}
