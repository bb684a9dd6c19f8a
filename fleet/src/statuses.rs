//! What a status is about, and tables of statuses.

use std::collections::BTreeMap;
use std::fmt;

use pointsman_core::parse::RawStatus;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::word::{status_of, word_of};

/// What a status is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A health check, by its id.
    HealthCheck(String),
    /// What an alias leads to, by its DNS name, in lower case and with its final dot.
    AliasTarget(String),
}

impl Subject {
    /// The id or the DNS name.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::HealthCheck(id) => id,
            Self::AliasTarget(name) => name,
        }
    }

    /// The key under which health reports list it.
    #[must_use]
    pub const fn list(&self) -> &'static str {
        match self {
            Self::HealthCheck(_) => "HealthChecks",
            Self::AliasTarget(_) => "AliasTargets",
        }
    }

    /// The subject of a list of health reports with this id; `None` when there is no such list.
    #[must_use]
    pub fn of(list: &str, id: String) -> Option<Self> {
        match list {
            "HealthChecks" => Some(Self::HealthCheck(id)),
            "AliasTargets" => Some(Self::AliasTarget(id)),
            _ => None,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HealthCheck(id) => write!(f, "health check {id}"),
            Self::AliasTarget(name) => write!(f, "alias target {name}"),
        }
    }
}

/// Raw statuses of a zone. As JSON it is the two lists of a health report, with the word `no data` besides its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Statuses(pub BTreeMap<Subject, RawStatus>);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Lists {
    #[serde(default)]
    health_checks: BTreeMap<String, String>,
    #[serde(default)]
    alias_targets: BTreeMap<String, String>,
}

impl Serialize for Statuses {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut lists = Lists { health_checks: BTreeMap::new(), alias_targets: BTreeMap::new() };
        for (subject, status) in &self.0 {
            let list = match subject {
                Subject::HealthCheck(_) => &mut lists.health_checks,
                Subject::AliasTarget(_) => &mut lists.alias_targets,
            };
            list.insert(subject.id().to_owned(), word_of(*status).to_owned());
        }
        lists.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let lists = Lists::deserialize(deserializer)?;
        let mut statuses = BTreeMap::new();
        let all = lists.health_checks.into_iter().map(|(id, word)| (Subject::HealthCheck(id), word));
        for (subject, word) in
            all.chain(lists.alias_targets.into_iter().map(|(id, word)| (Subject::AliasTarget(id), word)))
        {
            let status = status_of(&word).ok_or_else(|| serde::de::Error::custom(format!("`{word}` is no status")))?;
            statuses.insert(subject, status);
        }
        Ok(Self(statuses))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut statuses = Statuses::default();
        statuses.0.insert(Subject::HealthCheck("a \"1\"".into()), RawStatus::NoData);
        statuses.0.insert(Subject::AliasTarget("lb.example.".into()), RawStatus::Unhealthy);
        let last = RawStatus::Insufficient { last_known_unhealthy: true };
        statuses.0.insert(Subject::HealthCheck("b".into()), last);
        let text = serde_json::to_string(&statuses).unwrap();
        assert_eq!(serde_json::from_str::<Statuses>(&text).unwrap(), statuses);
        assert!(serde_json::from_str::<Statuses>(r#"{"HealthChecks":{"a":"down"}}"#).is_err());
    }
}
