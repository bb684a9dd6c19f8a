//! `pointsman explain`: why a client gets what it gets.

use std::io::Write;

use anstyle::Style;
use clap::Args;

use crate::exit::Stop;
use crate::output::{self, BAD, GOOD, QUIET, STRONG, WARN, clean};
use crate::queries;
use crate::question::{Asked, QuestionArguments, hint_outside};

/// Explain an answer: the tree that was walked, every member on the way, and the health check that decided
#[derive(Debug, Args)]
#[command(override_usage = "pointsman explain <NAME> <TYPE> -z <FILE>... [OPTIONS]\n       \
    pointsman explain --queries <FILE|-> -z <FILE>... [OPTIONS]")]
pub(crate) struct Explain {
    #[command(flatten)]
    question: QuestionArguments,
}

impl Explain {
    pub(super) fn run(self) -> Result<(), Stop> {
        let question = self.question.load(true)?;
        let view = &question.view;
        let query = match question.asked {
            Asked::Many(file) => {
                return queries::answer_all(&file, question.places.as_ref(), |query| Ok(view.explain(query).to_json()));
            }
            Asked::One(query) => query,
        };
        let explanation = view.explain(&query);
        if question.json {
            output::line(&explanation.to_json())?;
        } else {
            let mut out = output::stdout();
            for line in explanation.to_string().lines() {
                let line = clean(line);
                let (branch, rest) = line.split_at(branch_length(&line));
                let (marker, rest) = rest.split_at(rest.chars().next().map_or(0, char::len_utf8));
                let style = marker_style(marker);
                if !branch.is_empty() {
                    write!(out, "{QUIET}{branch}{QUIET:#}")?;
                }
                writeln!(out, "{style}{marker}{style:#}{rest}")?;
            }
        }
        hint_outside(view, &query);
        Ok(())
    }
}

/// The bytes of the tree's branches at the start of a line.
fn branch_length(line: &str) -> usize {
    line.find(|character| !matches!(character, '│' | '├' | '└' | '─' | ' ')).unwrap_or(line.len())
}

/// How a line's marker is shown: chosen, healthy, unhealthy, look here.
fn marker_style(marker: &str) -> Style {
    match marker {
        "►" => STRONG,
        "✓" => GOOD,
        "✗" => BAD,
        "!" => WARN,
        _ => Style::new(),
    }
}
