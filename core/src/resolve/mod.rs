//! Stage 5: [`HealthView`] and [`Query`] to [`Answer`]: the only place that walks the tree (semantics 2, 5, 11).
//!
//! One group is left for the next at each in-zone alias. [`walk::Walk::select`] says what a group offers this client;
//! [`HealthView::resolve`] takes what the draw picks of it, `odds` takes all of it, `explain` watches.

#[cfg(feature = "documents")]
mod answered;
mod candidates;
mod facts;
mod lookup;
mod question;
mod scratch;
mod tested;
mod views;
pub(crate) mod walk;

pub use candidates::Candidates;
pub use question::Question;
pub use scratch::Scratch;
pub use views::Views;

use crate::answer::{Answer, Outcome, Rcode};
use crate::health::HealthView;
use crate::model::RecordType;
use crate::query::{Client, Query};
pub(crate) use lookup::{Found, lookup};
pub(crate) use walk::{Decision, Observer, PossibleChoices, Silent, Walk};

impl HealthView {
    /// Resolves a query.
    ///
    /// Nothing is allocated: the answer borrows from the view and from `scratch`, which is made once for a view's zone
    /// ([`Scratch::new`]) and used for any number of queries.
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use pointsman_core::{compile::compile, health::HealthView, parse::{HealthReport, parse}, validate::{Options, validate}};
    /// use pointsman_core::{model::RecordType, query::Query, resolve::Scratch};
    /// # let zone = r#"{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
    /// #   {"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]}"#;
    /// # let zone = Arc::new(compile(&validate(&[parse(0, zone)], &Options::default()).zone.unwrap()));
    /// # let (view, _) = HealthView::new(zone, &HealthReport::default());
    /// let mut scratch = Scratch::new(view.zone());
    /// let answer = view.resolve(&Query::new("www.example.com", RecordType::A).unwrap(), &mut scratch);
    /// assert_eq!(answer.values().collect::<Vec<_>>(), ["192.0.2.1"]);
    /// assert_eq!(answer.ttl(), Some(60));
    /// ```
    pub fn resolve<'a>(&'a self, query: &Query, scratch: &'a mut Scratch) -> Answer<'a> {
        self.resolve_observed(query, scratch, &mut Silent)
    }

    /// Answers a query and passes every decision on the way to an observer.
    pub(crate) fn resolve_observed<'a>(
        &'a self,
        query: &Query,
        scratch: &'a mut Scratch,
        observer: &mut impl Observer,
    ) -> Answer<'a> {
        let found = lookup(self.zone(), query.name.as_ref(), query.record_type);
        self.answer_found(found, query.record_type, &query.client, query.draw, scratch, observer)
    }

    /// The walk from what the zone has for a name and type.
    fn answer_found<'a>(
        &'a self,
        found: Found,
        record_type: RecordType,
        client: &Client,
        draw: u64,
        scratch: &'a mut Scratch,
        observer: &mut impl Observer,
    ) -> Answer<'a> {
        let zone = &**self.zone();
        scratch.begin(zone);
        observer.found(&found);
        let mut answer = Answer {
            zone,
            rcode: Rcode::NoError,
            record_type,
            outcome: Outcome::Nothing,
            path: &[],
            chosen: &[],
            fail_open: false,
            scope_prefix_length: 0,
            undetermined: None,
        };
        let mut group = match found {
            Found::Group { group, .. } => group,
            Found::NoData { .. } => return answer,
            Found::NxDomain { .. } => return Answer { rcode: Rcode::NxDomain, ..answer },
            Found::Outside => return Answer { rcode: Rcode::Refused, ..answer },
            Found::Referral { node, record } => {
                scratch.chosen = [record; 8];
                let chosen = scratch.chosen.get(..1).unwrap_or_default();
                if let walk::Next::End(outcome @ Outcome::Quarantined(_)) = walk::follow(zone, record, record_type) {
                    return Answer { rcode: Rcode::ServFail, outcome, chosen, ..answer };
                }
                let outcome = Outcome::Referral { record, node };
                return Answer { record_type: RecordType::Ns, outcome, chosen, ..answer };
            }
        };
        answer.record_type = zone.group(group).map_or(record_type, |group| group.record_type);
        let mut walk = Walk::new(self, client, scratch);
        let mut chosen_count = 0;
        // An alias leads to a lower group, so the walk ends within the zone's depth.
        for level in 0_u64.. {
            let chosen = walk.choose_by_draw(group, draw, level);
            answer.fail_open |= chosen.fail_open();
            answer.undetermined = answer.undetermined.or(walk.undetermined);
            observer.chosen(&Decision { group, level, chosen, undetermined: walk.undetermined });
            let record = match chosen {
                walk::DrawnChoice::Nothing => break,
                walk::DrawnChoice::Several(chosen) => {
                    let first = zone.group(group).map_or(0, |group| group.first);
                    for (slot, member) in walk.scratch.chosen.iter_mut().zip(chosen.members()) {
                        *slot = first.saturating_add(*member);
                    }
                    chosen_count = chosen.members().len();
                    answer.outcome = Outcome::Records;
                    break;
                }
                walk::DrawnChoice::One { record, .. } => record,
            };
            walk.scratch.push_path(record);
            match walk::follow(zone, record, answer.record_type) {
                walk::Next::Group(next) => group = next,
                walk::Next::End(outcome) => {
                    if outcome == Outcome::Records {
                        walk.scratch.chosen = [record; 8];
                        chosen_count = 1;
                    }
                    if matches!(outcome, Outcome::Quarantined(_)) {
                        (answer.rcode, answer.record_type) = (Rcode::ServFail, record_type);
                    }
                    answer.outcome = outcome;
                    break;
                }
            }
        }
        answer.scope_prefix_length = walk.scope;
        let scratch: &'a Scratch = walk.scratch;
        answer.path = &scratch.path;
        answer.chosen = scratch.chosen.get(..chosen_count).unwrap_or_default();
        answer
    }
}
