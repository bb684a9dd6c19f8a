//! With a cluster: the manifests against the schemas of their kinds, which come as Go modules.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::folder::prints;
use crate::dist::python::TOOLS;
use crate::process::root;

/// Kubernetes' client, whose field lists stand in its source, and then the modules with definitions, each with its folder.
const SCHEMAS: [(&str, &str); 4] = [
    ("k8s.io/client-go@v0.34.1", ""),
    ("github.com/envoyproxy/gateway@v1.9.1", "charts/gateway-helm/charts/crds/crds/generated"),
    ("istio.io/api@v1.32.0", "kubernetes"),
    ("sigs.k8s.io/gateway-api@v1.6.3", "config/crd/standard"),
];

/// Fetches the schemas and validates.
pub(super) fn validates() -> Result<()> {
    let mut validate = Command::new(TOOLS.python()?);
    validate.current_dir(root()).args(["tests/kubernetes/validate.py", "host-examples/kubernetes"]);
    for (module, inside) in SCHEMAS {
        validate.arg(download(module)?.join(inside));
    }
    prints(&mut validate).map(drop)
}

/// Where a Go module lies after it was downloaded.
fn download(module: &str) -> Result<PathBuf> {
    let output =
        Command::new("go").current_dir(std::env::temp_dir()).args(["mod", "download", "-json", module]).output()?;
    let said: Value = serde_json::from_slice(&output.stdout).with_context(|| format!("go says nothing of {module}"))?;
    match said.get("Dir").and_then(Value::as_str) {
        Some(folder) => Ok(PathBuf::from(folder)),
        None => bail!("go cannot download {module}: {}", said.get("Error").and_then(Value::as_str).unwrap_or_default()),
    }
}
