//! The exported functions.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use crate::bindings::{Component, prepared, wit};

/// Stands for a zone.
pub(crate) struct Zone;

/// Stands for a view.
pub(crate) struct View;

/// Stands for a name and type.
pub(crate) struct Question;

/// Stands for a client.
pub(crate) struct ClientFacts;

impl wit::Guest for Component {
    type Zone = Zone;
    type View = View;

    fn check(_: Vec<wit::Document>, _: wit::LoadOptions) -> Vec<wit::Diagnostic> {
        trap()
    }

    fn apply(_: Vec<wit::Document>, _: wit::Document, _: wit::LoadOptions) -> Result<String, Vec<wit::Diagnostic>> {
        trap()
    }
}

impl wit::GuestZone for Zone {
    fn load(_: Vec<wit::Document>, _: wit::LoadOptions) -> Result<wit::Zone, Vec<wit::Diagnostic>> {
        Ok(wit::Zone::new(Self))
    }

    fn name(&self) -> String {
        trap()
    }

    fn findings(&self) -> Vec<wit::Diagnostic> {
        trap()
    }

    fn health(&self, _: Option<wit::Document>) -> Result<wit::View, Vec<wit::Diagnostic>> {
        Ok(wit::View::new(View))
    }
}

impl wit::GuestView for View {
    fn findings(&self) -> Vec<wit::Diagnostic> {
        trap()
    }

    fn resolve(&self, _: wit::Query) -> Result<wit::Answer, wit::QueryError> {
        Ok(wit::Answer {
            rcode: wit::Rcode::Noerror,
            type_: "A".to_owned(),
            ttl: Some(60),
            values: ["192.0.2.1".to_owned()].into(),
            set_identifiers: ["apse1".to_owned(), "blue".to_owned(), "PRIMARY".to_owned()].into(),
            fail_open: false,
            scope_prefix_length: 0,
            referral: None,
            alias_target: None,
            undetermined: None,
            quarantined: None,
        })
    }

    fn resolve_many(&self, queries: Vec<wit::Query>) -> Vec<Result<wit::Answer, wit::QueryError>> {
        queries.into_iter().map(|query| self.resolve(query)).collect()
    }

    fn odds(&self, _: wit::Query) -> Result<wit::Odds, wit::QueryError> {
        trap()
    }

    fn explain(&self, _: wit::Query) -> Result<wit::Explanation, wit::QueryError> {
        trap()
    }

    /// The line comes back: text in, text out.
    fn resolve_json(&self, query: String) -> String {
        query
    }

    fn odds_json(&self, _: String) -> String {
        trap()
    }

    fn updated(&self, _: wit::Document) -> Result<wit::View, Vec<wit::Diagnostic>> {
        trap()
    }

    fn down(&self, _: Vec<String>) -> Result<wit::View, wit::SelectionError> {
        trap()
    }

    fn without(&self, _: Vec<String>) -> Result<wit::View, wit::SelectionError> {
        trap()
    }

    fn without_data(&self) -> Vec<String> {
        trap()
    }
}

impl prepared::Guest for Component {
    type Question = Question;
    type ClientFacts = ClientFacts;

    fn decide(
        view: wit::ViewBorrow<'_>,
        question: prepared::QuestionBorrow<'_>,
        client: prepared::ClientFactsBorrow<'_>,
        _: u64,
    ) -> prepared::Decision {
        let (View, Question, ClientFacts) = (view.get(), question.get(), client.get());
        prepared::Decision {
            rcode: wit::Rcode::Noerror,
            type_: prepared::RecordType::A,
            ttl: Some(60),
            fail_open: false,
            scope_prefix_length: 0,
            undetermined: None,
            source: prepared::Source::RecordSets,
            with_values: 1,
            count: 3,
            record_sets: (1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        }
    }

    fn resolve(
        _: wit::ViewBorrow<'_>,
        _: prepared::QuestionBorrow<'_>,
        _: prepared::ClientFactsBorrow<'_>,
        _: u64,
    ) -> wit::Answer {
        trap()
    }

    fn describe(_: wit::ZoneBorrow<'_>, _: u32) -> Option<prepared::RecordSet> {
        trap()
    }
}

impl prepared::GuestQuestion for Question {
    fn look_up(_: wit::ZoneBorrow<'_>, _: String, _: String) -> Result<prepared::Question, wit::QueryError> {
        Ok(prepared::Question::new(Self))
    }
}

impl prepared::GuestClientFacts for ClientFacts {
    fn check(_: wit::Client) -> Result<prepared::ClientFacts, wit::QueryError> {
        Ok(prepared::ClientFacts::new(Self))
    }
}

/// Ends the instance.
fn trap() -> ! {
    core::arch::wasm32::unreachable()
}
