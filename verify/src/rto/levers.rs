//! What turns when endpoints die.

use pointsman_core::model::HealthCheckKind;

use super::detect::{self, Detection};
use crate::subject::{Leads, Subject};
use crate::tree::answers;
use crate::world::World;

/// Something that turns when the endpoints die.
#[derive(Debug, Clone)]
pub(super) struct Lever {
    pub(super) id: String,
    /// A check, or the endpoint of a resource whose health counts.
    pub(super) what: What,
    pub(super) detection: Detection,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Check(usize),
    Resource(usize),
}

/// What turns when the endpoints die, of what bears on the name; at most 16.
pub(super) fn levers(subject: &Subject, question: usize, world: &World) -> (Vec<Lever>, Vec<&'static str>) {
    let (mut levers, mut assumed) = (Vec::new(), Vec::new());
    let mut add = |id: String, what: What, (detection, note): (Detection, Option<&'static str>)| {
        if let Some(note) = note.filter(|note| !assumed.contains(note)) {
            assumed.push(note);
        }
        levers.push(Lever { id, what, detection });
    };
    for check in subject.checks_of(question) {
        let known = subject.zone.health_checks.get(check);
        let is_reported =
            known.is_some_and(|known| !matches!(known.kind, HealthCheckKind::Calculated { .. }) && !known.disabled);
        if is_reported && world.is_raw_unhealthy(subject, check) {
            add(subject.check_id(check).into(), What::Check(check), detect::of_check(subject, check));
        }
    }
    let evaluated = (0..subject.zone.record_sets.len()).filter_map(|record| match subject.leads(record) {
        Leads::Resource(_, true) => answers(subject, record).first().copied(),
        _ => None,
    });
    let below = subject.endpoints.below(subject, question);
    let mut seen = Vec::new();
    for endpoint in evaluated.filter(|endpoint| below.contains(endpoint) && world.dead.contains(endpoint)) {
        if !seen.contains(&endpoint) {
            seen.push(endpoint);
            let label = subject.endpoints.list.get(endpoint).map(|endpoint| endpoint.label.clone());
            add(label.unwrap_or_default(), What::Resource(endpoint), detect::of_resource());
        }
    }
    levers.truncate(16);
    (levers, assumed)
}
