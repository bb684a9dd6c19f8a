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
mod replay;
mod resolve;
mod rto;
mod schema;
#[cfg(feature = "watch")]
mod watch;

use clap::Subcommand;

use self::explain::Explain;
use self::odds::Odds;
use self::resolve::Resolve;
use crate::exit::Stop;

/// The commands of `pointsman`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Check(check::Check),
    Compile(compile::Compile),
    Inspect(inspect::Inspect),
    Apply(apply::Apply),
    Import(import::Import),
    Resolve(Resolve),
    Odds(Odds),
    Explain(Explain),
    ExplainCode(explain_code::ExplainCode),
    Drill(drill::Drill),
    Diff(diff::Diff),
    Rto(rto::Rto),
    Replay(replay::Replay),
    #[cfg(feature = "watch")]
    Watch(watch::Watch),
    #[cfg(feature = "watch")]
    Force(force::Force),
    #[cfg(feature = "watch")]
    Fleet(fleet::Fleet),
    Schema(schema::Schema),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Command {
    /// Whether machines read what it says.
    pub(crate) fn is_json(&self) -> bool {
        match self {
            Self::Check(command) => command.json,
            Self::Compile(command) => command.json,
            Self::Inspect(command) => command.json,
            Self::Apply(command) => command.json,
            Self::Import(command) => command.json,
            Self::Resolve(Resolve { question })
            | Self::Odds(Odds { question })
            | Self::Explain(Explain { question }) => question.json,
            Self::ExplainCode(command) => command.json,
            Self::Drill(command) => command.json,
            Self::Diff(command) => command.json,
            Self::Rto(command) => command.json,
            Self::Replay(command) => command.json,
            #[cfg(feature = "watch")]
            Self::Watch(command) => command.json,
            #[cfg(feature = "watch")]
            Self::Force(command) => command.json,
            #[cfg(feature = "watch")]
            Self::Fleet(command) => command.is_json(),
            Self::Schema(_) | Self::Completions(_) | Self::Man(_) => false,
        }
    }

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
            Self::Replay(command) => command.run(),
            #[cfg(feature = "watch")]
            Self::Watch(command) => command.run(),
            #[cfg(feature = "watch")]
            Self::Force(command) => command.run(),
            #[cfg(feature = "watch")]
            Self::Fleet(command) => command.run(),
            Self::Schema(command) => command.run(),
            Self::Completions(command) => command.run(program()),
            Self::Man(command) => command.run(program()),
        }
    }
}
