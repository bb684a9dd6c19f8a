//! `pointsman completions`: completion scripts for shells.

use clap::Args;
use clap_complete::Shell;

use crate::exit::Stop;
use crate::output;

/// Print a completion script for a shell
///
/// For bash: `pointsman completions bash > ~/.local/share/bash-completion/completions/pointsman`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Prints the script for the command line that `program` describes.
    pub(super) fn run(self, mut program: clap::Command) -> Result<(), Stop> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut program, "pointsman", &mut script);
        Ok(output::line(String::from_utf8_lossy(&script).trim_end())?)
    }
}
