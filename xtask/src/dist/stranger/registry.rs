//! Who fetches from a registry: the layouts followed from their index by digests, and the filter taken out by the rules of
//! Istio's and Envoy Gateway's fetchers, then loaded by Envoy.

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use super::folder::{Folder, prints};
use crate::dist::archive::read;
use crate::dist::made::{Dist, sha256};
use crate::dist::oci::{ARTIFACT_LAYER, IMAGE_LAYER, MANIFEST};

/// Fetches and compares.
pub(super) fn uses(dist: &Dist) -> Result<()> {
    let version = &dist.facts.version;
    let folder = Folder::new("registry")?;
    let fetch = |form: &str| -> Result<Vec<(String, Vec<u8>)>> {
        let to = folder.0.join(form);
        std::fs::create_dir_all(&to)?;
        let tar = dist.path(&format!("pointsman-{version}.{form}.oci.tar"));
        prints(folder.command("tar").arg("-xf").arg(tar).arg("-C").arg(&to))?;
        layers(&to)
    };
    let component = fetch("component")?;
    let [(media_type, bytes)] = component.as_slice() else { bail!("the component's manifest has not one layer") };
    ensure!(media_type == "application/wasm", "the component's layer is of type {media_type}");
    ensure!(*bytes == read(&dist.path(&format!("pointsman-{version}.component.wasm")))?, "another component");

    let filter = read(&dist.path(&format!("pointsman-{version}.envoy.wasm")))?;
    // The image form: the last layer is a compressed tar file with plugin.wasm somewhere.
    let image = fetch("envoy-image")?;
    let (media_type, layer) = image.last().context("the image has no layer")?;
    ensure!(media_type == IMAGE_LAYER, "the image's layer is of type {media_type}");
    let packed = folder.0.join("layer.tar.gz");
    std::fs::write(&packed, layer)?;
    folder.unpack(&packed)?;
    ensure!(read(&folder.0.join("plugin.wasm"))? == filter, "the image holds another filter");
    // The artifact form: two layers, one of which has the type of modules and is the module as it is.
    let artifact = fetch("envoy-artifact")?;
    ensure!(artifact.len() == 2, "the artifact has {} layers, and the fetchers want two", artifact.len());
    let module = artifact.iter().find(|(media_type, _)| media_type == ARTIFACT_LAYER);
    ensure!(module.is_some_and(|(_, bytes)| *bytes == filter), "the artifact holds another filter");
    Ok(())
}

/// The layers of the one manifest of a layout, with their media types; each blob is held against its digest and size.
fn layers(layout: &Path) -> Result<Vec<(String, Vec<u8>)>> {
    let index: Value = serde_json::from_slice(&read(&layout.join("index.json"))?)?;
    let entry = index.pointer("/manifests/0").context("the index has no manifest")?;
    ensure!(entry.get("mediaType").and_then(Value::as_str) == Some(MANIFEST), "the index names something else");
    let manifest: Value = serde_json::from_slice(&blob(layout, entry)?)?;
    blob(layout, manifest.get("config").context("the manifest has no config")?)?;
    let described = manifest.get("layers").and_then(Value::as_array).context("the manifest has no layers")?;
    described
        .iter()
        .map(|layer| {
            let media_type = layer.get("mediaType").and_then(Value::as_str).context("a layer has no type")?;
            Ok((media_type.to_owned(), blob(layout, layer)?))
        })
        .collect()
}

fn blob(layout: &Path, descriptor: &Value) -> Result<Vec<u8>> {
    let digest = descriptor.get("digest").and_then(Value::as_str).and_then(|digest| digest.strip_prefix("sha256:"));
    let digest = digest.context("a descriptor has no digest")?;
    let bytes = read(&layout.join("blobs/sha256").join(digest))?;
    ensure!(sha256(&bytes) == digest, "the blob {digest} has another digest");
    ensure!(
        descriptor.get("size").and_then(Value::as_u64) == Some(bytes.len() as u64),
        "the blob {digest} has another size"
    );
    Ok(bytes)
}
