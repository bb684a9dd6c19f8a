//! Any client falls into exactly one class, and gets its class's answer.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use pointsman_core::model::RecordType;
use pointsman_core::proptest::{clients, worlds, zones};
use pointsman_core::query::Query;
use pointsman_core::resolve::Scratch;
use pointsman_verify::class::Classes;
use pointsman_verify::facts::Facts;
use pointsman_verify::subject::Subject;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

#[test]
fn a_client_is_in_one_class_and_gets_its_answer() {
    let mut runner = TestRunner::deterministic();
    let (mut told_apart, mut asked) = (0_usize, 0_usize);
    for seed in 0..160 {
        let sample = zones().seeded(seed);
        let subject = Subject::new(sample.hosted_zone(), Facts::default());
        let zone = sample.compile();
        let mut strategy = clients(&zone).without_positions();
        if subject.zone.latency_table.is_some() {
            strategy = strategy.without_latencies();
        }
        for (number, group) in subject.questions() {
            let classes = Classes::of(&subject, number);
            assert!(!classes.list.is_empty());
            told_apart += usize::from(classes.list.len() > 1);
            let only_positions = classes.sampled.iter().all(|why| why.starts_with("geoproximity"));
            for _ in 0..8 {
                let client = strategy.new_tree(&mut runner).unwrap().current().into_inner();
                let class = classes.classify(&subject, number, &client);
                if !only_positions && class.is_none() {
                    continue;
                }
                let class = &classes.list[class.unwrap_or_else(|| {
                    panic!("zone {seed}, {} {}: no class for {client:?}", group.name, group.record_type)
                })];
                // The classes' trees differ, so a client with a tree is in one class; now for the answer.
                let world = worlds().seeded(seed).situation().health().report();
                for view in [subject.view.clone(), subject.view.updated(&world).0] {
                    for draw in [0, 1, u64::MAX / 3, u64::MAX / 7 * 5] {
                        let mut query = Query::new(&group.name.to_string(), group.record_type).unwrap();
                        query.draw = draw;
                        let answer = |client| {
                            let mut scratch = Scratch::new(view.zone());
                            let query = Query { client, ..query.clone() };
                            let answer = view.resolve(&query, &mut scratch);
                            let path: Vec<String> = answer.set_identifiers().map(str::to_owned).collect();
                            let values: Vec<String> = answer.values().map(str::to_owned).collect();
                            (answer.rcode(), answer.ttl(), values, path, answer.fail_open())
                        };
                        assert_eq!(answer(client.clone()), answer(class.client.clone()), "zone {seed} {}", group.name);
                        for other in class.others.iter().take(3) {
                            assert_eq!(answer(other.clone()), answer(class.client.clone()), "zone {seed}");
                        }
                        asked += 1;
                    }
                }
            }
        }
    }
    assert!(told_apart > 150 && asked > 10_000, "{told_apart} questions with classes, {asked} answers");
}

#[test]
fn names_of_a_zone_are_asked_by_their_own_type() {
    let subject = Subject::new(zones().seeded(3).hosted_zone(), Facts::default());
    assert!(subject.questions().count() > 0);
    assert!(subject.questions().all(|(_, group)| RecordType::ALL.contains(&group.record_type)));
}
