//! One class of clients of one question, and the words that findings about it share.

use crate::bdd::Bdd;
use crate::class::{Class, Classes};
use crate::subject::Subject;
use crate::text::listed;
use crate::tree::{Evaluated, Towards, answers};

/// What is known of one class of a question.
pub(super) struct Case<'a> {
    pub(super) question: usize,
    pub(super) number: usize,
    pub(super) classes: &'a Classes,
    /// The conditions over everything that can fail.
    pub(super) all: Evaluated<Bdd>,
}

impl Case<'_> {
    pub(super) fn class(&self) -> Option<&Class> {
        self.classes.list.get(self.number)
    }
}

/// Whether a branch answers by itself.
pub(super) fn is_answer(leads: Towards) -> bool {
    leads == Towards::Answer
}

/// The endpoints of a record set in words.
pub(super) fn endpoint_of(subject: &Subject, record: usize) -> String {
    called(subject, answers(subject, record))
}

/// Endpoints in words.
pub(super) fn called(subject: &Subject, endpoints: &[usize]) -> String {
    let endpoints = endpoints.iter().filter_map(|endpoint| subject.endpoints.list.get(*endpoint));
    listed(&endpoints.map(|endpoint| endpoint.label.as_str()).collect::<Vec<_>>(), 3)
}
