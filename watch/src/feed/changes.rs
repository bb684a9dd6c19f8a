//! Requests that change something: what is forced, what is known from outside, and whether the brake holds.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::{Request, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::access::Access;
use super::answer::{Answer, Refusal, fault, json_text, refusal};
use super::fleet::{Unforced, force_fleet, refusal_of};
use crate::clock::now;
use crate::fleet::Hold;
use crate::force::{Force, Selection, duration_ms};
use crate::hub::{Hub, WatchedZone};
use crate::log::is_unseen;
use crate::plan::Subject;
use crate::probe::{Outcome, Verdict};
use crate::schedule::CHECKER;
use crate::zone::ObserveError;

/// A request that changes something is not longer than this.
const REQUEST_BYTES_MAX: usize = 64 * 1024;
/// A request with a zone in it is not longer than this.
const ZONE_BYTES_MAX: usize = 64 << 20;
/// A reason is not longer than this.
const WHY_CHARACTERS_MAX: usize = 500;
/// The name of a checker is not longer than this.
const CHECKER_CHARACTERS_MAX: usize = 64;
/// How long a client waits for the disk.
const DISK_PATIENCE: Duration = Duration::from_secs(5);

/// Reads the body of a request that shows the token.
pub(super) async fn body(request: Request<Incoming>, access: &Access, patience: Duration) -> Result<String, Refusal> {
    body_within(request, access, patience, REQUEST_BYTES_MAX).await
}

/// The same for a request with a zone in it.
pub(super) async fn long_body(
    request: Request<Incoming>,
    access: &Access,
    patience: Duration,
) -> Result<String, Refusal> {
    body_within(request, access, patience, ZONE_BYTES_MAX).await
}

async fn body_within(
    request: Request<Incoming>,
    access: &Access,
    patience: Duration,
    most: usize,
) -> Result<String, Refusal> {
    if access.token.is_none() {
        return Err(refusal(
            StatusCode::FORBIDDEN,
            "this watch was started without a token, so that nothing can be changed; start it with --token-file or POINTSMAN_TOKEN",
        ));
    }
    let body = tokio::time::timeout(patience, Limited::new(request.into_body(), most).collect());
    match body.await {
        Ok(Ok(body)) => String::from_utf8(body.to_bytes().into())
            .map_err(|_| refusal(StatusCode::BAD_REQUEST, "the request is not UTF-8")),
        Ok(Err(_)) => {
            Err(refusal(StatusCode::PAYLOAD_TOO_LARGE, &format!("the request is longer than {} KiB", most >> 10)))
        }
        Err(_) => Err(refusal(StatusCode::REQUEST_TIMEOUT, "the request took too long")),
    }
}

