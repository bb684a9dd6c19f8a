//! `pointsman replay`: an incident once more, over this zone and another version of it.

use std::io::Write;

use clap::Args;
use comfy_table::{Cell, CellAlignment, Table, presets};
use pointsman_verify::ask::Possible;
use pointsman_verify::replay::{History, Replay as Replayed, Row, Timeline, chart, replay};
use pointsman_verify::subject::Subject;
use pointsman_verify::text::percent;

use super::drill::read_facts;
use crate::exit::Stop;
use crate::load::ZoneFacts;
use crate::output::{self, QUIET, STRONG, clean, count};
use crate::source::Reader;

/// Rows that the table has; JSON has all.
const ROWS_MAX: usize = 20;
/// Rows whose answers are shown, and changes of each.
const SHOWN_MAX: usize = 3;
const STEPS_MAX: usize = 12;

/// Play an incident once more: who was answered what and when, and for how long that was no good
///
/// The history is the stream of a watch, as `watch --record FILE` or `curl -N .../v1/health/stream` wrote it. With --against,
/// what another version of the zone would have answered. Seconds are per client: a share of the answers counts as that share
/// of the time. Exits 0; the last line says what all of it rests on.
#[derive(Debug, Args)]
#[command(override_usage = "pointsman replay <ZONE> --history <FILE> [--against <NEW>] [-z <SHARED>]... [OPTIONS]")]
pub(crate) struct Replay {
    /// The zone
    #[arg(value_name = "ZONE")]
    zone: String,

    /// What a watch recorded
    #[arg(long, value_name = "FILE")]
    history: String,

    /// Another version of the zone
    #[arg(long, value_name = "NEW")]
    against: Option<String>,

    /// A document that both versions share, such as health checks or a LatencyTable
    #[arg(short = 'z', long = "zone-file", value_name = "SHARED")]
    shared: Vec<String>,

    #[command(flatten)]
    facts: ZoneFacts,

    /// A TOML file with what the zone does not say, such as [reads] of health checks
    #[arg(long = "facts", value_name = "FILE")]
    more: Option<String>,

