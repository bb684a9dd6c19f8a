//! Pointsman in a Rust program: the component, loaded with wasmtime.
//!
//! [`Component::open`] once a process (it compiles the component), [`Component::load`] once a zone, [`Component::health`]
//! once a state of the health checks, [`Component::resolve`] once a query, or the quick way of [`Component::decide`]. The component imports nothing, so its store
//! needs neither WASI nor a state of its own; one thread uses a component at a time, and a program with many threads
//! opens one in each.
//!
//! [`Decide`] is the component that only decides: it opens images instead of documents, and is half as large.

mod bindings;
mod component;
mod decide;
mod findings;
mod prepared;

pub use bindings::exports::pointsman::routing::routing::{
    Answer, Choice, Class, Client, Coordinates, Diagnostic, Document, Explanation, GroupFacts, Health, Latency,
    LoadOptions, Member, Odds, Outcome, Parameter, ParameterValue, PossibleAnswer, PossibleValues, Query, QueryError,
    Rcode, Reason, SelectionError, Severity, Step, StepKind, Verdict,
};
pub use component::{Component, View, Zone};
pub use decide::{Decide, Decider, OpenedView, OpenedZone};
pub use findings::{Findings, line};
pub use prepared::{ClientFacts, Decision, Question, RecordSet, RecordSets, RecordType, Source, Undetermined};

/// The types of the component that only decides: those of its queries and answers have the fields of this crate's own.
pub mod decisions {
    pub use crate::bindings::decide::exports::pointsman::routing::decisions::{
        AliasTarget, Answer, Check, CheckStatus, Client, Coordinates, Latency, Query, QueryError, Rcode, Statuses,
    };
}
