//! Pointsman in a Rust program: the component, loaded with wasmtime.
//!
//! [`Component::open`] once a process (it compiles the component), [`Component::load`] once a zone, [`Component::health`]
//! once a state of the health checks, [`Component::resolve`] once a query, or the quick way of [`Component::decide`]. The component imports nothing, so its store
//! needs neither WASI nor a state of its own; one thread uses a component at a time, and a program with many threads
//! opens one in each.

use std::fmt;
use std::path::Path;

use wasmtime::component::{Linker, ResourceAny};
use wasmtime::{Engine, Result, Store};

mod prepared;

mod bindings {
    #![allow(missing_docs, unreachable_pub, unused_qualifications, clippy::all, reason = "generated from the WIT")]
    wasmtime::component::bindgen!({
        path: "../../wasm/wit",
        world: "pointsman",
        additional_derives: [PartialEq],
    });
}

use bindings::Pointsman;
pub use bindings::exports::pointsman::routing::routing::{
    Answer, Choice, Class, Client, Coordinates, Diagnostic, Document, Explanation, GroupFacts, Health, Latency,
    LoadOptions, Member, Odds, Outcome, Parameter, ParameterValue, PossibleAnswer, PossibleValues, Query, QueryError,
    Rcode, Reason, SelectionError, Severity, Step, StepKind, Verdict,
};
pub use prepared::{ClientFacts, Decision, Question, RecordSet, RecordSets, RecordType, Source, Undetermined};

/// The component, ready to be called.
pub struct Component {
    store: Store<()>,
    pointsman: Pointsman,
}

/// A zone inside its component.
#[derive(Debug, Clone, Copy)]
pub struct Zone(ResourceAny);

/// A zone under one state of its health checks, inside its component.
#[derive(Debug, Clone, Copy)]
pub struct View(ResourceAny);