    /// Write a chart of who was sent where over time
    #[arg(long, value_name = "FILE")]
    svg: Option<String>,

    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl Replay {
    pub(super) fn run(self) -> Result<(), Stop> {
        let mut reader = Reader::default();
        let mut version = |file: &String| {
            let facts = read_facts(self.more.as_deref(), &mut reader)?;
            let files: Vec<String> = std::iter::once(file).chain(&self.shared).cloned().collect();
            Ok::<_, Stop>(Subject::new(self.facts.load(&files, &mut reader)?, facts))
        };
        let subject = version(&self.zone)?;
        let against = self.against.as_ref().map(&mut version).transpose()?;
        let source = reader.read(&self.history, "history")?;
        let history = History::parse(&source.text).map_err(|error| {
            Stop::cannot(
                format!("`{}` is no history: {error}", self.history),
                "give what `pointsman watch --record` or `curl -N .../v1/health/stream` wrote",
            )
        })?;
        for version in std::iter::once(&subject).chain(&against) {
            let name = version.zone.name.to_string();
            if let Some(other) = history.zone.as_ref().filter(|other| **other != name) {
                let message = format!("the history is of {other}, and the zone is {name}");
                return Err(Stop::cannot(message, "give the zone that was watched"));
            }
        }
        for problem in &history.problems {
            output::warning(&format!("{}: {problem}", self.history), "");
        }
        let replayed = replay(&subject, against.as_ref(), &history);
        if let Some(file) = &self.svg {
            let title = format!("{}: {} replayed", subject.zone.name, self.history);
            std::fs::write(file, chart(&title, &replayed))
                .map_err(|error| Stop::cannot(format!("cannot write `{file}`: {error}"), "check the path"))?;
        }
        if self.json {
            return Ok(output::line(&replayed.to_json().to_string())?);
        }
        self.show(&replayed)
    }

    fn show(&self, replayed: &Replayed) -> Result<(), Stop> {
        let mut out = output::stdout();
        let (from, to) = (replayed.from, replayed.to);
        let seconds = to.ms_since(from) as f64 / 1000.0;
        writeln!(
            out,
            "{STRONG}from {from} to {to}{STRONG:#}  {seconds:.0} s, {:.0} of them not recorded",
            replayed.unrecorded
        )?;
        let hit: Vec<&Row> = replayed.rows.iter().filter(|row| row.is_hit()).collect();
        if !hit.is_empty() {
            let mut table = Table::new();
            table.load_style(presets::NOTHING);
            let mut header = vec!["question", "clients", "dead s", "no answer s", "elsewhere s"];
            if self.against.is_some() {
                header.extend(["| against: dead s", "no answer s", "elsewhere s"]);
            }
            table.set_header(header);
            for row in hit.iter().take(ROWS_MAX) {
                let mut cells = vec![
                    Cell::new(clean(&format!("{} {}", row.name, row.record_type))),
                    Cell::new(clean(&row.clients)),
                ];
                for timeline in std::iter::once(&row.was).chain(&row.against) {
                    let seconds = timeline.seconds;
                    let cell = |value: f64| Cell::new(format!("{value:.1}")).set_alignment(CellAlignment::Right);
                    cells.extend([seconds.dead, seconds.none, seconds.elsewhere].map(cell));
                }
                table.add_row(cells);
            }
            for line in table.lines() {
                writeln!(out, " {}", line.trim_end())?;
            }
        }
        for row in hit.iter().take(SHOWN_MAX) {
            writeln!(out, "\n{STRONG}{} {}{STRONG:#}, {}", clean(&row.name), row.record_type, clean(&row.clients))?;
            show_timeline(&mut out, "", &row.was)?;
            if let Some(against) = &row.against {
                show_timeline(&mut out, "against ", against)?;
            }
        }
        let quiet = replayed.rows.len().saturating_sub(hit.len());
        if quiet > 0 {
            writeln!(
                out,
                "{} of {} (a question of a class of clients each) got the same answers all the time",
                quiet,
                count(replayed.rows.len(), "row")
            )?;
        }
        if hit.len() > ROWS_MAX {
            writeln!(out, "{QUIET}{} more rows: --json{QUIET:#}", hit.len().saturating_sub(ROWS_MAX))?;
        }
        writeln!(out, "{QUIET}{}{QUIET:#}", clean(&replayed.claim.to_string()))?;
        Ok(())
    }
}

fn show_timeline(out: &mut impl Write, label: &str, timeline: &Timeline) -> Result<(), Stop> {
    for step in timeline.steps.iter().take(STEPS_MAX) {
        let answers: Vec<String> = step.answers.iter().map(in_words).collect();
        let shares = [("dead", step.shares.dead), ("no answer", step.shares.none)];
        let bad: Vec<String> = shares
            .into_iter()
            .filter(|(_, share)| *share > 0.0)
            .map(|(word, share)| format!("{word} {}", percent(share)))
            .collect();
        let bad = if bad.is_empty() { String::new() } else { format!("  {STRONG}{}{STRONG:#}", bad.join(", ")) };
        writeln!(out, "  {label}{}  {}{bad}", step.from, clean(&output::list(&as_strs(&answers), 4)))?;
    }
    let more = timeline.steps.len().saturating_sub(STEPS_MAX);
    if more > 0 {
        writeln!(out, "  {QUIET}{label}and {} more: --json{QUIET:#}", count(more, "change"))?;
    }
    Ok(())
}

fn as_strs(list: &[String]) -> Vec<&str> {
    list.iter().map(String::as_str).collect()
}

fn in_words(answer: &Possible) -> String {
    let values = if answer.values.is_empty() { "no answer".into() } else { answer.values.join("+") };
    if answer.probability >= 1.0 { values } else { format!("{values} ({})", percent(answer.probability)) }
}
