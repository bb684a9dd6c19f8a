//! A zone under one state of health.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use super::findings::Findings;
use super::source::Source;
use crate::answer::Reply;
use crate::diagnostic::Diagnostic;
use crate::explain::{Explanation, Odds, OddsError};
use crate::health::{DownError, HealthView};
use crate::parse::{HealthReport, parse_report};
use crate::query::Query;
use crate::resolve::Scratch;

/// A zone under one state of health. Immutable, cheap to clone, and `Send + Sync`; a change makes a new view.
///
/// ```
/// use pointsman_core::{Query, Zone};
/// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
/// #     {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "1", "Failover": "PRIMARY", "HealthCheckId": "hc-1",
/// #      "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]},
/// #     {"Name": "a.example.com.", "Type": "A", "SetIdentifier": "2", "Failover": "SECONDARY",
/// #      "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.2"}]}],
/// #   "HealthChecks": [{"Id": "hc-1", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "8.8.8.8", "Port": 53}}]}"#;
/// let view = Zone::load([zone])?.health(r#"{"HealthChecks": {"hc-1": "healthy"}}"#)?;
/// let query: Query = r#"{"name": "a.example.com", "type": "A"}"#.parse()?;
/// assert_eq!(view.resolve(&query).values, ["192.0.2.1"]);
/// assert_eq!(view.updated(r#"{"HealthChecks": {"hc-1": "unhealthy"}}"#)?.resolve(&query).values, ["192.0.2.2"]);
/// assert_eq!(view.down(["hc-1"])?.resolve(&query).set_identifiers, ["2"]);
/// assert_eq!(view.without(["a.example.com/A/1"])?.resolve(&query).set_identifiers, ["2"]);
/// assert_eq!(view.odds(&query)?.outcomes.len(), 1);
/// assert!(view.explain(&query).to_string().contains("PRIMARY"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct View {
    view: HealthView,
    findings: Arc<Findings>,
}

impl View {
    pub(super) fn new(view: HealthView, findings: Findings) -> Self {
        Self { view, findings: Arc::new(findings) }
    }

    /// A view made with what a report says.
    pub(super) fn under(
        source: Source<'_>,
        view: impl FnOnce(&HealthReport) -> (HealthView, Vec<Diagnostic>),
    ) -> Result<Self, Findings> {
        let (report, mut found) = parse_report(0, source.text).map_err(|errors| Findings::locate(errors, &[source]))?;
        let (view, warnings) = view(&report);
        found.extend(warnings);
        Ok(Self::new(view, Findings::locate(found, &[source])))
    }

    /// What making the view found: ids in the report that the zone does not have, and the like.
    #[must_use]
    pub fn findings(&self) -> &Findings {
        &self.findings
    }

    /// The answer to a query. It makes its own room each time; a program with many queries takes
    /// [`HealthView::resolve`] of [`health_view`](Self::health_view), which allocates nothing.
    #[must_use]
    pub fn resolve(&self, query: &Query) -> Reply {
        let mut scratch = Scratch::new(self.view.zone());
        Reply::from(&self.view.resolve(query, &mut scratch))
    }

    /// The exact probability of every answer; the draw plays no part.
    ///
    /// # Errors
    /// [`OddsError`] when there are too many to list.
    pub fn odds(&self, query: &Query) -> Result<Odds<'_>, OddsError> {
        self.view.odds(query)
    }

    /// The answer with its reasons.
    #[must_use]
    pub fn explain(&self, query: &Query) -> Explanation {
        self.view.explain(query)
    }

    /// The view after some changes: what the partial report does not mention stays as it is.
    ///
    /// # Errors
    /// What is wrong with the changes, when they cannot be read.
    pub fn updated<'t>(&self, changes: impl Into<Source<'t>>) -> Result<Self, Findings> {
        Self::under(changes.into(), |changes| self.view.updated(changes))
    }

    /// The view in which all of these are down; each is named as [`HealthView::down`] takes it.
    ///
    /// # Errors
    /// [`DownError`] for the first that the zone does not have.
    pub fn down<'s>(&self, what: impl IntoIterator<Item = &'s str>) -> Result<Self, DownError> {
        let (mut view, mut found) = (self.view.clone(), Vec::new());
        for what in what {
            let (next, warnings) = view.down(what)?;
            view = next;
            found.extend(warnings);
        }
        Ok(Self::new(view, Findings::locate(found, &[])))
    }

    /// The view without some record sets, each as `NAME/TYPE/SetIdentifier`: they count as unhealthy, so that the
    /// answer is the next choice.
    ///
    /// # Errors
    /// [`DownError`] for the first that the zone does not have.
    pub fn without<'s>(&self, record_sets: impl IntoIterator<Item = &'s str>) -> Result<Self, DownError> {
        Ok(Self::new(self.view.without(record_sets)?, Findings::default()))
    }

    /// The view without the record sets whose values or target an answer is made of: asked again, it gives the next choice,
    /// for a client whose connection to the first one failed. With several values, such as a multivalue answer's, none of
    /// them comes again.
    ///
    /// ```
    /// use pointsman_core::Zone;
    /// let zone = Zone::load([r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
    ///     {"Name": "www.example.com.", "Type": "A", "SetIdentifier": "blue", "Weight": 9, "TTL": 60,
    ///      "ResourceRecords": [{"Value": "192.0.2.1"}]},
    ///     {"Name": "www.example.com.", "Type": "A", "SetIdentifier": "green", "Weight": 1, "TTL": 60,
    ///      "ResourceRecords": [{"Value": "192.0.2.2"}]}]}"#])?;
    /// let (view, query) = (zone.without_report(), r#"{"name": "www.example.com", "type": "A"}"#.parse()?);
    /// assert_eq!(view.resolve(&query).values, ["192.0.2.1"]);
    /// assert_eq!(view.without_answer(&query).resolve(&query).values, ["192.0.2.2"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn without_answer(&self, query: &Query) -> Self {
        let mut scratch = Scratch::new(self.view.zone());
        let answer = self.view.resolve(query, &mut scratch);
        let (_, chosen) = answer.record_numbers();
        Self::new(self.view.without_record_sets(chosen), Findings::default())
    }

    /// The view of the stage below, for queries by the million and everything else that it can do.
    #[must_use]
    pub const fn health_view(&self) -> &HealthView {
        &self.view
    }
}

impl fmt::Debug for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "View({})", self.view.zone().name())
    }
}
