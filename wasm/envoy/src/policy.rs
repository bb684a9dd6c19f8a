//! A request in, a header out: facts are gathered, core is asked, and the answer is put in Envoy's words.

use pointsman_core::health::Usable;
use pointsman_core::model::{NameBuf, NameError};
use pointsman_core::query::Query;
use pointsman_core::resolve::{Scratch, Views};

use crate::choices::Choices;
use crate::config::Config;
use crate::counters::{Counters, Event};
use crate::facts::{Facts, Request};
use crate::load::Loaded;
use crate::steer::Steering;
use crate::words::{write_answer, write_item};

/// The policy of one VM.
#[derive(Debug)]
pub struct Policy {
    facts: Facts,
    steering: Steering,
    header: String,
    views: Views,
    blank: Views,
    usable: Usable,
    filter_state: Option<String>,
    fail_closed: Vec<NameBuf>,
    /// What was counted.
    pub counters: Counters,
    room: Room,
}

/// Room that requests use in turn.
#[derive(Debug)]
struct Room {
    query: Query,
    scratch: Scratch,
    choices: Choices,
    value: String,
    state: String,
}

/// What is to be done to a request.
#[derive(Debug, PartialEq, Eq)]
pub struct Steer<'p> {
    /// The header to set.
    pub header: &'p str,
    /// Its value; without one it is taken away, so that no client can set it.
    pub value: Option<&'p str>,
    /// Key and value for filter state.
    pub state: Option<(&'p str, &'p str)>,
    /// Whether the request gets 503: nothing is healthy, and the configuration asks for no answer then.
    pub fail_closed: bool,
}

impl Policy {
    /// A policy from its parts; the seed is for draws.
    ///
    /// # Errors
    /// Why the fixed name is none.
    pub fn new(config: Config<'_>, loaded: Loaded, seed: u64) -> Result<Self, NameError> {
        let (facts, query) = Facts::new(&config, seed)?;
        let fail_closed = config.fail_closed.iter().map(|name| NameBuf::parse(name)).collect::<Result<_, _>>()?;
        let steering = Steering::new(config.answer);
        let scratch = loaded.views.iter().next().map(|view| Scratch::new(view.zone())).unwrap_or_default();
        Ok(Self {
            facts,
            header: steering.header().to_owned(),
            steering,
            views: loaded.views,
            blank: loaded.blank,
            usable: Usable::Report,
            filter_state: config.filter_state,
            fail_closed,
            counters: Counters::default(),
            room: Room { query, scratch, choices: Choices::default(), value: String::new(), state: String::new() },
        })
    }

    /// The zones without a report, to make views of a new one from.
    #[must_use]
    pub const fn blank(&self) -> &Views {
        &self.blank
    }

    /// Puts views of a new report in the place of the last ones.
    pub fn swap(&mut self, views: Views) {
        self.views = views;
        self.room.choices.clear();
    }

    /// Says by what to answer from now on.
    pub fn set_usable(&mut self, usable: Usable) {
        if self.usable != usable {
            self.usable = usable;
            self.room.choices.clear();
        }
    }

    /// Decides about a request.
    pub fn decide(&mut self, request: &impl Request) -> Steer<'_> {
        let Self { facts, steering, header, views, blank, usable, filter_state, fail_closed, counters, room } = self;
        let Room { query, scratch, choices, value, state } = room;
        value.clear();
        state.clear();
        let tells = filter_state.is_some() || matches!(steering, Steering::Tell { .. });
        let views = match usable {
            Usable::Report => Some(views),
            Usable::NoData => Some(blank),
            Usable::NotReady => None,
        };
        let gathered = facts.gather(request, query, counters);
        // A name outside every zone is for core to refuse (10.46), whichever view is asked.
        let views = views.filter(|_| gathered);
        let view = views.and_then(|views| views.find(query.name.as_ref()).or_else(|| views.iter().next()));
        let Some(view) = view else {
            let not_ready = *usable == Usable::NotReady;
            counters.count(if not_ready { Event::NotReady } else { Event::NoAnswer });
            state.push_str(if not_ready { "no-answer=not-ready" } else { "no-answer=no-name" });
            let value = match steering {
                Steering::Tell { .. } => Some(&**state),
                Steering::Cluster(clusters) => clusters.fallback.as_deref(),
                Steering::Host(_) => None,
            };
            let state = filter_state.as_deref().map(|key| (key, &**state));
            return Steer { header, value, state, fail_closed: false };
        };
        let zone = view.zone();
        if fail_closed.iter().any(|closed| query.name.as_ref().is_within(closed.as_ref())) {
            let answer = view.resolve(query, scratch);
            if answer.fail_open() {
                counters.count_answer(zone, &answer);
                counters.count(Event::FailClosed);
                state.push_str("no-answer=fail-closed");
                let state = filter_state.as_deref().map(|key| (key, &**state));
                return Steer { header, value: None, state, fail_closed: true };
            }
        }
        let value: Option<&str> = match steering {
            Steering::Tell { .. } => {
                let answer = view.resolve(query, scratch);
                counters.count_answer(zone, &answer);
                write_answer(state, &answer);
                Some(&*state)
            }
            Steering::Cluster(clusters) => {
                let answer = view.resolve(query, scratch);
                let something = counters.count_answer(zone, &answer);
                let mapped = clusters.cluster(&answer);
                if something && mapped.is_none() {
                    counters.count(Event::Unmapped);
                }
                let cluster = mapped.or(clusters.fallback.as_deref());
                if tells {
                    write_answer(state, &answer);
                    cluster.iter().for_each(|cluster| write_item(state, "cluster", cluster));
                }
                cluster
            }
            Steering::Host(hosts) => {
                let mut something = false;
                hosts.list(view, choices, query, scratch, value, |answer| {
                    something = counters.count_answer(zone, answer);
                    if tells {
                        write_answer(state, answer);
                    }
                });
                if something && value.is_empty() {
                    counters.count(Event::Unmapped);
                } else if tells {
                    write_item(state, "hosts", value);
                }
                Some(&**value).filter(|value| !value.is_empty())
            }
        };
        let state = filter_state.as_deref().map(|key| (key, &**state));
        Steer { header, value, state, fail_closed: false }
    }
}
