//! JSON whose keys keep their order, so that equal values print equal texts in every build.
//!
//! `serde_json::Value` sorts its keys, or does not, by a feature that any crate of the user's build may turn on for all.

use alloc::string::String;
use alloc::vec::Vec;

use serde::ser::{Serialize, Serializer};

/// A JSON value to be printed.
pub(super) enum Json {
    Bool(bool),
    Number(i64),
    Decimal(f64),
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Json {
    /// In one line.
    pub(super) fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Indented.
    pub(super) fn pretty(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

/// A text.
pub(super) fn word(text: impl Into<String>) -> Json {
    Json::Text(text.into())
}

/// A whole number.
pub(super) fn number(value: impl Into<i64>) -> Json {
    Json::Number(value.into())
}

/// An object with these members.
pub(super) fn object(members: Vec<(&'static str, Json)>) -> Json {
    Json::Object(members.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => serializer.serialize_i64(*value),
            Self::Decimal(value) => serializer.serialize_f64(*value),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(list) => serializer.collect_seq(list),
            Self::Object(members) => serializer.collect_map(members.iter().map(|(key, value)| (key, value))),
        }
    }
}
