//! The commands, one file each.

mod apply;
mod check;
mod compile;
mod completions;
mod diff;
mod drill;
mod explain;
mod explain_code;
#[cfg(feature = "watch")]
mod fleet;
#[cfg(feature = "watch")]
mod force;
mod import;
mod inspect;
mod man;
mod odds;
mod resolve;
mod rto;
#[cfg(feature = "watch")]
mod watch;

use clap::Subcommand;

use crate::exit::Stop;

/// The commands of `pointsman`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(check::Check),
    Compile(compile::Compile),
    Inspect(inspect::Inspect),
    Apply(apply::Apply),
    Import(import::Import),
    Resolve(resolve::Resolve),
    Odds(odds::Odds),
    Explain(explain::Explain),
    ExplainCode(explain_code::ExplainCode),
    Drill(drill::Drill),
    Diff(diff::Diff),
    Rto(rto::Rto),
    #[cfg(feature = "watch")]
    Watch(watch::Watch),
    #[cfg(feature = "watch")]
    Force(force::Force),
    #[cfg(feature = "watch")]
    Fleet(fleet::Fleet),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    /// Does it. `program` describes the whole command line, for those that speak of it.
    pub(crate) fn run(self, program: fn() -> clap::Command) -> Result<(), Stop> {
        match self {
            Self::Check(command) => command.run(),
            Self::Compile(command) => command.run(),
            Self::Inspect(command) => command.run(),
            Self::Apply(command) => command.run(),
            Self::Import(command) => command.run(),
            Self::Resolve(command) => command.run(),
            Self::Odds(command) => command.run(),
            Self::Explain(command) => command.run(),
            Self::ExplainCode(command) => command.run(),
            Self::Drill(command) => command.run(),
            Self::Diff(command) => command.run(),
            Self::Rto(command) => command.run(),
            #[cfg(feature = "watch")]
            Self::Watch(command) => command.run(),
            #[cfg(feature = "watch")]
            Self::Force(command) => command.run(),
            #[cfg(feature = "watch")]
            Self::Fleet(command) => command.run(),
            Self::Completions(command) => command.run(program()),
            Self::Man(command) => command.run(program()),
        }
    }
}
