//! `pointsman-compose ENGINE HTTP OUT`: two components as one. What HTTP imports of ENGINE is given to it; the rest of what it
//! imports, and all that it exports, is what the result imports and exports.

use std::ffi::OsString;

use anyhow::{Context as _, Result, bail};
use wac_graph::types::Package;
use wac_graph::{CompositionGraph, EncodeOptions, plug};

fn main() -> Result<()> {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let [engine, http, out] = arguments.as_slice() else { bail!("usage: pointsman-compose ENGINE HTTP OUT") };
    let mut graph = CompositionGraph::new();
    let mut packages = Vec::new();
    for (name, path) in [("pointsman:engine", engine), ("pointsman:http", http)] {
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let package = Package::from_bytes(name, None, bytes, graph.types_mut())
            .with_context(|| format!("{} is no component", path.display()))?;
        packages.push(graph.register_package(package)?);
    }
    let [engine, http] = packages.as_slice() else { bail!("there are not two components") };
    plug(&mut graph, vec![*engine], *http)?;
    let bytes = graph.encode(EncodeOptions::default())?;
    std::fs::write(out, bytes).with_context(|| format!("cannot write {}", out.display()))
}
