//! An engine in another program as a subject: requests and replies are lines of JSON on its standard streams.
//!
//! Answers and odds have to be the bytes that the engine in this process gives.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::engine::{Engine, Native, Refusal};

/// A program that answers.
#[derive(Debug)]
pub struct Lines {
    program: Child,
    requests: Option<ChildStdin>,
    replies: BufReader<ChildStdout>,
    native: Native,
}

impl Lines {
    /// The hosts that are programs, by name: what runs the script of each, and the script, under the top of the project.
    #[must_use]
    pub fn script(host: &str) -> Option<(&'static str, &'static str)> {
        match host {
            "js" => Some(("node", "wasm/js/conformance/node.mjs")),
            "worker" => Some(("node", "host-examples/worker/conformance/workerd.mjs")),
            "browser" => Some(("node", "host-examples/browser/conformance/chromium.mjs")),
            "python" | "python-native" => {
                Some(("target/venv-python/bin/python", "host-examples/python/conformance.py"))
            }
            _ => None,
        }
    }

    /// Starts a script.
    pub fn start((program, script): (&str, &str)) -> Result<Self> {
        let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        // A name alone is found by the system; what has a folder is the project's own.
        let path = if program.contains('/') { top.join(program) } else { program.into() };
        let mut command = Command::new(path);
        command.arg(top.join(script)).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut program = command.spawn().with_context(|| format!("cannot start {program}"))?;
        let requests = program.stdin.take();
        let replies = BufReader::new(program.stdout.take().context("the host has no standard output")?);
        Ok(Self { program, requests, replies, native: Native::default() })
    }

    fn ask(&mut self, request: &Value) -> Result<Value> {
        let requests = self.requests.as_mut().context("the host has no standard input")?;
        writeln!(requests, "{request}")?;
        requests.flush()?;
        let mut line = String::new();
        ensure!(self.replies.read_line(&mut line)? > 0, "the host ended early");
        let reply: Value = serde_json::from_str(&line).with_context(|| format!("not a reply: {line}"))?;
        if let Some(error) = reply["error"].as_str() {
            bail!("{error}");
        }
        Ok(reply)
    }

    fn text(&mut self, request: &Value) -> Result<String> {
        Ok(self.ask(request)?["text"].as_str().context("the reply has no text")?.to_owned())
    }
}

/// The host ends with its input.
impl Drop for Lines {
    fn drop(&mut self) {
        self.requests.take();
        let _ = self.program.wait();
    }
}

fn refusals(reply: &Value) -> Vec<Refusal> {
    let text = |value: &Value| value.as_str().map(Into::into);
    let list = reply["refusals"].as_array().into_iter().flatten();
    list.map(|refusal| Refusal {
        code: text(&refusal["code"]).unwrap_or_default(),
        message: text(&refusal["message"]).unwrap_or_default(),
        route53_error: text(&refusal["route53_error"]),
        route53_message: text(&refusal["route53_message"]),
    })
    .collect()
}

impl Engine for Lines {
    fn apply(&mut self, documents: &[String], batch: &str) -> Result<Result<String, Vec<Refusal>>> {
        let reply = self.ask(&json!({ "operation": "apply", "documents": documents, "batch": batch }))?;
        let refusals = refusals(&reply);
        let said = match reply["text"].as_str() {
            Some(text) => Ok(text.to_owned()),
            None => Err(refusals),
        };
        let native = self.native.apply(documents, batch)?;
        ensure!(said == native, "native says {native:?}, and the host {said:?}");
        Ok(said)
    }

    fn check(&mut self, documents: &[String]) -> Result<Vec<Refusal>> {
        let reply = self.ask(&json!({ "operation": "check", "documents": documents }))?;
        let (said, native) = (refusals(&reply), self.native.check(documents)?);
        ensure!(said == native, "native says {native:?}, and the host {said:?}");
        Ok(said)
    }

    fn load(&mut self, documents: &[String], report: &str) -> Result<()> {
        self.native.load(documents, report)?;
        self.ask(&json!({ "operation": "load", "documents": documents, "report": report }))?;
        Ok(())
    }

    fn resolve(&mut self, line: &str) -> Result<String> {
        let said = self.text(&json!({ "operation": "resolve", "line": line }))?;
        let native = self.native.resolve(line)?;
        ensure!(said == native, "native says {native}, and the host {said}");
        Ok(said)
    }

    fn odds(&mut self, line: &str) -> Result<String> {
        let said = self.text(&json!({ "operation": "odds", "line": line }))?;
        let native = self.native.odds(line)?;
        ensure!(said == native, "native says {native}, and the host {said}");
        Ok(said)
    }
}
