//! The same watches and the same engine, in every order of a few events: crate `stateright` walks all of them.

mod world;

use stateright::{Checker as _, Model, Property};
use world::{Event, World};

/// How often what may happen.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Left {
    flips: u8,
    failures: u8,
    restarts: u8,
    operations: u8,
    commits: u8,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct State {
    world: World,
    left: Left,
}

struct Fleet {
    watches: usize,
    quorum: Option<u16>,
    left: Left,
}

impl Model for Fleet {
    type State = State;
    type Action = Event;

    fn init_states(&self) -> Vec<State> {
        let mut world = World::new(self.watches, self.quorum);
        // All have joined, one of them leads.
        world.settle();
        vec![State { world, left: self.left.clone() }]
    }

    fn actions(&self, state: &State, actions: &mut Vec<Event>) {
        let left = &state.left;
        actions.extend(state.world.events().into_iter().filter(|event| match event {
            Event::Read(_) | Event::Grant(_) => true,
            Event::Commit(_) => left.commits > 0,
            Event::Flip(_) => left.flips > 0,
            Event::List(_) | Event::Again(_) => false,
            Event::Twice(_) | Event::Lose(_) | Event::GiveUp(_) | Event::Expire(_) | Event::Notice(_) => {
                left.failures > 0
            }
            Event::Restart(_) => left.restarts > 0,
            Event::Force(_) | Event::Clear(_) | Event::Publish(_) | Event::Rollback(_) => left.operations > 0,
        }));
    }

    fn next_state(&self, last: &State, event: Event) -> Option<State> {
        let mut state = last.clone();
        let place = match event {
            Event::Flip(_) => Some(&mut state.left.flips),
            Event::Commit(_) => Some(&mut state.left.commits),
            Event::Restart(_) => Some(&mut state.left.restarts),
            Event::Force(_) | Event::Clear(_) | Event::Publish(_) | Event::Rollback(_) => {
                Some(&mut state.left.operations)
            }
            Event::Read(_) | Event::Grant(_) | Event::List(_) | Event::Again(_) => None,
            Event::Twice(_) | Event::Lose(_) | Event::GiveUp(_) | Event::Expire(_) | Event::Notice(_) => {
                Some(&mut state.left.failures)
            }
        };
        if let Some(place) = place {
            *place = place.saturating_sub(1);
        }
        state.world.happen(event);
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("no law is broken", |_, state: &State| state.world.laws.broken.is_none()),
            Property::sometimes("a report is written after a lease ended", |model: &Self, state: &State| {
                state.left.failures < model.left.failures && state.left.commits == 0
            }),
        ]
    }
}

fn walk(name: &str, model: Fleet) {
    let checker = model.checker().threads(2).spawn_bfs().join();
    eprintln!(
        "{name}: {} states, {} of them different, up to {} events deep",
        checker.state_count(),
        checker.unique_state_count(),
        checker.max_depth()
    );
    checker.assert_properties();
}

#[test]
fn leaders_and_votes_in_every_order() {
    let size: u8 = std::env::var("POINTSMAN_FLEET_MODEL").ok().map_or(0, |text| text.parse().unwrap());
    let left = Left { flips: 1, failures: 1, restarts: 0, operations: 0, commits: 3 + size };
    walk("a flip and a failure", Fleet { watches: 2, quorum: None, left });
    let left = Left { flips: 0, failures: 1, restarts: 1, operations: 0, commits: 3 + size };
    walk("a restart and a failure", Fleet { watches: 2, quorum: Some(2), left });
}

#[test]
fn operators_in_every_order() {
    let size: u8 = std::env::var("POINTSMAN_FLEET_MODEL").ok().map_or(0, |text| text.parse().unwrap());
    let left = Left { flips: 0, failures: 1, restarts: 0, operations: 2 + size, commits: 3 + size };
    walk("two operators and a failure", Fleet { watches: 2, quorum: None, left });
}
