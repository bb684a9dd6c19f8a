//! `pointsman inspect`: what is in the image of a zone.

use clap::Args;

use crate::exit::Stop;
use crate::image::{self, Summary};
use crate::output;
use crate::source::{read_file, unreadable};

/// Say what is in the image of a zone: its name, digest, versions and counts
///
/// The whole image is checked first.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// An image that `pointsman compile` wrote
    #[arg(value_name = "IMAGE")]
    image: String,

    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl Inspect {
    pub(super) fn run(self) -> Result<(), Stop> {
        let bytes = read_file(&self.image).map_err(|error| unreadable(&self.image, "image", &error))?;
        let summary = Summary::of(&image::open(&self.image, &bytes)?, &bytes)?;
        if self.json { Ok(output::line(&summary.to_json().to_string())?) } else { summary.show(&self.image) }
    }
}
