//! `pointsman fleet`: what a fleet of watches serves, and its zones from one version to the next.

mod document;
mod drill;
mod feed;
mod judge;
mod publish;
mod state;

use clap::{Args, Subcommand};

use crate::exit::Stop;

/// Publish zones to a fleet of watches, go back, and see what is where
///
/// Every command speaks to one of the fleet's watches, which speaks to the others through etcd.
#[derive(Debug, Args)]
pub(crate) struct Fleet {
    #[command(subcommand)]
    word: Word,
}

#[derive(Debug, Subcommand)]
enum Word {
    Status(state::Status),
    Publish(publish::Publish),
    Rollback(publish::Rollback),
    Diff(publish::Diff),
    Rules(state::Rules),
    Drill(drill::Drill),
}

impl Fleet {
    /// Whether machines read what it says.
    pub(super) const fn is_json(&self) -> bool {
        match &self.word {
            Word::Status(word) => word.json,
            Word::Publish(word) => word.json,
            Word::Diff(word) => word.json,
            Word::Drill(word) => word.json,
            Word::Rollback(_) | Word::Rules(_) => false,
        }
    }

    pub(super) fn run(self) -> Result<(), Stop> {
        match self.word {
            Word::Status(word) => word.run(),
            Word::Publish(word) => word.run(),
            Word::Rollback(word) => word.run(),
            Word::Diff(word) => word.run(),
            Word::Rules(word) => word.run(),
            Word::Drill(word) => word.run(),
        }
    }
}
