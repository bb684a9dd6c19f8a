//! `pointsman check`: everything that is wrong with a zone, at once.

use std::io::Write;

use clap::Args;
use pointsman_core::diagnostic::{Diagnostic, has_errors};
use pointsman_core::model::HostedZone;
use pointsman_core::parse::Document;
use pointsman_core::validate::validate;
use pointsman_verify::drill::misread;
use pointsman_verify::facts::Facts;
use pointsman_verify::subject::Subject;

use crate::digest;
use crate::exit::Stop;
use crate::findings::{Findings, summary};
use crate::load::ZoneFacts;
use crate::output::{self, GOOD, Message, QUIET, count};
use crate::source::{Reader, Source};

/// Find everything that is wrong with a zone: what Route 53 would refuse, what cannot be evaluated, what will surprise
///
/// Exits 1 when there are errors; warnings alone exit 0, or 1 with --strict.
#[derive(Debug, Args)]
pub(crate) struct Check {
    /// The documents of one zone, as the AWS CLI prints them; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,

    /// Print each finding as a line of JSON
    #[arg(long)]
    pub(super) json: bool,

    /// Draw every finding, not only the first 200
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    zone: ZoneFacts,
}

impl Check {
    pub(super) fn run(self) -> Result<(), Stop> {
        let sources = self.zone.read(&self.files, &mut Reader::default())?;
        let documents = self.zone.parse(&sources);
        let mut validated = validate(&documents, &self.zone.options(&sources));
        let checks_alone = health_checks_alone(&documents);
        if checks_alone.is_some() {
            // What a zone would have to say is no fault of health checks.
            validated
                .diagnostics
                .retain(|finding| !matches!(finding.code, "zone-name-unknown" | "unused-health-check"));
        }
        if let Some(zone) = validated.zone.as_ref().filter(|_| !has_errors(&validated.diagnostics)) {
            validated.diagnostics.extend(misread_checks(zone, &documents));
        }
        let findings = Findings { sources: &sources };
        if self.json {
            let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
            for finding in &validated.diagnostics {
                writeln!(stdout, "{}", findings.json(finding))?;
            }
            stdout.flush()?;
        } else if self.all {
            findings.show_all(&validated.diagnostics);
        } else {
            findings.show(&validated.diagnostics);
        }
        let has_errors = has_errors(&validated.diagnostics);
        if let (Some(checks), false) = (checks_alone, has_errors) {
            if !self.json {
                let (checks, summary) = (count(checks, "health check"), summary(&validated.diagnostics));
                writeln!(output::stdout(), "{GOOD}valid{GOOD:#}: {checks} without a zone, {summary}")?;
            }
            return Ok(());
        }
        match validated.zone {
            _ if self.zone.strict && !validated.diagnostics.is_empty() => Err(Stop::No),
            Some(zone) if !has_errors => {
                let texts: Vec<&str> = sources.iter().map(Source::aws_json).collect();
                let digest = digest::of_documents(&documents, &texts);
                if !self.json {
                    return say_valid(&zone, &validated.diagnostics, &digest);
                }
                let message = format!("the zone's record sets have the digest {digest}");
                Message { severity: "note", message: &message, digest: Some(&digest), ..Message::default() }.tell();
                Ok(())
            }
            _ => Err(Stop::No),
        }
    }
}

/// Health checks that are plainly not about the record sets that name them; `drill` finds the same.
fn misread_checks(zone: &HostedZone, documents: &[Document<'_>]) -> Vec<Diagnostic> {
    if zone.health_checks.is_empty() {
        return Vec::new();
    }
    let subject = Subject::new(zone.clone(), Facts::default());
    let told = misread(&subject).into_iter().map(|misread| {
        let found = Diagnostic::lint(misread.code, misread.message).help(format!("{}; {}", misread.why, misread.help));
        let id = subject.check_id(misread.check);
        let mut checks = documents.iter().flat_map(|document| document.health_checks.iter().flatten());
        match checks.find(|fields| fields.id.as_deref() == Some(id)) {
            Some(fields) => found.at(fields.origin.place()),
            None => found,
        }
    });
    told.collect()
}

/// How many health checks the documents hold, when they hold nothing else of a zone.
fn health_checks_alone(documents: &[Document<'_>]) -> Option<usize> {
    let is_alone = |document: &Document<'_>| {
        document.health_checks.is_some()
            && document.record_sets.as_ref().is_none_or(Vec::is_empty)
            && document.hosted_zone.is_none()
            && document.changes.is_none()
    };
    let all = documents.iter().all(is_alone) && !documents.is_empty();
    all.then(|| documents.iter().flat_map(|document| document.health_checks.iter().flatten()).count())
}

fn say_valid(zone: &HostedZone, findings: &[Diagnostic], digest: &str) -> Result<(), Stop> {
    let records = count(zone.record_sets.len(), "record set");
    let checks = count(zone.health_checks.len(), "health check");
    let summary = summary(findings);
    let mut out = output::stdout();
    writeln!(out, "{GOOD}valid{GOOD:#}: {} with {records} and {checks}, {summary}", zone.name)?;
    writeln!(out, "  {QUIET}digest{QUIET:#} {digest}")?;
    Ok(())
}
