//! Who asks for what: the paths of the feed.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONNECTION, ETAG, HeaderValue, IF_NONE_MATCH, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use serde_json::json;

use super::access::Access;
use super::answer::{Answer, Content, Refusal, fault, json_text, refusal, text};
use super::changes;
use super::decoded::decoded;
use super::fleet::{self, FleetRoute};
use super::guard::{Right, misdirected, right, unauthorized};
use super::slots::Slot;
use super::stream::stream;
use crate::clock::Moment;
use crate::hub::{Hub, WatchedZone, count, tag};
use crate::zone::{Snapshot, metrics as zone_metrics};

const PAGE: &str = include_str!("page.html");
const PATHS: &str = "there is /, /v1/zones, /v1/health, /v1/health/stream, /v1/status, /v1/zones/NAME/health, \
                     /v1/zones/NAME/health/stream, /v1/zones/NAME/status, /v1/checks/ID, /v1/force, /v1/hold, /v1/zone, /v1/fleet and /metrics";

/// Who asks, and from where.
#[derive(Clone, Copy)]
pub(super) struct Client<'c> {
    pub(super) slot: &'c Slot,
    /// The address that the client connected to.
    pub(super) local: IpAddr,
    /// How long it may take to send the rest of its request.
    pub(super) patience: Duration,
}

/// What a path leads to.
enum Route {
    Page,
    Zones,
    Metrics,
    /// Of one zone: by name, or the only one.
    Health(Option<String>),
    Stream(Option<String>),
    Status(Option<String>),
    Force,
    Hold,
    Check(String),
    /// The published document of one zone.
    Zone(Option<String>),
    Fleet(FleetRoute),
}

fn route(path: &str) -> Option<Route> {
    Some(match path {
        "/" => Route::Page,
        "/metrics" => Route::Metrics,
        "/v1/zones" => Route::Zones,
        "/v1/health" => Route::Health(None),
        "/v1/health/stream" => Route::Stream(None),
        "/v1/status" => Route::Status(None),
        "/v1/force" => Route::Force,
        "/v1/hold" => Route::Hold,
        "/v1/zone" => Route::Zone(None),
        "/v1/fleet" => Route::Fleet(FleetRoute::State),
        "/v1/fleet/rules" => Route::Fleet(FleetRoute::Rules),
        other if other.starts_with("/v1/fleet/zones/") => {
            let mut parts = other.split('/').skip(4).map(decoded);
            match (parts.next()??, parts.next(), parts.next()) {
                (name, None, None) => Route::Fleet(FleetRoute::Zone(name)),
                (name, Some(digest), None) => Route::Fleet(FleetRoute::Version(name, digest?)),
                _ => return None,
            }
        }
        other => match (other.strip_prefix("/v1/checks/"), other.strip_prefix("/v1/zones/")) {
            (Some(id), _) => Route::Check(decoded(id)?),
            (None, Some(rest)) => {
                let (name, what) = rest.split_once('/')?;
                let name = Some(decoded(name)?);
                match what {
                    "health" => Route::Health(name),
                    "health/stream" => Route::Stream(name),
                    "status" => Route::Status(name),
                    "zone" => Route::Zone(name),
                    _ => return None,
                }
            }
            (None, None) => return None,
        },
    })
}

pub(super) async fn answer(request: Request<Incoming>, hub: &Arc<Hub>, access: &Access, client: Client<'_>) -> Answer {
    count(&hub.counters.requests);
    if let Some(refusal) = misdirected(&request, access, client.local) {
        return refusal;
    }
    let right = right(request.headers(), access);
    if right == Right::Change {
        client.slot.prove();
    } else if client.slot.is_reserved() {
        return turned_away(hub, "too many connections; try again, or show the token");
    }
    let Some(route) = route(request.uri().path()) else { return fault(StatusCode::NOT_FOUND, PATHS) };
    let method = request.method().clone();
    match route {
        Route::Force | Route::Hold if method != Method::POST => {
            fault(StatusCode::METHOD_NOT_ALLOWED, "POST what to do")
        }
        Route::Check(_) if method != Method::PUT => fault(StatusCode::METHOD_NOT_ALLOWED, "PUT the state of the check"),
        Route::Fleet(_) if !matches!(method, Method::GET | Method::HEAD | Method::POST) => {
            fault(StatusCode::METHOD_NOT_ALLOWED, "GET the state, or POST what to do")
        }
        Route::Fleet(route) if method == Method::POST => {
            if access.token.is_some() && right != Right::Change {
                return unauthorized();
            }
            match changes::long_body(request, access, client.patience).await {
                Ok(body) => fleet::write(hub, &route, &body).await,
                Err(refusal) => *refusal,
            }
        }
        Route::Force | Route::Hold | Route::Check(_) => {
            if access.token.is_some() && right != Right::Change {
                return unauthorized();
            }
            let body = match changes::body(request, access, client.patience).await {
                Ok(body) => body,
                Err(refusal) => return *refusal,
            };
            match route {
                Route::Force => changes::force(hub, access, &body).await,
                Route::Check(id) => changes::observe(hub, access, &id, &body).await,
                _ => changes::hold(hub, &body),
            }
        }
        _ if !matches!(method, Method::GET | Method::HEAD) => {
            fault(StatusCode::METHOD_NOT_ALLOWED, "this is only read, with GET")
        }
        // The page holds nothing that is known; what it shows it asks for like everybody else.
        Route::Page => page(),
        _ if access.read_token.is_some() && right == Right::None => unauthorized(),
        Route::Fleet(route) => fleet::read(hub, &route).await,
        Route::Zone(name) => match zone(hub, name.as_deref()) {
            Ok(zone) => fleet::zone(&request, hub.fleet().map(|fleet| &**fleet), zone.name()).await,
            Err(refusal) => *refusal,
        },
        Route::Metrics => text(StatusCode::OK, "text/plain; version=0.0.4", metrics(hub)),
        Route::Zones => zones(hub),
        Route::Health(name) => match zone(hub, name.as_deref()) {
            Ok(zone) => health(&request, hub, &zone),
            Err(refusal) => *refusal,
        },
        Route::Status(name) => match zone(hub, name.as_deref()) {
            Ok(zone) => status(hub, access, &zone),
            Err(refusal) => *refusal,
        },
        Route::Stream(name) => match zone(hub, name.as_deref()) {
            Ok(zone) => match client.slot.stream(right == Right::Change) {
                Some(slot) => stream(Arc::clone(hub), zone, access.alive, slot),
                None => turned_away(hub, "too many streams are open; try again later"),
            },
            Err(refusal) => *refusal,
        },
    }
}

