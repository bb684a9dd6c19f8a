//! The values of a fleet's keys, as JSON. Each says who wrote it, and at which number of that writer.

use std::collections::BTreeMap;

use pointsman_core::health::HealthyAbove;
use pointsman_core::parse::RawStatus;
use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::statuses::Statuses;

/// Who wrote a value, and as its how many-eth.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Writer {
    /// The watch's name.
    pub id: String,
    /// Another one for each start of a process.
    pub run: String,
    /// Grows by one with each value that this run writes.
    pub sequence: u64,
}

/// A watch that takes part.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Member {
    /// Who.
    pub writer: Writer,
    /// Where it stands, such as `eu-central-1`.
    pub location: String,
}

/// Who writes reports.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Leader {
    /// Who.
    pub writer: Writer,
}

/// What all watches of a fleet go by.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Rules {
    /// Who.
    pub writer: Writer,
    /// What share of the probers has to be exceeded for a check to be healthy.
    #[serde(with = "as_text")]
    pub healthy_above: HealthyAbove,
    /// How many probers decide; `None`: half of those that were seen within a day.
    pub quorum: Option<u16>,
    /// Why it is so, for people.
    #[serde(default)]
    pub why: String,
}

mod as_text {
    use pointsman_core::health::HealthyAbove;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(above: &HealthyAbove, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(above)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<HealthyAbove, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What one watch found in a zone, as a whole. What is not in it, it does not try.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Table {
    /// Who.
    pub writer: Writer,
    /// Where it stands.
    pub location: String,
    /// What it holds each endpoint for, by its own tries alone.
    #[serde(flatten)]
    pub statuses: Statuses,
}

/// What all of them find together.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Report {
    /// The leader that wrote it.
    pub writer: Writer,
    /// It follows from the keys as they were at this revision of the engine, so that anybody can work it out again.
    pub revision: i64,
    /// Grows by one with each write of this zone's report, whoever makes it.
    pub number: u64,
    /// Too few probers live to decide, so that it says what was decided last.
    pub frozen: bool,
    /// The statuses.
    #[serde(flatten)]
    pub statuses: Statuses,
}

/// What an operator holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Force {
    /// The watch that the operator spoke to.
    pub writer: Writer,
    /// Whether it counts as healthy, after Inverted.
    pub up: bool,
    /// Why.
    pub why: String,
    /// For how long, in milliseconds; `None`: until somebody ends it.
    pub for_ms: Option<u64>,
}

/// What was told from outside of something that nobody probes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Told {
    /// The watch that was told.
    pub writer: Writer,
    /// The word: `OK`, `ALARM`, `INSUFFICIENT_DATA`, `On`, `Off`.
    pub state: String,
    /// What that makes of it.
    #[serde(with = "as_word")]
    pub status: RawStatus,
}

mod as_word {
    use pointsman_core::parse::RawStatus;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use crate::word::{status_of, word_of};

    pub(super) fn serialize<S: Serializer>(status: &RawStatus, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(word_of(*status))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RawStatus, D::Error> {
        let word = String::deserialize(deserializer)?;
        status_of(&word).ok_or_else(|| serde::de::Error::custom(format!("`{word}` is no status")))
    }
}

/// A version of a zone that was published.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Version {
    /// The watch that the operator spoke to.
    pub writer: Writer,
    /// SHA-256 of the document, in hexadecimal.
    pub digest: String,
    /// How many parts it is kept in.
    pub chunks: u32,
    /// How long it is, in bytes.
    pub bytes: u64,
    /// Why it was published.
    pub why: String,
}

/// Which version of a zone is where.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Current {
    /// The watch that the operator spoke to.
    pub writer: Writer,
    /// Grows by one with each publication and each rollback.
    pub number: u64,
    /// The digest of the version for every location that is not named; `None` while the first version is being rolled out.
    pub digest: Option<String>,
    /// Locations that have another version, by its digest.
    #[serde(default)]
    pub at: BTreeMap<String, String>,
    /// The versions that are kept, the newest first.
    pub versions: Vec<Version>,
    /// Why it is as it is.
    pub why: String,
}

impl Current {
    /// How many versions are kept.
    pub const VERSIONS_MAX: usize = 10;

    /// The digest of the version that a location has.
    #[must_use]
    pub fn digest_at(&self, location: &str) -> Option<&str> {
        self.at.get(location).or(self.digest.as_ref()).map(String::as_str)
    }

    /// A version that is kept.
    #[must_use]
    pub fn version(&self, digest: &str) -> Option<&Version> {
        self.versions.iter().find(|version| version.digest == digest)
    }
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Record {
    /// Of [`Key::Rules`].
    Rules(Rules),
    /// Of [`Key::Leader`].
    Leader(Leader),
    /// Of [`Key::Prober`] and [`Key::Seen`].
    Member(Member),
    /// Of [`Key::Table`].
    Table(Table),
    /// Of [`Key::Report`].
    Report(Report),
    /// Of [`Key::Force`].
    Force(Force),
    /// Of [`Key::Told`].
    Told(Told),
    /// Of [`Key::Current`].
    Current(Current),
    /// Of [`Key::Body`].
    Body(Vec<u8>),
}

impl Record {
    /// The value of a key from its bytes.
    ///
    /// # Errors
    /// They are not what this version writes there; why, in words.
    pub fn read(key: &Key, bytes: &[u8]) -> Result<Self, String> {
        let read = || -> Result<Self, serde_json::Error> {
            Ok(match key {
                Key::Rules => Self::Rules(serde_json::from_slice(bytes)?),
                Key::Leader => Self::Leader(serde_json::from_slice(bytes)?),
                Key::Prober(_) | Key::Seen(_) => Self::Member(serde_json::from_slice(bytes)?),
                Key::Table { .. } => Self::Table(serde_json::from_slice(bytes)?),
                Key::Report(_) => Self::Report(serde_json::from_slice(bytes)?),
                Key::Force { .. } => Self::Force(serde_json::from_slice(bytes)?),
                Key::Told { .. } => Self::Told(serde_json::from_slice(bytes)?),
                Key::Current(_) => Self::Current(serde_json::from_slice(bytes)?),
                Key::Body { .. } => Self::Body(bytes.to_vec()),
            })
        };
        read().map_err(|error| format!("the value of `{key}` cannot be read: {error}"))
    }

    /// As bytes.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let json = match self {
            Self::Rules(record) => serde_json::to_vec(record),
            Self::Leader(record) => serde_json::to_vec(record),
            Self::Member(record) => serde_json::to_vec(record),
            Self::Table(record) => serde_json::to_vec(record),
            Self::Report(record) => serde_json::to_vec(record),
            Self::Force(record) => serde_json::to_vec(record),
            Self::Told(record) => serde_json::to_vec(record),
            Self::Current(record) => serde_json::to_vec(record),
            Self::Body(bytes) => return bytes.clone(),
        };
        // Maps with text as keys and numbers: there is nothing in them that JSON cannot hold.
        json.unwrap_or_default()
    }
}
