//! The watch that a command speaks to.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use pointsman_watch::client::request_and_wait;
use serde_json::Value;

use super::super::watch::token;
use crate::exit::Stop;

/// How long a watch may take to answer: it may have to ask three members of etcd.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which watch.
#[derive(Debug, Args)]
pub(super) struct Feed {
    /// One of the fleet's watches
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8053")]
    feed: String,

    /// A file with the watch's token; else the variable POINTSMAN_TOKEN
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl Feed {
    /// What is there; none for 404.
    pub(super) fn get(&self, path: &str) -> Result<Option<String>, Stop> {
        let token = token(self.token_file.as_deref())?;
        let (code, text) = self.request("GET", path, token.as_deref(), String::new())?;
        match code {
            404 => Ok(None),
            200 => Ok(Some(text)),
            _ => Err(refused(&text)),
        }
    }

    /// The same as JSON.
    pub(super) fn json(&self, path: &str) -> Result<Option<Value>, Stop> {
        let Some(text) = self.get(path)? else { return Ok(None) };
        let value = serde_json::from_str(&text);
        value.map(Some).map_err(|error| Stop::cannot(format!("the watch's answer is no JSON: {error}"), ""))
    }

    /// The fleet's state.
    pub(super) fn fleet(&self) -> Result<Value, Stop> {
        let help = "start the watch with --fleet, or name one that was with --feed";
        self.json("/v1/fleet")?.ok_or_else(|| Stop::cannot("this watch takes part in no fleet", help))
    }

    /// The time of the report of the first of these zones.
    pub(super) fn fleet_time(&self, zones: &[String]) -> Result<Option<String>, Stop> {
        let Some(zone) = zones.first() else { return Ok(None) };
        let report = self.json(&format!("/v1/zones/{zone}/health"))?.unwrap_or_default();
        Ok(report.get("Time").and_then(Value::as_str).map(String::from))
    }

    /// Has something changed.
    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value, Stop> {
        let help = "give the watch's token with --token-file or in POINTSMAN_TOKEN";
        let token = token(self.token_file.as_deref())?.ok_or_else(|| Stop::cannot("there is no token", help))?;
        let (code, text) = self.request("POST", path, Some(&token), body.to_string())?;
        if code != 200 {
            return Err(refused(&text));
        }
        Ok(serde_json::from_str(&text).unwrap_or_default())
    }

    fn request(&self, method: &str, path: &str, token: Option<&str>, body: String) -> Result<(u16, String), Stop> {
        let url = format!("{}{path}", self.feed.trim_end_matches('/'));
        let (code, text) = request_and_wait(method, &url, token, body, PATIENCE)
            .map_err(|reason| Stop::cannot(reason, "is `pointsman watch` running there? --feed says where it is"))?;
        Ok((code.as_u16(), text))
    }
}

fn refused(text: &str) -> Stop {
    let answer: Value = serde_json::from_str(text).unwrap_or_default();
    let reason = answer.get("error").and_then(Value::as_str).unwrap_or(text);
    Stop::cannot(format!("the watch refuses: {reason}"), "")
}
