//! Documents in, a zone or findings out.

use alloc::rc::Rc;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::RefCell;

use pointsman_core::validate::Options;
use pointsman_core::{Source, Zone, apply, check};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::answers::Answers;
use crate::findings::{self, refused};
use crate::view::{RawView, health_report};

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
        findings::to_json(&check(self.sources(), &Options { zone_name: zone_name.as_deref() }))
    }

    /// The zone after the change batch that is the last of them, or the findings.
    pub fn apply(&self, zone_name: Option<String>) -> Result<String, JsValue> {
        let mut sources = self.sources();
        let Some(batch) = sources.pop() else { return Err(JsValue::from_str("[]")) };
        apply(sources, batch, &Options { zone_name: zone_name.as_deref() }).map_err(|findings| refused(&findings))
    }

    /// The zone that they make, or the findings.
    pub fn load(&self, zone_name: Option<String>) -> Result<RawZone, JsValue> {
        let zone = Zone::load_with(self.sources(), &Options { zone_name: zone_name.as_deref() });
        Ok(RawZone { zone: zone.map_err(|findings| refused(&findings))?, answers: Rc::default() })
    }
}

impl RawDocuments {
    fn sources(&self) -> Vec<Source<'_>> {
        let sources = self.documents.iter().map(|input| {
            let source = Source::named(&input.name, &input.text);
            input.cidr_collection.as_deref().map_or(source, |id| source.of_cidr_collection(id))
        });
        sources.collect()
    }
}

/// A loaded zone.
#[wasm_bindgen]
pub struct RawZone {
    zone: Zone,
    answers: Rc<RefCell<Answers>>,
}

#[wasm_bindgen]
impl RawZone {
    /// What loading had to say.
    pub fn findings(&self) -> String {
        findings::to_json(self.zone.findings())
    }

    /// The zone as an image.
    pub fn image(&self) -> Vec<u8> {
        self.zone.to_image()
    }

    /// The apex.
    pub fn name(&self) -> String {
        self.zone.compiled().name().to_string()
    }

    /// Whether the zone is private.
    pub fn is_private(&self) -> bool {
        self.zone.compiled().is_private()
    }

    /// How many record sets there are.
    pub fn record_set_count(&self) -> u32 {
        self.zone.compiled().record_set_count() as u32
    }

    /// Name, type, name, type, ...: what can be asked.
    pub fn questions(&self) -> Vec<String> {
        self.zone
            .compiled()
            .questions()
            .flat_map(|(name, kind)| [name.to_string(), kind.as_str().to_string()])
            .collect()
    }

    /// The ids of the health checks.
    pub fn health_checks(&self) -> Vec<String> {
        self.zone.compiled().health_check_ids().map(Into::into).collect()
    }

    /// The DNS names of the AWS resources that aliases lead to.
    pub fn alias_targets(&self) -> Vec<String> {
        self.zone.compiled().alias_targets().map(|name| name.to_string()).collect()
    }

    /// The zone under a health report, or under none; or the findings about the report.
    pub fn health(&self, report: Option<String>) -> Result<RawView, JsValue> {
        let view = match &report {
            None => self.zone.without_report(),
            Some(text) => self.zone.health(health_report(text)).map_err(|findings| refused(&findings))?,
        };
        Ok(RawView::new(view, Rc::clone(&self.answers)))
    }
}
