//! What is judged: an engine that loads documents and resolves lines.

use std::sync::Arc;

use pointsman_core::compile::{Zone, compile};
use pointsman_core::diagnostic::{Diagnostic, Route53Error, Severity};
use pointsman_core::health::HealthView;
use pointsman_core::parse::{Document, parse, parse_report};
use pointsman_core::resolve::Scratch;
use pointsman_core::validate::{Options, apply, apply_json, validate};

/// Why documents or a batch are refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Stable name of the finding.
    pub code: String,
    /// The engine's own words.
    pub message: String,
    /// Route 53's error.
    pub route53_error: Option<String>,
    /// Route 53's words.
    pub route53_message: Option<String>,
}

/// An engine under test.
pub trait Engine {
    /// The zone's documents after a change batch, as one document; or every error of documents and batch.
    fn apply(&mut self, documents: &[String], batch: &str) -> anyhow::Result<Result<String, Vec<Refusal>>>;

    /// Every error of the documents; none means that Route 53 would store the zone.
    fn check(&mut self, documents: &[String]) -> anyhow::Result<Vec<Refusal>>;

    /// Makes the view that the following questions are about.
    fn load(&mut self, documents: &[String], report: &str) -> anyhow::Result<()>;

    /// Returns an answer line for a query line.
    fn resolve(&mut self, line: &str) -> anyhow::Result<String>;

    /// Returns a line of odds for a query line.
    fn odds(&mut self, line: &str) -> anyhow::Result<String>;
}

/// The engine in this process.
#[derive(Debug, Default)]
pub struct Native {
    view: Option<(HealthView, Scratch)>,
    by_image: bool,
}

fn parsed(documents: &[String]) -> Vec<Document<'_>> {
    documents.iter().enumerate().map(|(number, text)| parse(number, text)).collect()
}

fn refusals(diagnostics: &[Diagnostic]) -> Vec<Refusal> {
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
    errors
        .map(|diagnostic| Refusal {
            code: diagnostic.code.into(),
            message: diagnostic.message.clone(),
            route53_error: diagnostic.route53_error.map(Route53Error::as_str).map(Into::into),
            route53_message: diagnostic.route53_message.clone(),
        })
        .collect()
}

impl Native {
    /// The engine in this process, which opens the image of each zone instead of its documents.
    #[must_use]
    pub fn by_image() -> Self {
        Self::of(true)
    }

    /// The engine in this process, in either form.
    #[must_use]
    pub(crate) fn of(by_image: bool) -> Self {
        Self { view: None, by_image }
    }

    /// The image of the zone that is loaded, where zones are opened from images.
    pub(crate) fn image(&self) -> anyhow::Result<Option<Vec<u8>>> {
        Ok(if self.by_image { Some(self.zone()?.to_image()) } else { None })
    }

    /// The zone that is loaded.
    pub(crate) fn zone(&self) -> anyhow::Result<&Zone> {
        let view = self.view.as_ref().ok_or_else(|| anyhow::anyhow!("no zone is loaded"))?;
        Ok(view.0.zone())
    }

    fn view(&mut self) -> anyhow::Result<&mut (HealthView, Scratch)> {
        self.view.as_mut().ok_or_else(|| anyhow::anyhow!("no zone is loaded"))
    }
}

impl Engine for Native {
    fn apply(&mut self, documents: &[String], batch: &str) -> anyhow::Result<Result<String, Vec<Refusal>>> {
        let (parsed, batch_document) = (parsed(documents), parse(documents.len(), batch));
        let applied = apply(&parsed, &batch_document, &Options::default());
        let refusals = refusals(&applied.diagnostics);
        if refusals.is_empty() {
            let texts: Vec<&str> = documents.iter().map(String::as_str).collect();
            return Ok(Ok(apply_json(&parsed, &texts, batch, &applied)));
        }
        Ok(Err(refusals))
    }

    fn check(&mut self, documents: &[String]) -> anyhow::Result<Vec<Refusal>> {
        Ok(refusals(&validate(&parsed(documents), &Options::default()).diagnostics))
    }

    fn load(&mut self, documents: &[String], report: &str) -> anyhow::Result<()> {
        let validated = validate(&parsed(documents), &Options::default());
        let zone = validated.zone.ok_or_else(|| anyhow::anyhow!("{:?}", refusals(&validated.diagnostics)))?;
        let (report, _) = parse_report(0, report).map_err(|errors| anyhow::anyhow!("{:?}", refusals(&errors)))?;
        let mut zone = compile(&zone);
        if self.by_image {
            zone = Zone::from_image(&zone.to_image())?;
        }
        let zone = Arc::new(zone);
        let scratch = Scratch::new(&zone);
        self.view = Some((HealthView::new(zone, &report).0, scratch));
        Ok(())
    }

    fn resolve(&mut self, line: &str) -> anyhow::Result<String> {
        let (view, scratch) = self.view()?;
        Ok(view.resolve_json(line, scratch))
    }

    fn odds(&mut self, line: &str) -> anyhow::Result<String> {
        Ok(self.view()?.0.odds_json(line))
    }
}
