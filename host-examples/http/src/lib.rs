//! `GET /resolve?name=app.example.com&type=A&country=US`: the decisions of the Pointsman component over HTTP.
//!
//! The parameters are the members of a query: `name`, `type`, `draw`, and what is known of the client. `down` takes a health
//! check, an alias target or a Region down first, and may stand there more than once.

#![cfg(target_arch = "wasm32")]

mod bindings;

use std::io::Write as _;

use bindings::{Document, LoadOptions, View, Zone};
use serde_json::{Map, Value, json};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam};

/// The zone that is asked: put your own here.
const DOCUMENTS: [(&str, &str); 2] = [
    ("active-active.json", include_str!("../../zones/active-active.json")),
    ("latency.json", include_str!("../../zones/latency.json")),
];

struct Http;
wasip2::http::proxy::export!(Http);

impl Guest for Http {
    fn handle(request: IncomingRequest, to: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        let (path, parameters) = path.split_once('?').unwrap_or((&path, ""));
        let (status, line) = match (request.method(), path) {
            (Method::Get, "/resolve") => {
                resolve(parameters).map_or_else(|error| (400, json!({"error": error}).to_string()), |line| (200, line))
            }
            (Method::Get, _) => (404, json!({"error": "ask /resolve?name=NAME&type=TYPE"}).to_string()),
            _ => (405, json!({"error": "only GET is answered"}).to_string()),
        };
        let headers = Fields::new();
        let _ = headers.set("content-type", &[b"application/json".to_vec()]);
        let response = OutgoingResponse::new(headers);
        let _ = response.set_status_code(status);
        let Ok(body) = response.body() else { return };
        ResponseOutparam::set(to, Ok(response));
        if let Ok(mut stream) = body.write() {
            let _ = writeln!(stream, "{line}");
        }
        let _ = OutgoingBody::finish(body, None);
    }
}

/// The answer as a line of JSON, or what is wrong with the question.
fn resolve(parameters: &str) -> Result<String, String> {
    let (mut query, mut client, mut down) = (Map::new(), Map::new(), Vec::new());
    for (key, value) in form_urlencoded::parse(parameters.as_bytes()) {
        let number = || value.parse::<f64>().map_or_else(|_| Value::from(&*value), Value::from);
        match &*key {
            "down" => down.push(value.into_owned()),
            "name" | "type" | "draw" => drop(query.insert(key.into_owned(), Value::from(&*value))),
            "latitude" | "longitude" => drop(client.insert(key.into_owned(), number())),
            _ => drop(client.insert(key.into_owned(), Value::from(&*value))),
        }
    }
    query.insert("client".into(), client.into());
    let line = view(&down)?.resolve_json(&Value::from(query).to_string());
    match serde_json::from_str::<Value>(&line).ok().as_ref().and_then(|said| said.get("error")?.as_str()) {
        Some(error) => Err(error.into()),
        None => Ok(line),
    }
}

/// The zone with some of it down.
fn view(down: &[String]) -> Result<View, String> {
    let documents =
        DOCUMENTS.map(|(name, text)| Document { name: name.into(), text: text.into(), cidr_collection: None });
    let said = |findings: Vec<bindings::Diagnostic>| {
        findings.into_iter().map(|finding| finding.message).collect::<Vec<_>>().join("; ")
    };
    let zone = Zone::load(&documents, &LoadOptions { zone_name: None }).map_err(said)?;
    let view = zone.health(None).map_err(said)?;
    view.down(down).map_err(|error| format!("down: {}; {}", error.message, error.help))
}
