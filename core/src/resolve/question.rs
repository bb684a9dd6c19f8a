//! A name and type that are looked up once and asked often.

use alloc::sync::Arc;

use super::lookup::{Found, lookup};
use super::scratch::Scratch;
use super::walk::Silent;
use crate::answer::Answer;
use crate::compile::Zone;
use crate::health::HealthView;
use crate::model::{Name, NameRef, RecordType};
use crate::query::Client;

/// A name and type with what their zone has for them, for hosts that are asked the same again.
///
/// It is made from a zone, outlives every view of it, and may be put to a view of any zone: to another one's, it is
/// looked up again.
#[derive(Debug, Clone)]
pub struct Question {
    zone: Arc<Zone>,
    name: Name,
    record_type: RecordType,
    found: Found,
}

impl Question {
    /// Looks a name and type up.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pointsman_core::{compile::compile, health::HealthView, parse::{HealthReport, parse}, validate::{Options, validate}};
    /// use pointsman_core::model::{Name, RecordType};
    /// use pointsman_core::query::Client;
    /// use pointsman_core::resolve::{Question, Scratch};
    /// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
    /// #   {"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]}"#;
    /// # let zone = Arc::new(compile(&validate(&[parse(0, zone)], &Options::default()).zone.unwrap()));
    /// # let (view, _) = HealthView::new(Arc::clone(&zone), &HealthReport::default());
    /// let question = Question::new(&zone, Name::parse("www.example.com")?.as_ref(), RecordType::A);
    /// let mut scratch = Scratch::new(&zone);
    /// for draw in 0..3 {
    ///     let answer = view.resolve_question(&question, &Client::UNKNOWN, draw, &mut scratch);
    ///     assert_eq!(answer.values().collect::<Vec<_>>(), ["192.0.2.1"]);
    /// }
    /// # Ok::<(), pointsman_core::model::NameError>(())
    /// ```
    #[must_use]
    pub fn new(zone: &Arc<Zone>, name: NameRef<'_>, record_type: RecordType) -> Self {
        Self { zone: Arc::clone(zone), name: name.to_name(), record_type, found: lookup(zone, name, record_type) }
    }

    /// The name asked for.
    #[must_use]
    pub fn name(&self) -> NameRef<'_> {
        self.name.as_ref()
    }

    /// The type asked for.
    #[must_use]
    pub const fn record_type(&self) -> RecordType {
        self.record_type
    }
}

impl HealthView {
    /// As [`resolve`](Self::resolve), for a question that was looked up before.
    pub fn resolve_question<'a>(
        &'a self,
        question: &Question,
        client: &Client,
        draw: u64,
        scratch: &'a mut Scratch,
    ) -> Answer<'a> {
        let found = if Arc::ptr_eq(&question.zone, self.zone()) {
            question.found
        } else {
            lookup(self.zone(), question.name(), question.record_type)
        };
        self.answer_found(found, question.record_type, client, draw, scratch, &mut Silent)
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec::Vec;

    use super::*;
    use crate::compile::compile;
    use crate::parse::{HealthReport, parse};
    use crate::query::Query;
    use crate::validate::{Options, validate};

    fn view(name: &str, value: &str) -> HealthView {
        let text = format!(
            r#"{{"HostedZone": {{"Id": "Z1", "Name": "{name}"}}, "ResourceRecordSets": [
            {{"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{{"Value": "{value}"}}]}},
            {{"Name": "*.example.com.", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{{"Value": "www.example.com"}}]}},
            {{"Name": "sub.example.com.", "Type": "NS", "TTL": 60, "ResourceRecords": [{{"Value": "ns.example.net"}}]}}]}}"#
        );
        let zone = validate(&[parse(0, &text)], &Options::default()).zone.unwrap();
        HealthView::new(Arc::new(compile(&zone)), &HealthReport::default()).0
    }

    #[test]
    fn a_question_has_the_answer_of_its_name_and_type_in_any_zone() {
        let views = [view("example.com.", "192.0.2.1"), view("example.com.", "192.0.2.2")];
        let (mut one, mut other) = (Scratch::default(), Scratch::default());
        let names = [
            "www.example.com",
            "a.b.example.com",
            "x.sub.example.com",
            "example.com",
            "WWW.example.com",
            "example.org",
        ];
        for (name, record_type) in names.iter().flat_map(|name| [(name, RecordType::A), (name, RecordType::Txt)]) {
            let query = Query::new(name, record_type).unwrap();
            let question = Question::new(views[0].zone(), query.name.as_ref(), record_type);
            for view in &views {
                let asked = view.resolve(&query, &mut one).to_json();
                assert_eq!(view.resolve_question(&question, &query.client, 0, &mut other).to_json(), asked, "{name}");
            }
        }
        let question = Question::new(views[0].zone(), Name::parse("www.example.com").unwrap().as_ref(), RecordType::A);
        let answer = views[1].resolve_question(&question, &Client::UNKNOWN, 0, &mut one);
        assert_eq!(answer.values().collect::<Vec<_>>(), ["192.0.2.2"]);
    }
}
