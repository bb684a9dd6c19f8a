//! `pointsman check`: everything that is wrong with a zone, at once.

use std::io::Write;

use clap::Args;
use pointsman_core::diagnostic::{Diagnostic, has_errors};
use pointsman_core::model::HostedZone;
use pointsman_core::validate::validate;

use crate::exit::Stop;
use crate::findings::{Findings, summary};
use crate::load::ZoneFacts;
use crate::output::{self, GOOD, count};
use crate::source::Reader;

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
    json: bool,

    #[command(flatten)]
    zone: ZoneFacts,
}

impl Check {
    pub(super) fn run(self) -> Result<(), Stop> {
        let sources = self.zone.read(&self.files, &mut Reader::default())?;
        let documents = self.zone.parse(&sources);
        let validated = validate(&documents, &self.zone.options());
        let findings = Findings { sources: &sources };
        if self.json {
            let mut stdout = std::io::BufWriter::new(std::io::stdout().lock());
            for finding in &validated.diagnostics {
                writeln!(stdout, "{}", findings.json(finding))?;
            }
            stdout.flush()?;
        } else {
            findings.show(&validated.diagnostics);
        }
        match validated.zone {
            _ if self.zone.strict && !validated.diagnostics.is_empty() => Err(Stop::No),
            Some(zone) if !has_errors(&validated.diagnostics) => {
                if !self.json {
                    say_valid(&zone, &validated.diagnostics)?;
                }
                Ok(())
            }
            _ => Err(Stop::No),
        }
    }
}

fn say_valid(zone: &HostedZone, findings: &[Diagnostic]) -> Result<(), Stop> {
    let records = count(zone.record_sets.len(), "record set");
    let checks = count(zone.health_checks.len(), "health check");
    let summary = summary(findings);
    writeln!(output::stdout(), "{GOOD}valid{GOOD:#}: {} with {records} and {checks}, {summary}", zone.name)?;
    Ok(())
}
