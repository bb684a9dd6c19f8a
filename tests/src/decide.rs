//! Bindings that only decide as engines. They open images that the engine in this process writes, are given statuses as it
//! reads them from the report, and have to answer with its bytes. For odds they have to say where those are; what is judged
//! is the engine's own, and each answer against it.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use pointsman_core::parse::{AliasStatus, RawStatus, parse_report};
use serde_json::{Value, json};

use crate::base64::base64;
use crate::engine::{Engine, Native, Refusal};
use crate::plain::Program;

/// A program that opens images and decides.
#[derive(Debug)]
pub struct Decide {
    program: Program,
    native: Native,
}

impl Decide {
    /// Starts the program of a host, by its name; `None` for a name that is none of them.
    pub fn open(host: &str) -> Option<Result<Self>> {
        let (name, script) = match host {
            "plain-decide" => ("the module that only decides", "wasm/plain/node/subject.mjs"),
            "js-decide" => ("pointsman/decide", "wasm/js/conformance/decide.mjs"),
            _ => return None,
        };
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let module = root.join("target").join("wasm").join("pointsman_decide.wasm");
        let program = Program::start(name, Command::new("node").arg(root.join(script)).arg(module));
        Some(program.map(|program| Self { program, native: Native::by_image() }))
    }
}

impl Engine for Decide {
    fn apply(&mut self, documents: &[String], batch: &str) -> Result<Result<String, Vec<Refusal>>> {
        self.native.apply(documents, batch)
    }

    fn check(&mut self, documents: &[String]) -> Result<Vec<Refusal>> {
        self.native.check(documents)
    }

    fn load(&mut self, documents: &[String], report: &str) -> Result<()> {
        self.native.load(documents, report)?;
        let image = base64(&self.native.zone()?.to_image());
        let statuses = statuses(report)?;
        self.program.ask(&json!({"op": "open", "image": image, "statuses": statuses}))?;
        Ok(())
    }

    fn resolve(&mut self, line: &str) -> Result<String> {
        let native = self.native.resolve(line)?;
        let said = self.program.ask(&json!({"op": "resolve", "line": line}))?;
        ensure!(said["text"] == native.as_str(), "native says\n{native}\nand the host\n{said}");
        Ok(native)
    }

    fn odds(&mut self, line: &str) -> Result<String> {
        let said = self.program.ask(&json!({"op": "no_odds", "line": line}))?;
        let text = said["text"].as_str().context("the host says nothing about odds")?;
        ensure!(text.contains("only decides") || text.contains("has no odds"), "asked for odds, the host says {text}");
        self.native.odds(line)
    }
}

/// The statuses of a report, as core reads them.
fn statuses(report: &str) -> Result<Vec<Value>> {
    let (report, _) = parse_report(0, report).map_err(|findings| anyhow::anyhow!("{findings:?}"))?;
    let checks = report.health_checks.iter().map(|(id, status, _)| {
        let status = match status {
            RawStatus::NoData => "no data",
            RawStatus::Healthy => "healthy",
            RawStatus::Unhealthy => "unhealthy",
            RawStatus::Insufficient { last_known_unhealthy: false } => "insufficient, last healthy",
            RawStatus::Insufficient { last_known_unhealthy: true } => "insufficient, last unhealthy",
        };
        json!({"check": id, "status": status})
    });
    let targets = report.alias_targets.iter().map(|(name, status, _)| {
        let status = if *status == AliasStatus::Healthy { "healthy" } else { "unhealthy" };
        json!({"alias_target": name, "status": status})
    });
    Ok(checks.chain(targets).collect())
}
