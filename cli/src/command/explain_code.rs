//! `pointsman explain-code`: what a code means, and what to do about it.

use std::io::Write;

use clap::Args;
use pointsman_core::diagnostic::{FINDING_KINDS, FindingKind, Source, finding_kind};
use pointsman_core::explain::ReasonCode;
use pointsman_import::FINDING_KINDS as IMPORT_KINDS;
use serde_json::json;

use crate::exit::Stop;
use crate::output::{self, QUIET, STRONG};

/// Say what the code of a finding, a lint or an explanation means, and what to do about it
#[derive(Debug, Args)]
pub(crate) struct ExplainCode {
    /// The code, such as weighted-ttl-differs or lowest-latency
    code: String,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// Edits beyond which a code is not meant by another one.
const EDITS_MAX: usize = 6;

impl ExplainCode {
    pub(super) fn run(self) -> Result<(), Stop> {
        let code = self.code.trim();
        let finding = finding_kind(code).or_else(|| IMPORT_KINDS.iter().find(|kind| kind.code == code));
        let reason = ReasonCode::ALL.iter().find(|reason| reason.as_str() == code);
        if finding.is_none() && reason.is_none() {
            let help = match nearest(code) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "docs/findings.md and docs/explanations.md list every code".into(),
            };
            return Err(Stop::cannot(format!("no finding and no explanation has the code `{code}`"), help));
        }
        let mut out = output::stdout();
        if let Some(kind) = finding {
            if self.json {
                output::line(&finding_json(kind))?;
            } else {
                let objection = objection(kind.source);
                writeln!(out, "{STRONG}{code}{STRONG:#} {QUIET}({}, {objection}){QUIET:#}", kind.severity.as_str())?;
                writeln!(out, "  {}", kind.meaning)?;
                writeln!(out, "  What to do: {}", kind.help)?;
            }
        }
        if let Some(reason) = reason {
            if self.json {
                let line = json!({"code": code, "register": "explanations", "about": reason.kind().as_str(),
                    "meaning": reason.meaning(), "parameters": reason.parameters()});
                output::line(&line.to_string())?;
            } else {
                writeln!(out, "{STRONG}{code}{STRONG:#} {QUIET}(explanation of {}){QUIET:#}", reason.kind().as_str())?;
                writeln!(out, "  {}", reason.meaning())?;
                if !reason.parameters().is_empty() {
                    writeln!(out, "  Parameters: {}", reason.parameters().join(", "))?;
                }
            }
        }
        Ok(())
    }
}

fn objection(source: Source) -> &'static str {
    match source {
        Source::Documents(class) => class.as_str(),
        Source::Drill => "drill",
    }
}

fn finding_json(kind: &FindingKind) -> String {
    json!({"code": kind.code, "register": "findings", "source": objection(kind.source), "severity": kind.severity.as_str(),
        "meaning": kind.meaning, "help": kind.help})
    .to_string()
}

/// The code that is most like a word, if one is like it at all.
fn nearest(word: &str) -> Option<&'static str> {
    let findings = FINDING_KINDS.iter().chain(IMPORT_KINDS).map(|kind| kind.code);
    let codes = findings.chain(ReasonCode::ALL.iter().map(|code| code.as_str()));
    codes
        .map(|code| (edits(word, code), code))
        .filter(|(edits, code)| *edits <= EDITS_MAX.min(code.len() / 2))
        .min()
        .map(|(_, code)| code)
}

/// How many letters have to be put in, taken out or replaced to make one word of another (Levenshtein).
fn edits(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (number, letter) in one.chars().enumerate() {
        let mut next = vec![number + 1];
        for (before, (left_out, own)) in
            row.iter().zip(row.iter().skip(1)).zip(&other).map(|((a, b), c)| (*a, (*b, *c)))
        {
            let inserted = next.last().copied().unwrap_or_default() + 1;
            next.push(inserted.min(left_out + 1).min(before + usize::from(own != letter)));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_is_understood() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(nearest("weigted-ttl-difers"), Some("weighted-ttl-differs"));
        assert_eq!(nearest("lowest-latancy"), Some("lowest-latency"));
        assert_eq!(nearest("elephant"), None);
    }
}
