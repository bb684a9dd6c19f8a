//! What a drill may take, and what it brings.

use serde_json::{Map, Value};

use super::finding::Finding;
use crate::claim::Claim;

/// Up to so many endpoints and health checks a name is examined in all worlds. AWS allows 200 health checks.
pub const FAILURES_MAX: usize = 2_000;
/// Up to so many endpoints each pair is examined, where all worlds are too many.
pub const ENDPOINTS_IN_PAIRS: usize = 200;

/// The codes of all findings.
pub const CODES: [&str; 14] = [
    "dead-endpoint",
    "no-answer",
    "part-dead",
    "zero-weight-goes-live",
    "unwatched-standby",
    "standby-in-same-domain",
    "fails-open",
    "check-reads-its-own-name",
    "check-reads-elsewhere",
    "family-falls-behind",
    "never-used",
    "idle-check",
    "leaves-continent",
    "load-shift",
];

/// What a drill may take.
#[derive(Debug, Clone)]
pub struct Options {
    /// Only findings of at most so many failures at once; a failure domain is one. Without it any number.
    pub depth: Option<usize>,
    /// The most nodes of the decision diagrams: about 100 bytes each. A name that needs more is examined for each
    /// failure and each pair of failures only.
    pub nodes_max: usize,
    /// Only these names, of every type; all of them when empty.
    pub only: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self { depth: None, nodes_max: 2_000_000, only: Vec::new() }
    }
}

/// What a drill found.
#[derive(Debug, Default)]
pub struct Drill {
    /// The findings: worst first, then what hits most clients, then what takes the fewest failures.
    pub findings: Vec<Finding>,
    /// Names and types that were asked.
    pub questions: usize,
    /// Classes of clients, of all questions together.
    pub classes: usize,
    /// Endpoints and health checks that can fail.
    pub failures: usize,
    /// Questions that were too large to be examined in all worlds: each single failure and each pair instead.
    pub bounded: Vec<String>,
    /// Findings that core did not confirm: a mistake of this crate's reasoning, told instead of the finding.
    pub unconfirmed: Vec<String>,
    /// Words of the facts file that name nothing.
    pub unknown: Vec<String>,
    /// Whether it was told to stop before every name was asked.
    pub stopped: bool,
    /// What all of this rests on.
    pub claim: Claim,
}

impl Drill {
    /// The result as JSON: what it rests on, what was looked at, and the findings. `zone` is the zone's name.
    #[must_use]
    pub fn to_json(&self, zone: &str) -> Map<String, Value> {
        let mut object = Map::new();
        self.claim.add_to(&mut object);
        object.insert("zone".into(), zone.into());
        object.insert("questions".into(), self.questions.into());
        object.insert("classes".into(), self.classes.into());
        object.insert("failures".into(), self.failures.into());
        object.insert("findings".into(), self.findings.iter().map(Finding::to_json).collect());
        object
    }
}
