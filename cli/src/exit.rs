//! How a command ends.

use std::io;
use std::process::ExitCode;

use crate::output;

/// Why a command stops before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The verdict is no, and why has been said: exit code 1.
    No,
    /// It could not be done: exit code 2.
    Cannot {
        /// What could not be done, and why.
        message: String,
        /// What to do; may be empty.
        help: String,
    },
    /// The output could not be written.
    Output(io::Error),
}

impl Stop {
    /// It could not be done.
    pub(crate) fn cannot(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Cannot { message: message.into(), help: help.into() }
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Says why a command stopped, where that has not been said yet, and gives its exit code.
pub(crate) fn code(outcome: Result<(), Stop>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // A reader that has read enough, such as `head`, is content.
        Err(Stop::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Stop::No) => ExitCode::from(1),
        Err(Stop::Cannot { message, help }) => {
            output::error(&message, &help);
            ExitCode::from(2)
        }
        Err(Stop::Output(error)) => {
            output::error(&format!("cannot write the output: {error}"), "");
            ExitCode::from(2)
        }
    }
}
