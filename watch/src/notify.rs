//! `--on-change`: each transition, and the brake, goes to a URL, by POST, or to a command, on its standard input.

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};

use crate::client::request;
use crate::hub::{Hub, count};

/// How long one notification may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often one is tried.
const TRIES: u32 = 3;
/// What a command does not get to see.
const SECRET: &str = "POINTSMAN_TOKEN";

/// Who receives notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receiver {
    /// A URL with http or https, which is sent a POST.
    Url(String),
    /// A command line for the shell.
    Command(String),
}

impl Receiver {
    /// A URL when it looks like one, else a command.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.starts_with("http://") || text.starts_with("https://") {
            true => Self::Url(text.into()),
            false => Self::Command(text.into()),
        }
    }
}

/// Sends each notification, in order. Each receiver has a task and a queue of its own, so that a slow one delays nobody
/// else's.
pub(crate) async fn run(hub: Arc<Hub>, receiver: Receiver) {
    let mut notices = hub.notices();
    while let Some(notice) = notices.recv().await {
        if let Err(reason) = send_patiently(&receiver, &notice).await {
            count(&hub.counters.notify_failures);
            let about = ["HealthCheck", "AliasTarget", "Zone"].into_iter().find_map(|key| notice.get(key)?.as_str());
            hub.log.line("notification-failed", &[("check", about.unwrap_or_default()), ("reason", &reason)]);
        }
    }
}

async fn send_patiently(receiver: &Receiver, notice: &Value) -> Result<(), String> {
    let mut result = Ok(());
    for number in 0..TRIES {
        if number > 0 {
            tokio::time::sleep(Duration::from_millis(500 << number)).await;
        }
        result = send(receiver, notice).await;
        if result.is_ok() {
            break;
        }
    }
    result
}

async fn send(receiver: &Receiver, notice: &Value) -> Result<(), String> {
    let body = format!("{notice}\n");
    match receiver {
        Receiver::Url(url) => match request("POST", url, None, body, PATIENCE).await? {
            (status, _) if status.is_success() => Ok(()),
            (status, _) => Err(format!("{url} answered {status}")),
        },
        Receiver::Command(line) => run_command(line, &body).await,
    }
}

async fn run_command(line: &str, body: &str) -> Result<(), String> {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", line]).stdin(Stdio::piped()).stdout(Stdio::null()).env_remove(SECRET).process_group(0);
    let child = command.spawn().map_err(|error| format!("cannot start `{line}`: {error}"))?;
    let mut group = Group::of(child);
    let work = async {
        if let Some(mut stdin) = group.0.stdin.take() {
            // A command that does not read its input is free to.
            let _ = stdin.write_all(body.as_bytes()).await;
        }
        group.0.wait().await.map_err(|error| error.to_string())
    };
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(format!("`{line}` ended with {status}")),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(format!("`{line}` took longer than {} s", PATIENCE.as_secs())),
    }
}

/// A command and all that it started: none of it outlives its notification.
struct Group(Child, Option<Pid>);

impl Group {
    fn of(child: Child) -> Self {
        let leader = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        Self(child, leader)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(leader) = self.1 {
            // Nothing may be left of it, which is as good.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}
