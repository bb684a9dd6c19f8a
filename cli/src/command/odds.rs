//! `pointsman odds`: how likely each answer is.

use std::io::{self, IsTerminal, Write};

use clap::Args;
use comfy_table::{Cell, CellAlignment, Table, presets};
use pointsman_core::answer::{Rcode, Undetermined};
use pointsman_core::explain::{Odds as Distribution, OddsAnswer, OddsError, OddsOutcome};
use pointsman_core::follow::ChainOdds;
use pointsman_core::query::Query;

use crate::chain;
use crate::exit::Stop;
use crate::output::{self, BAD, GOOD, STRONG, WARN, clean, count};
use crate::queries;
use crate::question::{Asked, QuestionArguments, hint_outside};

/// Work out the exact probability of each answer, over all draws
#[derive(Debug, Args)]
#[command(override_usage = "pointsman odds <NAME> <TYPE> -z <FILE>... [OPTIONS]\n       \
    pointsman odds --queries <FILE|-> -z <FILE>... [OPTIONS]")]
pub(crate) struct Odds {
    #[command(flatten)]
    pub(super) question: QuestionArguments,
}

/// Characters of a bar that stands for certainty.
const BAR: u8 = 30;
/// An exact ratio longer than this is left to the JSON.
const RATIO_CHARACTERS_MAX: usize = 24;

impl Odds {
    pub(super) fn run(self) -> Result<(), Stop> {
        let question = self.question.load(false)?;
        let view = &question.view;
        let query = match question.asked {
            Asked::Many(file) => {
                return queries::answer_all(&file, question.places.as_ref(), |query| {
                    let line = if question.follow {
                        view.follow_odds(query).map(|odds| odds.to_json())
                    } else {
                        view.odds(query).map(|odds| odds.to_json())
                    };
                    line.map_err(|error| error.to_string())
                });
            }
            Asked::One(query) => query,
        };
        let cannot = |error: OddsError| Stop::cannot(error.to_string(), "");
        if question.follow {
            let odds = view.follow_odds(&query).map_err(cannot)?;
            if question.json {
                output::line(&odds.to_json())?;
            } else {
                show_chain(&query, &odds)?;
            }
        } else {
            let odds = view.odds(&query).map_err(cannot)?;
            if question.json {
                output::line(&odds.to_json())?;
            } else {
                show(&query, &odds)?;
            }
            if odds.rcode == Rcode::ServFail {
                return Err(Stop::No);
            }
        }
        hint_outside(view, &query);
        Ok(())
    }
}

fn show(query: &Query, odds: &Distribution<'_>) -> Result<(), Stop> {
    let mut out = output::stdout();
    let (name, rcode) = (query.name.as_ref(), odds.rcode.as_str());
    write!(out, "{STRONG}{name} {}{STRONG:#}  ", query.record_type)?;
    match odds.rcode {
        Rcode::NoError => {
            writeln!(out, "{GOOD}{rcode}{GOOD:#}, {}", count(odds.outcomes.len(), "possible answer"))?;
        }
        Rcode::ServFail => {
            let code = odds.outcomes.first().and_then(|outcome| outcome.quarantined).unwrap_or_default();
            return Ok(writeln!(out, "{BAD}{rcode}{BAD:#}, whatever the draw: quarantined [{code}]")?);
        }
        Rcode::NxDomain | Rcode::Refused => return Ok(writeln!(out, "{WARN}{rcode}{WARN:#}, whatever the draw")?),
    }
    let bars = io::stdout().is_terminal();
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    let mut heading = vec!["probability", "exact", "type", "ttl", "answer"];
    if bars {
        heading.insert(2, "");
    }
    table.set_header(heading);
    for outcome in &odds.outcomes {
        let probability = outcome.probability.as_f64();
        let (ttl, answer) = cells(outcome);
        let mut row = vec![
            Cell::new(percent(probability)).set_alignment(CellAlignment::Right),
            Cell::new(ratio(outcome)),
            Cell::new(outcome.record_type),
            Cell::new(ttl).set_alignment(CellAlignment::Right),
            Cell::new(answer),
        ];
        if bars {
            row.insert(2, Cell::new(bar(probability)));
        }
        table.add_row(row);
    }
    print(&mut out, &table)?;
    remarks(&mut out, odds.outcomes.iter(), odds.undetermined)
}

