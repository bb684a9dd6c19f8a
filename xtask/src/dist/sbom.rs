//! A bill of materials for each artefact, in CycloneDX 1.6.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::{Value, json};

use super::facts::Facts;
use super::licences::{Crate, check, checksums, crates};

/// What an artefact is made of.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// Packages of the workspace that are compiled into it.
    pub(crate) packages: &'static [&'static str],
    /// The target that they are compiled for.
    pub(crate) target: String,
    /// What it brings or needs beside them, as package URLs with versions.
    pub(crate) others: Vec<String>,
}

impl Parts {
    /// Crates of the workspace, compiled for a target.
    pub(crate) fn of(packages: &'static [&'static str], target: &str) -> Self {
        Self { packages, target: target.into(), others: Vec::new() }
    }

    /// The same with packages of other registries.
    pub(crate) fn with(self, others: impl IntoIterator<Item = String>) -> Self {
        Self { others: others.into_iter().collect(), ..self }
    }
}

/// The bill of an artefact. A crate whose licence deny.toml does not allow is an error.
pub(crate) fn bill(facts: &Facts, file: &str, sha256: &str, parts: &Parts) -> Result<String> {
    let used = if parts.packages.is_empty() { Vec::new() } else { crates(parts.packages, &parts.target)? };
    check(&used)?;
    let sums = checksums()?;
    let top = format!("pkg:generic/pointsman@{}?file={file}", facts.version);
    let mut components: Vec<Value> = used.iter().map(|used| component(used, &sums)).collect();
    components.extend(parts.others.iter().map(|purl| {
        let (name, version) = name_and_version(purl);
        json!({"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl})
    }));
    let by_key: BTreeMap<String, String> = used.iter().map(|used| (key(used), purl(used))).collect();
    let first = used.iter().filter(|used| parts.packages.contains(&used.name.as_str())).map(purl);
    let mut dependencies =
        vec![json!({"ref": top, "dependsOn": first.chain(parts.others.iter().cloned()).collect::<Vec<_>>()})];
    for used in &used {
        let on: Vec<&String> = used.uses.iter().filter_map(|key| by_key.get(key)).collect();
        dependencies.push(json!({"ref": purl(used), "dependsOn": on}));
    }
    let bill = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "bom-ref": top, "name": file, "version": facts.version,
                "description": facts.description,
                "licenses": [{"expression": facts.license}],
                "hashes": [{"alg": "SHA-256", "content": sha256}],
                "properties": [
                    {"name": "pointsman:semantics", "value": facts.semantics},
                    {"name": "pointsman:revision", "value": facts.revision},
                ],
            },
        },
        "components": components,
        "dependencies": dependencies,
    });
    Ok(format!("{}\n", serde_json::to_string_pretty(&bill)?))
}

fn component(used: &Crate, sums: &BTreeMap<String, String>) -> Value {
    let mut component = json!({
        "type": "library", "bom-ref": purl(used), "name": used.name, "version": used.version, "purl": purl(used),
        "licenses": [{"expression": used.license.replace('/', " OR ")}],
    });
    if let (Some(sum), Some(fields)) = (sums.get(&key(used)), component.as_object_mut()) {
        fields.insert("hashes".into(), json!([{"alg": "SHA-256", "content": sum}]));
    }
    component
}

fn key(used: &Crate) -> String {
    format!("{} {}", used.name, used.version)
}

fn purl(used: &Crate) -> String {
    format!("pkg:cargo/{}@{}", used.name, used.version)
}

/// `pkg:pypi/wasmtime@1.0` as `wasmtime` and `1.0`.
fn name_and_version(purl: &str) -> (&str, &str) {
    let (name, version) = purl.rsplit_once('@').unwrap_or((purl, ""));
    (name.split_once('/').map_or(name, |(_, name)| name), version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_names_what_the_lock_file_pins() {
        let facts = Facts::read().unwrap();
        let host = Facts::host().unwrap();
        let bill = bill(&facts, "x.tar.gz", "00", &Parts::of(&["pointsman-core"], &host)).unwrap();
        let bill: Value = serde_json::from_str(&bill).unwrap();
        let components = bill["components"].as_array().unwrap();
        let named = |name: &str| components.iter().find(|it| it["name"] == name);
        assert!(named("hashbrown").unwrap()["hashes"][0]["content"].as_str().unwrap().len() == 64);
        assert!(named("pointsman-core").unwrap()["hashes"].is_null(), "the project's own crates are in no registry");
        assert!(named("proptest").is_none(), "what only tests need is not in it");
        let depends = bill["dependencies"].as_array().unwrap();
        let refs: Vec<&Value> = components.iter().map(|it| &it["bom-ref"]).collect();
        for on in depends.iter().flat_map(|it| it["dependsOn"].as_array().unwrap()) {
            assert!(refs.contains(&on), "{on} is in no component");
        }
    }
}
