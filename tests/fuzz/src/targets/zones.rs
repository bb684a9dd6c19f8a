//! What is asked of a zone once there is one.

use std::sync::Arc;

use pointsman_core::answer::Rcode;
use pointsman_core::compile::{Zone, compile};
use pointsman_core::diagnostic::Diagnostic;
use pointsman_core::health::HealthView;
use pointsman_core::parse::{Document, HealthReport, Locator, parse, parse_query};
use pointsman_core::query::Client;
use pointsman_core::resolve::Scratch;
use pointsman_core::validate::{Options, validate};

/// Questions to one zone: enough to meet its kinds of record sets, few enough to be quick.
const QUESTIONS: usize = 12;

/// Zones of the examples, which have every policy between them, health checks, and targets outside.
pub(super) const EXAMPLES: [&str; 4] = [
    include_str!("../../../../host-examples/zones/incidents.json"),
    include_str!("../../../../host-examples/zones/hybrid.json"),
    include_str!("../../../../host-examples/zones/active-passive.json"),
    include_str!("../../../../host-examples/zones/latency.json"),
];

/// A zone of documents that are good.
pub(super) fn load(texts: &[&str]) -> Option<Arc<Zone>> {
    let documents: Vec<Document<'_>> = texts.iter().enumerate().map(|(number, text)| parse(number, text)).collect();
    Some(Arc::new(compile(&validate(&documents, &Options::default()).zone?)))
}

/// Writes findings as every host does: placed, and as JSON.
pub(super) fn tell(findings: &[Diagnostic], texts: &[&str]) {
    let names: Vec<&str> = texts.iter().map(|_| "document").collect();
    let locators: Vec<Locator> = texts.iter().map(|text| Locator::new(text)).collect();
    for finding in findings.iter().take(50) {
        let location = finding.place.as_ref().and_then(|place| {
            let text = texts.get(place.document)?;
            let location = locators.get(place.document)?.locate(text, place);
            assert!(text.get(location.start..location.end).is_some(), "a place outside the text: {location:?}");
            Some(location)
        });
        let line = finding.to_json(&names, location.as_ref());
        assert!(!line.contains('\n'), "a finding of two lines: {line}");
    }
}

/// Asks a zone for its own names by every way there is. What resolve answers is one of the outcomes of odds.
pub(super) fn ask(zone: &Arc<Zone>, report: &HealthReport) {
    let (view, _) = HealthView::new(Arc::clone(zone), report);
    let mut scratch = Scratch::new(zone);
    let lines = view.answered();
    let step = (lines.lines().count() / QUESTIONS).max(1);
    for (line, draw) in lines.lines().step_by(step).zip(1_u64..) {
        let Ok(mut query) = parse_query(line) else { continue };
        query.draw = draw.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        for client in clients().into_iter().chain([query.client.clone()]) {
            query.client = client;
            let (rcode, text) = {
                let answer = view.resolve(&query, &mut scratch);
                (answer.rcode(), answer.to_json())
            };
            let steps = view.explain(&query).to_json();
            assert!(!text.is_empty() && !steps.is_empty());
            if let Ok(odds) = view.odds(&query) {
                // A record set that is kept out of answers is an outcome of its own.
                let is_outcome = odds.rcode == rcode
                    || rcode == Rcode::ServFail && odds.outcomes.iter().any(|outcome| outcome.quarantined.is_some());
                assert!(is_outcome, "resolve says {rcode:?}, odds {:?}, for {query:?}", odds.rcode);
            }
        }
    }
}

fn clients() -> [Client; 2] {
    let mut known = Client::default();
    for (fact, word) in [("country", "DE"), ("ecs", "192.0.2.0/24"), ("latitude", "52"), ("longitude", "13")] {
        let _ = pointsman_core::parse::set_fact(&mut known, fact, word);
    }
    [Client::default(), known]
}