/// The zone of a name; without one, the only zone.
fn zone(hub: &Hub, name: Option<&str>) -> Result<Arc<WatchedZone>, Refusal> {
    let zones = hub.zones();
    let names = || zones.iter().map(|zone| zone.name()).collect::<Vec<_>>().join(", ");
    match (name, &*zones) {
        (Some(name), _) => hub
            .zone(name)
            .ok_or_else(|| refusal(StatusCode::NOT_FOUND, &format!("this zone is not watched; there is {}", names()))),
        (None, [only]) => Ok(Arc::clone(only)),
        (None, _) => {
            let message = format!("this watch has several zones; ask for one with /v1/zones/NAME/...: {}", names());
            Err(refusal(StatusCode::NOT_FOUND, &message))
        }
    }
}

fn turned_away(hub: &Hub, message: &str) -> Answer {
    count(&hub.counters.turned_away);
    let mut answer = fault(StatusCode::SERVICE_UNAVAILABLE, message);
    answer.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
    answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    answer
}

fn zones(hub: &Hub) -> Answer {
    let zones = hub.zones();
    let list = zones.iter().map(|zone| {
        let snapshot = zone.snapshot();
        let held = snapshot.hold().map(|hold| hold.reason.clone());
        json!({"Name": zone.name(), "Sequence": snapshot.sequence(), "Checks": snapshot.plan().items.len(), "Held": held})
    });
    let list: Vec<_> = list.collect();
    json_text(json!({"Watch": {"Id": hub.id, "Run": hub.run}, "Zones": list}).to_string())
}

fn health(request: &Request<Incoming>, hub: &Hub, zone: &WatchedZone) -> Answer {
    let (origin, report) = hub.report(zone);
    let tag = format!("\"{}\"", tag(&origin));
    let known = request.headers().get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    let is_known = known.flat_map(|list| list.split(',')).any(|one| {
        let one = one.trim();
        one == "*" || one.strip_prefix("W/").unwrap_or(one) == tag
    });
    let mut answer = match is_known {
        true => {
            let mut answer = Response::new(Content::Text(None));
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            answer
        }
        false => json_text(report),
    };
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer.headers_mut().insert(ETAG, tag);
    }
    answer
}

fn status(hub: &Hub, access: &Access, zone: &WatchedZone) -> Answer {
    let snapshot = zone.snapshot();
    let mut status = snapshot.status(Moment::now());
    if let Some(fleet) = hub.fleet() {
        fleet::add_to_status(fleet, zone.name(), &mut status);
    }
    if let Some(status) = status.as_object_mut() {
        status.insert("Problem".into(), hub.problem().into());
        status.insert("IntervalScale".into(), access.scale.into());
        status.insert("Watch".into(), hub.origin(zone.name(), snapshot.sequence()).to_json());
        status.insert("LateMilliseconds".into(), hub.stalls.total_ms().into());
    }
    json_text(status.to_string())
}

fn page() -> Answer {
    let mut answer = text(StatusCode::OK, "text/html; charset=utf-8", PAGE.to_owned());
    let policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; \
                  img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    answer.headers_mut().insert("content-security-policy", HeaderValue::from_static(policy));
    answer
}

fn metrics(hub: &Hub) -> String {
    let snapshots: Vec<Snapshot> = hub.zones().iter().map(|zone| zone.snapshot()).collect();
    let mut metrics = zone_metrics(&snapshots, Moment::now());
    let counters = &hub.counters;
    for (name, help, value) in [
        ("requests_total", "Requests to the feed.", &counters.requests),
        ("turned_away_total", "Requests and connections turned away for want of room.", &counters.turned_away),
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
    for (name, help, value) in hub.fleet().into_iter().flat_map(|fleet| fleet.figures()) {
        let _ = writeln!(
            metrics,
            "# HELP pointsman_watch_{name} {help}\n# TYPE pointsman_watch_{name} gauge\npointsman_watch_{name} {value}"
        );
    }
    let late = hub.stalls.total_ms();
    let _ = writeln!(
        metrics,
        "# HELP pointsman_watch_late_seconds_total How long tries had to wait for this process.\n\
         # TYPE pointsman_watch_late_seconds_total counter\npointsman_watch_late_seconds_total {}.{:03}",
        late / 1000,
        late % 1000
    );
    let of_tries = hub.tries.get().map_or(0, |handle| handle.metrics().num_alive_tasks());
    let tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks().saturating_add(of_tries);
    let _ = writeln!(
        metrics,
        "# HELP pointsman_watch_tasks One for each endpoint, and some for clients.\n\
         # TYPE pointsman_watch_tasks gauge\npointsman_watch_tasks {tasks}"
    );
    metrics
}
