#![forbid(unsafe_code)]
//! `pointsman`: ask a Route 53 zone on disk what a client gets, how likely, and why.
//!
//! Each command has its file under [`command`] and holds no rules: files become text, text goes to `pointsman-core`, and
//! what comes back is shown. Results go to stdout, findings to stderr.

mod chain;
mod command;
mod digest;
mod exit;
mod findings;
#[cfg(feature = "watch")]
mod fleet;
mod image;
mod load;
mod output;
mod place_database;
mod queries;
mod question;
mod source;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use command::Command;

/// Amazon Route 53's routing rules, asked offline
///
/// Give the documents as the AWS CLI prints them; `-` is standard input. Results go to stdout, findings to stderr.
/// Exit codes: 0 every question was answered, 1 the verdict is no, 2 it could not be done.
#[derive(Parser)]
#[command(name = "pointsman", version, max_term_width = 100, propagate_version = true, subcommand_required = true)]
#[command(disable_help_subcommand = true)]
struct Pointsman {
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let command = Pointsman::parse().command;
    if command.is_json() {
        output::use_lines_of_json();
    }
    exit::code(command.run(Pointsman::command))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        Pointsman::command().debug_assert();
    }
}
