//! `pointsman fleet publish`, `rollback` and `diff`.

use std::io::Write as _;
use std::time::{Duration, Instant};

use clap::Args;
use pointsman_core::health::duration_ms;
use serde_json::{Value, json};

use super::document::{published, zone_of};
use super::feed::Feed;
use super::judge::{Worse, failing_open, worse};
use super::state::short;
use crate::exit::Stop;
use crate::load::ZoneFacts;
use crate::output::{self, BAD, GOOD, QUIET, clean};

/// How often a gate looks.
const LOOK: Duration = Duration::from_millis(500);
/// Of what is worse, so much is shown.
const SHOWN: usize = 20;

/// Check and drill a zone, and put it in force on the fleet, one location after the other if asked to
///
/// Refused when the zone has errors, when it is worse than the version in force and --accept was not given, and when
/// somebody else published meanwhile.
#[derive(Debug, Args)]
pub(crate) struct Publish {
    /// The documents of one zone
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,

    #[command(flatten)]
    facts: ZoneFacts,

    /// Locations that get it, in this order; the others keep what they have
    #[arg(long, value_name = "LOCATION[,LOCATION]|all", value_delimiter = ',', default_value = "all")]
    to: Vec<String>,

    /// Publish only over the version with this digest, or its beginning
    #[arg(long, value_name = "DIGEST")]
    expect: Option<String>,

    /// Publish it though it is worse than the version in force
    #[arg(long)]
    accept: bool,

    /// After each location wait so long, and stop there when a check flaps, a name fails open or the report freezes
    #[arg(long, value_name = "TIME", value_parser = time)]
    gate: Option<Duration>,

    /// Why; whoever looks at the fleet reads it
    #[arg(long, value_name = "TEXT")]
    why: String,

    #[command(flatten)]
    feed: Feed,

    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn time(word: &str) -> Result<Duration, String> {
    duration_ms(word).filter(|ms| *ms > 0).map(Duration::from_millis).ok_or_else(|| "a time such as 90s or 30m".into())
}

/// The state of a published zone.
struct Before {
    number: u64,
    digest: Option<String>,
    document: Option<String>,
}

impl Before {
    /// What is in force at a location, or everywhere.
    fn of(feed: &Feed, zone: &str, location: Option<&str>) -> Result<Self, Stop> {
        let Some(state) = feed.json(&format!("/v1/fleet/zones/{zone}"))? else {
            feed.fleet()?;
            return Ok(Self { number: 0, digest: None, document: None });
        };
        let at = location.and_then(|location| state.get("At")?.get(location)?.as_str());
        let digest = at.or_else(|| state.get("Digest")?.as_str()).map(String::from);
        let document = match &digest {
            Some(digest) => feed.get(&format!("/v1/fleet/zones/{zone}/{digest}"))?,
            None => None,
        };
        Ok(Self { number: state.get("Number").and_then(Value::as_u64).unwrap_or_default(), digest, document })
    }
}

impl Publish {
    pub(super) fn run(self) -> Result<(), Stop> {
        let new = published(&self.facts, &self.files)?;
        let name = new.zone.name.to_string();
        let is_all = self.to == ["all"];
        let first = self.to.first().filter(|_| !is_all).map(String::as_str);
        let before = Before::of(&self.feed, &name, first)?;
        if let Some(expect) = &self.expect
            && !before.digest.as_deref().is_some_and(|digest| digest.starts_with(expect.as_str()))
        {
            let digest = before.digest.as_deref().map_or("no version at all", short);
            return Err(Stop::cannot(
                format!("{digest} is in force, and not {expect}"),
                "look at it with `pointsman fleet diff`, and publish over what is there",
            ));
        }
        let worse = worse(before.document.as_deref().and_then(zone_of), new.zone);
        if !worse.what.is_empty() && !self.accept {
            show(&worse)?;
            return Err(Stop::cannot(
                format!("{name} gets worse in {}, and is not published", output::count(worse.what.len(), "way")),
                "mend it, or publish it with --accept",
            ));
        }
        let stages: Vec<Option<&String>> = if is_all { vec![None] } else { self.to.iter().map(Some).collect() };
        let mut number = before.number;
        let last = stages.len();
        for (at, location) in stages.into_iter().enumerate() {
            let to = location.map(|location| vec![location]);
            let body = json!({"Body": new.text, "To": to, "Expect": number, "Why": self.why});
            let done = self.feed.post(&format!("/v1/fleet/zones/{name}"), &body)?;
            number = done.get("Number").and_then(Value::as_u64).unwrap_or(number.saturating_add(1));
            let digest = done.get("Digest").and_then(Value::as_str).unwrap_or_default();
            let place = location.map_or("everywhere", String::as_str);
            if self.json {
                let mut line = worse.to_json();
                if let Some(line) = line.as_object_mut() {
                    line.extend([("Zone".into(), name.clone().into()), ("Digest".into(), digest.into())]);
                    line.extend([("Number".into(), number.into()), ("To".into(), place.into())]);
                }
                output::line(&line.to_string())?;
            } else {
                writeln!(
                    output::stdout(),
                    "{GOOD}published{GOOD:#} {name} {} to {}, number {number}",
                    short(digest),
                    clean(place)
                )?;
            }
            if let Some(gate) = self.gate.filter(|_| at.saturating_add(1) < last) {
                self.wait(gate, &name, &new.text, place)?;
            }
        }
        Ok(())
    }

