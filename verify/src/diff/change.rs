//! What a diff says: names and types with the cases in which they are answered differently, and what is dangerous.

use pointsman_core::model::RecordType;

use super::answer::Answer;
use super::names::Scope;
use crate::claim::Claim;

/// What differs between two versions.
#[derive(Debug, Clone, Default)]
pub struct Diff {
    /// By name and type, in order.
    pub changes: Vec<Change>,
    /// Names that get NOERROR without data for types that they do not have, and got NXDOMAIN: they exist now, because of
    /// names below. Names that are among the changes are left out.
    pub appear: Vec<String>,
    /// The other way round.
    pub vanish: Vec<String>,
    /// What is dangerous about the changes.
    pub findings: Vec<Finding>,
    /// Names and types that were compared, those that are the same by their text included.
    pub compared: usize,
    /// What it rests on.
    pub claim: Claim,
}

/// One name and type whose answers differ.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The name, or one of those that it stands for.
    pub name: String,
    /// The type, or one of those that it stands for.
    pub record_type: RecordType,
    /// What it stands for.
    pub scope: Scope,
    /// Who gets what instead of what, and when.
    pub cases: Vec<Case>,
}

/// Some clients, some states, one answer before and one after.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// The clients in words.
    pub clients: String,
    /// Options that ask as one of them.
    pub client: Vec<String>,
    /// The share of the Earth that they are on, as far as positions tell clients apart; 0 to 1.
    pub earth: Option<f64>,
    /// What is down in the smallest such state; empty when nothing is.
    pub down: Vec<String>,
    /// Alarms without enough data in that state, in words; only where the versions take that differently.
    pub insufficient: Vec<String>,
    /// In how many of the states that were tried it is so.
    pub states: usize,
    /// The answer before.
    pub before: Answer,
    /// The answer after.
    pub after: Answer,
}

/// A name that had an answer and has none.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// The stable code: [`NAME_GOES_DARK`].
    pub code: &'static str,
    /// The name, or one of those that it stands for.
    pub name: String,
    /// The type, or one of those that it stands for.
    pub record_type: RecordType,
    /// What is wrong, with the question and the clients.
    pub message: String,
    /// The clients in words.
    pub clients: String,
    /// Options that ask as one of them.
    pub client: Vec<String>,
    /// What is down; empty when nothing is.
    pub down: Vec<String>,
    /// The answer that was.
    pub before: Answer,
    /// The answer without data that is.
    pub after: Answer,
}

/// A name that had an answer and has none; a danger.
pub const NAME_GOES_DARK: &str = "name-goes-dark";

impl Finding {
    /// What goes dark of a change.
    pub(super) fn of(change: &Change) -> Option<Self> {
        let case = change.cases.iter().find(|case| !case.before.may_be_empty() && case.after.may_be_empty())?;
        Some(Self {
            code: NAME_GOES_DARK,
            name: change.name.clone(),
            record_type: change.record_type,
            message: format!(
                "{} had an answer and has none ({}) for {}",
                change.question(),
                case.after.line(),
                case.clients
            ),
            clients: case.clients.clone(),
            client: case.client.clone(),
            down: case.down.clone(),
            before: case.before.clone(),
            after: case.after.clone(),
        })
    }
}

impl Change {
    /// The question in words, with what it stands for.
    #[must_use]
    pub fn question(&self) -> String {
        self.scope.question(&self.name, self.record_type)
    }
}

impl Diff {
    /// Whether nobody gets another answer.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.appear.is_empty() && self.vanish.is_empty()
    }
}
