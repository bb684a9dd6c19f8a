//! `pointsman fleet drill`: takes something out, watches, and restores it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Map, Value, json};

use super::feed::Feed;
use super::judge::{Answered, answered};
use super::publish::time;
use crate::exit::Stop;
use crate::output::{self, BAD, GOOD, QUIET, STRONG, WARN, clean};

/// How often it looks.
const LOOK: Duration = Duration::from_millis(250);
/// A force lasts longer than the drill by this, so that the drill ends it and not its time.
const MARGIN_SECONDS: u64 = 30;

/// Take a Region or a check out on the whole fleet, watch what answers do, and restore it
///
/// Stops and restores at once when something else becomes unhealthy, a name fails open that did not, a report freezes, or
/// the fleet is out of reach; --keep-going only writes it down. Exits 1 when anything of that happened, or when what was
/// taken out is not back in time. When the command itself is ended, the force ends with its time.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("what").required(true).args(["region", "check", "alias_target"])))]
pub(crate) struct Drill {
    /// What decides the record sets of a Region, down to the leaves, and the alias targets that bear its name
    #[arg(long, value_name = "REGION")]
    region: Option<String>,

    /// A health check
    #[arg(long, value_name = "ID")]
    check: Option<String>,

    /// What an alias leads to
    #[arg(long, value_name = "DNS NAME")]
    alias_target: Option<String>,

    /// Only in this zone, where a watch has several
    #[arg(long, value_name = "NAME")]
    zone: Option<String>,

    /// For how long: 90s, 30m
    #[arg(long = "for", value_name = "TIME", value_parser = time, default_value = "5m")]
    duration: Duration,

    /// How long it may take to be as before once it is restored
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "2m")]
    settle: Duration,

    /// Go on for the whole time, whatever happens
    #[arg(long)]
    keep_going: bool,

    /// Why; whoever looks at the status reads it
    #[arg(long, value_name = "TEXT")]
    why: String,

    #[command(flatten)]
    feed: Feed,

    /// Print JSON, one line an event
    #[arg(long)]
    pub(super) json: bool,
}

/// A zone, its check or alias target, and which of the two it is.
type Item = (String, &'static str, String);

/// What a look at the fleet found.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Seen {
    /// What each check counts as.
    statuses: BTreeMap<Item, String>,
    /// Those that are forced, and why.
    forced: BTreeMap<Item, String>,
    /// What each name of a published zone is answered with, for a client of whom nothing is known and with draw 0.
    answers: BTreeMap<String, Answered>,
    /// Why the fleet decides nothing at the moment.
    trouble: Option<String>,
}

/// The log of the drill.
struct Log {
    start: Instant,
    is_json: bool,
}

impl Log {
    fn event(&self, event: &str, style: anstyle::Style, text: &str, facts: Value) -> Result<(), Stop> {
        let seconds = self.start.elapsed().as_secs_f64();
        if self.is_json {
            let mut line = Map::new();
            line.insert("Seconds".into(), ((seconds * 1000.0).round() / 1000.0).into());
            line.insert("Event".into(), event.into());
            line.extend(facts.as_object().cloned().unwrap_or_default());
            return Ok(output::line(&Value::Object(line).to_string())?);
        }
        writeln!(output::stdout(), "{QUIET}{seconds:>8.1} s{QUIET:#}  {style}{event}{style:#}  {}", clean(text))?;
        Ok(())
    }
}

impl Drill {
    pub(super) fn run(self) -> Result<(), Stop> {
        let zones = self.zones()?;
        let documents: BTreeMap<&String, Option<String>> = zones
            .iter()
            .map(|zone| Ok((zone, self.feed.get(&format!("/v1/zones/{zone}/zone"))?)))
            .collect::<Result<_, Stop>>()?;
        let before = self.look(&documents)?;
        if let Some(trouble) = &before.trouble {
            return Err(Stop::cannot(format!("nothing is taken out: {trouble}"), "`pointsman fleet status` says more"));
        }
        let log = Log { start: Instant::now(), is_json: self.json };
        let what = self.region.as_ref().or(self.check.as_ref()).or(self.alias_target.as_ref());
        let what = what.map_or("", String::as_str);
        let unpublished: Vec<&str> =
            documents.iter().filter(|(_, document)| document.is_none()).map(|(zone, _)| zone.as_str()).collect();
        let facts = json!({"What": what, "Zones": zones, "Why": self.why, "For": self.duration.as_secs_f64(),
            "Time": self.feed.fleet_time(&zones)?, "AnswersNotLookedAt": unpublished});
        log.event("begins", STRONG, &format!("{what} for {} s: {}", self.duration.as_secs(), self.why), facts)?;
        if !unpublished.is_empty() {
            let message = format!("answers of {} are not looked at", output::list(&unpublished, 5));
            output::warning(&message, "publish the zone to the fleet, so that they can be");
        }
        let taken = self.take_out(&log)?;
        let watched = self.watch(&log, &documents, &before, &taken);
        // Whatever happened meanwhile, it is restored.
        let wanted = matches!(watched, Ok(true)).then_some(&before.answers);
        let restored = self.restore(&log, &documents, &before, &taken, wanted);
        let is_well = watched? & restored?;
        let (style, word) = if is_well { (GOOD, "as it should be") } else { (BAD, "not as it should be") };
        log.event("ends", style, word, json!({"Well": is_well}))?;
        if is_well { Ok(()) } else { Err(Stop::No) }
    }

