//! CoreDNS with the plugin as a host: cases that expect an answer, asked over UDP by
//! tests/coredns/cmd/coredns-subject, which judges by 200 draws each. What it is to expect are the odds of the native engine, and these
//! are judged against the documentation first.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::case::Case;
use crate::engine::{Engine as _, Native};
use crate::judge::judge;

/// What became of a case.
#[derive(Debug)]
pub enum Verdict {
    /// Every answer was a possible one, and every likely one was seen.
    Passed,
    /// What was wrong.
    Failed(String),
    /// It expects no answer, and a DNS server gives nothing else.
    Skipped,
}

/// Judges cases, in their order; the zones are documents, or images of them.
pub fn run(cases: &[Case], by_image: bool) -> Result<Vec<Verdict>> {
    let mut native = Native::default();
    let mut requests = Vec::new();
    let mut verdicts = Vec::new();
    for case in cases {
        verdicts.push(if case.expect.is_none() {
            Verdict::Skipped
        } else {
            match judge(case, &mut native).and_then(|()| request(case, &mut native)) {
                Ok(request) => {
                    requests.push(request);
                    Verdict::Passed
                }
                Err(error) => Verdict::Failed(format!("{error:#}")),
            }
        });
    }
    let failures = ask(&requests, by_image)?;
    for (case, verdict) in cases.iter().zip(&mut verdicts) {
        if let Some(failure) = failures.iter().find(|(id, _)| *id == case.id).map(|(_, failure)| failure) {
            *verdict = Verdict::Failed(failure.clone());
        }
    }
    Ok(verdicts)
}

/// A case as the program takes it.
fn request(case: &Case, native: &mut Native) -> Result<Value> {
    let mut documents = case.documents();
    if let Some(batch) = &case.change_batch {
        let applied = native.apply(&documents, &batch.to_string())?;
        documents = vec![applied.map_err(|refusals| anyhow::anyhow!("{refusals:?}"))?];
    }
    native.load(&documents, &case.report())?;
    let line = case.query_line(0);
    let odds: Value = serde_json::from_str(&native.odds(&line)?)?;
    let answer: Value = serde_json::from_str(&native.resolve(&line)?)?;
    let query: Value = serde_json::from_str(&line)?;
    let scope = &answer["scope_prefix_length"];
    Ok(json!({
        "id": case.id, "documents": documents, "report": case.report(), "query": query, "odds": odds, "scope": scope,
    }))
}

/// The ids of cases that failed, with what was wrong.
fn ask(requests: &[Value], by_image: bool) -> Result<Vec<(String, String)>> {
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join("target");
    let module = target.join("wasm").join("pointsman_plain.wasm");
    let programs = target.join("go");
    let mut command = Command::new(programs.join("coredns-subject"));
    command
        .arg(programs.join("coredns"))
        .arg(module)
        .args(by_image.then_some("--image"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = command.spawn().context("cannot start coredns-subject; build it with `cargo xtask coredns`")?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(Value::from(requests).to_string().as_bytes())?;
    }
    let output = child.wait_with_output()?;
    ensure!(output.status.success(), "coredns-subject ended with {}", output.status);
    let mut failures = Vec::new();
    let mut judged = 0_usize;
    for line in String::from_utf8(output.stdout)?.lines() {
        let response: Value = serde_json::from_str(line).with_context(|| format!("coredns-subject wrote {line:?}"))?;
        judged = judged.saturating_add(1);
        if let (Some(id), Some(failure)) = (response["id"].as_str(), response["failure"].as_str())
            && !failure.is_empty()
        {
            failures.push((id.to_owned(), failure.to_owned()));
        }
    }
    ensure!(judged == requests.len(), "{judged} of {} cases were judged", requests.len());
    Ok(failures)
}
