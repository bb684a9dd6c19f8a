//! The exported functions: each turns its arguments into core's, calls core, and turns the result back.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::RefCell;

use pointsman_core::compile::{self, compile};
use pointsman_core::diagnostic::{Diagnostic, has_errors};
use pointsman_core::health::HealthView;
use pointsman_core::parse::{Document, HealthReport, parse, parse_report};
use pointsman_core::query::Query;
use pointsman_core::resolve::Scratch;
use pointsman_core::validate::{Options, Validated, apply, apply_json, validate};

use crate::bindings::{Component, wit};
use crate::convert;

/// A loaded zone with what loading had to say.
pub(crate) struct Zone {
    pub(crate) zone: Arc<compile::Zone>,
    findings: Vec<wit::Diagnostic>,
}

/// A view with what its report had to say, and the room that its queries use in turn.
pub(crate) struct View {
    pub(crate) view: HealthView,
    pub(crate) room: RefCell<Room>,
    findings: Vec<wit::Diagnostic>,
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
        let validated = validated(&documents, &options);
        convert::diagnostics(&validated.diagnostics, &documents)
    }

    fn apply(
        mut documents: Vec<wit::Document>,
        batch: wit::Document,
        options: wit::LoadOptions,
    ) -> Result<String, Vec<wit::Diagnostic>> {
        let parsed = parsed(&documents);
        let applied = apply(&parsed, &parsed_one(documents.len(), &batch), &core_options(&options));
        if !has_errors(&applied.diagnostics) {
            let texts: Vec<&str> = documents.iter().map(|document| document.text.as_str()).collect();
            return Ok(apply_json(&parsed, &texts, &batch.text, &applied));
        }
        drop(parsed);
        documents.push(batch);
        Err(convert::diagnostics(&applied.diagnostics, &documents))
    }
}

impl wit::GuestZone for Zone {
    fn load(documents: Vec<wit::Document>, options: wit::LoadOptions) -> Result<wit::Zone, Vec<wit::Diagnostic>> {
        let validated = validated(&documents, &options);
        let findings = convert::diagnostics(&validated.diagnostics, &documents);
        match validated.zone {
            Some(hosted_zone) => Ok(wit::Zone::new(Self { zone: Arc::new(compile(&hosted_zone)), findings })),
            None => Err(findings),
        }
    }

    fn name(&self) -> String {
        self.zone.name().to_string()
    }

    fn findings(&self) -> Vec<wit::Diagnostic> {
        self.findings.clone()
    }

    fn health(&self, report: Option<wit::Document>) -> Result<wit::View, Vec<wit::Diagnostic>> {
        let Some(document) = report else {
            let (view, warnings) = HealthView::new(Arc::clone(&self.zone), &HealthReport::default());
            return Ok(View::resource(view, convert::diagnostics(&warnings, &[])));
        };
        with_report(document, |report| HealthView::new(Arc::clone(&self.zone), report))
    }
}

impl wit::GuestView for View {
    fn findings(&self) -> Vec<wit::Diagnostic> {
        self.findings.clone()
    }

    fn resolve(&self, query: wit::Query) -> Result<wit::Answer, wit::QueryError> {
        let Room { query: asked, scratch } = &mut *self.room.borrow_mut();
        convert::query(&query, asked)?;
        Ok(convert::answer(&self.view.resolve(asked, scratch)))
    }

    fn resolve_many(&self, queries: Vec<wit::Query>) -> Vec<Result<wit::Answer, wit::QueryError>> {
        queries.into_iter().map(|query| self.resolve(query)).collect()
    }

    fn odds(&self, query: wit::Query) -> Result<wit::Odds, wit::QueryError> {
        let asked = &mut self.room.borrow_mut().query;
        convert::query(&query, asked)?;
        self.view.odds(asked).map(|odds| convert::odds(&odds)).map_err(convert::odds_error)
    }

    fn explain(&self, query: wit::Query) -> Result<wit::Explanation, wit::QueryError> {
        let Room { query: asked, scratch } = &mut *self.room.borrow_mut();
        convert::query(&query, asked)?;
        let answer = convert::answer(&self.view.resolve(asked, scratch));
        Ok(convert::explanation(self.view.explain(asked), answer))
    }

    fn resolve_json(&self, query: String) -> String {
        self.view.resolve_json(&query, &mut self.room.borrow_mut().scratch)
    }

    fn odds_json(&self, query: String) -> String {
        self.view.odds_json(&query)
    }

    fn updated(&self, changes: wit::Document) -> Result<wit::View, Vec<wit::Diagnostic>> {
        with_report(changes, |report| self.view.updated(report))
    }

    fn down(&self, what: Vec<String>) -> Result<wit::View, wit::SelectionError> {
        let mut view = self.view.clone();
        let mut findings = Vec::new();
        for what in &what {
            let (next, warnings) = view.down(what).map_err(convert::selection_error)?;
            view = next;
            findings.extend(convert::diagnostics(&warnings, &[]));
        }
        Ok(Self::resource(view, findings))
    }

    fn without(&self, record_sets: Vec<String>) -> Result<wit::View, wit::SelectionError> {
        let view = self.view.without(record_sets.iter().map(String::as_str)).map_err(convert::selection_error)?;
        Ok(Self::resource(view, Vec::new()))
    }

    fn without_data(&self) -> Vec<String> {
        self.view.without_data().into_iter().map(String::from).collect()
    }
}

impl View {
    fn resource(view: HealthView, findings: Vec<wit::Diagnostic>) -> wit::View {
        let room = Room { query: Query::room(), scratch: Scratch::new(view.zone()) };
        wit::View::new(Self { view, room: RefCell::new(room), findings })
    }
}

/// Reads and joins documents.
fn validated(documents: &[wit::Document], options: &wit::LoadOptions) -> Validated {
    validate(&parsed(documents), &core_options(options))
}

fn parsed(documents: &[wit::Document]) -> Vec<Document<'_>> {
    documents.iter().enumerate().map(|(number, document)| parsed_one(number, document)).collect()
}

fn parsed_one(number: usize, document: &wit::Document) -> Document<'_> {
    let mut parsed = parse(number, &document.text);
    parsed.cidr_collection_id = document.cidr_collection.as_deref().map(Into::into);
    parsed
}

fn core_options(options: &wit::LoadOptions) -> Options<'_> {
    Options { zone_name: options.zone_name.as_deref() }
}

/// A view made with a report, or the report's errors.
fn with_report(
    document: wit::Document,
    view: impl FnOnce(&HealthReport) -> (HealthView, Vec<Diagnostic>),
) -> Result<wit::View, Vec<wit::Diagnostic>> {
    let documents = [document];
    let [document] = &documents;
    let (report, mut findings) =
        parse_report(0, &document.text).map_err(|findings| convert::diagnostics(&findings, &documents))?;
    let (view, warnings) = view(&report);
    findings.extend(warnings);
    Ok(View::resource(view, convert::diagnostics(&findings, &documents)))
}