    fn zones(&self) -> Result<Vec<String>, Stop> {
        self.feed.fleet()?;
        if let Some(zone) = &self.zone {
            return Ok(vec![format!("{}.", zone.trim_end_matches('.').to_ascii_lowercase())]);
        }
        let zones = self.feed.json("/v1/zones")?.unwrap_or_default();
        let zones = zones.get("Zones").and_then(Value::as_array).into_iter().flatten();
        Ok(zones.filter_map(|zone| zone.get("Name")?.as_str()).map(String::from).collect())
    }

    /// Forces what is to be taken out.
    fn take_out(&self, log: &Log) -> Result<Vec<Item>, Stop> {
        let seconds = self.duration.as_secs().saturating_add(self.settle.as_secs()).saturating_add(MARGIN_SECONDS);
        let done = self.feed.post(
            "/v1/force",
            &json!({"Zone": self.zone, "Region": self.region, "HealthCheck": self.check,
            "AliasTarget": self.alias_target, "Status": "down", "For": format!("{seconds}s"), "Why": self.why}),
        )?;
        let seen = self.forced()?;
        let names = |list: &'static str| done.get(list).and_then(Value::as_array).into_iter().flatten();
        let mut taken = Vec::new();
        for list in LISTS {
            for id in names(list).filter_map(Value::as_str) {
                let own = seen.iter().filter(|((_, own, name), _)| *own == list && name == id);
                taken.extend(own.map(|(item, _)| item.clone()));
            }
        }
        let ids: Vec<&str> = taken.iter().map(|(_, _, id)| id.as_str()).collect();
        let left: Vec<&str> = names("OutOfReach").filter_map(Value::as_str).collect();
        let mut text = format!("{}, everywhere", output::list(&ids, 10));
        if !left.is_empty() {
            text = format!("{text}; record sets that stay all the same: {}", output::list(&left, 10));
        }
        log.event("taken out", WARN, &text, json!({"Items": ids, "OutOfReach": left}))?;
        Ok(taken)
    }

    /// What is forced with this drill's reason, once the watch that took the request has seen it.
    fn forced(&self) -> Result<BTreeMap<Item, String>, Stop> {
        let start = Instant::now();
        loop {
            let seen = self.look(&BTreeMap::new())?;
            let own: BTreeMap<Item, String> = seen.forced.into_iter().filter(|(_, why)| *why == self.why).collect();
            if !own.is_empty() || start.elapsed() > self.settle {
                return Ok(own);
            }
            std::thread::sleep(LOOK);
        }
    }

    /// Watches for the time of the drill; whether nothing happened that should not.
    fn watch(
        &self,
        log: &Log,
        documents: &BTreeMap<&String, Option<String>>,
        before: &Seen,
        taken: &[Item],
    ) -> Result<bool, Stop> {
        let (start, mut last, mut is_well) = (Instant::now(), before.clone(), true);
        while start.elapsed() < self.duration {
            let seen = self.look(documents)?;
            for problem in tell(log, &last, &seen, before, taken)? {
                is_well = false;
                log.event("problem", BAD, &problem, json!({"Problem": problem}))?;
            }
            if !is_well && !self.keep_going {
                return Ok(false);
            }
            last = seen;
            std::thread::sleep(LOOK);
        }
        Ok(is_well)
    }

    /// Lets go of what the drill took out, and waits until that is as before, and so are these answers.
    fn restore(
        &self,
        log: &Log,
        documents: &BTreeMap<&String, Option<String>>,
        before: &Seen,
        taken: &[Item],
        answers: Option<&BTreeMap<String, Answered>>,
    ) -> Result<bool, Stop> {
        let start = Instant::now();
        let mut last = self.look(documents)?;
        // Somebody may have replaced a force of this drill meanwhile; that one stays.
        let is_own = |item: &Item| last.forced.get(item).is_none_or(|why| *why == self.why);
        let others = taken.iter().filter(|item| !is_own(item)).count();
        if others == 0 {
            let body = json!({"Zone": self.zone, "Region": self.region, "HealthCheck": self.check,
                "AliasTarget": self.alias_target, "Status": "clear"});
            self.clear(&body, start)?;
        } else {
            for (zone, list, id) in taken.iter().filter(|item| is_own(item)) {
                let key = if *list == "HealthChecks" { "HealthCheck" } else { "AliasTarget" };
                let mut body = json!({"Zone": zone, "Status": "clear"});
                body.as_object_mut().map(|body| body.insert(key.into(), id.as_str().into()));
                self.clear(&body, start)?;
            }
        }
        let mine = taken.len().saturating_sub(others);
        log.event("restored", GOOD, &output::count(mine, "force"), json!({"Items": mine, "LeftToOthers": others}))?;
        loop {
            let seen = self.look(documents)?;
            for problem in tell(log, &last, &seen, before, taken)? {
                log.event("problem", BAD, &problem, json!({"Problem": problem}))?;
            }
            let is_back = taken
                .iter()
                .all(|item| !seen.forced.contains_key(item) && seen.statuses.get(item) == before.statuses.get(item));
            let took = start.elapsed();
            if is_back && answers.is_none_or(|answers| seen.answers == *answers) {
                let text = format!("{:.1} s after it was restored", took.as_secs_f64());
                log.event("as before", GOOD, &text, json!({"After": took.as_secs_f64()}))?;
                return Ok(true);
            }
            if took > self.settle {
                let missing: Vec<&str> = taken
                    .iter()
                    .filter(|item| seen.statuses.get(item) != before.statuses.get(item))
                    .map(|(_, _, id)| id.as_str())
                    .collect();
                let text = format!("after {} s: {}", took.as_secs(), output::list(&missing, 10));
                log.event("not as before", BAD, &text, json!({"After": took.as_secs_f64(), "Items": missing}))?;
                return Ok(false);
            }
            last = seen;
            std::thread::sleep(LOOK);
        }
    }

