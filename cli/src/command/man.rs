//! `pointsman man`: the manual pages of this program and its commands.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use crate::exit::Stop;

/// Write the manual pages into a folder
///
/// One page for the program and one for each command, such as pointsman-resolve.1. `man -M` finds them in FOLDER if FOLDER
/// is the `man1` of a manual tree, as in `pointsman man ~/.local/share/man/man1`.
#[derive(Debug, Args)]
pub(crate) struct Man {
    /// The folder, which is made if it is not there
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
}

impl Man {
    /// Writes the pages of the command line that `program` describes.
    pub(super) fn run(self, program: clap::Command) -> Result<(), Stop> {
        let written = fs::create_dir_all(&self.folder).and_then(|()| clap_mangen::generate_to(program, &self.folder));
        written.map_err(|error| {
            Stop::cannot(
                format!("cannot write into `{}`: {error}", self.folder.display()),
                "name a folder that can be written",
            )
        })
    }
}