    /// Waits and watches; what goes wrong stops the rollout where it is.
    fn wait(&self, gate: Duration, zone: &str, document: &str, place: &str) -> Result<(), Stop> {
        let path = format!("/v1/zones/{zone}/status");
        let flaps = || -> Result<u64, Stop> {
            let status =
                self.feed.json(&path)?.ok_or_else(|| Stop::cannot(format!("the watch does not have {zone}"), ""))?;
            let lists = ["HealthChecks", "AliasTargets"].into_iter().filter_map(|list| status.get(list)?.as_array());
            Ok(lists.flatten().filter_map(|item| item.get("Flaps")?.as_u64()).sum())
        };
        let health = format!("/v1/zones/{zone}/health");
        let open = || -> Result<_, Stop> { Ok(failing_open(document, &self.feed.get(&health)?.unwrap_or_default())) };
        let (start, first, first_open) = (Instant::now(), flaps()?, open()?);
        while start.elapsed() < gate {
            std::thread::sleep(LOOK.min(gate));
            let fleet = self.feed.fleet()?;
            let zones = fleet.get("Zones").and_then(Value::as_array).into_iter().flatten();
            let frozen = zones.filter(|one| one.get("Name").and_then(Value::as_str) == Some(zone));
            let is_frozen = frozen.into_iter().any(|one| one.get("Frozen").and_then(Value::as_bool) == Some(true));
            let now = flaps()?;
            let new_open: Vec<String> = open()?.difference(&first_open).cloned().collect();
            let problem = if !new_open.is_empty() {
                let names: Vec<&str> = new_open.iter().map(String::as_str).collect();
                format!("nothing is healthy behind {}, and it fails open", output::list(&names, 5))
            } else if now > first {
                format!(
                    "{} since",
                    output::count(usize::try_from(now.saturating_sub(first)).unwrap_or(usize::MAX), "flap")
                )
            } else if is_frozen {
                "the report is frozen".to_owned()
            } else if let Some(lost) = fleet.get("Lost").and_then(Value::as_str) {
                format!("the fleet cannot be reached: {lost}")
            } else {
                continue;
            };
            return Err(Stop::cannot(
                format!("stopped after {place}: {problem}; the locations behind it keep what they have"),
                format!("`pointsman fleet rollback {zone} --why TEXT` goes back"),
            ));
        }
        Ok(())
    }
}

/// Go back to an earlier version of a zone, everywhere, in one step
#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// The zone
    #[arg(value_name = "ZONE")]
    zone: String,

