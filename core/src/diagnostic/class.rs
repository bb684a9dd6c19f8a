//! How much a finding matters, and to whom.

use serde::Serialize;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The document is refused.
    Error,
    /// The document is accepted; its author should know this.
    Warning,
}

/// Who objects (10.47).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// The engine: no answer can be computed.
    CannotBeEvaluated,
    /// Route 53 would refuse this; an answer can be computed all the same.
    RefusedByApi,
    /// Nobody refuses it, but it will surprise.
    Lint,
}

impl Severity {
    /// The JSON word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

impl Class {
    /// The JSON word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CannotBeEvaluated => "cannot-be-evaluated",
            Self::RefusedByApi => "refused-by-api",
            Self::Lint => "lint",
        }
    }
}
