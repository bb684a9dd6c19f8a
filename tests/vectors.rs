//! The documented cases: each file has the form that its schema gives, and each case passes against the native engine.
//!
//! `CASE=some-id cargo test --package pointsman-tests --test vectors` judges one case alone.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use pointsman_tests::engine::Native;
use pointsman_tests::judge::judge;
use pointsman_tests::{cases, vectors};
use serde_json::{Value, json};

/// Every file of cases, in order.
fn files() -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(vectors())?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "json") && !path.ends_with("schema.json"))
        .collect();
    files.sort();
    ensure!(!files.is_empty(), "no cases in {}", vectors().display());
    Ok(files)
}

fn json_of(path: &PathBuf) -> Result<Value> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
}

fn schema() -> Result<jsonschema::Validator> {
    jsonschema::validator_for(&json_of(&vectors().join("schema.json"))?).context("schema.json is not a schema")
}

#[test]
fn every_file_has_the_form_of_the_schema() -> Result<()> {
    let schema = schema()?;
    let mut faults = Vec::new();
    for file in files()? {
        let cases = json_of(&file)?;
        for error in schema.iter_errors(&cases) {
            let index = error.instance_path().to_string().split('/').nth(1).and_then(|index| index.parse().ok());
            let id = index.and_then(|index: usize| cases[index]["id"].as_str()).unwrap_or("?");
            faults.push(format!("{}: {id}: {}: {error}", file.display(), error.instance_path()));
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

#[test]
fn the_schema_refuses_what_is_no_case() -> Result<()> {
    let schema = schema()?;
    let case = json!({
        "id": "a-case",
        "source": "DG:routing-policy-simple.md",
        "zone": { "HostedZone": { "Id": "Z1", "Name": "example.com." }, "ResourceRecordSets": [] },
        "query": { "name": "example.com.", "type": "A" },
        "expect": { "rcode": "NOERROR", "exactly": [] },
    });
    assert!(schema.is_valid(&json!([case])));
    for (key, value) in [
        ("id", json!("A case")),
        ("source", json!("somebody said so")),
        ("expects", json!({})),
        ("expect_invalid", json!("refused as well")),
        ("client", json!({ "latitude": 1.0 })),
        ("health", json!({ "hc-1": "down" })),
        ("expect", json!({ "rcode": "NOERROR" })),
    ] {
        let mut wrong = case.clone();
        wrong[key] = value;
        assert!(!schema.is_valid(&json!([wrong])), "accepted a case with this `{key}`: {wrong}");
    }
    Ok(())
}

#[test]
fn ids_are_unique() -> Result<()> {
    let mut files_by_id: BTreeMap<String, PathBuf> = BTreeMap::new();
    for file in files()? {
        for case in cases(&file)? {
            if let Some(other) = files_by_id.insert(case.id.clone(), file.clone()) {
                anyhow::bail!("`{}` is in {} and in {}", case.id, other.display(), file.display());
            }
        }
    }
    Ok(())
}

#[test]
fn every_case_passes() -> Result<()> {
    let only = std::env::var("CASE").ok();
    let (mut judged, mut failed) = (0_u32, Vec::new());
    for file in files()? {
        for case in cases(&file)?.iter().filter(|case| only.as_ref().is_none_or(|only| *only == case.id)) {
            judged += 1;
            for (way, mut subject) in [("", Native::default()), (", by image", Native::by_image())] {
                if let Err(error) = judge(case, &mut subject) {
                    failed.push(format!("{}{way} ({}): {error:#}", case.id, case.source));
                }
            }
        }
    }
    ensure!(judged > 0, "no case is called {only:?}");
    ensure!(failed.is_empty(), "{} of {judged} cases failed:\n{}", failed.len(), failed.join("\n"));
    Ok(())
}
