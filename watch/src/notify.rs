//! `--on-change`: each transition is told to a URL, by POST, or to a command, on its standard input.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::sync::broadcast::error::RecvError;

use crate::board::Change;
use crate::client::request;
use crate::shared::{News, Shared, count};

/// How long one notification may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often one is tried.
const TRIES: u32 = 3;

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hearer {
    /// A URL with http or https, which is sent a POST.
    Url(String),
    /// A command line for the shell.
    Command(String),
}

impl Hearer {
    /// A URL when it looks like one, else a command.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.starts_with("http://") || text.starts_with("https://") {
            true => Self::Url(text.into()),
            false => Self::Command(text.into()),
        }
    }
}

/// Tells each transition, in order, until the channel closes.
pub(crate) async fn run(shared: Arc<Shared>, hearer: Hearer) {
    let mut news = shared.listen();
    loop {
        let changes = match news.recv().await {
            Ok(News::Changes(changes)) => changes,
            Ok(News::Everything) => continue,
            Err(RecvError::Lagged(missed)) => {
                count(&shared.counters.notify_failures);
                shared.log.line("notifications-missed", &[("count", &missed.to_string())]);
                continue;
            }
            Err(RecvError::Closed) => return,
        };
        for change in changes.iter().filter(|change| change.healthy != change.was_healthy) {
            if let Err(reason) = tell_patiently(&hearer, change).await {
                count(&shared.counters.notify_failures);
                shared.log.line("notification-failed", &[("check", change.subject.id()), ("reason", &reason)]);
            }
        }
    }
}

async fn tell_patiently(hearer: &Hearer, change: &Change) -> Result<(), String> {
    let mut result = Ok(());
    for number in 0..TRIES {
        if number > 0 {
            tokio::time::sleep(Duration::from_millis(500 << number)).await;
        }
        result = tell(hearer, change).await;
        if result.is_ok() {
            break;
        }
    }
    result
}

async fn tell(hearer: &Hearer, change: &Change) -> Result<(), String> {
    let body = body(change);
    match hearer {
        Hearer::Url(url) => match request("POST", url, None, body, PATIENCE).await? {
            (status, _) if status.is_success() => Ok(()),
            (status, _) => Err(format!("{url} answered {status}")),
        },
        Hearer::Command(line) => {
            let mut command = Command::new("/bin/sh");
            command.args(["-c", line]).stdin(Stdio::piped()).stdout(Stdio::null()).kill_on_drop(true);
            let mut child = command.spawn().map_err(|error| format!("cannot start `{line}`: {error}"))?;
            let work = async {
                if let Some(mut stdin) = child.stdin.take() {
                    // A command that does not read what it is told is free to.
                    let _ = stdin.write_all(body.as_bytes()).await;
                }
                child.wait().await.map_err(|error| error.to_string())
            };
            match tokio::time::timeout(PATIENCE, work).await {
                Ok(Ok(status)) if status.success() => Ok(()),
                Ok(Ok(status)) => Err(format!("`{line}` ended with {status}")),
                Ok(Err(error)) => Err(error),
                Err(_) => Err(format!("`{line}` took longer than {} s", PATIENCE.as_secs())),
            }
        }
    }
}

/// What is told: an object of JSON and a line end.
fn body(change: &Change) -> String {
    let word = |healthy: bool| if healthy { "healthy" } else { "unhealthy" };
    let kind = if change.subject.list() == "HealthChecks" { "HealthCheck" } else { "AliasTarget" };
    let mut object = json!({
        "Time": change.at.to_string(), "Status": word(change.healthy), "Was": word(change.was_healthy),
        "Reason": change.reason,
    });
    if let Some(object) = object.as_object_mut() {
        object.insert(kind.into(), change.subject.id().into());
    }
    format!("{object}\n")
}
