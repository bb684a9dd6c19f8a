//! `pointsman force`: holds something up or down in a running watch, or lets go of it.

use std::io::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use pointsman_watch::client::request_and_wait;
use pointsman_watch::force::duration_ms;
use serde_json::{Value, json};

use super::watch::token;
use crate::exit::Stop;
use crate::output::{self, GOOD};

/// How long a watch may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Hold a check, an alias target or a Region up or down in a running watch, for drills and maintenance
///
/// It shows in status, feed, log and page, with the reason. `--clear` lets go of it; alone, of everything.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("way").required(true).args(["down", "up", "clear", "release"])))]
#[command(group(clap::ArgGroup::new("what").args(["check", "alias_target", "region"]).conflicts_with("release")))]
pub(crate) struct Force {
    /// A health check
    #[arg(long, value_name = "ID")]
    check: Option<String>,

    /// What an alias leads to
    #[arg(long, value_name = "DNS NAME")]
    alias_target: Option<String>,

    /// What decides the record sets of a Region, down to the leaves, and the alias targets that bear its name
    #[arg(long, value_name = "REGION")]
    region: Option<String>,

    /// Only in this zone, where a watch has several
    #[arg(long, value_name = "NAME")]
    zone: Option<String>,

    /// It counts as unhealthy, whatever its probes report
    #[arg(long)]
    down: bool,

    /// It counts as healthy, whatever its probes report
    #[arg(long)]
    up: bool,

    /// What its probes report counts again
    #[arg(long)]
    clear: bool,

    /// Let a report follow the probes again that --hold-when-flips holds
    #[arg(long)]
    release: bool,

    /// For how long: 90s, 30m, 2h; without it until it is cleared
    #[arg(long = "for", value_name = "TIME", value_parser = time, conflicts_with = "clear")]
    duration: Option<String>,

    /// Why; whoever looks at the status reads it
    #[arg(long, value_name = "TEXT", required_unless_present = "clear")]
    why: Option<String>,

    /// In a fleet: replace the force that was written at this revision, or before
    #[arg(long, value_name = "REVISION", conflicts_with = "clear")]
    over: Option<i64>,

    /// The watch
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8053")]
    feed: String,

    /// A file with the watch's token; else the variable POINTSMAN_TOKEN
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,

    /// Print the watch's response as JSON
    #[arg(long)]
    pub(super) json: bool,
}

fn time(word: &str) -> Result<String, String> {
    match duration_ms(word) {
        Some(1..) => Ok(word.into()),
        _ => Err("a time such as 90s, 30m or 2h".into()),
    }
}

impl Force {
    pub(super) fn run(self) -> Result<(), Stop> {
        if !self.clear && !self.release && self.check.is_none() && self.alias_target.is_none() && self.region.is_none()
        {
            return Err(Stop::cannot(
                "nothing is named to force",
                "give --check ID, --alias-target NAME or --region REGION",
            ));
        }
        let help = "give the watch's token with --token-file or in POINTSMAN_TOKEN";
        let token = token(self.token_file.as_deref())?.ok_or_else(|| Stop::cannot("there is no token", help))?;
        if self.release {
            return self.release(&token);
        }
        let status = if self.clear {
            "clear"
        } else if self.up {
            "up"
        } else {
            "down"
        };
        let mut body = json!({
            "Zone": self.zone, "HealthCheck": self.check, "AliasTarget": self.alias_target, "Region": self.region,
            "Status": status, "For": self.duration, "Why": self.why,
        });
        if let (Some(over), Some(body)) = (self.over, body.as_object_mut()) {
            body.insert("Over".into(), over.into());
        }
        let (text, answer) = self.post("/v1/force", &token, &body)?;
        if self.json {
            output::line(text.trim())?;
            return Ok(());
        }
        let list = |key: &str| -> Vec<String> {
            let list = answer.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            list.iter().filter_map(Value::as_str).map(Into::into).collect()
        };
        let what: Vec<String> = [list("HealthChecks"), list("AliasTargets")].concat();
        let until = answer.get("Until").and_then(Value::as_str);
        let mut stdout = output::stdout();
        match (status, until) {
            ("clear", _) if what.is_empty() => writeln!(stdout, "nothing was forced")?,
            ("clear", _) => writeln!(stdout, "{GOOD}cleared{GOOD:#}: {}", what.join(", "))?,
            (way, Some(until)) => writeln!(stdout, "{GOOD}forced {way}{GOOD:#} until {until}: {}", what.join(", "))?,
            (way, None) => writeln!(stdout, "{GOOD}forced {way}{GOOD:#} until it is cleared: {}", what.join(", "))?,
        }
        let out_of_reach = list("OutOfReach");
        if !out_of_reach.is_empty() {
            let names: Vec<&str> = out_of_reach.iter().map(String::as_str).collect();
            let message =
                format!("record sets of the Region that stay healthy all the same: {}", output::list(&names, 10));
            let help = "they have no health check, or share it with another Region; force that with --check";
            output::warning(&message, help);
        }
        if !self.clear && answer.get("Kept").and_then(Value::as_bool) == Some(false) {
            output::note("the watch has no state file (--state), so that this ends with its process");
        }
        Ok(())
    }

    /// Lets go of what the brake holds.
    fn release(&self, token: &str) -> Result<(), Stop> {
        let body = json!({"Zone": self.zone, "Status": "release", "Why": self.why});
        let (text, answer) = self.post("/v1/hold", token, &body)?;
        if self.json {
            output::line(text.trim())?;
            return Ok(());
        }
        let zones: Vec<&str> =
            answer.get("Released").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        writeln!(output::stdout(), "{GOOD}released{GOOD:#}: {}", zones.join(", "))?;
        Ok(())
    }

    /// Sends a request; returns the answer as it came, and as JSON.
    fn post(&self, path: &str, token: &str, body: &Value) -> Result<(String, Value), Stop> {
        let url = format!("{}{path}", self.feed.trim_end_matches('/'));
        let (code, text) = request_and_wait("POST", &url, Some(token), body.to_string(), PATIENCE)
            .map_err(|reason| Stop::cannot(reason, "is `pointsman watch` running there? --feed says where it is"))?;
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        if !code.is_success() {
            let reason = answer.get("error").and_then(Value::as_str).unwrap_or(&text);
            return Err(Stop::cannot(format!("the watch refuses: {reason}"), ""));
        }
        Ok((text, answer))
    }
}
