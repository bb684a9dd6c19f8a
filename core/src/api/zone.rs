//! A zone, loaded.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::findings::Findings;
use super::source::{Source, parse_all};
use super::view::View;
use crate::compile::{self, compile};
use crate::health::HealthView;
use crate::parse::HealthReport;
use crate::validate::{Options, validate};

/// A hosted zone that is ready to be asked. Immutable, cheap to clone, and `Send + Sync`.
///
/// ```
/// use pointsman_core::Zone;
/// let zone = Zone::load([r#"{"HostedZone": {"Name": "example.com."}}"#, r#"{"ResourceRecordSets": []}"#])?;
/// assert_eq!(zone.compiled().name().to_string(), "example.com.");
/// # Ok::<(), pointsman_core::Findings>(())
/// ```
#[derive(Clone)]
pub struct Zone {
    zone: Arc<compile::Zone>,
    findings: Arc<Findings>,
}

impl Zone {
    /// Loads a zone from the documents that the AWS CLI prints, in any order. What Route 53 would refuse but can be
    /// evaluated does not stop it: see [`findings`](Self::findings).
    ///
    /// # Errors
    /// Everything that was found, when the documents make no zone.
    pub fn load<'t, S: Into<Source<'t>>>(documents: impl IntoIterator<Item = S>) -> Result<Self, Findings> {
        Self::load_with(documents, &Options::default())
    }

    /// The same with what the documents do not say themselves.
    ///
    /// # Errors
    /// Everything that was found, when the documents make no zone.
    pub fn load_with<'t, S: Into<Source<'t>>>(
        documents: impl IntoIterator<Item = S>,
        options: &Options<'_>,
    ) -> Result<Self, Findings> {
        let (sources, documents) = parse_all(documents);
        let validated = validate(&documents, options);
        let findings = Findings::locate(validated.diagnostics, &sources);
        match validated.zone {
            Some(zone) => Ok(Self { zone: Arc::new(compile(&zone)), findings: Arc::new(findings) }),
            None => Err(findings),
        }
    }

    /// Opens the image of a zone that was loaded elsewhere ([`to_image`](Self::to_image)). An image holds no findings.
    ///
    /// ```
    /// # use pointsman_core::Zone;
    /// # let zone = Zone::load([r#"{"HostedZone": {"Name": "example.com."}}"#, r#"{"ResourceRecordSets": []}"#])?;
    /// let opened = Zone::from_image(&zone.to_image())?;
    /// assert_eq!(opened.compiled().name().to_string(), "example.com.");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ImageError`](compile::ImageError) when the bytes are no image that this version opens.
    pub fn from_image(image: &[u8]) -> Result<Self, compile::ImageError> {
        Ok(Self { zone: Arc::new(compile::Zone::from_image(image)?), findings: Arc::default() })
    }

    /// The zone as an image: the same bytes for equal zones, on every machine.
    #[must_use]
    pub fn to_image(&self) -> Vec<u8> {
        self.zone.to_image()
    }

    /// What loading found: what Route 53 would refuse and yet can be evaluated, and lints.
    #[must_use]
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// The zone under a health report.
    ///
    /// # Errors
    /// What is wrong with the report, when it cannot be read.
    pub fn health<'t>(&self, report: impl Into<Source<'t>>) -> Result<View, Findings> {
        View::under(report.into(), |report| HealthView::new(Arc::clone(&self.zone), report))
    }

    /// The zone under no report: no health check has data yet (10.27).
    #[must_use]
    pub fn without_report(&self) -> View {
        View::new(HealthView::new(Arc::clone(&self.zone), &HealthReport::default()).0, Findings::default())
    }

    /// The compiled zone: its name, what can be asked, its health checks and alias targets.
    #[must_use]
    pub fn compiled(&self) -> &Arc<compile::Zone> {
        &self.zone
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({}, {} record sets)", self.zone.name(), self.zone.record_set_count())
    }
}
