//! For registries: OCI image layouts, each as a tar file, which `oras cp --from-oci-layout` and `skopeo copy oci-archive:` push.

use anyhow::Result;
use serde_json::{Value, json};

use super::archive::{Files, read};
use super::facts::{Facts, date};
use super::made::{Dist, sha256};
use super::sbom::Parts;
use crate::toolchain::TARGET;

/// The media types of the three forms.
pub(crate) const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const COMPONENT_CONFIG: &str = "application/vnd.wasm.config.v0+json";
const COMPONENT_LAYER: &str = "application/wasm";
const IMAGE_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(crate) const IMAGE_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const ARTIFACT_CONFIG: &str = "application/vnd.module.wasm.config.v1+json";
pub(crate) const ARTIFACT_LAYER: &str = "application/vnd.module.wasm.content.layer.v1+wasm";

/// Something in a layout, with what the manifest says of it.
struct Blob {
    media_type: &'static str,
    bytes: Vec<u8>,
    title: Option<&'static str>,
}

/// Writes the component in the form of the WebAssembly working group, and the filter in both forms that Envoy Gateway and
/// Istio accept: an image with `plugin.wasm` in its only layer, and an artifact of two layers.
pub(crate) fn make(dist: &mut Dist) -> Result<()> {
    let version = dist.facts.version.clone();
    let component = read(&dist.path(&format!("pointsman-{version}.component.wasm")))?;
    let config = json!({
        "created": date(dist.facts.date)?, "architecture": "wasm", "os": "wasip2",
        "layerDigests": [format!("sha256:{}", sha256(&component))],
        "component": {"exports": super::modules::exports(&component)?, "imports": [], "target": null},
    });
    let layers = vec![Blob { media_type: COMPONENT_LAYER, bytes: component, title: None }];
    let files = layout(&dist.facts, COMPONENT_CONFIG, &config, layers)?;
    let parts = Parts::of(&["pointsman-component"], TARGET);
    dist.add("registries", &format!("pointsman-{version}.component.oci.tar"), &files.tar(dist.facts.date)?, &parts)?;

    let filter = read(&dist.path(&format!("pointsman-{version}.envoy.wasm")))?;
    let mut layer = Files::default();
    layer.put("plugin.wasm", filter.as_slice());
    let config = json!({
        "created": date(dist.facts.date)?, "architecture": "wasm", "os": "wasi", "config": {},
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{}", sha256(&layer.tar(dist.facts.date)?))]},
    });
    let layers = vec![Blob { media_type: IMAGE_LAYER, bytes: layer.tar_gz(dist.facts.date)?, title: None }];
    let files = layout(&dist.facts, IMAGE_CONFIG, &config, layers)?;
    let parts = Parts::of(&["pointsman-envoy"], TARGET);
    dist.add("registries", &format!("pointsman-{version}.envoy-image.oci.tar"), &files.tar(dist.facts.date)?, &parts)?;

    let runtime = json!({"type": "envoy_proxy", "abiVersions": ["v0-2-1"], "config": {}});
    let layers = vec![
        Blob { media_type: ARTIFACT_CONFIG, bytes: serde_json::to_vec(&runtime)?, title: Some("runtime-config.json") },
        Blob { media_type: ARTIFACT_LAYER, bytes: filter, title: Some("plugin.wasm") },
    ];
    let files = layout(&dist.facts, ARTIFACT_CONFIG, &json!({"name": "pointsman", "version": version}), layers)?;
    dist.add("registries", &format!("pointsman-{version}.envoy-artifact.oci.tar"), &files.tar(dist.facts.date)?, &parts)
}

/// A layout with one manifest.
fn layout(facts: &Facts, config_type: &str, config: &Value, layers: Vec<Blob>) -> Result<Files> {
    let mut files = Files::default();
    let config = serde_json::to_vec(config)?;
    let layers: Vec<Value> = layers
        .into_iter()
        .map(|blob| {
            let mut layer = describe(&mut files, blob.media_type, &blob.bytes);
            if let (Some(title), Some(fields)) = (blob.title, layer.as_object_mut()) {
                fields.insert("annotations".into(), json!({"org.opencontainers.image.title": title}));
            }
            layer
        })
        .collect();
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "config": describe(&mut files, config_type, &config), "layers": layers,
        "annotations": {
            "org.opencontainers.image.title": "pointsman",
            "org.opencontainers.image.description": facts.description,
            "org.opencontainers.image.version": facts.version,
            "org.opencontainers.image.licenses": facts.license,
            "org.opencontainers.image.source": facts.repository,
            "org.opencontainers.image.revision": facts.revision,
            "org.opencontainers.image.created": date(facts.date)?,
            "pointsman.semantics": facts.semantics,
        },
    });
    let mut entry = describe(&mut files, MANIFEST, &serde_json::to_vec(&manifest)?);
    if let Some(fields) = entry.as_object_mut() {
        fields.insert("annotations".into(), json!({"org.opencontainers.image.ref.name": facts.version}));
    }
    let index =
        json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [entry]});
    files.put("index.json", serde_json::to_vec(&index)?);
    files.put("oci-layout", *br#"{"imageLayoutVersion":"1.0.0"}"#);
    Ok(files)
}

/// Adds a blob under its digest, and returns its descriptor.
fn describe(files: &mut Files, media_type: &str, bytes: &[u8]) -> Value {
    let digest = sha256(bytes);
    files.put(format!("blobs/sha256/{digest}"), bytes);
    json!({"mediaType": media_type, "digest": format!("sha256:{digest}"), "size": bytes.len()})
}