/// Waits until what was done is on the disk; what is acknowledged outlives this process. Returns whether there is a disk to
/// keep it.
async fn keep(access: &Access, what: &str) -> Result<bool, Refusal> {
    let Some(keeper) = access.keeper.as_ref().filter(|keeper| keeper.keeps_state()) else { return Ok(false) };
    match keeper.save(DISK_PATIENCE).await {
        Ok(()) => Ok(true),
        Err(reason) => {
            let message = format!(
                "{what} is in effect, but would be lost with this process: the state file cannot be written ({reason}); \
                 it is tried again"
            );
            Err(refusal(StatusCode::INSUFFICIENT_STORAGE, &message))
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct WrittenForce {
    zone: Option<String>,
    health_check: Option<String>,
    alias_target: Option<String>,
    region: Option<String>,
    status: String,
    #[serde(rename = "For")]
    duration: Option<String>,
    why: Option<String>,
    /// In a fleet: the revision of the force that may be replaced.
    over: Option<i64>,
}

/// What a force asks for, checked.
struct Asked {
    status: String,
    selection: Selection,
    /// `None` to let go.
    force: Option<(bool, Option<u64>)>,
    why: String,
    over: Option<i64>,
}

fn asked(written: WrittenForce) -> Result<Asked, String> {
    let clearing = written.status == "clear";
    let selection = match (written.health_check, written.alias_target, written.region) {
        (Some(id), None, None) => Selection::HealthCheck(id),
        (None, Some(name), None) => Selection::AliasTarget(name),
        (None, None, Some(region)) => Selection::Region(region),
        (None, None, None) if clearing => Selection::All,
        _ => return Err("name one of HealthCheck, AliasTarget and Region".into()),
    };
    let up = match written.status.as_str() {
        "up" | "clear" => true,
        "down" => false,
        other => {
            let other: String = other.chars().take(40).collect();
            return Err(format!("Status is `up`, `down` or `clear`, not `{other}`"));
        }
    };
    let why = written.why.unwrap_or_default();
    let why = why.trim();
    if !clearing && (why.is_empty() || why.chars().count() > WHY_CHARACTERS_MAX) {
        return Err("say why, in 1 to 500 characters (Why)".into());
    }
    let until_ms = match written.duration.as_deref().map(duration_ms) {
        None => None,
        Some(Some(ms @ 1..)) => Some(ms),
        Some(_) => return Err("For is a time such as 90s, 30m or 2h".into()),
    };
    let force = (!clearing).then_some((up, until_ms));
    Ok(Asked { status: written.status, selection, force, why: why.into(), over: written.over })
}

/// `POST /v1/force`.
pub(super) async fn force(hub: &Hub, access: &Access, body: &str) -> Answer {
    let written: WrittenForce = match serde_json::from_str(body) {
        Ok(written) => written,
        Err(error) => return fault(StatusCode::BAD_REQUEST, &format!("the request cannot be read: {error}")),
    };
    let named = written.zone.clone();
    let zones = match &named {
        Some(name) => hub.zone(name).into_iter().collect(),
        None => hub.zones().to_vec(),
    };
    if zones.is_empty() {
        return fault(StatusCode::NOT_FOUND, &format!("no zone `{}` is watched", named.unwrap_or_default()));
    }
    let asked = match asked(written) {
        Ok(asked) => asked,
        Err(message) => return fault(StatusCode::BAD_REQUEST, &message),
    };
    let (mut checks, mut targets, mut out_of_reach) = (Vec::new(), Vec::new(), Vec::new());
    let (mut until, mut errors, mut any) = (None, Vec::new(), false);
    for zone in &zones {
        if let Some(fleet) = hub.fleet() {
            let hold = asked.force.map(|(up, for_ms)| Hold { up, why: &asked.why, for_ms, over: asked.over });
            match force_fleet(fleet, zone, &asked.selection, hold.as_ref()).await {
                Ok(selected) => {
                    any = true;
                    until = asked.until();
                    for subject in &selected.subjects {
                        let list = if subject.list() == "HealthChecks" { &mut checks } else { &mut targets };
                        list.push(subject.id().to_owned());
                    }
                    out_of_reach.extend(selected.out_of_reach);
                }
                Err(Unforced::Unfit(error)) => errors.push(error.to_string()),
                Err(Unforced::Refused(refused)) => return refusal_of(&refused),
            }
            continue;
        }
        let result = hub.change(zone, |state, now| {
            let force = asked.force.map(|(up, until_ms)| Force {
                up,
                why: asked.why.clone(),
                until: until_ms.map(|ms| now.steady.plus_ms(ms)),
                since: now.steady,
            });
            let until = force.as_ref().and_then(|force| force.until).map(|until| now.shown(until).to_string());
            match state.force(&asked.selection, force.as_ref(), now) {
                Ok((selected, changes)) => (Ok((selected, until)), changes),
                Err(error) => (Err(error), Vec::new()),
            }
        });
        match result {
            Ok((selected, ends)) => {
                any = true;
                until = ends;
                for subject in &selected.subjects {
                    let list = if subject.list() == "HealthChecks" { &mut checks } else { &mut targets };
                    list.push(subject.id().to_owned());
                }
                out_of_reach.extend(selected.out_of_reach);
            }
            Err(error) => errors.push(error.to_string()),
        }
    }
    if !any {
        return fault(StatusCode::NOT_FOUND, &errors.join("; "));
    }
    for list in [&mut checks, &mut targets] {
        // Zones share checks.
        let mut seen = std::collections::BTreeSet::new();
        list.retain(|id| seen.insert(id.clone()));
    }
    log_force(hub, &asked, &[checks.clone(), targets.clone()].concat(), until.as_deref(), &out_of_reach);
    if hub.fleet().is_some() {
        // etcd has it on the disks of a majority.
        let done = json!({
            "Status": asked.status, "HealthChecks": checks, "AliasTargets": targets, "Until": until,
            "OutOfReach": out_of_reach, "Kept": true,
        });
        return json_text(done.to_string());
    }
    let kept = match keep(access, "it").await {
        Ok(kept) => kept,
        Err(refusal) => return *refusal,
    };
    let done = json!({
        "Status": asked.status, "HealthChecks": checks, "AliasTargets": targets, "Until": until,
        "OutOfReach": out_of_reach, "Kept": kept,
    });
    json_text(done.to_string())
}

impl Asked {
    /// When it ends, by the time of day of this machine, for people.
    fn until(&self) -> Option<String> {
        let (_, until_ms) = self.force?;
        until_ms.map(|ms| now().plus_ms(ms).to_string())
    }
}

fn log_force(hub: &Hub, asked: &Asked, what: &[String], until: Option<&str>, out_of_reach: &[String]) {
    let (what, out_of_reach) = (what.join(","), out_of_reach.join(","));
    if asked.force.is_none() {
        return hub.log.line("force-cleared", &[("what", &what)]);
    }
    let mut pairs = vec![("status", asked.status.as_str()), ("what", &what), ("why", &asked.why)];
    pairs.extend(until.map(|until| ("until", until)));
    pairs.extend((!out_of_reach.is_empty()).then_some(("out_of_reach", out_of_reach.as_str())));
    hub.log.line("forced", &pairs);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct WrittenRelease {
    zone: Option<String>,
    status: String,
    why: String,
}

/// `POST /v1/hold`.
pub(super) fn hold(hub: &Hub, body: &str) -> Answer {
    let written = match serde_json::from_str::<WrittenRelease>(body) {
        Ok(written) if written.status == "release" && !written.why.trim().is_empty() => written,
        _ => {
            return fault(StatusCode::BAD_REQUEST, "send {\"Status\": \"release\", \"Why\": \"...\"}");
        }
    };
    if written.why.chars().count() > WHY_CHARACTERS_MAX {
        return fault(StatusCode::BAD_REQUEST, "say why, in 1 to 500 characters (Why)");
    }
    let zones = match &written.zone {
        Some(name) => hub.zone(name).into_iter().collect(),
        None => hub.zones().to_vec(),
    };
    let mut released = Vec::new();
    for zone in &zones {
        let is_released = hub.change(zone, |state, now| match state.release(now) {
            Some(changes) => (true, changes),
            None => (false, Vec::new()),
        });
        if is_released {
            hub.log.line("release-asked", &[("zone", zone.name()), ("why", written.why.trim())]);
            released.push(zone.name());
        }
    }
    match released.is_empty() {
        true => fault(StatusCode::CONFLICT, "no report is held"),
        false => json_text(json!({"Released": released}).to_string()),
    }
}

#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum WrittenState {
    #[serde(rename_all = "PascalCase")]
    Alarm { state_value: String },
    #[serde(rename_all = "PascalCase")]
    Control { routing_control_state: String },
    #[serde(rename_all = "PascalCase")]
    Result { checker: String, success: bool, reason: Option<String> },
}

/// What a message from outside says.
enum Said {
    State(String),
    Result(String, Outcome),
}

fn said(body: &str) -> Result<Said, String> {
    let written = serde_json::from_str(body).map_err(|_| {
        "send {\"StateValue\": \"OK\"}, {\"RoutingControlState\": \"On\"}, or a checker's own result as \
         {\"Checker\": \"NAME\", \"Success\": true, \"Reason\": \"...\"}"
            .to_owned()
    })?;
    let (checker, success, reason) = match written {
        WrittenState::Alarm { state_value: state } | WrittenState::Control { routing_control_state: state } => {
            return Ok(Said::State(state));
        }
        WrittenState::Result { checker, success, reason } => (checker, success, reason),
    };
    let length = checker.chars().count();
    if !(1..=CHECKER_CHARACTERS_MAX).contains(&length) || checker.contains(is_unseen) || checker.trim() != checker {
        return Err("Checker is a name of 1 to 64 characters that can be seen".into());
    }
    if checker.eq_ignore_ascii_case(CHECKER) {
        return Err(format!("the checker `{CHECKER}` is this process; give yours another name"));
    }
    let reason = reason.unwrap_or_else(|| if success { "success" } else { "failure" }.into());
    if reason.chars().count() > WHY_CHARACTERS_MAX {
        return Err("Reason has at most 500 characters".into());
    }
    let verdict = if success { Verdict::Success } else { Verdict::Failure };
    let reason = format!("{checker}: {reason}");
    Ok(Said::Result(checker, Outcome { verdict, reason, took: Duration::ZERO, parts: Vec::new() }))
}

/// `PUT /v1/checks/ID`, for every zone that has the check.
pub(super) async fn observe(hub: &Hub, access: &Access, id: &str, body: &str) -> Answer {
    let said = match said(body) {
        Ok(said) => said,
        Err(message) => return fault(StatusCode::BAD_REQUEST, &message),
    };
    let subject = Subject::HealthCheck(id.into());
    let zones = hub.zones();
    let has = |zone: &&Arc<WatchedZone>| zone.snapshot().plan().item(&subject).is_some();
    let own: Vec<&Arc<WatchedZone>> = zones.iter().filter(has).collect();
    // Without one, the first says what is missing.
    let asked = if own.is_empty() { zones.iter().take(1).collect() } else { own };
    let mut is_news = matches!(said, Said::State(_));
    for zone in asked {
        if let (Some(fleet), Said::State(word)) = (hub.fleet(), &said) {
            // It is tried here first, on a copy of what is known: what does not fit is nobody else's business.
            let fits = zone.snapshot().takes_state(&subject, word);
            if let Err(message) = fits {
                return fault(StatusCode::CONFLICT, &message);
            }
            if let Err(refused) = fleet.told(zone.name(), &subject, word).await {
                return refusal_of(&refused);
            }
            continue;
        }
        let result = hub.change(zone, |state, now| {
            let result = match &said {
                Said::State(word) => state.reported(&subject, word, now),
                Said::Result(checker, outcome) => state.tried(&subject, checker, outcome, now),
            };
            match result {
                Ok(changes) => (Ok(!changes.is_empty()), changes),
                Err(error) => (Err(error), Vec::new()),
            }
        });
        match result {
            Ok(changed) => is_news |= changed,
            Err(error @ ObserveError::Unfit(_)) => return fault(StatusCode::CONFLICT, &error.to_string()),
            Err(error @ ObserveError::TooMany(_)) => return fault(StatusCode::TOO_MANY_REQUESTS, &error.to_string()),
        }
    }
    // A result that changes nothing comes again; its count is not kept over a restart, and neither are the watch's own.
    if is_news && let Err(refusal) = keep(access, "the new state").await {
        return *refusal;
    }
    json_text("{}".into())
}
