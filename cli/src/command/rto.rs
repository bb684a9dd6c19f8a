//! `pointsman rto`: how long until clients have moved.

use std::io::Write;

use clap::Args;
use comfy_table::{Cell, CellAlignment, Table, presets};
use pointsman_core::model::{Name, RecordType};
use pointsman_verify::rto::{Options, Recovery, Unknown, Wanted, chart, failures, hold, question, recovery, ttl_for};
use pointsman_verify::subject::Subject;
use pointsman_verify::text::percent;
use serde_json::json;

use super::drill::read_facts;
use crate::exit::Stop;
use crate::load::ZoneArguments;
use crate::output::{self, QUIET, STRONG, WARN, clean};
use crate::question::record_type;
use crate::source::Reader;

/// Show how long clients stay with what is dead: detection, TTL, and what resolvers and clients do with it
///
/// Without --down, each endpoint and each failure domain of the name. Figures are percentiles over clients; what was
/// assumed is said. Exits 1 when --want is given and some failure takes longer.
#[derive(Debug, Args)]
#[command(override_usage = "pointsman rto <NAME> <TYPE> -z <FILE>... [OPTIONS]")]
pub(crate) struct Rto {
    /// The name that clients ask for
    #[arg(value_parser = |word: &str| Name::parse(word).map_err(|error| error.to_string()))]
    name: Name,

    /// The record type
    #[arg(value_name = "TYPE", value_parser = record_type(), hide_possible_values = true, ignore_case = true)]
    record_type: RecordType,

    #[command(flatten)]
    zone: ZoneArguments,

    /// What dies: a value, an alias target, a Region, or a name from [domains]; each --down is a failure of its own
    #[arg(long, value_name = "WHAT")]
    down: Vec<String>,

    /// A TOML file with what the zone does not say: [domains], [regions], traffic of [clients], [[resolvers]]
    #[arg(long, value_name = "FILE")]
    facts: Option<String>,

    /// The seconds within which --percentile of clients have to have moved
    #[arg(long, value_name = "SECONDS")]
    want: Option<f64>,

    /// The percentile that --want speaks of
    #[arg(long, value_name = "P", default_value_t = 99.0, value_parser = percentile)]
    percentile: f64,

    /// Requests a second of all clients together, for what is lost
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = rate)]
    rate: f64,

    /// Write a chart of clients on the dead endpoint over time
    #[arg(long, value_name = "FILE")]
    svg: Option<String>,

    /// The seed of the simulation
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

fn percentile(word: &str) -> Result<f64, String> {
    let wrong = "a percentile is a number above 0 and below 100";
    word.parse().ok().filter(|value| *value > 0.0 && *value < 100.0).ok_or_else(|| wrong.into())
}

fn rate(word: &str) -> Result<f64, String> {
    word.parse()
        .ok()
        .filter(|value| (0.0..=1e12).contains(value))
        .ok_or_else(|| "a rate is a number from 0 to 1e12".into())
}

impl Rto {
    pub(super) fn run(self) -> Result<(), Stop> {
        let mut reader = Reader::default();
        let facts = read_facts(self.facts.as_deref(), &mut reader)?;
        let subject = Subject::new(self.zone.load(&mut reader)?, facts);
        let unknown = |unknown: Unknown| Stop::cannot(unknown.message, unknown.help);
        let question = question(&subject, &self.name, self.record_type).map_err(unknown)?;
        let worlds = failures(&subject, question, &self.down).map_err(unknown)?;
        let mut options = Options { seed: self.seed, ..Options::default() };
        if !subject.facts.resolvers.is_empty() {
            options.resolvers.clone_from(&subject.facts.resolvers);
        }
        let recoveries: Vec<Recovery> =
            worlds.iter().filter_map(|world| recovery(&subject, question, world, &options)).collect();
        if let Some(file) = &self.svg {
            let title = format!("{} {}: clients on a dead endpoint", self.name, self.record_type);
            std::fs::write(file, chart(&title, &recoveries))
                .map_err(|error| Stop::cannot(format!("cannot write `{file}`: {error}"), "check the path"))?;
        }
        if self.json {
            let wanted = self.want.map(|seconds| Wanted { seconds, percentile: self.percentile });
            let all: Vec<_> = recoveries.iter().map(|recovery| recovery.to_json_with(wanted)).collect();
            output::line(
                &json!({"name": self.name.to_string(), "type": self.record_type.as_str(), "recoveries": all})
                    .to_string(),
            )?;
        } else {
            self.show(&recoveries, &options)?;
        }
        let is_late =
            |recovery: &Recovery| self.want.is_some_and(|want| !recovery.meets(want, self.percentile / 100.0));
        if recoveries.iter().any(is_late) { Err(Stop::No) } else { Ok(()) }
    }

