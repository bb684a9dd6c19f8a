//! The property-testing kit: what it makes is valid and varied, and what fails shrinks to the smallest that fails.

use std::collections::BTreeSet;
use std::fmt::Debug;

use pointsman_core::diagnostic::has_errors;
use pointsman_core::model::routing::PolicyKind;
use pointsman_core::model::{Continent, Country, Name, RecordType, Region};
use pointsman_core::parse::parse;
use pointsman_core::proptest::{
    CheckType, Health, SampleQuestion, SampleZone, Situation, Status, World, check_rule, clients, failures, found,
    health_checks, health_reports, histories, load, names, questions, spellings, worlds, zones,
};
use pointsman_core::validate::{Options, validate};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

/// A runner that makes the same values every time.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, max_shrink_iters: 20_000, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// The smallest value that has a property.
#[expect(clippy::panic, reason = "a test that finds nothing has failed")]
fn smallest<S: Strategy<Value: Debug>>(strategy: &S, wanted: impl Fn(&S::Value) -> bool) -> S::Value {
    let judge = |value: S::Value| if wanted(&value) { Err(TestCaseError::fail("wanted")) } else { Ok(()) };
    match runner(5000).run(strategy, judge) {
        Err(TestError::Fail(_, value)) => value,
        other => panic!("{other:?}"),
    }
}

fn errors(sample: &SampleZone) -> Vec<String> {
    let texts = sample.documents();
    let documents: Vec<_> = texts.iter().enumerate().map(|(number, text)| parse(number, text)).collect();
    let found = validate(&documents, &Options::default()).diagnostics;
    if has_errors(&found) { found.into_iter().map(|finding| format!("{finding:?}")).collect() } else { Vec::new() }
}

#[test]
fn no_zone_has_an_error() {
    for seed in 0..3000 {
        let sample = zones().max_depth(1 + seed as usize % 5).max_members(1 + seed as usize % 7).seeded(seed);
        assert_eq!(errors(&sample), [""; 0], "{seed}\n{sample}");
    }
}

#[test]
fn no_step_of_shrinking_makes_an_error() {
    let mut runner = runner(1);
    let mut steps = 0;
    for number in 0..150_u64 {
        let mut tree = zones().new_tree(&mut runner).unwrap();
        let mut go_on = tree.simplify();
        // Some steps fail and some pass, by a rule that has nothing to do with the zone.
        while go_on {
            let sample = tree.current();
            assert_eq!(errors(&sample), [""; 0], "{sample}");
            steps += 1_u64;
            let fails = (steps.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ number) >> 61 == 0;
            go_on = if fails { tree.simplify() } else { tree.complicate() };
        }
    }
    assert!(steps > 5000, "{steps}");
}

#[test]
fn zones_are_of_every_kind() {
    let mut seen = BTreeSet::new();
    let mut deepest = 0;
    let mut largest = 0;
    for seed in 0..2000 {
        let sample = zones().seeded(seed);
        deepest = deepest.max(sample.depth());
        largest = largest.max(sample.record_set_count());
        seen.extend(sample.policies().map(PolicyKind::as_str));
        let text = sample.to_json();
        for word in [
            "\"PrivateZone\": true",
            "CALCULATED",
            "CLOUDWATCH_METRIC",
            "RECOVERY_CONTROL",
            "HTTPS_STR_MATCH",
            "\"Inverted\": true",
            "\"Disabled\": true",
            "\"EvaluateTargetHealth\": false",
            "elb.amazonaws.com",
            "LatencyTable",
            "LocalZoneGroup",
            "Coordinates",
            "SubdivisionCode",
            "ContinentCode",
            "\"LocationName\": \"*\"",
            "2001:db8:1::/48",
            "\"*.wild.example.com.\"",
            "\"SOA\"",
            "\"NS\"",
            "\"CNAME\"",
            "\"MX\"",
            "\"Weight\": 0",
        ] {
            if text.contains(word) {
                seen.insert(word);
            }
        }
    }
    assert_eq!(seen.len(), 8 + 22, "{seen:?}");
    assert_eq!(deepest, 3);
    assert!(largest > 30, "{largest}");
}

// ---- what fails shrinks to the smallest that fails -----------------------------------------------------------------------

