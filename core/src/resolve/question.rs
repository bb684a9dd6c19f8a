//! A name and type looked up beforehand, for hosts that are asked the same again and again.

use super::{Found, Scratch, Silent, lookup};
use crate::answer::Answer;
use crate::compile::Zone;
use crate::health::HealthView;
use crate::model::{NameRef, RecordType};
use crate::query::Client;

/// What a zone has for a name and type: [`HealthView::answer`] need not look it up again. It says nothing of health, and
/// holds for every view of the zone that it was made from; of another zone's view it gets some answer of that zone.
///
/// ```
/// # use std::sync::Arc;
/// # use pointsman_core::{compile::compile, health::HealthView, parse::{HealthReport, parse}, validate::{Options, validate}};
/// use pointsman_core::{model::{Name, RecordType}, query::Client, resolve::Scratch};
/// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
/// #   {"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]}"#;
/// # let zone = Arc::new(compile(&validate(&[parse(0, zone)], &Options::default()).zone.unwrap()));
/// # let (view, _) = HealthView::new(zone, &HealthReport::default());
/// let question = view.zone().question(Name::parse("www.example.com")?.as_ref(), RecordType::A);
/// let mut scratch = Scratch::new(view.zone());
/// let answer = view.answer(&question, &Client::default(), 12_345, &mut scratch);
/// assert_eq!(answer.values().collect::<Vec<_>>(), ["192.0.2.1"]);
/// # Ok::<(), pointsman_core::model::NameError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    pub(super) found: Found,
    pub(super) record_type: RecordType,
}

impl Zone {
    /// Looks a name and type up.
    #[must_use]
    pub fn question(&self, name: NameRef<'_>, record_type: RecordType) -> Question {
        Question { found: lookup(self, name, record_type), record_type }
    }
}

impl HealthView {
    /// Answers a question that was looked up before, as [`resolve`](Self::resolve) answers a query.
    pub fn answer<'a>(
        &'a self,
        question: &Question,
        client: &Client,
        draw: u64,
        scratch: &'a mut Scratch,
    ) -> Answer<'a> {
        self.walk_down(question, client, draw, scratch, &mut Silent)
    }
}
