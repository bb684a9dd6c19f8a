//! What is counted between two ticks. A request adds to plain numbers here; the host gets them once a tick.

use std::sync::Arc;

use hashbrown::HashMap;
use pointsman_core::answer::{Answer, Rcode};
use pointsman_core::compile::Zone;
use pointsman_core::model::NameRef;

/// Different paths of set identifiers that are counted apart; past them, answers count as `other`.
const PATHS_MAX: usize = 1_000;

/// One count with the name that Envoy's statistics give it.
#[derive(Debug, Default)]
pub struct Count {
    /// The name behind `pointsman.`.
    pub name: String,
    /// Since the last tick.
    pub count: u64,
    /// The host's number of the statistic, once it has been defined.
    pub metric: Option<u32>,
}

/// Everything that is counted.
#[derive(Debug)]
pub struct Counters {
    fixed: [Count; EVENTS.len()],
    paths: HashMap<u64, Count, foldhash::fast::FixedState>,
}

/// What can happen, apart from answers by path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Some group on the way had no healthy candidate (3.7).
    FailOpen,
    /// Too little was known of the client for more than the tie rule's pick (10.13, 10.14).
    Undetermined,
    /// No data, NXDOMAIN, a name outside the zones, or no name at all.
    NoAnswer,
    /// An answer that maps to no cluster, or holds no address.
    Unmapped,
    /// Health too old to answer by, under `not-ready`.
    NotReady,
    /// A header that should describe the client and could not be read.
    BadFact,
    /// A fetch of health that failed.
    FeedError,
    /// A report that took the place of the last one.
    FeedUpdate,
    /// Answers by paths past the limit.
    OtherAnswers,
    /// Answers that failed open, and became 503 because the configuration asks for it.
    FailClosed,
    /// Reports of another watch than the one that is followed.
    FeedOtherWatch,
}

const EVENTS: [(Event, &str); 11] = [
    (Event::FailOpen, "fail_open"),
    (Event::Undetermined, "undetermined"),
    (Event::NoAnswer, "no_answer"),
    (Event::Unmapped, "unmapped"),
    (Event::NotReady, "not_ready"),
    (Event::BadFact, "bad_fact"),
    (Event::FeedError, "feed_errors"),
    (Event::FeedUpdate, "feed_updates"),
    (Event::OtherAnswers, "answers.other"),
    (Event::FailClosed, "fail_closed"),
    (Event::FeedOtherWatch, "feed_other_watch"),
];

impl Default for Counters {
    fn default() -> Self {
        let fixed = EVENTS.map(|(_, name)| Count { name: name.into(), ..Count::default() });
        Self { fixed, paths: HashMap::default() }
    }
}

impl Counters {
    /// Counts something that happened.
    pub fn count(&mut self, event: Event) {
        // EVENTS has them in the order of their numbers; a test compares.
        if let Some(count) = self.fixed.get_mut(event as usize) {
            count.count = count.count.wrapping_add(1);
        }
    }

    /// Counts an answer by its zone and its path of set identifiers; `false` when there is nothing in it.
    pub fn count_answer(&mut self, zone: &Arc<Zone>, answer: &Answer<'_>) -> bool {
        let (zone, zone_name) = (Arc::as_ptr(zone) as usize, zone.name());
        if answer.fail_open() {
            self.count(Event::FailOpen);
        }
        if answer.undetermined().is_some() {
            self.count(Event::Undetermined);
        }
        let nothing = answer.values().next().is_none() && answer.alias_target().is_none();
        if nothing || answer.rcode() != Rcode::NoError {
            self.count(Event::NoAnswer);
            return false;
        }
        // A multivalue group ends the path: its members come in too many combinations to be counted apart.
        let seed = zone as u64 ^ (answer.record_sets().len() as u64) << 32;
        let first = answer.path().is_empty().then(|| answer.record_sets().first().copied()).flatten();
        let key =
            answer.path().iter().copied().chain(first).fold(seed, |key, record| {
                (key ^ u64::from(record)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
            });
        if let Some(known) = self.paths.get_mut(&key) {
            known.count = known.count.wrapping_add(1);
        } else if self.paths.len() < PATHS_MAX {
            self.paths.insert(key, Count { name: name(answer, zone_name), count: 1, metric: None });
        } else {
            self.count(Event::OtherAnswers);
        }
        true
    }

    /// What was counted since the last call, for the host: `tell` gets each count that is not zero, and may keep the
    /// host's number of it there. A count that it could not hand on stays.
    pub fn flush(&mut self, mut tell: impl FnMut(&mut Count) -> bool) {
        for count in self.paths.values_mut().filter(|count| count.count > 0) {
            if tell(count) {
                count.count = 0;
            }
        }
        for count in self.fixed.iter_mut().filter(|count| count.count > 0) {
            if tell(count) {
                count.count = 0;
            }
        }
    }
}

/// The statistic of an answer's path: `answers.`, its zone and its set identifiers, joined by dots as Envoy joins names,
/// each with the dots inside replaced.
fn name(answer: &Answer<'_>, zone: NameRef<'_>) -> String {
    let mut name = String::from("answers.");
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    let zone = zone.to_string();
    name.extend(zone.trim_end_matches('.').chars().map(plain));
    let levels = answer.set_identifiers().count().saturating_sub(match answer.record_sets().len() {
        several @ 2.. => several,
        _ => 0,
    });
    for identifier in answer.set_identifiers().take(levels) {
        name.push('.');
        name.extend(identifier.chars().map(plain));
    }
    if answer.record_sets().len() > 1 {
        name.push_str(".several");
    } else if levels == 0 {
        name.push_str(".simple");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_listed_in_order() {
        for (at, (event, _)) in EVENTS.into_iter().enumerate() {
            assert_eq!(event as usize, at);
        }
    }

    #[test]
    fn what_the_host_refuses_is_kept() {
        let mut counters = Counters::default();
        counters.count(Event::FeedError);
        counters.count(Event::FeedError);
        counters.flush(|_| false);
        let mut told = Vec::new();
        counters.flush(|count| {
            told.push((count.name.clone(), count.count));
            true
        });
        assert_eq!(told, [("feed_errors".to_owned(), 2)]);
        counters.flush(|count| panic!("{count:?} is reported twice"));
    }
}
