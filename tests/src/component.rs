//! The component in wasmtime as a subject, asked in every way that it has: typed, by what was prepared, and by a line of
//! JSON; all of them must say the same.

use anyhow::{Context as _, Result, anyhow, ensure};
use pointsman_wasmtime::{
    Answer, Client, Component as Host, Coordinates, Diagnostic, Document, Findings, Latency, LoadOptions, Query,
    QueryError, Rcode, RecordSets, Severity, View, Zone,
};
use serde_json::{Map, Value, json};

use crate::engine::{Engine, Refusal};

/// Where `cargo xtask wasm` writes the component.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/wasm/pointsman.component.wasm");

/// The component with the zone and view that are asked at the moment.
pub struct Component {
    host: Host,
    asked: Option<Asked>,
}

#[derive(Debug)]
struct Asked {
    zone: Zone,
    view: View,
    /// What decisions told in numbers, as a host keeps it.
    record_sets: RecordSets,
}

impl std::fmt::Debug for Component {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Component").field("asked", &self.asked).finish_non_exhaustive()
    }
}

impl Component {
    /// Compiles the component.
    pub fn open() -> Result<Self> {
        let host = Host::open(FILE).map_err(anyhow::Error::from);
        Ok(Self { host: host.with_context(|| format!("{FILE}: build it with `cargo xtask wasm`"))?, asked: None })
    }

    fn view(&self) -> Result<View> {
        Ok(self.asked.as_ref().context("no zone is loaded")?.view)
    }

    /// The two answers to what was prepared: put together from a decision, and as the component gives it.
    fn prepared(&mut self, query: &Query) -> Result<[Answer; 2]> {
        let Self { host, asked } = self;
        let Asked { zone, view, record_sets } = asked.as_mut().context("no zone is loaded")?;
        let question = host.question(*zone, &query.name, &query.type_)?.map_err(refused)?;
        let client = host.client_facts(&query.client)?.map_err(refused)?;
        let decided = record_sets.answer(host, *view, question, client, query.draw)?;
        let resolved = host.resolve_prepared(*view, question, client, query.draw)?;
        host.drop_question(question)?;
        host.drop_client_facts(client)?;
        Ok([decided, resolved])
    }
}

fn refused(error: QueryError) -> anyhow::Error {
    anyhow!("{}: {}", error.field, error.message)
}

fn document(number: usize, text: &str) -> Document {
    Document { name: format!("document {number}"), text: text.into(), cidr_collection: None }
}

fn documents(texts: &[String]) -> Vec<Document> {
    texts.iter().enumerate().map(|(number, text)| document(number, text)).collect()
}

fn refusals(findings: &[Diagnostic]) -> Vec<Refusal> {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors
        .map(|finding| Refusal {
            code: finding.code.clone(),
            message: finding.message.clone(),
            route53_error: finding.route53_error.clone(),
            route53_message: finding.route53_message.clone(),
        })
        .collect()
}

const NO_OPTIONS: LoadOptions = LoadOptions { zone_name: None };

impl Engine for Component {
    fn apply(&mut self, texts: &[String], batch: &str) -> Result<Result<String, Vec<Refusal>>> {
        match self.host.apply(&documents(texts), &document(texts.len(), batch), &NO_OPTIONS) {
            Ok(text) => Ok(Ok(text)),
            Err(error) => match error.downcast::<Findings>() {
                Ok(findings) => Ok(Err(refusals(&findings.0))),
                Err(error) => Err(error.into()),
            },
        }
    }

    fn check(&mut self, texts: &[String]) -> Result<Vec<Refusal>> {
        Ok(refusals(&self.host.check(&documents(texts), &NO_OPTIONS)?))
    }

    fn load(&mut self, texts: &[String], report: &str) -> Result<()> {
        if let Some(Asked { zone, view, .. }) = self.asked.take() {
            self.host.drop_view(view)?;
            self.host.drop_zone(zone)?;
        }
        let zone = self.host.load(&documents(texts), &NO_OPTIONS)?;
        let view = self.host.health(zone, Some(&document(0, report)))?;
        self.asked = Some(Asked { zone, view, record_sets: RecordSets::of(zone) });
        Ok(())
    }

    fn resolve(&mut self, line: &str) -> Result<String> {
        let view = self.view()?;
        let text = self.host.resolve_json(view, line)?;
        let said: Value = serde_json::from_str(&text)?;
        if said.get("error").is_none() {
            let query = query(&serde_json::from_str(line)?)?;
            let typed = self.host.resolve(view, &query)?.map_err(refused)?;
            ensure!(answer(&typed) == said, "typed {typed:?} is not {text}");
            for prepared in self.prepared(&query)? {
                ensure!(answer(&prepared) == said, "prepared {prepared:?} is not {text}");
            }
            let many = self.host.resolve_many(view, &[query.clone(), query])?;
            for again in many {
                let again = again.map_err(refused)?;
                ensure!(answer(&again) == said, "one of many {again:?} is not {text}");
            }
        }
        Ok(text)
    }

    fn odds(&mut self, line: &str) -> Result<String> {
        let view = self.view()?;
        Ok(self.host.odds_json(view, line)?)
    }
}

/// A query line as the typed query.
pub(crate) fn query(line: &Value) -> Result<Query> {
    let client = &line["client"];
    let text = |key: &str| client[key].as_str().map(Into::into);
    let location = client["latitude"].as_f64().zip(client["longitude"].as_f64());
    let latency: Vec<Latency> = client["latency_ms"]
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(region, value)| Some(Latency { region: region.clone(), milliseconds: value.as_f64()? }))
        .collect();
    let draw = match &line["draw"] {
        Value::String(digits) => digits.parse()?,
        other => other.as_u64().unwrap_or(0),
    };
    Ok(Query {
        name: line["name"].as_str().unwrap_or_default().into(),
        type_: line["type"].as_str().unwrap_or_default().into(),
        client: Client {
            ip: text("ip"),
            ecs: text("ecs"),
            country: text("country"),
            continent: text("continent"),
            subdivision: text("subdivision"),
            location: location.map(|(latitude, longitude)| Coordinates { latitude, longitude }),
            latency,
            vpc_region: text("vpc_region"),
        },
        draw,
    })
}

/// A typed answer in core's JSON.
pub(crate) fn answer(answer: &Answer) -> Value {
    let rcode = match answer.rcode {
        Rcode::Noerror => "NOERROR",
        Rcode::Nxdomain => "NXDOMAIN",
        Rcode::Refused => "REFUSED",
        Rcode::Servfail => "SERVFAIL",
    };
    let mut object: Map<String, Value> = Map::new();
    object.insert("rcode".into(), rcode.into());
    object.insert("type".into(), answer.type_.as_str().into());
    object.insert("ttl".into(), json!(answer.ttl));
    object.insert("values".into(), json!(answer.values));
    object.insert("set_identifiers".into(), json!(answer.set_identifiers));
    object.insert("fail_open".into(), answer.fail_open.into());
    object.insert("scope_prefix_length".into(), answer.scope_prefix_length.into());
    for (key, value) in [
        ("referral", &answer.referral),
        ("alias_target", &answer.alias_target),
        ("undetermined", &answer.undetermined),
        ("quarantined", &answer.quarantined),
    ] {
        if let Some(value) = value {
            object.insert(key.into(), value.as_str().into());
        }
    }
    Value::Object(object)
}
