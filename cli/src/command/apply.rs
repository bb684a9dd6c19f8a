//! `pointsman apply`: the zone after a change batch, or why Route 53 would refuse it.

use clap::Args;
use pointsman_core::diagnostic::has_errors;
use pointsman_core::parse::parse;
use pointsman_core::validate::{apply, apply_json};

use crate::exit::Stop;
use crate::findings::Findings;
use crate::load::ZoneFacts;
use crate::output;
use crate::source::{Reader, Source};

/// Print the zone as it is after a change batch, or say why Route 53 would refuse the batch
///
/// Prints one JSON object with every document that was given, which can be piped into `-z -`. A batch is atomic: any
/// error exits 1 and prints no zone, and so does any warning with --strict.
#[derive(Debug, Args)]
pub(crate) struct Apply {
    /// The documents of one zone, as the AWS CLI prints them; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,

    /// The change batch, as `change-resource-record-sets --change-batch` takes it
    #[arg(long, value_name = "CHANGES")]
    batch: String,

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
        let applied = apply(&documents, &batch, &self.zone.options(zone_sources));
        Findings { sources: &sources }.show(&applied.diagnostics);
        if applied.zone.is_none() || has_errors(&applied.diagnostics) {
            output::say(format_args!("nothing is changed: a batch applies as a whole or not at all"));
            return Err(Stop::No);
        }
        if self.zone.strict && !applied.diagnostics.is_empty() {
            output::say(format_args!("nothing is changed: --strict takes warnings for errors"));
            return Err(Stop::No);
        }
        let texts: Vec<&str> = zone_sources.iter().map(Source::aws_json).collect();
        Ok(output::line(apply_json(&documents, &texts, batch_text, &applied).trim_end())?)
    }
}
