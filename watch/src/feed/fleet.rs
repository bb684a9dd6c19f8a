//! The feed of a watch that takes part in a fleet: its state, its rules, and its zones.

use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH};
use hyper::{Request, Response, StatusCode};
use serde_json::Value;

use super::answer::{Answer, Content, fault, json_text, text};
use super::decoded::decoded;
use crate::fleet::{Fleet, Hold, Refused};
use crate::force::{ForceError, Selected, Selection};
use crate::hub::{Hub, WatchedZone};
use crate::plan::Subject;

/// A path below `/v1/fleet`.
pub(super) enum FleetRoute {
    /// `/v1/fleet`.
    State,
    /// `/v1/fleet/rules`.
    Rules,
    /// `/v1/fleet/zones/NAME`.
    Zone(String),
    /// `/v1/fleet/zones/NAME/DIGEST`.
    Version(String, String),
}

const NONE: &str = "this watch takes part in no fleet; start it with --fleet";

/// Answers a GET.
pub(super) async fn read(hub: &Hub, route: &FleetRoute) -> Answer {
    let Some(fleet) = hub.fleet() else { return fault(StatusCode::NOT_FOUND, NONE) };
    match route {
        FleetRoute::State | FleetRoute::Rules => json_text(fleet.to_json().to_string()),
        FleetRoute::Zone(name) => match fleet.mirror().current(&dotted(name)) {
            Some(current) => json_text(serde_json::to_string(current).unwrap_or_default()),
            None => fault(StatusCode::NOT_FOUND, "this zone was never published"),
        },
        FleetRoute::Version(name, digest) => match fleet.kept_version(&dotted(name), digest).await {
            Ok(document) => text(StatusCode::OK, "application/json", String::from_utf8_lossy(&document).into_owned()),
            Err(refused) => refusal_of(&refused),
        },
    }
}

/// Answers a POST.
pub(super) async fn write(hub: &Hub, route: &FleetRoute, body: &str) -> Answer {
    let Some(fleet) = hub.fleet() else { return fault(StatusCode::NOT_FOUND, NONE) };
    let unread =
        |error: serde_json::Error| fault(StatusCode::BAD_REQUEST, &format!("the request cannot be read: {error}"));
    let done = match route {
        FleetRoute::Rules => match serde_json::from_str(body) {
            Ok(written) => fleet.set_rules(written).await,
            Err(error) => return unread(error),
        },
        FleetRoute::Zone(name) => match serde_json::from_str(body) {
            Ok(written) => fleet.publish(&dotted(name), written).await,
            Err(error) => return unread(error),
        },
        FleetRoute::State | FleetRoute::Version(..) => {
            return fault(StatusCode::METHOD_NOT_ALLOWED, "this is only read, with GET");
        }
    };
    match done {
        Ok(done) => {
            hub.log.line("fleet-changed", &[("what", &done.to_string())]);
            json_text(done.to_string())
        }
        Err(refused) => refusal_of(&refused),
    }
}

/// How many publications and rollbacks a zone has seen: a host that heard a higher one does not go back.
const NUMBER: HeaderName = HeaderName::from_static("pointsman-number");

/// `GET /v1/zone`: the document that this location has, or with `?location=NAME` another one.
pub(super) async fn zone(request: &Request<Incoming>, fleet: Option<&Fleet>, name: &str) -> Answer {
    let Some(fleet) = fleet else { return fault(StatusCode::NOT_FOUND, NONE) };
    let location = match request.uri().query().map(|query| query.strip_prefix("location=").and_then(decoded)) {
        None => None,
        Some(Some(location)) => Some(location),
        Some(None) => return fault(StatusCode::BAD_REQUEST, "the only parameter is ?location=NAME"),
    };
    let known: Vec<&str> = request
        .headers()
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|list| list.split(','))
        .map(|one| one.trim().trim_start_matches("W/").trim_matches('"'))
        .collect();
    let served = match fleet.served(name, location.as_deref(), &known).await {
        Ok(Some(served)) => served,
        Ok(None) => return fault(StatusCode::NOT_FOUND, "no version of this zone was published for this location"),
        Err(refused) => return refusal_of(&refused),
    };
    let mut answer = match served.body {
        None => {
            let mut answer = Response::new(Content::Text(None));
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            answer
        }
        Some(body) => text(StatusCode::OK, "application/json", String::from_utf8_lossy(&body).into_owned()),
    };
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer.headers_mut().insert(NUMBER, HeaderValue::from(served.number));
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", served.digest)) {
        answer.headers_mut().insert(ETAG, tag);
    }
    answer
}

/// Why the fleet does not hold something.
pub(super) enum Unforced {
    /// The zone does not have it, or it cannot be forced.
    Unfit(ForceError),
    /// The fleet does not take it.
    Refused(Refused),
}

/// Has the whole fleet hold what is selected, or let go of it without `hold`.
pub(super) async fn force_fleet(
    fleet: &Fleet,
    zone: &WatchedZone,
    selection: &Selection,
    hold: Option<&Hold<'_>>,
) -> Result<Selected, Unforced> {
    let snapshot = zone.snapshot();
    if let Some(hold) = hold {
        let mut selected = snapshot.selected(selection).map_err(Unforced::Unfit)?;
        if hold.up {
            selected.out_of_reach.clear();
        }
        fleet.hold(zone.name(), &selected.subjects, hold).await.map_err(Unforced::Refused)?;
        return Ok(selected);
    }
    let mirror = fleet.mirror();
    let held: Vec<Subject> = mirror.forces(zone.name()).map(|(subject, ..)| subject.clone()).collect();
    let subjects = match selection {
        Selection::All => held,
        one => {
            let subjects = match one.named().filter(|subject| held.contains(subject)) {
                Some(subject) => vec![subject],
                None => snapshot.selected(one).map_err(Unforced::Unfit)?.subjects,
            };
            subjects.into_iter().filter(|subject| held.contains(subject)).collect()
        }
    };
    fleet.let_go(zone.name(), &subjects).await.map_err(Unforced::Refused)?;
    Ok(Selected { subjects, out_of_reach: Vec::new() })
}

/// Adds who sees what from where to the status of a zone.
pub(super) fn add_to_status(fleet: &Fleet, zone: &str, status: &mut Value) {
    let mut by_location = fleet.by_location(zone);
    for (list, make) in [
        ("HealthChecks", Subject::HealthCheck as fn(String) -> Subject),
        ("AliasTargets", Subject::AliasTarget as fn(String) -> Subject),
    ] {
        for item in status.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let id = item.get("Id").and_then(Value::as_str).unwrap_or_default().to_owned();
            if let (Some(item), Some(seen)) = (item.as_object_mut(), by_location.remove(&make(id))) {
                item.insert("Locations".into(), seen.into());
            }
        }
    }
    if let Some(status) = status.as_object_mut() {
        status.insert("Fleet".into(), fleet.to_json());
    }
}

/// Why not: 503 when the engine cannot take it, 409 when somebody else was first.
pub(super) fn refusal_of(refused: &Refused) -> Answer {
    let status = match refused {
        Refused::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Refused::Conflict(_) => StatusCode::CONFLICT,
        Refused::Never(_) => StatusCode::BAD_REQUEST,
    };
    fault(status, &refused.to_string())
}

fn dotted(name: &str) -> String {
    format!("{}.", name.trim_end_matches('.').to_ascii_lowercase())
}
