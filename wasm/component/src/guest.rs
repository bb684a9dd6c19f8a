//! The exported functions: each turns its arguments into core's, calls core, and turns the result back.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;

use pointsman_core::query::Query;
use pointsman_core::resolve::Scratch;
use pointsman_core::validate::Options;
use pointsman_core::{Source, apply, check};

use crate::bindings::{Component, wit};
use crate::{convert, said};

/// A loaded zone.
pub(crate) struct Zone(pub(crate) pointsman_core::Zone);

/// A view, with the room that its queries use in turn.
pub(crate) struct View {
    pub(crate) view: pointsman_core::View,
    pub(crate) room: RefCell<Room>,
}

/// Room for one query and for its way through the zone.
pub(crate) struct Room {
    query: Query,
    pub(crate) scratch: Scratch,
}

impl wit::Guest for Component {
    type Zone = Zone;
    type View = View;

    fn check(documents: Vec<wit::Document>, options: wit::LoadOptions) -> Vec<wit::Diagnostic> {
        said::findings(&check(sources(&documents), &core_options(&options)))
    }

    fn apply(
        documents: Vec<wit::Document>,
        batch: wit::Document,
        options: wit::LoadOptions,
    ) -> Result<String, Vec<wit::Diagnostic>> {
        apply(sources(&documents), source(&batch), &core_options(&options))
            .map_err(|findings| said::findings(&findings))
    }
}

impl wit::GuestZone for Zone {
    fn load(documents: Vec<wit::Document>, options: wit::LoadOptions) -> Result<wit::Zone, Vec<wit::Diagnostic>> {
        match pointsman_core::Zone::load_with(sources(&documents), &core_options(&options)) {
            Ok(zone) => Ok(wit::Zone::new(Self(zone))),
            Err(findings) => Err(said::findings(&findings)),
        }
    }

    fn name(&self) -> String {
        self.0.compiled().name().to_string()
    }

    fn findings(&self) -> Vec<wit::Diagnostic> {
        said::findings(self.0.findings())
    }

    fn health(&self, report: Option<wit::Document>) -> Result<wit::View, Vec<wit::Diagnostic>> {
        match &report {
            None => Ok(View::resource(self.0.without_report())),
            Some(report) => View::or_findings(self.0.health(source(report))),
        }
    }
}

impl wit::GuestView for View {
    fn findings(&self) -> Vec<wit::Diagnostic> {
        said::findings(self.view.findings())
    }

    fn resolve(&self, query: wit::Query) -> Result<wit::Answer, wit::QueryError> {
        let Room { query: asked, scratch } = &mut *self.room.borrow_mut();
        convert::query(&query, asked)?;
        Ok(convert::answer(&self.view.health_view().resolve(asked, scratch)))
    }

    fn resolve_many(&self, queries: Vec<wit::Query>) -> Vec<Result<wit::Answer, wit::QueryError>> {
        queries.into_iter().map(|query| self.resolve(query)).collect()
    }

    fn odds(&self, query: wit::Query) -> Result<wit::Odds, wit::QueryError> {
        let asked = &mut self.room.borrow_mut().query;
        convert::query(&query, asked)?;
        self.view.odds(asked).map(|odds| said::odds(&odds)).map_err(said::odds_error)
    }

    fn explain(&self, query: wit::Query) -> Result<wit::Explanation, wit::QueryError> {
        let Room { query: asked, scratch } = &mut *self.room.borrow_mut();
        convert::query(&query, asked)?;
        let answer = convert::answer(&self.view.health_view().resolve(asked, scratch));
        Ok(said::explanation(self.view.explain(asked), answer))
    }

    fn resolve_json(&self, query: String) -> String {
        self.view.health_view().resolve_json(&query, &mut self.room.borrow_mut().scratch)
    }

    fn odds_json(&self, query: String) -> String {
        self.view.health_view().odds_json(&query)
    }

    fn updated(&self, changes: wit::Document) -> Result<wit::View, Vec<wit::Diagnostic>> {
        Self::or_findings(self.view.updated(source(&changes)))
    }

    fn down(&self, what: Vec<String>) -> Result<wit::View, wit::SelectionError> {
        let view = self.view.down(what.iter().map(String::as_str)).map_err(said::selection_error)?;
        Ok(Self::resource(view))
    }

    fn without(&self, record_sets: Vec<String>) -> Result<wit::View, wit::SelectionError> {
        let view = self.view.without(record_sets.iter().map(String::as_str)).map_err(said::selection_error)?;
        Ok(Self::resource(view))
    }

    fn without_data(&self) -> Vec<String> {
        self.view.health_view().without_data().into_iter().map(String::from).collect()
    }
}

impl View {
    fn resource(view: pointsman_core::View) -> wit::View {
        let room = Room { query: Query::room(), scratch: Scratch::new(view.health_view().zone()) };
        wit::View::new(Self { view, room: RefCell::new(room) })
    }

    fn or_findings(
        view: Result<pointsman_core::View, pointsman_core::Findings>,
    ) -> Result<wit::View, Vec<wit::Diagnostic>> {
        view.map(Self::resource).map_err(|findings| said::findings(&findings))
    }
}

fn sources(documents: &[wit::Document]) -> impl Iterator<Item = Source<'_>> {
    documents.iter().map(source)
}

fn source(document: &wit::Document) -> Source<'_> {
    let source = Source::named(&document.name, &document.text);
    document.cidr_collection.as_deref().map_or(source, |id| source.of_cidr_collection(id))
}

fn core_options(options: &wit::LoadOptions) -> Options<'_> {
    Options { zone_name: options.zone_name.as_deref() }
}
