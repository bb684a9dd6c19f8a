//! Who asks for what: the paths of the feed.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderValue, IF_NONE_MATCH, WWW_AUTHENTICATE};
use hyper::{Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::Access;
use super::body::{Answer, events};
use crate::force::{Force, Selection, duration_ms};
use crate::plan::Subject;
use crate::probe::Outcome;
use crate::shared::{Shared, count, now};

/// A request that changes something is not longer than this.
const REQUEST_BYTES_MAX: usize = 64 * 1024;
/// A reason is not longer than this.
const WHY_CHARACTERS_MAX: usize = 500;
const PAGE: &str = include_str!("page.html");

type Answered = Response<Answer>;

pub(super) async fn answer(request: Request<Incoming>, shared: &Arc<Shared>, access: &Access) -> Answered {
    count(&shared.counters.requests);
    let path = request.uri().path().to_owned();
    let reading = matches!(*request.method(), Method::GET | Method::HEAD);
    match path.as_str() {
        "/" if reading => page(),
        "/v1/health" if reading => health(&request, shared),
        "/v1/health/stream" if reading => stream(shared, access),
        "/v1/status" if reading => {
            let problem = shared.problem();
            let mut status = shared.board().status(now(), problem.as_deref());
            if let Some(status) = status.as_object_mut() {
                status.insert("IntervalScale".into(), access.scale.into());
            }
            text(StatusCode::OK, "application/json", status.to_string())
        }
        "/metrics" if reading => text(StatusCode::OK, "text/plain; version=0.0.4", metrics(shared)),
        "/" | "/v1/health" | "/v1/health/stream" | "/v1/status" | "/metrics" => {
            fault(StatusCode::METHOD_NOT_ALLOWED, "this is only read, with GET")
        }
        "/v1/force" if *request.method() == Method::POST => changing(request, shared, access, force).await,
        "/v1/force" => fault(StatusCode::METHOD_NOT_ALLOWED, "POST what to force"),
        other => match (other.strip_prefix("/v1/checks/").map(decoded), request.method()) {
            (Some(Some(id)), &Method::PUT) => {
                changing(request, shared, access, move |shared, body| told(shared, &id, body)).await
            }
            (Some(Some(_)), _) => fault(StatusCode::METHOD_NOT_ALLOWED, "PUT the state of the check"),
            _ => fault(
                StatusCode::NOT_FOUND,
                "there is /, /v1/health, /v1/health/stream, /v1/status, /v1/checks/ID, /v1/force and /metrics",
            ),
        },
    }
}

// ---- what is read ----------------------------------------------------------------------------------------------------

fn health(request: &Request<Incoming>, shared: &Shared) -> Answered {
    let (tag, report) = {
        let board = shared.board();
        (shared.entity_tag(board.version()), board.report(now()))
    };
    let known = request.headers().get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known = known.flat_map(|list| list.split(',')).any(|one| {
        let one = one.trim();
        one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag
    });
    let mut answer = match is_known {
        true => {
            let mut answer = Response::new(Answer::Text(None));
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            answer
        }
        false => text(StatusCode::OK, "application/json", report),
    };
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.headers_mut().insert(ETAG, tag);
    }
    answer
}

fn stream(shared: &Arc<Shared>, access: &Access) -> Answered {
    let mut answer = Response::new(events(Arc::clone(shared), access.alive));
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}

fn page() -> Answered {
    let mut answer = text(StatusCode::OK, "text/html; charset=utf-8", PAGE.to_owned());
    let policy =
        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:";
    answer.headers_mut().insert("content-security-policy", HeaderValue::from_static(policy));
    answer
}

