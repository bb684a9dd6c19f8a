//! Which name is asked about, and which failures.

use pointsman_core::model::{Name, RecordType};

use crate::subject::Subject;
use crate::text::listed;
use crate::world::{World, single_failures};

/// How many names an error lists.
const NAMED: usize = 8;

/// Something that the zone does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// What it does not have.
    pub message: String,
    /// What it has instead.
    pub help: String,
}

/// The number of the question that answers a name and type, wildcards included.
///
/// # Errors
/// The zone has no such record sets.
pub fn question(subject: &Subject, name: &Name, record_type: RecordType) -> Result<usize, Unknown> {
    let answering = subject.view.answering_group(name.as_ref(), record_type);
    let found = answering.and_then(|(name, kind)| subject.find(&name.to_name(), kind));
    found.ok_or_else(|| {
        let names: Vec<String> =
            subject.questions().map(|(_, group)| format!("{} {}", group.name, group.record_type)).collect();
        Unknown {
            message: format!("the zone has no {record_type} record sets at `{name}`"),
            help: match names.is_empty() {
                true => "it has no record sets at all".into(),
                false => format!("it has {}", listed(&names, NAMED)),
            },
        }
    })
}

/// The failures of these words, each one of its own: an endpoint or a failure domain. Without words, each endpoint and
/// each failure domain of the question.
///
/// # Errors
/// A word that nothing is called that can die.
pub fn failures(subject: &Subject, question: usize, words: &[String]) -> Result<Vec<World>, Unknown> {
    if words.is_empty() {
        let below = subject.endpoints.below(subject, question);
        let is_here = |world: &World| {
            let here = world.dead.iter().filter(|dead| below.contains(dead)).count();
            if world.domain.is_some() { here > 1 } else { here > 0 }
        };
        return Ok(single_failures(subject).into_iter().filter(is_here).collect());
    }
    let find = |word: &String| {
        let domain = subject.endpoints.domains.iter().position(|domain| domain.name == *word);
        let spelled = Name::parse(word).map(|name| name.to_string()).unwrap_or_default();
        let endpoint =
            subject.endpoints.list.iter().position(|endpoint| endpoint.label == *word || endpoint.label == spelled);
        match (domain, endpoint) {
            (Some(domain), _) => Ok(World::of_domain(subject, domain)),
            (None, Some(endpoint)) => Ok(World { dead: vec![endpoint], ..World::default() }),
            (None, None) => {
                let known = subject.endpoints.domains.iter().map(|domain| domain.name.clone());
                let known: Vec<String> =
                    known.chain(subject.endpoints.list.iter().map(|one| one.label.clone())).collect();
                Err(Unknown {
                    message: format!("nothing called `{word}` can die"),
                    help: format!("give one of {}", listed(&known, NAMED)),
                })
            }
        }
    };
    words.iter().map(find).collect()
}
