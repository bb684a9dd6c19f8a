//! `pointsman explain`: why a client gets what it gets.

use std::io::Write;

use anstyle::Style;
use clap::Args;
use pointsman_core::explain::Explanation;
use pointsman_core::follow::Chain;
use pointsman_core::resolve::Scratch;

use crate::chain;
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
    pub(super) question: QuestionArguments,
}

impl Explain {
    pub(super) fn run(self) -> Result<(), Stop> {
        let question = self.question.load(true)?;
        let view = &question.view;
        let query = match question.asked {
            Asked::Many(file) => {
                return queries::answer_all(&file, question.places.as_ref(), |query| {
                    Ok(if question.follow {
                        chain::to_json(view, query, |query| view.explain(query).to_json())
                    } else {
                        view.explain(query).to_json()
                    })
                });
            }
            Asked::One(query) => query,
        };
        match (question.follow, question.json) {
            (false, false) => show(&view.explain(&query))?,
            (false, true) => output::line(&view.explain(&query).to_json())?,
            (true, true) => output::line(&chain::to_json(view, &query, |query| view.explain(query).to_json()))?,
            (true, false) => {
                let mut scratch = Scratch::new(view.zone());
                let mut chain = Chain::new((*query).clone());
                let end = loop {
                    show(&view.explain(chain.query()))?;
                    let answer = view.resolve(&chain.query().clone(), &mut scratch);
                    if let Some(end) = chain.follow(view, &answer) {
                        break end;
                    }
                    output::line("")?;
                };
                chain::show_end(end)?;
            }
        }
        hint_outside(view, &query);
        Ok(())
    }
}

/// The tree, with its branches dimmed and its markers coloured on a terminal.
fn show(explanation: &Explanation) -> Result<(), Stop> {
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
    Ok(())
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
