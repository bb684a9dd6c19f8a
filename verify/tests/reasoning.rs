//! The reasoning over all worlds at once against core's own answers, world by world.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use pointsman_core::explain::OddsAnswer;
use pointsman_core::model::record::Content;
use pointsman_core::proptest::zones;
use pointsman_core::query::Query;
use pointsman_verify::algebra::{Algebra as _, Lanes, Statuses};
use pointsman_verify::bdd::{Bdd, Table};
use pointsman_verify::class::Classes;
use pointsman_verify::facts::Facts;
use pointsman_verify::subject::{Leads, Subject};
use pointsman_verify::tree::{Towards, evaluate};
use pointsman_verify::world::World;

/// The most things that may fail in a zone whose worlds are all tried.
const FAILURES_MAX: usize = 10;

/// Everything that core may answer, and whether that includes no data.
fn by_core(subject: &Subject, world: &World, query: &Query) -> (BTreeSet<String>, bool) {
    let view = world.view(subject);
    let odds = view.odds(query).unwrap();
    let (mut possible, mut no_data) = (BTreeSet::new(), false);
    for outcome in &odds.outcomes {
        match &outcome.answer {
            OddsAnswer::Values { values, .. } => {
                no_data |= values.is_empty();
                possible.extend(values.iter().map(|value| (*value).to_owned()));
            }
            OddsAnswer::Resource(name) => {
                possible.insert(name.to_string());
            }
            OddsAnswer::Members { members, .. } => {
                possible.extend(members.iter().flat_map(|member| &member.values).map(|value| (*value).to_owned()));
            }
        }
    }
    (possible, no_data)
}

/// What a record set answers with, as core spells it.
fn spelled(subject: &Subject, record: usize) -> Vec<String> {
    let set = subject.record(record).unwrap();
    match (&set.content, subject.leads(record)) {
        (Content::Values { values, .. }, _) => values.iter().map(|value| value.to_string()).collect(),
        (_, Leads::Resource(resource, _)) => {
            let resource = &subject.zone.alias_targets[resource];
            let of_type = match set.record_type {
                pointsman_core::model::RecordType::A => &resource.a,
                _ => &resource.aaaa,
            };
            match (&resource.a, &resource.aaaa) {
                (None, None) => vec![resource.dns_name.to_string()],
                _ => of_type.iter().flatten().map(|address| address.to_string()).collect(),
            }
        }
        _ => Vec::new(),
    }
}

#[test]
fn every_world_of_small_zones() {
    let (mut compared, mut tried) = (0_usize, 0_usize);
    for seed in 0..600 {
        let subject = Subject::new(zones().max_members(3).max_trees(2).seeded(seed).hosted_zone(), Facts::default());
        let (endpoints, checks) = (subject.endpoints.list.len(), subject.zone.health_checks.len());
        let variables = endpoints + checks;
        if variables > FAILURES_MAX {
            continue;
        }
        tried += 1;
        let mut table = Table::new(1 << 20);
        let all: Vec<Bdd> = (0..variables).map(|number| table.variable(number as u32)).collect();
        let by_diagram = Statuses::new(&subject, &mut table, all[..endpoints].to_vec(), &all[endpoints..]);
        for (number, group) in subject.questions() {
            let classes = Classes::of(&subject, number);
            for class in classes.list.iter().take(6) {
                let diagram = evaluate(&subject, &class.tree, &mut table, &by_diagram, |_| false);
                let mut query = Query::new(&group.name.to_string(), group.record_type).unwrap();
                query.client = class.client.clone();
                for first in (0..1_u32 << variables).step_by(64) {
                    // Bit i of a lane: whether the variable is true in world `first + i`.
                    let lane = |variable: usize| {
                        (0..64)
                            .filter(|world| (first + world) >> variable & 1 == 1)
                            .fold(0, |sum, bit| sum | 1_u64 << bit)
                    };
                    let lanes: Vec<u64> = (0..variables).map(lane).collect();
                    let by_lane = Statuses::new(&subject, &mut Lanes, lanes[..endpoints].to_vec(), &lanes[endpoints..]);
                    let words = evaluate(&subject, &class.tree, &mut Lanes, &by_lane, |_| false);
                    for world in 0..64.min((1_u32 << variables) - first) {
                        let bits = first + world;
                        let holds = |function: Bdd| table.holds(function, |variable| bits >> variable & 1 == 1);
                        let true_in_lane = |word: u64| word >> world & 1 == 1;
                        assert_eq!(holds(diagram.no_data), true_in_lane(words.no_data), "zone {seed} {}", group.name);
                        let mut possible = BTreeSet::new();
                        for ((_, branch), (function, word)) in
                            class.tree.branches().zip(diagram.picked.iter().zip(&words.picked))
                        {
                            assert_eq!(holds(*function), true_in_lane(*word), "zone {seed} {}", group.name);
                            if true_in_lane(*word) && branch.leads == Towards::Answer {
                                possible.extend(spelled(&subject, branch.record));
                            }
                        }
                        let state = World {
                            dead: (0..endpoints).filter(|variable| bits >> variable & 1 == 1).collect(),
                            failing: (0..checks).filter(|check| bits >> (endpoints + check) & 1 == 1).collect(),
                            ..World::default()
                        };
                        let expected = by_core(&subject, &state, &query);
                        assert_eq!(
                            (possible, true_in_lane(words.no_data)),
                            expected,
                            "zone {seed}, {} {} for {:?} when {}",
                            group.name,
                            group.record_type,
                            class.client,
                            state.describe(&subject)
                        );
                        compared += 1;
                    }
                }
            }
        }
        assert!(!table.is_full());
    }
    assert!(tried > 100 && compared > 100_000, "{tried} zones, {compared} answers compared");
    assert_eq!(Lanes.constant(true), u64::MAX);
}
