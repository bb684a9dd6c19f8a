//! The plain module as a subject, in two runtimes at once: wazero (tests/coredns/cmd/plain-subject) and Node's
//! WebAssembly (wasm/plain/node/subject.mjs). Each answer, by the flat form and by a line of JSON, must be byte for byte
//! that of the native engine.
//!
//! Both are programs that read a request a line, `{"op": "check|apply|load|open|resolve|odds|explain|resolve_json|...",
//! "documents": [...], "batch": ..., "report": ..., "image": BASE64, "line": ...}`, and write a response a line, `{"text": ...,
//! "findings": [...]}` or `{"error": ...}`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

use crate::base64::base64;
use crate::engine::{Engine, Native, Refusal};

/// A program that answers a line with a line; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Program {
    name: &'static str,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Program {
    pub(crate) fn start(name: &'static str, command: &mut Command) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {name}: {command:?}"))?;
        let input = child.stdin.take().context("no standard input")?;
        let output = BufReader::new(child.stdout.take().context("no standard output")?);
        Ok(Self { name, child, input, output })
    }

    pub(crate) fn ask(&mut self, request: &Value) -> Result<Value> {
        writeln!(self.input, "{request}").and_then(|()| self.input.flush())?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let response: Value =
            serde_json::from_str(&line).with_context(|| format!("{} answered {line:?}", self.name))?;
        if let Some(error) = response["error"].as_str() {
            bail!("{}: {error}", self.name);
        }
        Ok(response)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The plain module in wazero and in Node, with the native engine to compare with.
#[derive(Debug)]
pub struct Plain {
    programs: [Program; 2],
    native: Native,
}

impl Plain {
    /// Starts both programs, to load documents or to open images.
    pub fn open(by_image: bool) -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let wasm = root.join("target").join("wasm");
        let module = wasm.join("pointsman_plain.wasm");
        ensure!(module.is_file(), "{} is missing: build it with `cargo xtask wasm`", module.display());
        let wazero =
            Program::start("wazero", Command::new(root.join("target").join("go").join("plain-subject")).arg(&module))?;
        let script: PathBuf = root.join("wasm").join("plain").join("node").join("subject.mjs");
        let node = Program::start("Node", Command::new("node").arg(script).arg(&module))?;
        Ok(Self { programs: [wazero, node], native: Native::of(by_image) })
    }

    /// Both programs' responses, which must be one.
    fn ask(&mut self, request: &Value) -> Result<Value> {
        let [wazero, node] = &mut self.programs;
        let (one, other) = (wazero.ask(request)?, node.ask(request)?);
        ensure!(text(&one) == text(&other), "wazero says {one}, Node says {other}");
        ensure!(refusals(&one) == refusals(&other), "wazero finds {one}, Node finds {other}");
        Ok(one)
    }

    /// An answer by the flat form and by a line of JSON, which must be the native one.
    fn question(&mut self, op: &str, line: &str, native: &str) -> Result<String> {
        for op in [op.to_owned(), format!("{op}_json")] {
            let said = self.ask(&json!({"op": op, "line": line}))?;
            ensure!(text(&said) == native, "{op}: the plain module says\n{}\nnative says\n{native}", text(&said));
        }
        Ok(native.to_owned())
    }
}

fn text(response: &Value) -> &str {
    response["text"].as_str().unwrap_or_default()
}

/// The errors among the findings.
fn refusals(response: &Value) -> Vec<Refusal> {
    let text = |value: &Value| value.as_str().map(Into::into);
    let findings = response["findings"].as_array().into_iter().flatten();
    findings
        .filter(|finding| finding["severity"] == "error")
        .map(|finding| Refusal {
            code: text(&finding["code"]).unwrap_or_default(),
            message: text(&finding["message"]).unwrap_or_default(),
            route53_error: text(&finding["route53_error"]),
            route53_message: text(&finding["route53_message"]),
        })
        .collect()
}

impl Engine for Plain {
    fn apply(&mut self, documents: &[String], batch: &str) -> Result<Result<String, Vec<Refusal>>> {
        let response = self.ask(&json!({"op": "apply", "documents": documents, "batch": batch}))?;
        let said = match refusals(&response) {
            refusals if refusals.is_empty() => Ok(text(&response).to_owned()),
            refusals => Err(refusals),
        };
        ensure!(said == self.native.apply(documents, batch)?, "native says something else than {said:?}");
        Ok(said)
    }

    fn check(&mut self, documents: &[String]) -> Result<Vec<Refusal>> {
        let said = refusals(&self.ask(&json!({"op": "check", "documents": documents}))?);
        ensure!(said == self.native.check(documents)?, "native finds something else than {said:?}");
        Ok(said)
    }

    fn load(&mut self, documents: &[String], report: &str) -> Result<()> {
        self.native.load(documents, report)?;
        self.ask(&match self.native.image()? {
            Some(image) => json!({"op": "open", "image": base64(&image), "report": report}),
            None => json!({"op": "load", "documents": documents, "report": report}),
        })?;
        Ok(())
    }

    fn resolve(&mut self, line: &str) -> Result<String> {
        let native = self.native.resolve(line)?;
        self.question("resolve", line, &native)
    }

    fn odds(&mut self, line: &str) -> Result<String> {
        let native = self.native.odds(line)?;
        let explained = self.ask(&json!({"op": "explain", "line": line}))?;
        let by_line = self.ask(&json!({"op": "explain_json", "line": line}))?;
        ensure!(!text(&explained).is_empty() && text(&explained) == text(&by_line), "{explained} is not {by_line}");
        self.question("odds", line, &native)
    }
}