    fn show(&self, recoveries: &[Recovery], options: &Options) -> Result<(), Stop> {
        let mut out = output::stdout();
        writeln!(out, "{STRONG}{} {}{STRONG:#}  seconds until clients have moved", self.name, self.record_type)?;
        let mut table = Table::new();
        table.load_style(presets::NOTHING);
        table.set_header(["failure", "clients hit", "ttl", "detected p50", "p99", "moved p50", "p90", "p99", "lost"]);
        let seconds = |value: f64| Cell::new(format!("{value:.0}")).set_alignment(CellAlignment::Right);
        for one in recoveries {
            let mut row = vec![
                Cell::new(clean(&one.failure)),
                Cell::new(percent(one.affected)).set_alignment(CellAlignment::Right),
            ];
            row.push(Cell::new(one.ttl).set_alignment(CellAlignment::Right));
            if one.affected - one.stuck <= 0.0 {
                row.extend((0..5).map(|_| Cell::new("never").set_alignment(CellAlignment::Right)));
                row.push(Cell::new("all of it").set_alignment(CellAlignment::Right));
            } else {
                row.extend([one.detected[0], one.detected[2]].map(seconds));
                row.extend(one.recovered.map(seconds));
                row.push(
                    Cell::new(format!("{:.0} requests", one.lost() * self.rate)).set_alignment(CellAlignment::Right),
                );
            }
            table.add_row(row);
        }
        for line in table.lines() {
            writeln!(out, " {}", line.trim_end())?;
        }
        if recoveries.is_empty() {
            writeln!(out, "  no client is sent to what fails")?;
        }
        for one in recoveries {
            self.show_rest(&mut out, one, options)?;
        }
        let mut assumed: Vec<&str> = recoveries.iter().flat_map(|one| one.assumed.iter().copied()).collect();
        assumed.dedup();
        if options.resolvers == hold::assumed() {
            assumed.push(
                "75 % of clients hold answers as the TTL says, 15 % for another 60 s of their own, 5 % behind resolvers that keep \
                 everything for 300 s, 5 % behind resolvers that serve expired answers for 30 s more; [[resolvers]] in --facts \
                 changes that",
            );
        }
        for one in assumed {
            writeln!(out, "{QUIET}assumed{QUIET:#} {one}")?;
        }
        Ok(())
    }

    fn show_rest(&self, out: &mut impl Write, one: &Recovery, options: &Options) -> Result<(), Stop> {
        let failure = clean(&one.failure);
        if one.stuck > 0.0 {
            writeln!(
                out,
                "{WARN}stuck{WARN:#}  {failure}: {} of clients are still sent there when everything that notices has turned; `pointsman drill` tells why",
                percent(one.stuck)
            )?;
        }
        if one.clients != "every client" {
            writeln!(out, "{QUIET}asked{QUIET:#}  {failure}: by {}, whom it hits most", clean(&one.clients))?;
        } else if one.affected > 0.999 && one.endpoints > 1 && one.stuck <= 0.0 {
            let share = 1.0 / one.endpoints as f64;
            writeln!(
                out,
                "{QUIET}beside{QUIET:#} {failure}: active-passive, all clients wait; shared evenly among {} endpoints, {} would, as long: {:.0} requests lost",
                one.endpoints,
                percent(share),
                one.lost() * self.rate * share
            )?;
        }
        match self.want {
            Some(want) => self.show_want(out, one, options, want),
            None => Ok(()),
        }
    }

    /// Whether it is fast enough, by the same figure as the exit code; and what would make it so.
    fn show_want(&self, out: &mut impl Write, one: &Recovery, options: &Options, want: f64) -> Result<(), Stop> {
        let failure = clean(&one.failure);
        let percentile = self.percentile;
        let probability = percentile / 100.0;
        if one.meets(want, probability) {
            writeln!(out, "wanted {failure}: {want} s at p{percentile} is met")?;
            return Ok(());
        }
        let Some(takes) = one.takes(probability) else {
            writeln!(out, "wanted {failure}: {want} s at p{percentile} is not met: some clients never move")?;
            return Ok(());
        };
        // One detection that moves everything has a closed form, and so has the TTL that it leaves room for.
        let ttl = match one.turns.as_slice() {
            [(_, detection)] if one.closed_form => {
                ttl_for(*detection, &options.resolvers, want, probability).ok_or(detection)
            }
            _ => {
                writeln!(out, "wanted {failure}: {want} s at p{percentile} is not met: it takes {takes:.0} s")?;
                return Ok(());
            }
        };
        match ttl {
            Ok(0) => writeln!(out, "wanted {failure}: {want} s at p{percentile} takes TTL 0, which nothing may cache")?,
            Ok(ttl) => writeln!(
                out,
                "wanted {failure}: {want} s at p{percentile} takes a TTL of at most {ttl} s, {:.1} times the queries of {} s",
                f64::from(one.ttl) / f64::from(ttl),
                one.ttl
            )?,
            Err(detection) => writeln!(
                out,
                "wanted {failure}: no TTL gives {want} s at p{percentile}: detection takes {:.0} to {:.0} s, and some caches keep their own time; look at RequestInterval and FailureThreshold",
                detection.fixed,
                detection.fixed + detection.spread
            )?,
        }
        Ok(())
    }
}
