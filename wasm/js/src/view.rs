//! A zone under one state of health: what is asked by lines of JSON, and what makes the next view.

use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;

use pointsman_core::diagnostic::Diagnostic;
use pointsman_core::health::{DownError, HealthView};
use pointsman_core::parse::{HealthReport, parse_query, parse_report};
use pointsman_core::resolve::Scratch;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answers::Answers;
use crate::findings::{self, Source};

/// A view, with the room that its queries use in turn.
#[wasm_bindgen]
pub struct RawView {
    pub(crate) view: HealthView,
    pub(crate) scratch: RefCell<Scratch>,
    pub(crate) answers: Rc<RefCell<Answers>>,
    findings: String,
}

impl RawView {
    pub(crate) fn new(view: HealthView, answers: Rc<RefCell<Answers>>, findings: String) -> Self {
        let scratch = RefCell::new(Scratch::new(view.zone()));
        Self { view, scratch, answers, findings }
    }
}

#[wasm_bindgen]
impl RawView {
    /// What making the view had to say.
    pub fn findings(&self) -> String {
        self.findings.clone()
    }

    /// Checks that the report left without data.
    pub fn without_data(&self) -> Vec<String> {
        self.view.without_data().into_iter().map(String::from).collect()
    }

    /// Whether a health check is healthy in the end: 1 yes, 0 no, -1 unknown.
    pub fn check_status(&self, id: &str) -> i32 {
        self.view.is_check_healthy(id).map_or(-1, i32::from)
    }

    /// A line of JSON for a line of JSON.
    pub fn resolve_json(&self, line: &str) -> String {
        self.view.resolve_json(line, &mut self.scratch.borrow_mut())
    }

    /// The same for odds.
    pub fn odds_json(&self, line: &str) -> String {
        self.view.odds_json(line)
    }

    /// The same for the explanation.
    pub fn explain_json(&self, line: &str) -> String {
        self.view.explain_json(line)
    }

    /// The explanation as a tree for people.
    pub fn explain_text(&self, line: &str) -> String {
        match parse_query(line) {
            Ok(query) => self.view.explain(&query).to_string(),
            Err(error) => error.to_string(),
        }
    }

    /// The view after a partial report.
    pub fn updated(&self, changes: &str) -> Result<RawView, JsValue> {
        with_report(changes, &self.answers, |report| self.view.updated(report))
    }

    /// The view in which these are down.
    pub fn down(&self, what: Vec<String>) -> Result<RawView, JsValue> {
        let (mut view, mut list) = (self.view.clone(), Vec::new());
        for what in &what {
            let (next, warnings) = view.down(what).map_err(refused)?;
            view = next;
            list.extend(warnings);
        }
        Ok(Self::new(view, Rc::clone(&self.answers), findings::to_json(&list, &[])))
    }

    /// The view without some record sets.
    pub fn without(&self, record_sets: Vec<String>) -> Result<RawView, JsValue> {
        let view = self.view.without(record_sets.iter().map(String::as_str)).map_err(refused)?;
        Ok(Self::new(view, Rc::clone(&self.answers), "[]".into()))
    }
}

/// A view made with a report, or the findings about the report.
pub(crate) fn with_report(
    text: &str,
    answers: &Rc<RefCell<Answers>>,
    view: impl FnOnce(&HealthReport) -> (HealthView, Vec<Diagnostic>),
) -> Result<RawView, JsValue> {
    let sources = [Source { name: "health report", text }];
    let (report, mut list) =
        parse_report(0, text).map_err(|errors| JsValue::from_str(&findings::to_json(&errors, &sources)))?;
    let (view, warnings) = view(&report);
    list.extend(warnings);
    Ok(RawView::new(view, Rc::clone(answers), findings::to_json(&list, &sources)))
}

/// Message and help, with a line break between them.
fn refused(error: DownError) -> JsValue {
    let mut text = error.message;
    text.push('\n');
    text.push_str(&error.help);
    JsValue::from_str(&text)
}