fn metrics(shared: &Shared) -> String {
    let mut metrics = shared.board().metrics(now());
    let counters = &shared.counters;
    for (name, help, value) in [
        ("requests_total", "Requests to the feed.", &counters.requests),
        ("reloads_total", "Zone files taken over while running.", &counters.reloads),
        (
            "reload_failures_total",
            "Zone files that could not be used; the last good ones stayed.",
            &counters.reload_failures,
        ),
        ("notify_failures_total", "Notifications that did not get through.", &counters.notify_failures),
        ("write_failures_total", "State or report files that could not be written.", &counters.write_failures),
    ] {
        let value = value.load(Ordering::Relaxed);
        let _ = writeln!(
            metrics,
            "# HELP pointsman_watch_{name} {help}\n# TYPE pointsman_watch_{name} counter\npointsman_watch_{name} {value}"
        );
    }
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let _ = writeln!(
        metrics,
        "# HELP pointsman_watch_tasks One for each endpoint, and some for clients and files.\n\
         # TYPE pointsman_watch_tasks gauge\npointsman_watch_tasks {tasks}"
    );
    metrics
}

// ---- what changes something ------------------------------------------------------------------------------------------

/// Lets only those who know the token change something, and only with a request of bounded size.
async fn changing(
    request: Request<Incoming>,
    shared: &Arc<Shared>,
    access: &Access,
    work: impl FnOnce(&Shared, &str) -> Answered,
) -> Answered {
    let Some(token) = &access.token else {
        return fault(
            StatusCode::FORBIDDEN,
            "this watch was started without a token, so that nothing can be changed; start it with --token-file or POINTSMAN_TOKEN",
        );
    };
    let given = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if !given.and_then(|value| value.strip_prefix("Bearer ")).is_some_and(|given| same(given.trim(), token)) {
        let mut answer = fault(StatusCode::UNAUTHORIZED, "send the token as `Authorization: Bearer TOKEN`");
        answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return answer;
    }
    let body = tokio::time::timeout(super::PATIENCE, Limited::new(request.into_body(), REQUEST_BYTES_MAX).collect());
    match body.await {
        Ok(Ok(body)) => match std::str::from_utf8(&body.to_bytes()) {
            Ok(body) => work(shared, body),
            Err(_) => fault(StatusCode::BAD_REQUEST, "the request is not UTF-8"),
        },
        Ok(Err(_)) => fault(StatusCode::PAYLOAD_TOO_LARGE, "the request is longer than 64 KiB"),
        Err(_) => fault(StatusCode::REQUEST_TIMEOUT, "the request took too long"),
    }
}

