//! `pointsman import`: documents of any format that is read, as the AWS CLI would print them.

use clap::{Args, ValueEnum};
use pointsman_core::diagnostic::{Diagnostic, has_errors};
use pointsman_core::validate::{Applied, apply_json, validate};

use crate::exit::Stop;
use crate::findings::Findings;
use crate::load::ZoneFacts;
use crate::output;
use crate::source::{Reader, Source};

/// Print documents of other formats as the AWS CLI would print them: Terraform, CloudFormation, traffic policies, zone files
///
/// Prints one JSON object, which can be piped into `-z -`. Every command reads these formats itself; this shows what they
/// come to. Exits 1 when a document cannot be read.
#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The documents of one zone, in any format that is read; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,

    /// What to write
    #[arg(long, value_enum, default_value_t = Form::AwsJson)]
    to: Form,

    /// Print findings as lines of JSON
    #[arg(long)]
    pub(super) json: bool,

    #[command(flatten)]
    zone: ZoneFacts,
}

/// A form that is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Form {
    /// The AWS CLI's JSON
    AwsJson,
}

impl Import {
    pub(super) fn run(self) -> Result<(), Stop> {
        let sources = self.zone.read(&self.files, &mut Reader::default())?;
        let documents = self.zone.parse(&sources);
        for (source, format) in sources.iter().filter_map(|source| Some((source, source.imported()?.format()))) {
            output::note(&format!("{} is read as {format}", source.name));
        }
        let told: Vec<Diagnostic> =
            documents.iter().flat_map(|document| document.diagnostics.iter().cloned()).collect();
        Findings { sources: &sources }.show(&told);
        if has_errors(&told) {
            return Err(Stop::No);
        }
        let zone = validate(&documents, &self.zone.options(&sources)).zone;
        let record_sets = documents.iter().flat_map(|document| document.record_sets.iter().flatten());
        let whole =
            Applied { zone, diagnostics: Vec::new(), record_sets: record_sets.map(|fields| fields.origin).collect() };
        let texts: Vec<&str> = sources.iter().map(Source::aws_json).collect();
        match self.to {
            Form::AwsJson => Ok(output::line(apply_json(&documents, &texts, "{}", &whole).trim_end())?),
        }
    }
}
