//! Maintenance: an operator holds a check, an alias target or a whole Region up or down, for a while and for a reason.

use std::collections::BTreeMap;
use std::fmt;

use pointsman_core::health::HealthView;
pub use pointsman_core::health::duration_ms;
use pointsman_core::model::{Name, Region, Time};
use serde_json::{Value, json};

use crate::clock::Moment;
use crate::plan::{Plan, Subject};

/// A status that an operator holds, whatever its probes report. Its times are steady ones ([`Moment`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Force {
    /// Whether it counts as healthy, after Inverted.
    pub up: bool,
    /// Why; shown wherever the status is.
    pub why: String,
    /// When it ends; `None`: when somebody ends it.
    pub until: Option<Time>,
    /// Since when.
    pub since: Time,
}

impl Force {
    /// Whether its time is over.
    #[must_use]
    pub fn is_over(&self, now: Time) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    /// As a sentence.
    #[must_use]
    pub fn in_words(&self, now: Moment) -> String {
        let way = if self.up { "up" } else { "down" };
        match self.until {
            Some(until) => format!("forced {way} until {}: {}", now.shown(until), self.why),
            None => format!("forced {way} until it is cleared: {}", self.why),
        }
    }

    pub(crate) fn to_json(&self, now: Moment) -> Value {
        json!({
            "Status": if self.up { "up" } else { "down" },
            "Why": self.why,
            "Since": now.shown(self.since).to_string(),
            "Until": self.until.map(|until| now.shown(until).to_string()),
        })
    }
}

/// What is forced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// A health check, by its id.
    HealthCheck(String),
    /// An alias target, by its DNS name.
    AliasTarget(String),
    /// What of a Region a status can hold, down to the leaves ([`HealthView::in_region`]).
    Region(String),
    /// Everything that is forced; only to let go of it.
    All,
}

/// Why something cannot be forced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForceError(pub String);

impl fmt::Display for ForceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ForceError {}

/// What a force is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selected {
    /// What is held.
    pub subjects: Vec<Subject>,
    /// Record sets of the Region that stay healthy all the same, as NAME/TYPE/SetIdentifier.
    pub out_of_reach: Vec<String>,
}

impl Selection {
    /// The subject that is named.
    pub(crate) fn named(&self) -> Option<Subject> {
        match self {
            Self::HealthCheck(id) => Some(Subject::HealthCheck(id.clone())),
            Self::AliasTarget(name) => Some(Subject::AliasTarget(Name::parse(name).ok()?.to_string())),
            Self::Region(_) | Self::All => None,
        }
    }

    /// The subject that is named, if it is forced though the zone does not have it.
    pub(crate) fn parked(&self, parked: &BTreeMap<Subject, Force>) -> Option<Subject> {
        let subject = self.named()?;
        parked.contains_key(&subject).then_some(subject)
    }

    /// What is selected of a plan, by the view of its zone.
    pub(crate) fn selected(&self, plan: &Plan, view: &HealthView) -> Result<Selected, ForceError> {
        let one = |subject: Subject| match plan.item(&subject) {
            None => Err(ForceError(format!("the zone has no {subject}"))),
            Some(item) if !Plan::is_reported(item) => {
                Err(ForceError(format!("{subject} is calculated; force the checks that it is calculated from")))
            }
            Some(item) if item.disabled => {
                Err(ForceError(format!("{subject} is Disabled, which already holds it; enable it first")))
            }
            Some(_) => Ok(Selected { subjects: vec![subject], out_of_reach: Vec::new() }),
        };
        match self {
            Self::HealthCheck(id) => one(Subject::HealthCheck(id.clone())),
            Self::AliasTarget(name) => {
                let spelled = Name::parse(name).map_err(|error| ForceError(format!("`{name}`: {error}")))?;
                one(Subject::AliasTarget(spelled.to_string()))
            }
            Self::Region(code) => in_region(code, view),
            Self::All => {
                let subjects = plan.items.iter().map(|item| item.subject.clone()).collect();
                Ok(Selected { subjects, out_of_reach: Vec::new() })
            }
        }
    }
}

fn in_region(code: &str, view: &HealthView) -> Result<Selected, ForceError> {
    let Some(held) = Region::parse(code).and_then(|region| view.in_region(region).ok()) else {
        let mut known: Vec<&str> = view.regions().into_iter().map(Region::as_str).collect();
        known.sort_unstable();
        let known = if known.is_empty() { "no Region at all".into() } else { known.join(", ") };
        return Err(ForceError(format!("nothing of the zone stands in `{code}`; it names {known}")));
    };
    let checks = held.health_checks.into_iter().map(Subject::HealthCheck);
    let subjects: Vec<Subject> = checks.chain(held.alias_targets.into_iter().map(Subject::AliasTarget)).collect();
    if subjects.is_empty() {
        return Err(ForceError(format!(
            "no health check and no alias target of {code} alone can be forced; its record sets are {}",
            held.out_of_reach.join(", ")
        )));
    }
    Ok(Selected { subjects, out_of_reach: held.out_of_reach })
}
