//! What is made: artefacts with their digests, and at the end the manifest, the checksums and the table.

use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::Result;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::archive::{empty, read, write};
use super::facts::Facts;
use super::sbom::{self, Parts};
use crate::process::{root, say};

/// What a run does.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Options {
    /// Install and use everything afterwards, the slow ways included.
    pub(crate) test: bool,
    /// Take the bindings and the command as the steps before have built them, and test only what is quick.
    pub(crate) built: bool,
}

/// An artefact that was made.
pub(crate) struct Artefact {
    /// For whom it is.
    audience: &'static str,
    /// Its name below target/dist.
    pub(crate) file: String,
    bytes: usize,
    sha256: String,
}

/// What is being made, and of what.
pub(crate) struct Dist {
    pub(crate) facts: Facts,
    /// The target of native artefacts.
    pub(crate) host: String,
    pub(crate) folder: PathBuf,
    pub(crate) made: Vec<Artefact>,
}

impl Dist {
    /// Nothing is made yet.
    pub(crate) fn new(facts: Facts, host: String) -> Self {
        Self { facts, host, folder: root().join("target").join("dist"), made: Vec::new() }
    }

    /// Writes an artefact and its bill of materials.
    pub(crate) fn add(&mut self, audience: &'static str, file: &str, bytes: &[u8], parts: &Parts) -> Result<()> {
        let sha256 = sha256(bytes);
        write(&self.folder.join(file), bytes)?;
        let bill = sbom::bill(&self.facts, file, &sha256, parts)?;
        write(&self.folder.join("sbom").join(format!("{file}.cdx.json")), bill.as_bytes())?;
        self.made.push(Artefact { audience, file: file.into(), bytes: bytes.len(), sha256 });
        Ok(())
    }

    /// Where an artefact lies.
    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    /// A folder for what is made on the way; it is empty.
    pub(crate) fn scratch(&self, name: &str) -> Result<PathBuf> {
        let folder = root().join("target").join("dist-build").join(name);
        empty(&folder)?;
        Ok(folder)
    }

    /// The manifest, the checksums of every file, and the table.
    pub(crate) fn finish(&self) -> Result<()> {
        let artefacts: Vec<Value> = self
            .made
            .iter()
            .map(|it| {
                json!({"for": it.audience, "file": it.file, "bytes": it.bytes, "sha256": it.sha256,
                       "sbom": format!("sbom/{}.cdx.json", it.file)})
            })
            .collect();
        let facts = &self.facts;
        let manifest = json!({
            "version": facts.version, "semantics": facts.semantics, "wit": format!("pointsman:routing@{}", facts.version),
            "plain_abi": facts.abi, "target": self.host, "revision": facts.revision, "modified": facts.modified,
            "artefacts": artefacts,
        });
        write(
            &self.folder.join("manifest.json"),
            format!("{}\n", serde_json::to_string_pretty(&manifest)?).as_bytes(),
        )?;

        let mut sums = String::new();
        for file in self.made.iter().flat_map(|it| [it.file.clone(), format!("sbom/{}.cdx.json", it.file)]) {
            let _ = writeln!(sums, "{}  {file}", sha256(&read(&self.folder.join(&file))?));
        }
        let _ = writeln!(sums, "{}  manifest.json", sha256(&read(&self.folder.join("manifest.json"))?));
        write(&self.folder.join("SHA256SUMS"), sums.as_bytes())?;
        if facts.modified {
            say("the clone differs from its commit; the manifest says so");
        }
        print!("{}", self.table());
        Ok(())
    }

    fn table(&self) -> String {
        let width = self.made.iter().map(|it| it.file.len()).max().unwrap_or(0);
        let mut text = format!("{:12}  {:width$}  {:>10}  SHA-256\n", "for", "artefact", "bytes");
        for it in &self.made {
            let _ = writeln!(text, "{:12}  {:width$}  {:>10}  {}", it.audience, it.file, it.bytes, it.sha256);
        }
        text
    }
}

/// A digest in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
