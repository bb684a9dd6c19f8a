//! A zone under one state of health: what is asked by lines of JSON, and what makes the next view.

use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;

use pointsman_core::health::DownError;
use pointsman_core::resolve::Scratch;
use pointsman_core::{Query, Source, View};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answers::Answers;
use crate::findings::{self, refused};

/// A view, with the room that its queries use in turn.
#[wasm_bindgen]
pub struct RawView {
    pub(crate) view: View,
    pub(crate) scratch: RefCell<Scratch>,
    pub(crate) answers: Rc<RefCell<Answers>>,
}

impl RawView {
    pub(crate) fn new(view: View, answers: Rc<RefCell<Answers>>) -> Self {
        let scratch = RefCell::new(Scratch::new(view.health_view().zone()));
        Self { view, scratch, answers }
    }

    /// The view without what answers a query.
    pub(crate) fn without_answer(&self, query: &Query) -> Self {
        Self::new(self.view.without_answer(query), Rc::clone(&self.answers))
    }
}

#[wasm_bindgen]
impl RawView {
    /// What making the view had to say.
    pub fn findings(&self) -> String {
        findings::to_json(self.view.findings())
    }

    /// Checks that the report left without data.
    pub fn without_data(&self) -> Vec<String> {
        self.view.health_view().without_data().into_iter().map(String::from).collect()
    }

    /// Whether a health check is healthy in the end: 1 yes, 0 no, -1 unknown.
    pub fn check_status(&self, id: &str) -> i32 {
        self.view.health_view().is_check_healthy(id).map_or(-1, i32::from)
    }

    /// A line of JSON for a line of JSON.
    pub fn resolve_json(&self, line: &str) -> String {
        self.view.health_view().resolve_json(line, &mut self.scratch.borrow_mut())
    }

    /// The same for odds.
    pub fn odds_json(&self, line: &str) -> String {
        self.view.health_view().odds_json(line)
    }

    /// The same for the explanation.
    pub fn explain_json(&self, line: &str) -> String {
        self.view.health_view().explain_json(line)
    }

    /// The explanation as a tree for people.
    pub fn explain_text(&self, line: &str) -> String {
        match line.parse::<Query>() {
            Ok(query) => self.view.explain(&query).to_string(),
            Err(error) => error.to_string(),
        }
    }

    /// The view after a partial report.
    pub fn updated(&self, changes: &str) -> Result<RawView, JsValue> {
        let view = self.view.updated(health_report(changes)).map_err(|findings| refused(&findings))?;
        Ok(Self::new(view, Rc::clone(&self.answers)))
    }

    /// The view in which these are down.
    pub fn down(&self, what: Vec<String>) -> Result<RawView, JsValue> {
        let view = self.view.down(what.iter().map(String::as_str)).map_err(not_there)?;
        Ok(Self::new(view, Rc::clone(&self.answers)))
    }

    /// The view without some record sets.
    pub fn without(&self, record_sets: Vec<String>) -> Result<RawView, JsValue> {
        let view = self.view.without(record_sets.iter().map(String::as_str)).map_err(not_there)?;
        Ok(Self::new(view, Rc::clone(&self.answers)))
    }
}

/// A report's text under the name that findings give it.
pub(crate) const fn health_report(text: &str) -> Source<'_> {
    Source::named("health report", text)
}

/// Message and help, with a line break between them.
fn not_there(error: DownError) -> JsValue {
    let mut text = error.message;
    text.push('\n');
    text.push_str(&error.help);
    JsValue::from_str(&text)
}
