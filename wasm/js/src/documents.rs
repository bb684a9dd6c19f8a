//! Documents in, a zone or findings out.

use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::cell::RefCell;

use pointsman_core::compile::{self, compile};
use pointsman_core::diagnostic::has_errors;
use pointsman_core::health::HealthView;
use pointsman_core::parse::{Document, HealthReport, parse};
use pointsman_core::validate::{Options, apply, apply_json, validate};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answers::Answers;
use crate::findings::{self, Source};
use crate::view::{RawView, with_report};

/// Documents on their way in.
#[wasm_bindgen]
#[derive(Default)]
pub struct RawDocuments {
    documents: Vec<Input>,
}

struct Input {
    name: String,
    text: String,
    cidr_collection: Option<String>,
}

#[wasm_bindgen]
impl RawDocuments {
    /// None yet.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// One more.
    pub fn push(&mut self, name: String, text: String, cidr_collection: Option<String>) {
        self.documents.push(Input { name, text, cidr_collection });
    }

    /// Every finding about them.
    pub fn check(&self, zone_name: Option<String>) -> String {
        let validated = validate(&self.parsed(), &Options { zone_name: zone_name.as_deref() });
        findings::to_json(&validated.diagnostics, &self.sources())
    }

    /// The zone after the change batch that is the last of them, or the findings.
    pub fn apply(&self, zone_name: Option<String>) -> Result<String, JsValue> {
        let mut parsed = self.parsed();
        let (Some(batch), Some(input)) = (parsed.pop(), self.documents.last()) else {
            return Err(JsValue::from_str("[]"));
        };
        let applied = apply(&parsed, &batch, &Options { zone_name: zone_name.as_deref() });
        if has_errors(&applied.diagnostics) {
            return Err(JsValue::from_str(&findings::to_json(&applied.diagnostics, &self.sources())));
        }
        let texts: Vec<&str> = self.documents.iter().take(parsed.len()).map(|input| input.text.as_str()).collect();
        Ok(apply_json(&parsed, &texts, &input.text, &applied))
    }

    /// The zone that they make, or the findings.
    pub fn load(&self, zone_name: Option<String>) -> Result<RawZone, JsValue> {
        let validated = validate(&self.parsed(), &Options { zone_name: zone_name.as_deref() });
        let findings = findings::to_json(&validated.diagnostics, &self.sources());
        match validated.zone {
            Some(zone) => Ok(RawZone { zone: Arc::new(compile(&zone)), answers: Rc::default(), findings }),
            None => Err(JsValue::from_str(&findings)),
        }
    }
}

impl RawDocuments {
    fn parsed(&self) -> Vec<Document<'_>> {
        let inputs = self.documents.iter().enumerate();
        inputs
            .map(|(number, input)| {
                let mut document = parse(number, &input.text);
                document.cidr_collection_id = input.cidr_collection.as_deref().map(Into::into);
                document
            })
            .collect()
    }

    fn sources(&self) -> Vec<Source<'_>> {
        self.documents.iter().map(|input| Source { name: &input.name, text: &input.text }).collect()
    }
}

/// A loaded zone.
#[wasm_bindgen]
pub struct RawZone {
    zone: Arc<compile::Zone>,
    answers: Rc<RefCell<Answers>>,
    findings: String,
}

#[wasm_bindgen]
impl RawZone {
    /// What loading had to say.
    pub fn findings(&self) -> String {
        self.findings.clone()
    }

    /// The apex.
    pub fn name(&self) -> String {
        self.zone.name().to_string()
    }

    /// Whether the zone is private.
    pub fn is_private(&self) -> bool {
        self.zone.is_private()
    }

    /// How many record sets there are.
    pub fn record_set_count(&self) -> u32 {
        self.zone.record_set_count() as u32
    }

    /// Name, type, name, type, ...: what can be asked.
    pub fn questions(&self) -> Vec<String> {
        self.zone.questions().flat_map(|(name, kind)| [name.to_string(), kind.as_str().to_string()]).collect()
    }

    /// The ids of the health checks.
    pub fn health_checks(&self) -> Vec<String> {
        self.zone.health_check_ids().map(Into::into).collect()
    }

    /// The DNS names of the AWS resources that aliases lead to.
    pub fn alias_targets(&self) -> Vec<String> {
        self.zone.alias_targets().map(|name| name.to_string()).collect()
    }

    /// The zone under a health report, or under none; or the findings about the report.
    pub fn health(&self, report: Option<String>) -> Result<RawView, JsValue> {
        let Some(text) = report else {
            let (view, warnings) = HealthView::new(Arc::clone(&self.zone), &HealthReport::default());
            return Ok(RawView::new(view, Rc::clone(&self.answers), findings::to_json(&warnings, &[])));
        };
        with_report(&text, &self.answers, |report| HealthView::new(Arc::clone(&self.zone), report))
    }
}
