//! Explaining: the query is resolved once, every decision is recorded, and what was recorded becomes steps.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::codes::ReasonCode as C;
use super::health::add_note;
use super::steps::{Explanation, Reason, Step, StepKind, Steps};
use super::{client, group, lookup, sentence, summary};
use crate::answer::{Answer, Outcome};
use crate::compile::Target;
use crate::health::HealthView;
use crate::query::Query;
use crate::resolve::{Decision, Found, Observer, Scratch, Walk};

/// Keeps what was found and decided on the way.
#[derive(Default)]
struct Recorder {
    found: Option<Found>,
    decisions: Vec<Decision>,
}

impl Observer for Recorder {
    fn found(&mut self, found: &Found) {
        self.found = Some(*found);
    }

    fn chosen(&mut self, decision: &Decision) {
        self.decisions.push(*decision);
    }
}

impl HealthView {
    /// Explains the answer to a query: every member of each group on the way, why it was passed over or chosen, and the
    /// health check that decided.
    #[must_use]
    pub fn explain(&self, query: &Query) -> Explanation {
        let zone = &**self.zone();
        let mut scratch = Scratch::new(zone);
        let mut recorder = Recorder::default();
        let answer = self.resolve_observed(query, &mut scratch, &mut recorder);
        // Telling of members looks at more than resolving does, which would widen the answer's scope (10.41): it has
        // its own walk.
        let mut room = Scratch::new(zone);
        room.begin(zone);
        let mut walk = Walk::new(self, &query.client, &mut room);
        let mut steps = Steps::default();
        let mut under = recorder.found.as_ref().map(|found| steps.add(None, lookup::step(zone, found)));
        for decision in &recorder.decisions {
            under = group::add(&mut steps, under, &mut walk, decision);
        }
        add_outcome(&mut steps, under, self, &answer);
        Explanation {
            question: client::question_in_words(zone, query),
            steps: steps.list,
            answer: summary::in_words(&answer),
            answer_json: answer.to_json(),
        }
    }
}

/// Adds what the end of the way needs said.
fn add_outcome(steps: &mut Steps, under: Option<u32>, view: &HealthView, answer: &Answer<'_>) {
    let last = answer.path.last().and_then(|record| answer.zone.record(*record)).map(|record| record.target);
    let (resource, reason) = match (answer.outcome, last) {
        (Outcome::Resource(resource), _) => (resource, Reason::new(C::AddressesKnown)),
        (Outcome::UnknownResource(resource), _) => (resource, Reason::new(C::AddressesUnknown)),
        (Outcome::Nothing, Some(Target::Resource { resource, .. })) => {
            (resource, Reason::new(C::NoAddressOfType).with("type", answer.record_type.as_str()))
        }
        (Outcome::Nothing, Some(Target::Group { group: crate::compile::NONE, .. })) => {
            add_note(steps, under.unwrap_or_default(), Reason::new(C::TargetWithoutRecordSets));
            return;
        }
        _ => return,
    };
    let Some(name) = answer.zone.resource(resource).map(|resource| resource.name.to_string()) else { return };
    let text = sentence::alias_target(&reason);
    let health = Some(view.resource_is_healthy(resource).into());
    steps.add(under, Step { health, text, ..Step::new(StepKind::AliasTarget, name, reason) });
}