#[test]
fn zones_shrink_to_the_smallest_that_fail() {
    let simplest = smallest(&zones(), |_| true);
    assert_eq!((simplest.record_set_count(), simplest.health_check_count(), simplest.depth()), (1, 0, 1));
    let text = simplest.to_string();
    assert!(text.starts_with("example.com. (public)\n  a.example.com. A, simple\n    -> 10."), "{text}");

    let deep = smallest(&zones(), |sample| sample.depth() >= 3);
    assert_eq!((deep.record_set_count(), deep.health_check_count()), (3, 0), "{deep}");
    assert_eq!(deep.policies().collect::<Vec<_>>(), [PolicyKind::Simple; 3]);

    for policy in [PolicyKind::Weighted, PolicyKind::Latency, PolicyKind::Geolocation, PolicyKind::IpBased] {
        let one = smallest(&zones(), |sample| sample.policies().any(|other| other == policy));
        assert_eq!((one.record_set_count(), one.health_check_count()), (1, 0), "{one}");
    }

    // A calculated check needs a child to count, and a record set to name it; simple routing has no check.
    let calculated = smallest(&zones(), |sample| sample.to_json().contains("CALCULATED"));
    assert_eq!((calculated.record_set_count(), calculated.health_check_count()), (1, 2), "{calculated}");

    let beneath = smallest(&zones(), |sample| {
        let kinds: Vec<PolicyKind> = sample.policies().collect();
        sample.depth() > 1 && kinds.contains(&PolicyKind::Latency) && kinds.contains(&PolicyKind::Geoproximity)
    });
    assert_eq!((beneath.record_set_count(), beneath.depth()), (2, 2), "{beneath}");
}

#[test]
fn zones_shrink_within_their_limits() {
    let strategy = zones().policies([PolicyKind::Weighted]).names(["www", "api"]).private(true);
    let sample = smallest(&strategy, |sample| sample.record_set_count() > 2);
    let listing = sample.to_string();
    assert_eq!(sample.record_set_count(), 3);
    assert!(listing.starts_with("example.com. (private)\n  www.example.com. A, weighted"), "{listing}");
    assert!(sample.policies().all(|policy| policy == PolicyKind::Weighted));
    let checks = zones().health_checks([CheckType::Https]).types([RecordType::Aaaa]);
    let sample = smallest(&checks, |sample| sample.health_check_count() > 1);
    assert_eq!((sample.record_set_count(), sample.health_check_count()), (2, 2), "{sample}");
    assert!(sample.to_string().contains("hc-1 HTTPS") && sample.to_string().contains("AAAA"), "{sample}");
}

/// The weight of the member that has a value, by the zone's listing.
fn weight_of(world: &World, value: &str) -> Option<u8> {
    let listing = world.zone().to_string();
    let line = listing.lines().find(|line| line.contains(&format!("-> {value},")))?;
    line.split_once("weight ")?.1.split(' ').next()?.parse().ok()
}

/// What an engine would do wrong that never answers members of weight 0: they wait until all others are unhealthy (4.3.4).
#[test]
fn a_planted_fault_in_weights_is_found_and_shrunk() {
    let world = smallest(&worlds(), |world| {
        let situation = world.situation();
        let zone = situation.view().zone();
        let before = Situation::new(zone, Health::all_up(zone), situation.query().clone()).answer();
        let now = situation.answer();
        let weight = |values: &[String]| values.first().and_then(|value| weight_of(world, value));
        weight(&before.values) > Some(0) && weight(&now.values) == Some(0) && !now.fail_open
    });
    let listing = "example.com. (public)\n  a.example.com. A, weighted\n";
    assert!(world.zone().to_string().starts_with(listing), "{world:?}");
    assert_eq!((world.zone().record_set_count(), world.zone().health_check_count()), (2, 1), "{world:?}");
    assert_eq!(world.situation().health().down(), ["hc-1"]);
    assert_eq!(world.situation().query().draw, 0);
}

