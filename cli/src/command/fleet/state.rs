//! `pointsman fleet status` and `pointsman fleet rules`.

use std::io::Write as _;

use clap::Args;
use pointsman_core::health::HealthyAbove;
use serde_json::{Value, json};

use super::feed::Feed;
use crate::exit::Stop;
use crate::output::{self, BAD, GOOD, QUIET, STRONG, WARN, clean};

/// Show who takes part, who decides, and which version of each zone is where
///
/// Exits 1 when the watch is cut off, a report is frozen, or a version is not in force.
#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    feed: Feed,

    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl Status {
    pub(super) fn run(self) -> Result<(), Stop> {
        let fleet = self.feed.fleet()?;
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or("-").to_owned();
        let list = |value: &Value, key: &str| value.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        let is = |value: &Value, key: &str| value.get(key).and_then(Value::as_bool) == Some(true);
        let lost = fleet.get("Lost").and_then(Value::as_str);
        let frozen = list(&fleet, "Zones").iter().any(|zone| is(zone, "Frozen"));
        let problems = list(&fleet, "Published").iter().any(|zone| zone.get("Problem").is_some_and(Value::is_string));
        let is_well = lost.is_none() && !frozen && !problems;
        if self.json {
            output::line(&fleet.to_string())?;
            return if is_well { Ok(()) } else { Err(Stop::No) };
        }
        let mut out = output::stdout();
        let above = text(&fleet, "HealthyAbove");
        writeln!(out, "{STRONG}{}{STRONG:#}  healthy above {above}", clean(&text(&fleet, "Fleet")))?;
        if let Some(lost) = lost {
            writeln!(out, "{BAD}cut off{BAD:#}: {}", clean(lost))?;
        }
        let leader = text(&fleet, "Leader");
        for member in list(&fleet, "Members") {
            let id = text(&member, "Id");
            let leads = if id == leader { "  leader" } else { "" };
            writeln!(out, "  {GOOD}lives{GOOD:#}  {:<20} {}{leads}", clean(&id), clean(&text(&member, "Location")))?;
        }
        for zone in list(&fleet, "Zones") {
            let number = |key: &str| zone.get(key).and_then(Value::as_u64).unwrap_or_default();
            let (probers, quorum) = (number("Probers"), number("Quorum"));
            let name = text(&zone, "Name");
            match is(&zone, "Frozen") {
                true => writeln!(out, "{WARN}frozen{WARN:#} {name}: {probers} probers, {quorum} have to decide")?,
                false => writeln!(out, "{name}: {probers} probers, {quorum} have to decide")?,
            }
        }
        for zone in list(&fleet, "Published") {
            let number = zone.get("Number").and_then(Value::as_u64).unwrap_or_default();
            writeln!(
                out,
                "{STRONG}{}{STRONG:#} at number {number}: {}",
                clean(&text(&zone, "Name")),
                clean(&text(&zone, "Why"))
            )?;
            writeln!(out, "  everywhere   {}", short(&text(&zone, "Digest")))?;
            for (location, digest) in zone.get("At").and_then(Value::as_object).into_iter().flatten() {
                writeln!(out, "  {:<12} {}", clean(location), short(digest.as_str().unwrap_or_default()))?;
            }
            if let Some(problem) = zone.get("Problem").and_then(Value::as_str) {
                writeln!(out, "  {BAD}not in force here{BAD:#}: {}", clean(problem))?;
            }
            for version in list(&zone, "Versions") {
                let digest = text(&version, "Digest");
                writeln!(out, "  {QUIET}kept  {}  {}{QUIET:#}", short(&digest), clean(&text(&version, "Why")))?;
            }
        }
        if is_well { Ok(()) } else { Err(Stop::No) }
    }
}

/// The beginning of a digest, which is enough for people.
pub(super) fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

/// Change what all watches of the fleet go by
#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// What share or number of the probers has to be exceeded for a check to be healthy: 18%, 50%, 2
    #[arg(long, value_name = "SHARE|N", required_unless_present = "quorum")]
    healthy_above: Option<HealthyAbove>,

    /// How many probers decide: a number, or half of those seen within a day
    #[arg(long, value_name = "N|half")]
    quorum: Option<String>,

    /// Why; whoever looks at the rules reads it
    #[arg(long, value_name = "TEXT")]
    why: String,

    #[command(flatten)]
    feed: Feed,
}

impl Rules {
    pub(super) fn run(self) -> Result<(), Stop> {
        let above = self.healthy_above.map(|above| above.to_string());
        let body = json!({"HealthyAbove": above, "Quorum": self.quorum, "Why": self.why});
        let rules = self.feed.post("/v1/fleet/rules", &body)?;
        let above = rules.get("HealthyAbove").and_then(Value::as_str).unwrap_or_default();
        let quorum = match rules.get("Quorum").and_then(Value::as_u64) {
            Some(number) => format!("{number} probers decide"),
            None => "half of the probers seen within a day decide".into(),
        };
        writeln!(output::stdout(), "{GOOD}set{GOOD:#}: healthy above {above}, {quorum}")?;
        Ok(())
    }
}
