//! Worlds to ask about: random valid zones with health reports and queries, and every small zone there is.
//!
//! Zones are valid by construction: Route 53 would store each of them. One seed makes one world, on every machine.

mod builder;
mod checks;
mod client;
mod group;
mod names;
mod network;
mod rng;
pub mod shrink;
pub mod small;
mod zone;

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use pointsman_core::compile::compile;
use pointsman_core::diagnostic::{Diagnostic, Severity};
use pointsman_core::health::HealthView;
use pointsman_core::parse::{HealthReport, parse, parse_report};
use pointsman_core::validate::{Options, validate};
use serde_json::{Map, Value, json};

pub use rng::Rng;

/// A zone at one moment, with questions about it.
#[derive(Debug, Clone, PartialEq)]
pub struct World {
    /// The zone documents, joined into one.
    pub zone: Value,
    /// The health report.
    pub report: Value,
    /// The queries.
    pub queries: Vec<Value>,
}

impl World {
    /// The world of a seed, with so many questions.
    ///
    /// ```
    /// use pointsman_tests::generate::World;
    /// assert_eq!(World::random(7, 3), World::random(7, 3));
    /// assert_eq!(World::random(7, 3).queries.len(), 3);
    /// ```
    #[must_use]
    pub fn random(seed: u64, questions: usize) -> Self {
        let mut rng = Rng::new(seed);
        let zone = zone::zone(&mut rng);
        let report = checks::report(&mut rng, &zone.checks, &zone.resources);
        let queries = (0..questions).map(|_| query(&mut rng, &zone)).collect();
        Self { zone: zone.document, report, queries }
    }

    /// Another health report on the zone of a seed.
    #[must_use]
    pub fn another_report(seed: u64, number: u64) -> Value {
        let zone = zone::zone(&mut Rng::new(seed));
        let mut rng = Rng::new(seed.wrapping_add(number.wrapping_mul(0x1_0000_0001)));
        checks::report(&mut rng, &zone.checks, &zone.resources)
    }

    /// Loads the world into the engine.
    ///
    /// # Errors
    /// What Route 53 would refuse: no generated world has any of it.
    pub fn view(&self) -> Result<HealthView> {
        view(&[self.zone.to_string()], &self.report)
    }
}

/// Loads zone documents and a health report into the engine.
///
/// # Errors
/// What Route 53 would refuse, or what is not a report.
pub fn view(documents: &[String], report: &Value) -> Result<HealthView> {
    let parsed: Vec<_> = documents.iter().enumerate().map(|(number, text)| parse(number, text)).collect();
    let errors = errors(&validate(&parsed, &Options::default()).diagnostics);
    ensure!(errors.is_empty(), "{errors:?}");
    load(documents, report)
}

/// Loads what can be evaluated, whether or not Route 53 would store it.
///
/// # Errors
/// What cannot be evaluated, or what is not a report.
pub fn load(documents: &[String], report: &Value) -> Result<HealthView> {
    let parsed: Vec<_> = documents.iter().enumerate().map(|(number, text)| parse(number, text)).collect();
    let validated = validate(&parsed, &Options::default());
    let zone = validated.zone.with_context(|| format!("{:?}", errors(&validated.diagnostics)))?;
    Ok(HealthView::new(Arc::new(compile(&zone)), &read_report(report)?).0)
}

/// Reads a health report.
///
/// # Errors
/// When it is not one.
pub fn read_report(report: &Value) -> Result<HealthReport> {
    if report.as_object().is_some_and(Map::is_empty) {
        return Ok(HealthReport::default());
    }
    match parse_report(0, &report.to_string()) {
        Ok((report, _)) => Ok(report),
        Err(findings) => anyhow::bail!("{findings:?}"),
    }
}

/// The errors among findings, in short.
#[must_use]
pub fn errors(findings: &[Diagnostic]) -> Vec<String> {
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.map(|finding| format!("{}: {}", finding.code, finding.message)).collect()
}

fn query(rng: &mut Rng, zone: &zone::Zone) -> Value {
    let (name, kind) = client::question(rng, &zone.apex, &zone.groups);
    let mut name = names::spelled(rng, &name);
    if name.is_empty() {
        name = ".".into();
    }
    let mut query = Map::from_iter([("name".to_owned(), json!(name)), ("type".to_owned(), json!(kind))]);
    if rng.percent(95) {
        query.insert("client".into(), client::client(rng, &zone.networks, zone.private));
    }
    client::draw(rng, &mut query);
    Value::Object(query)
}