/// Compares digests, so that the time it takes tells nothing of the token.
fn same(given: &str, token: &str) -> bool {
    let digest = |text: &str| ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest(given).as_ref() == digest(token).as_ref()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
struct WrittenForce {
    health_check: Option<String>,
    alias_target: Option<String>,
    region: Option<String>,
    status: String,
    #[serde(rename = "For")]
    duration: Option<String>,
    why: Option<String>,
}

fn force(shared: &Shared, body: &str) -> Answered {
    let written: WrittenForce = match serde_json::from_str(body) {
        Ok(written) => written,
        Err(error) => return fault(StatusCode::BAD_REQUEST, &format!("the request cannot be read: {error}")),
    };
    let clearing = written.status == "clear";
    let selection = match (written.health_check, written.alias_target, written.region) {
        (Some(id), None, None) => Selection::HealthCheck(id),
        (None, Some(name), None) => Selection::AliasTarget(name),
        (None, None, Some(region)) => Selection::Region(region),
        (None, None, None) if clearing => Selection::All,
        _ => return fault(StatusCode::BAD_REQUEST, "name one of HealthCheck, AliasTarget and Region"),
    };
    let why = written.why.unwrap_or_default();
    let why = why.trim();
    let up = match written.status.as_str() {
        "up" => true,
        "down" => false,
        "clear" => true,
        other => {
            let message = format!("Status is `up`, `down` or `clear`, not `{other}`");
            return fault(StatusCode::BAD_REQUEST, &message);
        }
    };
    if !clearing && (why.is_empty() || why.chars().count() > WHY_CHARACTERS_MAX) {
        return fault(StatusCode::BAD_REQUEST, "say why, in 1 to 500 characters (Why)");
    }
    let since = now();
    let until = match written.duration.as_deref().map(duration_ms) {
        None => None,
        Some(Some(ms @ 1..)) => Some(since.plus_ms(ms)),
        Some(_) => return fault(StatusCode::BAD_REQUEST, "For is a time such as 90s, 30m or 2h"),
    };
    let force = (!clearing).then(|| Force { up, why: why.into(), until, since });
    let result = shared.board().force(&selection, force.as_ref(), since);
    match result {
        Ok((selected, changes)) => {
            let list = |key: &str| -> Vec<&str> {
                selected.subjects.iter().filter(|subject| subject.list() == key).map(Subject::id).collect()
            };
            let (checks, targets) = (list("HealthChecks"), list("AliasTargets"));
            let until = until.map(|until| until.to_string());
            let done = json!({
                "Status": written.status, "HealthChecks": checks, "AliasTargets": targets, "Until": until,
                "OutOfReach": selected.out_of_reach,
            });
            let joined = [checks, targets].concat().join(",");
            let out_of_reach = selected.out_of_reach.join(",");
            let mut pairs = vec![("status", written.status.as_str()), ("what", &joined), ("why", why)];
            pairs.extend(until.as_deref().map(|until| ("until", until)));
            pairs.extend((!out_of_reach.is_empty()).then_some(("out_of_reach", out_of_reach.as_str())));
            match clearing {
                true => shared.log.line("force-cleared", &[("what", &joined)]),
                false => shared.log.line("forced", &pairs),
            }
            shared.announce(changes);
            text(StatusCode::OK, "application/json", done.to_string())
        }
        Err(error) => fault(StatusCode::NOT_FOUND, &error.to_string()),
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

fn told(shared: &Shared, id: &str, body: &str) -> Answered {
    let wanted = "send {\"StateValue\": \"OK\"}, {\"RoutingControlState\": \"On\"}, or a checker's own result as \
                  {\"Checker\": \"NAME\", \"Success\": true, \"Reason\": \"...\"}";
    let Ok(written) = serde_json::from_str(body) else { return fault(StatusCode::BAD_REQUEST, wanted) };
    let subject = Subject::HealthCheck(id.into());
    let result = match written {
        WrittenState::Alarm { state_value: state } | WrittenState::Control { routing_control_state: state } => {
            shared.board().told(&subject, &state, now())
        }
        WrittenState::Result { checker, success, reason } => {
            let mut board = shared.board();
            match board.plan().item(&subject).is_some_and(|item| item.takes_results()) {
                true => {
                    let reason = reason.unwrap_or_else(|| if success { "success" } else { "failure" }.into());
                    let reason = format!("{checker}: {reason}");
                    let outcome = Outcome { success, reason, took: Default::default(), parts: Vec::new() };
                    Ok(board.tried(&subject, &checker, &outcome, now()))
                }
                false => Err(format!("the zone has no {subject} that checkers try")),
            }
        }
    };
    match result {
        Ok(changes) => {
            shared.announce(changes);
            text(StatusCode::OK, "application/json", "{}".into())
        }
        Err(message) => fault(StatusCode::CONFLICT, &message),
    }
}

// ---- small things ----------------------------------------------------------------------------------------------------

/// An answer of text.
fn text(status: StatusCode, kind: &'static str, text: String) -> Answered {
    let mut answer = Response::new(Answer::Text(Some(Bytes::from(text))));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}

fn fault(status: StatusCode, message: &str) -> Answered {
    text(status, "application/json", json!({"error": message}).to_string())
}

/// A path's last part without percent signs.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        };
        bytes.push(byte);
    }
    String::from_utf8(bytes).ok().filter(|id| !id.is_empty())
}
