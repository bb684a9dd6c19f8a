//! A second implementation of the rules, to hold the first against: slow, literal, and without a line of core.
//!
//! It is written from the specification alone, as Route 53's guide describes it: walk down, test, back out. It reads
//! the documents itself, takes every zone to be valid, keeps nothing between two questions, and looks through every
//! record set wherever it looks for one. Numbers in the comments are those of the specification.

mod answer;
mod client;
mod compare;
mod draw;
mod explanation;
mod fraction;
mod geography;
mod health;
mod lookup;
mod name;
mod network;
mod odds;
mod policy;
mod scope;
mod zone;

use anyhow::{Context as _, Result};
use serde_json::Value;

pub use self::compare::Disagreement;

use self::client::Client;
use self::compare::{compare, compare_steps};
use self::health::{Report, World};
use self::name::Name;
use self::zone::Zone;

/// A zone at one moment.
///
/// ```
/// use pointsman_tests::oracle::Oracle;
/// use serde_json::json;
/// let zone = json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
///     {"Name": "example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]});
/// let oracle = Oracle::new(&[zone], &json!({}))?;
/// let answer = oracle.answer(&json!({"name": "example.com", "type": "A"}))?;
/// assert_eq!(answer["values"], json!(["192.0.2.1"]));
/// # anyhow::Ok(())
/// ```
#[derive(Debug, Clone)]
pub struct Oracle {
    zone: Zone,
    report: Report,
}

/// A query, read.
struct Question {
    name: Name,
    kind: String,
    client: Client,
    draw: u64,
}

impl Oracle {
    /// Reads zone documents and a health report.
    ///
    /// # Errors
    /// When something is there that no valid document holds.
    pub fn new(documents: &[Value], report: &Value) -> Result<Self> {
        Ok(Self { zone: Zone::read(documents)?, report: Report::read(report)? })
    }

    /// The same zone at another moment.
    ///
    /// # Errors
    /// When the report is not one.
    pub fn at(&self, report: &Value) -> Result<Self> {
        Ok(Self { zone: self.zone.clone(), report: Report::read(report)? })
    }

    /// The answer to a query. `undetermined` is `true` in place of its words.
    ///
    /// # Errors
    /// When the query is not one.
    pub fn answer(&self, query: &Value) -> Result<Value> {
        let Question { name, kind, client, draw } = self.question(query)?;
        Ok(answer::answer(&World::new(&self.zone, &self.report, &client), &name, &kind, draw))
    }

    /// The odds of a query; `None` when its fractions are too long for exact arithmetic here.
    ///
    /// # Errors
    /// When the query is not one.
    pub fn odds(&self, query: &Value) -> Result<Option<Value>> {
        let Question { name, kind, client, .. } = self.question(query)?;
        Ok(odds::odds(&World::new(&self.zone, &self.report, &client), &name, &kind))
    }

    /// Compares an answer line of the other implementation with the oracle's.
    ///
    /// # Errors
    /// When the query is not one, or the line is not JSON.
    pub fn disagrees_on_answer(&self, query: &Value, line: &str) -> Result<Option<Disagreement>> {
        let mine = self.answer(query).with_context(|| query.to_string())?;
        compare(mine, line)
    }

    /// Compares a line of odds of the other implementation with the oracle's. Where the fractions are too long for the
    /// oracle, the other has to say that its own are not exact (10.40).
    ///
    /// # Errors
    /// When the query is not one, or the line is not JSON.
    pub fn disagrees_on_odds(&self, query: &Value, line: &str) -> Result<Option<Disagreement>> {
        match self.odds(query).with_context(|| query.to_string())? {
            Some(mine) => compare(mine, line),
            None if line.contains("\"exact\":false") => Ok(None),
            None => Ok(Some(Disagreement { oracle: "not exact".into(), other: line.into() })),
        }
    }

    /// Compares the steps of an explanation, as JSON, with the oracle's, one by one; returns how many there are. What
    /// the other leaves out for its length, and says so, ends the comparison.
    ///
    /// # Errors
    /// When the query is not one, or the line is not JSON.
    pub fn disagrees_on_steps(&self, query: &Value, line: &str) -> Result<(usize, Option<Disagreement>)> {
        compare_steps(&self.steps(query).with_context(|| query.to_string())?, line)
    }

    /// The steps that an explanation of a query has, without their sentences and without members' parts.
    ///
    /// # Errors
    /// When the query is not one.
    pub fn steps(&self, query: &Value) -> Result<Vec<Value>> {
        let Question { name, kind, client, draw } = self.question(query)?;
        Ok(explanation::steps(&World::new(&self.zone, &self.report, &client), &name, &kind, draw))
    }

    fn question(&self, query: &Value) -> Result<Question> {
        let text = |field: &str| zone::text(query, field).with_context(|| format!("{field} is missing"));
        let draw = match query.get("draw") {
            Some(Value::String(digits)) => digits.parse().context("draw")?,
            Some(number) => number.as_u64().context("draw")?,
            None => 0,
        };
        Ok(Question {
            name: name::parse(text("name")?)?,
            kind: text("type")?.into(),
            client: Client::read(query, &self.zone)?,
            draw,
        })
    }
}