    /// Lets go; etcd may be without a leader at that moment.
    fn clear(&self, body: &Value, start: Instant) -> Result<(), Stop> {
        loop {
            match self.feed.post("/v1/force", body) {
                Ok(_) => return Ok(()),
                Err(stop) if start.elapsed() > self.settle => return Err(stop),
                Err(_) => std::thread::sleep(LOOK),
            }
        }
    }

    fn look(&self, documents: &BTreeMap<&String, Option<String>>) -> Result<Seen, Stop> {
        let mut seen = Seen::default();
        let zones: Vec<String> = match documents.is_empty() {
            true => self.zones()?,
            false => documents.keys().map(|zone| (*zone).clone()).collect(),
        };
        for zone in &zones {
            let none = || Stop::cannot(format!("the watch does not have {zone}"), "--zone names one that it has");
            let status = self.feed.json(&format!("/v1/zones/{zone}/status"))?.ok_or_else(none)?;
            for list in LISTS {
                for item in status.get(list).and_then(Value::as_array).into_iter().flatten() {
                    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(String::from);
                    let Some(id) = text(item, "Id") else { continue };
                    let own = (zone.clone(), list, id);
                    if let Some(why) = item.get("Forced").and_then(|force| text(force, "Why")) {
                        seen.forced.insert(own.clone(), why);
                    }
                    seen.statuses.insert(own, text(item, "Status").unwrap_or_default());
                }
            }
            if let Some(Some(document)) = documents.get(zone) {
                let report = self.feed.get(&format!("/v1/zones/{zone}/health"))?.unwrap_or_default();
                seen.answers.extend(answered(document, &report));
            }
        }
        let fleet = self.feed.fleet()?;
        let frozen = fleet.get("Zones").and_then(Value::as_array).into_iter().flatten().find(|zone| {
            let name = zone.get("Name").and_then(Value::as_str).unwrap_or_default();
            zones.iter().any(|own| own == name) && zone.get("Frozen").and_then(Value::as_bool) == Some(true)
        });
        seen.trouble = match (fleet.get("Lost").and_then(Value::as_str), frozen) {
            (Some(lost), _) => Some(format!("the fleet cannot be reached: {lost}")),
            (None, Some(_)) => Some("a report is frozen: too few watches decide".into()),
            (None, None) => None,
        };
        Ok(seen)
    }
}

/// The lists of a status.
const LISTS: [&str; 2] = ["HealthChecks", "AliasTargets"];

/// Writes down what changed since the last look; returns what of it should not happen in a drill.
fn tell(log: &Log, last: &Seen, seen: &Seen, before: &Seen, taken: &[Item]) -> Result<Vec<String>, Stop> {
    let mut problems = Vec::new();
    for (item, status) in &seen.statuses {
        if last.statuses.get(item).is_none_or(|old| old == status) {
            continue;
        }
        let (zone, _, id) = item;
        log.event("check", QUIET, &format!("{id} is {status}"), json!({"Zone": zone, "Id": id, "Status": status}))?;
        if status == "unhealthy" && !taken.contains(item) {
            problems.push(format!("{id} became unhealthy, and is not what was taken out"));
        }
    }
    for (question, answer) in &seen.answers {
        if last.answers.get(question) == Some(answer) {
            continue;
        }
        let text = format!("{question}: {answer}");
        let facts = json!({"Question": question, "Values": answer.values, "FailOpen": answer.fail_open});
        log.event("answer", QUIET, &text, facts)?;
        if answer.fail_open && before.answers.get(question).is_some_and(|old| !old.fail_open) {
            problems.push(format!("{question} fails open: nothing is healthy behind it"));
        }
    }
    if let Some(trouble) = seen.trouble.as_ref().filter(|trouble| last.trouble.as_ref() != Some(*trouble)) {
        problems.push(trouble.clone());
    }
    Ok(problems)
}
