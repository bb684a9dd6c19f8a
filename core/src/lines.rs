//! One line of JSON in, one line out: for hosts that pass questions on as text.
//!
//! Each method answers a line with the answer, or with `{"error":"..."}` in its place.

use alloc::string::{String, ToString};

use crate::health::HealthView;
use crate::parse::parse_query;
use crate::query::{Query, error_json};
use crate::resolve::Scratch;

impl HealthView {
    /// Resolves a query given as a line of JSON.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pointsman_core::{compile::compile, health::HealthView, parse::{HealthReport, parse}, validate::{Options, validate}};
    /// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": []}"#;
    /// # let zone = Arc::new(compile(&validate(&[parse(0, zone)], &Options::default()).zone.unwrap()));
    /// # let (view, _) = HealthView::new(zone, &HealthReport::default());
    /// let mut scratch = pointsman_core::resolve::Scratch::new(view.zone());
    /// let line = view.resolve_json(r#"{"name":"www.example.org","type":"A"}"#, &mut scratch);
    /// assert_eq!(line, r#"{"rcode":"REFUSED","type":"A","ttl":0,"values":[],"set_identifiers":[],"fail_open":false,"scope_prefix_length":0}"#);
    /// assert_eq!(view.resolve_json("{}", &mut scratch), r#"{"error":"name: is missing"}"#);
    /// ```
    #[must_use]
    pub fn resolve_json(&self, line: &str, scratch: &mut Scratch) -> String {
        with_query(line, |query| self.resolve(query, scratch).to_json())
    }

    /// The odds of a query given as a line of JSON.
    #[must_use]
    pub fn odds_json(&self, line: &str) -> String {
        with_query(line, |query| match self.odds(query) {
            Ok(odds) => odds.to_json(),
            Err(error) => error_json(&error.to_string()),
        })
    }

    /// The explanation of a query given as a line of JSON.
    #[must_use]
    pub fn explain_json(&self, line: &str) -> String {
        with_query(line, |query| self.explain(query).to_json())
    }
}

fn with_query(line: &str, answer: impl FnOnce(&Query) -> String) -> String {
    match parse_query(line) {
        Ok(query) => answer(&query),
        Err(error) => error.to_json(),
    }
}
