//! A documented case and the documents that it asks a host to read.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

/// One case of `tests/vectors`; the format is described in `tests/vectors/README.md`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The case's name.
    pub id: String,
    /// Where the expectation comes from.
    pub source: String,
    /// Why it is so.
    pub note: Option<String>,
    /// The zone's documents, merged.
    pub zone: Value,
    /// Raw status by health check id or alias target.
    #[serde(default)]
    pub health: Map<String, Value>,
    /// What AWS resources resolve to.
    #[serde(default)]
    pub alias_targets: Map<String, Value>,
    /// What is known of the client.
    #[serde(default)]
    pub client: Map<String, Value>,
    /// The question.
    pub query: Option<Question>,
    /// A batch to apply first.
    pub change_batch: Option<Value>,
    /// The expected answer.
    pub expect: Option<Expect>,
    /// Why the zone or the batch must be refused.
    pub expect_invalid: Option<String>,
    /// Route 53's error for it.
    pub error: Option<String>,
    /// A part of Route 53's message for it.
    pub message_contains: Option<String>,
}

/// A name and a type.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// The name.
    pub name: String,
    /// The type.
    #[serde(rename = "type")]
    pub record_type: String,
}

/// The expected answer.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// The response code.
    pub rcode: Option<String>,
    /// The only possible answer, as a set.
    pub exactly: Option<Vec<String>>,
    /// Every possible answer, each a set.
    pub one_of: Option<Vec<Vec<String>>>,
    /// The set that `count` values come from.
    pub subset_of: Option<Vec<String>>,
    /// How many values of `subset_of` an answer has.
    pub count: Option<usize>,
    /// Probability by answer, its values joined by commas.
    pub weights: Option<BTreeMap<String, f64>>,
    /// Seconds.
    pub ttl: Option<u32>,
    /// The type of the values.
    #[serde(rename = "type")]
    pub record_type: Option<String>,
}

impl Case {
    /// The zone's documents as texts.
    #[must_use]
    pub fn documents(&self) -> Vec<String> {
        let mut documents = vec![self.zone.to_string()];
        if !self.alias_targets.is_empty() {
            documents.push(json!({ "AliasTargets": self.alias_targets }).to_string());
        }
        documents
    }

    /// The health report as a text: keys that are alias targets of the zone go under AliasTargets.
    #[must_use]
    pub fn report(&self) -> String {
        let targets: Vec<&str> = self.zone["ResourceRecordSets"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|set| set["AliasTarget"]["DNSName"].as_str())
            .collect();
        let (alias_targets, health_checks): (Map<String, Value>, Map<String, Value>) =
            self.health.clone().into_iter().partition(|(key, _)| targets.contains(&key.as_str()));
        json!({ "HealthChecks": health_checks, "AliasTargets": alias_targets }).to_string()
    }

    /// The query as a line of JSON with a draw.
    #[must_use]
    pub fn query_line(&self, draw: u64) -> String {
        let question = self.query.clone().unwrap_or(Question { name: String::new(), record_type: String::new() });
        json!({
            "name": question.name,
            "type": question.record_type,
            "client": self.client,
            "draw": draw.to_string(),
        })
        .to_string()
    }
}