/// The ways along a chain of CNAMEs; the TTL is the smallest on the way.
fn show_chain(query: &Query, odds: &ChainOdds<'_>) -> Result<(), Stop> {
    let mut out = output::stdout();
    let name = query.name.as_ref();
    writeln!(out, "{STRONG}{name} {}{STRONG:#}  {}", query.record_type, count(odds.outcomes.len(), "possible way"))?;
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(vec!["probability", "exact", "by", "rcode", "type", "ttl", "answer"]);
    for way in &odds.outcomes {
        let (_, mut answer) = cells(&way.last);
        if let Some(words) = chain::words(way.end) {
            answer.push_str(&format!("\n({words})"));
        }
        let names: Vec<String> = way.names.iter().map(|name| name.as_ref().to_string()).collect();
        table.add_row(vec![
            Cell::new(percent(way.last.probability.as_f64())).set_alignment(CellAlignment::Right),
            Cell::new(ratio(&way.last)),
            Cell::new(if names.is_empty() { "-".into() } else { names.join("\n") }),
            Cell::new(way.rcode.as_str()),
            Cell::new(way.last.record_type),
            Cell::new(way.ttl.map_or("-".into(), |ttl| ttl.to_string())).set_alignment(CellAlignment::Right),
            Cell::new(answer),
        ]);
    }
    print(&mut out, &table)?;
    remarks(&mut out, odds.outcomes.iter().map(|way| &way.last), odds.undetermined)
}

fn print(out: &mut impl Write, table: &Table) -> Result<(), Stop> {
    for line in table.lines() {
        writeln!(out, " {}", line.trim_end())?;
    }
    Ok(())
}

/// What else is to be known about a distribution.
fn remarks<'o>(
    out: &mut impl Write,
    mut outcomes: impl Iterator<Item = &'o OddsOutcome<'o>>,
    undetermined: Option<Undetermined>,
) -> Result<(), Stop> {
    if !outcomes.all(|outcome| outcome.probability.is_exact()) {
        writeln!(
            out,
            "  {WARN}rounded{WARN:#}: some probabilities are rounded to 2^-64: their fractions do not fit 128 bits"
        )?;
    }
    if let Some(reason) = undetermined {
        writeln!(out, "  {WARN}undetermined{WARN:#}: {}; these are only the tie rule's picks", reason.as_str())?;
    }
    Ok(())
}

/// TTL and values of an outcome.
fn cells(outcome: &OddsOutcome<'_>) -> (String, String) {
    match &outcome.answer {
        OddsAnswer::Values { ttl, .. } if outcome.quarantined.is_some() => {
            (ttl.to_string(), format!("SERVFAIL: quarantined [{}]", outcome.quarantined.unwrap_or_default()))
        }
        OddsAnswer::Values { ttl, values, .. } if values.is_empty() => (ttl.to_string(), "(no data)".into()),
        OddsAnswer::Values { ttl, values, referral } => {
            let mut text = values.iter().map(|value| clean(value)).collect::<Vec<_>>().join("\n");
            if let Some(cut) = referral {
                text.push_str(&format!("\n(referral: {cut} is delegated)"));
            }
            (ttl.to_string(), text)
        }
        OddsAnswer::Resource(name) => ("-".into(), format!("{name} (addresses unknown)")),
        OddsAnswer::Members { choose, members } => {
            let mut ttls = vec![String::new()];
            let mut lines = vec![format!("any {choose} of these {}, each as likely as the next:", members.len())];
            for member in members {
                for (index, value) in member.values.iter().enumerate() {
                    ttls.push(if index == 0 { member.ttl.to_string() } else { String::new() });
                    lines.push(format!("{} ({})", clean(value), clean(member.set_identifier)));
                }
            }
            (ttls.join("\n"), lines.join("\n"))
        }
    }
}

/// The exact fraction, where it is short enough to be read.
fn ratio(outcome: &OddsOutcome<'_>) -> String {
    let ratio = outcome.probability.ratio();
    if ratio.len() > RATIO_CHARACTERS_MAX { "see --json".into() } else { ratio }
}

/// `90%`, `33.33%`; what is possible is never 0%, and what is not certain never 100%.
fn percent(probability: f64) -> String {
    let hundredths = (probability * 10_000.0).round();
    if hundredths < 1.0 && probability > 0.0 {
        return "<0.01%".into();
    }
    if hundredths >= 10_000.0 && probability < 1.0 {
        return ">99.99%".into();
    }
    let text = format!("{:.2}", hundredths / 100.0);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// A bar in eighths of a character.
fn bar(probability: f64) -> String {
    const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    let eighths = (probability * f64::from(BAR) * 8.0).round().clamp(1.0, f64::from(BAR) * 8.0) as usize;
    let mut bar = "█".repeat(eighths / 8);
    bar.extend(EIGHTHS.get(eighths % 8).filter(|eighth| **eighth != ' '));
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_never_round_to_certainty() {
        for (probability, text) in [
            (1.0, "100%"),
            (0.9, "90%"),
            (1.0 / 3.0, "33.33%"),
            (0.105, "10.5%"),
            (0.000_01, "<0.01%"),
            (0.999_999, ">99.99%"),
        ] {
            assert_eq!(percent(probability), text);
        }
    }

    #[test]
    fn a_bar_grows_by_eighths_and_is_never_empty() {
        assert_eq!(bar(1.0).chars().count(), usize::from(BAR));
        assert_eq!(bar(1.0 / 60.0), "▌");
        assert_eq!(bar(1e-9), "▏");
    }
}