#[test]
fn worlds_shrink_all_together() {
    let world = smallest(&worlds(), |world| world.situation().answer().fail_open);
    assert_eq!((world.zone().record_set_count(), world.zone().health_check_count()), (1, 1), "{world:?}");
    let text = format!("{world:?}");
    assert!(
        text.ends_with(r#"{"name":"a.example.com.","type":"A","client":{},"draw":"0"}, down: health check hc-1"#),
        "{text}"
    );

    // An alias that does not evaluate its target hides what is down below it (5.4).
    let pairs = zones().policies([PolicyKind::Failover, PolicyKind::Weighted]);
    let hidden = smallest(&worlds().zones(pairs).failures(3), |world| {
        let reply = world.situation().answer();
        let listing = world.zone().to_string();
        reply.fail_open && reply.set_identifiers.len() == 2 && !listing.contains("(evaluates its health)")
    });
    assert_eq!((hidden.zone().record_set_count(), hidden.zone().depth()), (2, 2), "{hidden:?}");
    assert_eq!(hidden.situation().health().down().len(), 1);
}

#[test]
fn a_client_shrinks_to_what_matters() {
    let zone = load([ZONE]).unwrap();
    let asked = questions(&zone).asking("geo.example.com", RecordType::A);
    let wa = |question: &SampleQuestion| question.client.subdivision.is_some_and(|(_, state)| state.as_str() == "WA");
    assert_eq!(smallest(&asked, wa).to_json(), question("geo", r#"{"subdivision":"US-WA"}"#));
    let in_eu = asked.clone().clients(clients(&zone).within(Continent::Eu));
    assert_eq!(smallest(&in_eu, |_| true).to_json(), question("geo", r#"{"continent":"EU"}"#));
    let german = smallest(&in_eu, |question| question.client.country == Country::parse("DE"));
    assert_eq!(german.to_json(), question("geo", r#"{"country":"DE"}"#));

    // The network that falls into a block, and what only the second of two Regions is needed for.
    let blocks = questions(&zone).asking("ip.example.com", RecordType::A);
    let value = |question: &SampleQuestion| {
        let situation = Situation::new(&zone, Health::all_up(&zone), question.clone().into_inner());
        situation.answer().values.concat()
    };
    let inner = smallest(&blocks, |question| value(question) == "192.0.2.42");
    let client = &inner.client;
    assert!(client.ip.is_some() != client.ecs.is_some() && client.country.is_none(), "{inner:?}");
    let far = smallest(&questions(&zone).asking("fast.example.com", RecordType::A), |question| {
        value(question) == "192.0.2.52" && question.client.latency.is_some()
    });
    let known = far.client.latency.unwrap();
    assert_eq!(Region::all().filter(|region| known.microseconds(*region).is_some()).count(), 1, "{far:?}");
}

#[test]
fn clients_are_all_that_the_zone_can_tell_apart() {
    let zone = load([ZONE]).unwrap();
    let mut seen = BTreeSet::new();
    let mut runner = runner(1);
    for _ in 0..3000 {
        for name in ["geo", "ip", "fast", "near"] {
            let asked = questions(&zone).asking(&format!("{name}.example.com"), RecordType::A);
            let question = asked.new_tree(&mut runner).unwrap().current().into_inner();
            let reply = Situation::new(&zone, Health::all_up(&zone), question).answer();
            seen.insert(format!("{name} {}", reply.values.concat()));
        }
    }
    // Every record set of every group, and of geo and ip the client that none serves.
    assert_eq!(seen.len(), 4 + 3 + 2 + 2, "{seen:?}");
}

#[test]
fn failures_shrink_to_the_fewest() {
    let zone = load([ZONE]).unwrap();
    for max in 0..4 {
        let strategy = failures(&zone, max);
        let mut runner = runner(1);
        let most = (0..300).map(|_| strategy.new_tree(&mut runner).unwrap().current().down().len()).max();
        assert_eq!(most, Some(max));
    }
    let both = smallest(&failures(&zone, 4), |health| {
        let view = health.view(&zone);
        view.is_check_healthy("hc-2") == Some(false) && view.is_check_healthy("upside-down") == Some(false)
    });
    assert_eq!(both.down(), ["hc-2", "upside-down"]);
    assert_eq!(format!("{both:?}"), "down: health check hc-2, health check upside-down (inverted, reported healthy)");
    // Reports of every kind too, and what makes a calculated check fail.
    let report =
        smallest(&health_reports(&zone), |health| health.view(&zone).is_check_healthy("two-of-three") == Some(false));
    assert_eq!(report.down().len(), 2, "{report:?}");
    assert!(!report.down().contains(&"two-of-three"));
    let alarm = smallest(&health_reports(&zone), |health| {
        matches!(health.status("alarm"), Some(Status::Insufficient { last_known_unhealthy: true }))
    });
    let healthy = r#""hc-1":"healthy","hc-2":"healthy","hc-3":"healthy""#;
    let json = format!(
        r#"{{"HealthChecks":{{{healthy},"upside-down":"unhealthy","alarm":{{"Status":"insufficient","LastKnown":"unhealthy"}}}},"AliasTargets":{{"lb.example.net.":"healthy"}}}}"#
    );
    assert_eq!(alarm.to_json(), json);
    assert_eq!(alarm.down(), ["alarm"]);
}

#[test]
fn histories_shrink_to_the_changes_that_matter() {
    let zone = load([ZONE]).unwrap();
    // The primary fails over and comes back.
    let history = smallest(&histories(&zone), |history| {
        let states: Vec<bool> =
            history.reports().iter().map(|health| health.view(&zone).is_check_healthy("hc-1") == Some(true)).collect();
        states.windows(3).any(|three| three == [true, false, true])
    });
    assert_eq!(format!("{history:?}"), "at first everything up\nthen health check hc-1 down\nthen hc-1 up");
    assert_eq!(history.to_json().len(), 3);
    assert_eq!(history.to_json()[1], r#"{"HealthChecks":{"hc-1":"unhealthy"}}"#);
}

#[test]
fn names_and_checks_shrink_to_the_plainest() {
    assert_eq!(smallest(&names(), |_| true).to_string(), "a.");
    assert_eq!(smallest(&names().under("example.com"), |_| true).to_string(), "a.example.com.");
    assert_eq!(smallest(&names(), |name| name.as_ref().is_wildcard()).to_string(), "*.");
    let escaped = smallest(&names(), |name| name.to_string().contains('\\'));
    assert_eq!(escaped.as_ref().labels().map(<[u8]>::len).sum::<usize>(), 1, "{escaped}");
    let long = smallest(&names(), |name| name.as_ref().labels().any(|label| label.len() > 20));
    assert_eq!(long.to_string(), format!("{}.", "a".repeat(21)));
    let name = Name::parse("www.example.com").unwrap();
    assert_eq!(smallest(&spellings(&name), |_| true), "www.example.com.");
    assert_eq!(smallest(&spellings(&name), |text| text.contains('\\')).matches('\\').count(), 1);

    assert_eq!(format!("{:?}", smallest(&health_checks(), |_| true)), "hc-1 TCP");
    let inverted = smallest(&health_checks(), |checks| checks.to_json().contains("\"Inverted\": true"));
    assert!(format!("{inverted:?}").ends_with(" TCP, inverted") && inverted.ids().len() == 1, "{inverted:?}");
    let calculated = smallest(&health_checks(), |checks| format!("{checks:?}").contains("at least 2"));
    assert_eq!(calculated.ids().len(), 2, "a threshold of two may be more than there are children: {calculated:?}");
}

#[test]
fn a_world_makes_a_ticket_with_its_zone() {
    let ticket = check_rule(&mut runner(256), "nothing ever fails open", &worlds(), |world| {
        if world.situation().answer().fail_open { Err(found("fail open")) } else { Ok(()) }
    });
    let ticket = ticket.unwrap_err().to_string();
    let start =
        "RULE BROKEN: nothing ever fails open\n\nzone      example.com. (public)\n            a.example.com. A, ";
    assert!(ticket.starts_with(start), "{ticket}");
    assert!(ticket.contains("\nanswer    NOERROR, A, TTL 60: 10."), "{ticket}");
    assert!(ticket.contains("\n          FAIL OPEN: "), "{ticket}");
}

fn question(name: &str, client: &str) -> String {
    format!(r#"{{"name":"{name}.example.com.","type":"A","client":{client},"draw":"0"}}"#)
}

const ZONE: &str = include_str!("proptest_kit.json");