impl Component {
    /// Compiles the component in a file.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let engine = Engine::default();
        let component = wasmtime::component::Component::from_file(&engine, path)?;
        let mut store = Store::new(&engine, ());
        let pointsman = Pointsman::instantiate(&mut store, &component, &Linker::new(&engine))?;
        Ok(Self { store, pointsman })
    }

    /// Every finding about the documents of one zone.
    pub fn check(&mut self, documents: &[Document], options: &LoadOptions) -> Result<Vec<Diagnostic>> {
        self.pointsman.pointsman_routing_routing().call_check(&mut self.store, documents, options)
    }

    /// The documents of one zone after a change batch, as one document. The error is a [`Findings`] when it is theirs.
    pub fn apply(&mut self, documents: &[Document], batch: &Document, options: &LoadOptions) -> Result<String> {
        let functions = self.pointsman.pointsman_routing_routing();
        Ok(functions.call_apply(&mut self.store, documents, batch, options)?.map_err(Findings)?)
    }

    /// Loads the documents of one zone. The error is a [`Findings`] when it is theirs.
    pub fn load(&mut self, documents: &[Document], options: &LoadOptions) -> Result<Zone> {
        let zone = self.pointsman.pointsman_routing_routing().zone();
        Ok(Zone(zone.call_load(&mut self.store, documents, options)?.map_err(Findings)?))
    }

    /// What loading had to say, although it did not fail.
    pub fn zone_findings(&mut self, zone: Zone) -> Result<Vec<Diagnostic>> {
        self.pointsman.pointsman_routing_routing().zone().call_findings(&mut self.store, zone.0)
    }

    /// The zone under a health report; without one, no check has data. The error is a [`Findings`] when it is the report's.
    pub fn health(&mut self, zone: Zone, report: Option<&Document>) -> Result<View> {
        let methods = self.pointsman.pointsman_routing_routing().zone();
        Ok(View(methods.call_health(&mut self.store, zone.0, report)?.map_err(Findings)?))
    }

    /// What the report had to say, although it did not fail.
    pub fn view_findings(&mut self, view: View) -> Result<Vec<Diagnostic>> {
        self.pointsman.pointsman_routing_routing().view().call_findings(&mut self.store, view.0)
    }

    /// The answer to a query, typed: nothing is turned into JSON on the way.
    pub fn resolve(&mut self, view: View, query: &Query) -> Result<Result<Answer, QueryError>> {
        self.pointsman.pointsman_routing_routing().view().call_resolve(&mut self.store, view.0, query)
    }

    /// The answers to many queries, for the price of one call.
    pub fn resolve_many(&mut self, view: View, queries: &[Query]) -> Result<Vec<Result<Answer, QueryError>>> {
        self.pointsman.pointsman_routing_routing().view().call_resolve_many(&mut self.store, view.0, queries)
    }

    /// The exact distribution of the answer.
    pub fn odds(&mut self, view: View, query: &Query) -> Result<Result<Odds, QueryError>> {
        self.pointsman.pointsman_routing_routing().view().call_odds(&mut self.store, view.0, query)
    }

    /// The answer with its reasons.
    pub fn explain(&mut self, view: View, query: &Query) -> Result<Result<Explanation, QueryError>> {
        self.pointsman.pointsman_routing_routing().view().call_explain(&mut self.store, view.0, query)
    }

    /// A query as a line of JSON, answered as a line of JSON.
    pub fn resolve_json(&mut self, view: View, line: &str) -> Result<String> {
        self.pointsman.pointsman_routing_routing().view().call_resolve_json(&mut self.store, view.0, line)
    }

    /// A query as a line of JSON; its odds as a line of JSON.
    pub fn odds_json(&mut self, view: View, line: &str) -> Result<String> {
        self.pointsman.pointsman_routing_routing().view().call_odds_json(&mut self.store, view.0, line)
    }

    /// The view after some checks changed.
    pub fn updated(&mut self, view: View, changes: &Document) -> Result<View> {
        let methods = self.pointsman.pointsman_routing_routing().view();
        Ok(View(methods.call_updated(&mut self.store, view.0, changes)?.map_err(Findings)?))
    }

    /// The view in which these checks, alias targets, Regions or record sets are down.
    pub fn down(&mut self, view: View, what: &[String]) -> Result<Result<View, SelectionError>> {
        let methods = self.pointsman.pointsman_routing_routing().view();
        Ok(methods.call_down(&mut self.store, view.0, what)?.map(View))
    }

    /// The view in which these record sets count as unhealthy, so that the answer is the next choice.
    pub fn without(&mut self, view: View, record_sets: &[String]) -> Result<Result<View, SelectionError>> {
        let methods = self.pointsman.pointsman_routing_routing().view();
        Ok(methods.call_without(&mut self.store, view.0, record_sets)?.map(View))
    }

    /// Frees a zone; views of it stay.
    pub fn drop_zone(&mut self, zone: Zone) -> Result<()> {
        zone.0.resource_drop(&mut self.store)
    }

    /// Frees a view, such as one that was swapped for a newer one.
    pub fn drop_view(&mut self, view: View) -> Result<()> {
        view.0.resource_drop(&mut self.store)
    }
}

impl Default for Client {
    /// A client of whom nothing is known.
    fn default() -> Self {
        Self {
            ip: None,
            ecs: None,
            country: None,
            continent: None,
            subdivision: None,
            location: None,
            latency: Vec::new(),
            vpc_region: None,
        }
    }
}

/// Why documents were refused.
#[derive(Debug)]
pub struct Findings(pub Vec<Diagnostic>);

impl std::error::Error for Findings {}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, finding) in self.0.iter().enumerate() {
            if number > 0 {
                writeln!(f)?;
            }
            f.write_str(&line(finding))?;
        }
        Ok(())
    }
}

/// A finding on one line: `zone.json:12:7: error: what is wrong (what to do)`.
pub fn line(finding: &Diagnostic) -> String {
    let mut text = finding.document.clone().unwrap_or_default();
    for number in [finding.line, finding.column].into_iter().flatten() {
        text.push_str(&format!(":{number}"));
    }
    if !text.is_empty() {
        text.push_str(": ");
    }
    text.push_str(if finding.severity == Severity::Error { "error: " } else { "warning: " });
    text.push_str(&finding.message);
    if !finding.help.is_empty() {
        text.push_str(&format!(" ({})", finding.help));
    }
    text
}
