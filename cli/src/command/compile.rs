//! `pointsman compile`: a checked zone as one file that opens in milliseconds.

use clap::Args;
use pointsman_core::compile::compile;
use pointsman_core::diagnostic::has_errors;
use pointsman_core::validate::validate;

use crate::exit::Stop;
use crate::findings::Findings;
use crate::image::{self, Summary};
use crate::load::ZoneFacts;
use crate::output;
use crate::source::Reader;

/// Compile a zone to an image, which hosts open without reading and checking its documents again
///
/// Refuses what `check` refuses. Prints what is in the image.
#[derive(Debug, Args)]
pub(crate) struct Compile {
    /// The documents of one zone, as the AWS CLI prints them; `-` is standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,

    /// The image to write, such as zone.pmz
    #[arg(short, long, value_name = "IMAGE")]
    output: String,

    /// Compile what can be evaluated although Route 53 would refuse it
    #[arg(long)]
    allow_refused: bool,

    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,

    #[command(flatten)]
    zone: ZoneFacts,
}

impl Compile {
    pub(super) fn run(self) -> Result<(), Stop> {
        let sources = self.zone.read(&self.files, &mut Reader::default())?;
        let validated = validate(&self.zone.parse(&sources), &self.zone.options(&sources));
        let refused = has_errors(&validated.diagnostics) && !self.allow_refused;
        let Some(hosted_zone) = validated.zone.filter(|_| !refused) else {
            Findings { sources: &sources }.show(&validated.diagnostics);
            output::conclude("nothing is written");
            return Err(Stop::No);
        };
        Findings { sources: &sources }.tell(&validated.diagnostics.iter().collect::<Vec<_>>());
        let zone = compile(&hosted_zone);
        let bytes = zone.to_image();
        image::write(&self.output, &bytes)?;
        let summary = Summary::of(&zone, &bytes)?;
        if self.json { Ok(output::line(&summary.to_json().to_string())?) } else { summary.show(&self.output) }
    }
}
