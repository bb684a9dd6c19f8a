//! `pointsman apply`: the zone after a change batch, or why Route 53 would refuse it.

use clap::Args;
use pointsman_core::diagnostic::has_errors;
use pointsman_core::parse::parse;
use pointsman_core::validate::{apply, apply_json};

use crate::digest;
use crate::exit::Stop;
use crate::findings::Findings;
use crate::load::ZoneFacts;
use crate::output::{self, Message};
use crate::source::{Reader, Source};

/// Print the zone as it is after a change batch, or say why Route 53 would refuse the batch
///
/// Prints one JSON object with every document that was given, which can be piped into `-z -`, and on stderr the digest of
/// the record sets before and after. A batch is atomic: any error exits 1 and prints no zone, and so does any warning with
/// --strict.
#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// The documents of one zone, as the AWS CLI prints them; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,

    /// The change batch, as `change-resource-record-sets --change-batch` takes it
    #[arg(long, value_name = "CHANGES")]
    batch: String,

    /// Refuse unless the zone's record sets have this digest, as `check` and `apply` print it: a plan that was made for
    /// another version of the zone then changes nothing
    #[arg(long, value_name = "DIGEST", value_parser = digest::parse)]
    expect: Option<String>,

    /// Print findings as lines of JSON
    #[arg(long)]
    pub(super) json: bool,

    #[command(flatten)]
    zone: ZoneFacts,
}

impl Apply {
    pub(super) fn run(self) -> Result<(), Stop> {
        let mut reader = Reader::default();
        let mut sources = self.zone.read(&self.files, &mut reader)?;
        let batch_number = sources.len();
        sources.push(reader.read(&self.batch, "change batch")?);
        let (zone_sources, batch_source) = sources.split_at(batch_number);
        let documents = self.zone.parse(zone_sources);
        let batch_text = batch_source.first().map(|source| source.text.as_str()).unwrap_or_default();
        let batch = parse(batch_number, batch_text);
        let texts: Vec<&str> = zone_sources.iter().map(Source::aws_json).collect();
        let before = digest::of_documents(&documents, &texts);
        if self.expect.as_ref().is_some_and(|expected| *expected != before) {
            let message =
                format!("the zone is not the one that --expect means: its record sets have the digest {before}");
            let help = "somebody changed it; make the plan again from the zone as it is now";
            Message { severity: "error", message: &message, help, digest: Some(&before), digest_after: None }.tell();
            return Err(Stop::No);
        }
        let applied = apply(&documents, &batch, &self.zone.options(zone_sources));
        Findings { sources: &sources }.show(&applied.diagnostics);
        if applied.zone.is_none() || has_errors(&applied.diagnostics) {
            output::conclude("nothing is changed: a batch applies as a whole or not at all");
            return Err(Stop::No);
        }
        if self.zone.strict && !applied.diagnostics.is_empty() {
            output::conclude("nothing is changed: --strict takes warnings for errors");
            return Err(Stop::No);
        }
        let result = apply_json(&documents, &texts, batch_text, &applied);
        let after = digest::of_json(&result);
        let message = format!("digest {before} before, {after} after");
        Message { severity: "note", message: &message, help: "", digest: Some(&before), digest_after: Some(&after) }
            .tell();
        Ok(output::line(result.trim_end())?)
    }
}
