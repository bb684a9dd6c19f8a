//! Worlds to ask about, in words that every host reads: those of the kit, and every small zone there is.
//!
//! `pointsman_core::proptest` makes the zones, the reports and the questions; here they are only written down, in any of the
//! spellings that mean the same. One seed makes one world, on every machine.

mod rng;
pub mod shrink;
pub mod small;
mod spelling;

use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use pointsman_core::compile::{Zone, compile};
use pointsman_core::diagnostic::{Diagnostic, Severity};
use pointsman_core::health::HealthView;
use pointsman_core::parse::{HealthReport, parse, parse_report};
use pointsman_core::proptest::{SampleZone, clients, health_reports, questions, zones};
use pointsman_core::validate::{Options, validate};
use serde_json::{Map, Value};

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
    pub fn random(seed: u64, questions_asked: usize) -> Self {
        let sample = sample(seed);
        let zone = sample.compile();
        let mut rng = Rng::new(seed);
        let asked = questions(&zone).clients(clients(&zone).corner_cases());
        Self {
            zone: spelling::zone(&mut rng, value(&sample.to_json())),
            report: another_report(&mut rng, &zone),
            queries: (0..questions_asked)
                .map(|_| {
                    let query = asked.seeded(rng.number()).to_json();
                    spelling::query(&mut rng, value(&query))
                })
                .collect(),
        }
    }

    /// Another health report on the zone of a seed.
    #[must_use]
    pub fn another_report(seed: u64, number: u64) -> Value {
        let mut rng = Rng::new(seed.wrapping_add(number.wrapping_mul(0x1_0000_0001)));
        another_report(&mut rng, &sample(seed).compile())
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

/// Zones' names, of one label and of several.
const APEXES: [&str; 4] = ["example.com", "shop.example.net", "b-c.example.org", "internal"];

/// The kit's zone of a seed: of any size and shape, corner cases and all.
fn sample(seed: u64) -> SampleZone {
    let mut rng = Rng::new(!seed);
    let (apex, depth, members) = (*rng.one_of(&APEXES), rng.between(1, 4), rng.between(1, 4));
    zones().corner_cases().apex(apex).max_depth(depth).max_members(members).max_trees(3).seeded(rng.number())
}

fn another_report(rng: &mut Rng, zone: &Zone) -> Value {
    let report = health_reports(zone).seeded(rng.number()).to_json();
    spelling::report(rng, value(&report))
}

/// What the kit wrote as JSON.
fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}