    /// The version, by its digest or the beginning of it [default: the one everywhere, while a rollout is under way, or else
    /// the one before the newest]
    #[arg(long, value_name = "DIGEST")]
    version: Option<String>,

    /// Why; whoever looks at the fleet reads it
    #[arg(long, value_name = "TEXT")]
    why: String,

    #[command(flatten)]
    feed: Feed,
}

impl Rollback {
    pub(super) fn run(self) -> Result<(), Stop> {
        let name = format!("{}.", self.zone.trim_end_matches('.').to_ascii_lowercase());
        let none = || Stop::cannot(format!("{name} was never published"), "`pointsman fleet status` lists what was");
        let state = self.feed.json(&format!("/v1/fleet/zones/{name}"))?.ok_or_else(none)?;
        let everywhere = state.get("Digest").and_then(Value::as_str);
        let is_staged = state.get("At").and_then(Value::as_object).is_some_and(|at| !at.is_empty());
        let kept = state.get("Versions").and_then(Value::as_array).into_iter().flatten();
        let kept: Vec<&str> = kept.filter_map(|version| version.get("Digest")?.as_str()).collect();
        let digest = match (&self.version, everywhere) {
            (Some(wanted), _) => kept.iter().copied().find(|digest| digest.starts_with(wanted.as_str())),
            (None, Some(everywhere)) if is_staged => Some(everywhere),
            (None, Some(everywhere)) => {
                let at = kept.iter().position(|digest| *digest == everywhere);
                at.and_then(|at| kept.get(at.saturating_add(1))).copied()
            }
            (None, None) => None,
        };
        let help = "`pointsman fleet status` lists the versions that are kept";
        let digest = digest.ok_or_else(|| Stop::cannot("there is no such earlier version", help))?;
        let number = state.get("Number").and_then(Value::as_u64).unwrap_or_default();
        let body = json!({"Digest": digest, "Expect": number, "Why": self.why});
        self.feed.post(&format!("/v1/fleet/zones/{name}"), &body)?;
        writeln!(output::stdout(), "{GOOD}back{GOOD:#} at {} everywhere: {name}", short(digest))?;
        Ok(())
    }
}

/// Show what publishing would change, and what it would make worse
///
/// Exits 1 when something gets worse.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The documents of one zone
    #[arg(value_name = "FILE", required = true)]
    files: Vec<String>,

    #[command(flatten)]
    facts: ZoneFacts,

    /// Compare with what this location has
    #[arg(long, value_name = "LOCATION")]
    at: Option<String>,

    #[command(flatten)]
    feed: Feed,

    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

impl Diff {
    pub(super) fn run(self) -> Result<(), Stop> {
        let new = published(&self.facts, &self.files)?;
        let name = new.zone.name.to_string();
        let before = Before::of(&self.feed, &name, self.at.as_deref())?;
        let worse = worse(before.document.as_deref().and_then(zone_of), new.zone);
        if self.json {
            output::line(&worse.to_json().to_string())?;
        } else {
            let mut out = output::stdout();
            let digest = before.digest.as_deref().map_or("no version", short);
            let changes = output::count(worse.changes.len(), "name and type");
            writeln!(out, "{name} over {digest}: {changes} answered otherwise, {} worse", worse.what.len())?;
            for change in &worse.changes {
                writeln!(out, "  {}", clean(change))?;
            }
            show(&worse)?;
        }
        if worse.what.is_empty() { Ok(()) } else { Err(Stop::No) }
    }
}

fn show(worse: &Worse) -> Result<(), Stop> {
    let mut out = output::stdout();
    for what in worse.what.iter().take(SHOWN) {
        writeln!(out, "{BAD}worse{BAD:#} {}", clean(what))?;
    }
    if let Some(more @ 1..) = worse.what.len().checked_sub(SHOWN) {
        writeln!(out, "and {more} more")?;
    }
    writeln!(out, "{QUIET}{}{QUIET:#}", clean(&worse.claim.to_string()))?;
    Ok(())
}
