//! What a drill may take, and what it brings.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::about::About;
use super::finding::{Finding, Severity};
use super::survival::Survival;
use crate::claim::Claim;
use crate::subject::Subject;

/// Up to so many endpoints and health checks a name is examined in all worlds. AWS allows 200 health checks.
pub const FAILURES_MAX: usize = 2_000;
/// Up to so many endpoints each pair is examined, where all worlds are too many.
pub const ENDPOINTS_IN_PAIRS: usize = 200;

/// The codes of all findings.
pub const CODES: [&str; 15] = [
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
    "split-answers",
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
    /// Whether two views of health are looked at together, as while Route 53's servers learn of a failure.
    pub split: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { depth: None, nodes_max: 2_000_000, only: Vec::new(), split: false }
    }
}

/// One thing to mend, with everything that it leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Cause {
    /// What to mend.
    pub about: About,
    /// The same in words: `health check hc-1`.
    pub words: String,
    /// Its findings by their places in [`Drill::findings`]: the worst first.
    pub findings: Vec<usize>,
}

impl Cause {
    /// The cause as JSON, its findings by their fingerprints; `findings` are those of the drill.
    #[must_use]
    pub fn to_json(&self, findings: &[Finding]) -> Value {
        let of = || self.findings.iter().filter_map(|number| findings.get(*number));
        let severity = of().next().map_or("note", |finding| finding.severity.as_str());
        let needs_change = of().any(|finding| finding.needs_change);
        json!({"cause": self.words, "severity": severity, "needs_change": needs_change,
            "help": of().next().map(|finding| &finding.help),
            "findings": of().map(Finding::fingerprint).collect::<Vec<_>>()})
    }

    /// The causes of dangers and warnings, with the notes that share them: the worst first, then those that hit most
    /// clients, then those that take the fewest failures, then those of most consequences. `findings` are in order.
    pub(super) fn of(findings: &[Finding], subject: &Subject) -> Vec<Self> {
        let mut causes: Vec<Self> = Vec::new();
        let mut known: BTreeMap<About, usize> = BTreeMap::new();
        for (number, finding) in findings.iter().enumerate() {
            if let Some(cause) = known.get(&finding.cause).and_then(|at| causes.get_mut(*at)) {
                cause.findings.push(number);
                continue;
            }
            if finding.severity == Severity::Note {
                continue;
            }
            if finding.cause != About::Reason {
                known.insert(finding.cause, causes.len());
            }
            let words = match finding.cause {
                About::Reason => finding.message.clone(),
                about => about.in_words(subject),
            };
            causes.push(Self { about: finding.cause, words, findings: vec![number] });
        }
        causes.sort_by_cached_key(|cause| {
            let first = cause.findings.first().and_then(|number| findings.get(*number));
            let (share, size) = first.map_or((0.0, 0), |finding| (finding.share(), finding.size));
            let severity = first.map(|finding| finding.severity);
            (
                severity,
                -(share * 1e6) as i64,
                size,
                std::cmp::Reverse(cause.findings.len()),
                cause.findings.first().copied(),
            )
        });
        causes
    }
}

/// What a drill found.
#[derive(Debug, Default)]
pub struct Drill {
    /// The findings: worst first, then what hits most clients, then what takes the fewest failures.
    pub findings: Vec<Finding>,
    /// Dangers and warnings by what causes them.
    pub causes: Vec<Cause>,
    /// What each failure alone does: an endpoint, or a failure domain.
    pub survival: Vec<Survival>,
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
        object.insert("causes".into(), self.causes.iter().map(|cause| cause.to_json(&self.findings)).collect());
        object.insert("single_failures".into(), self.survival.iter().map(Survival::to_json).collect());
        object
    }
}
