//! What a file or a zone may cost, and what is said when it would cost more.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fmt::Write as _;

use pointsman_core::parse::parse;
use pointsman_core::validate::{Options as Validate, validate};
use pointsman_verify::drill::{Options, drill};
use pointsman_verify::facts::Facts;
use pointsman_verify::invariant::Invariants;
use pointsman_verify::subject::Subject;

/// Names of one weighted group each; in small zones two health checks are shared among the members.
fn zone(names: usize, members: usize, facts: &str) -> Subject {
    let mut sets = String::new();
    for (name, member) in (0..names).flat_map(|name| (0..members).map(move |member| (name, member))) {
        let number = name * members + member;
        write!(
            sets,
            "{}{{\"Name\": \"n{name}.example.com.\", \"Type\": \"A\", \"SetIdentifier\": \"m{member}\", \"Weight\": 1, \
             \"TTL\": 60, \"ResourceRecords\": [{{\"Value\": \"10.{}.{}.1\"}}]{}}}",
            if number == 0 { "" } else { ", " },
            number / 200,
            number % 200,
            if names < 100 { format!(", \"HealthCheckId\": \"hc-{}\"", member % 2) } else { String::new() },
        )
        .unwrap();
    }
    let check = |id: &str| format!("{{\"Id\": \"{id}\", \"HealthCheckConfig\": {{\"Type\": \"CLOUDWATCH_METRIC\"}}}}");
    let text = format!(
        "{{\"HostedZone\": {{\"Id\": \"Z1\", \"Name\": \"example.com.\"}}, \"ResourceRecordSets\": [{sets}], \
         \"HealthChecks\": [{}, {}]}}",
        check("hc-0"),
        check("hc-1")
    );
    let zone = validate(&[parse(0, &text)], &Validate::default()).zone.unwrap();
    Subject::new(zone, Facts::parse(facts).unwrap())
}

fn rule(holds: &str) -> Invariants {
    Invariants::parse(&format!("[[invariant]]\nname = \"x\"\nholds = \"{holds}\"\n")).unwrap()
}

#[test]
fn a_rule_that_would_take_for_ever_is_not_begun() {
    let subject = zone(1, 3, "");
    let list = "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]";
    let nested =
        |depth: usize| (0..depth).fold(String::from("true"), |inside, at| format!("{list}.all(v{at}, {inside})"));
    let error = rule(&nested(12)).check(&subject).unwrap_err();
    assert!(error.contains("invariant `x` would take about"), "{error}");
    // What is built by `map` counts as well.
    let built = (0..12).fold(String::from("true"), |inside, at| format!("{list}.map(n, n).all(v{at}, {inside})"));
    assert!(rule(&built).check(&subject).is_err());
    assert_eq!(rule(&nested(3)).check(&subject).unwrap()[0].broken, None);
}

#[test]
fn pairs_of_a_thousand_endpoints_are_not_all_tried() {
    let verdicts = rule("size(answers) > 0").check(&zone(1, 1000, "")).unwrap();
    assert!(!verdicts[0].bounded.is_empty());
    // Nothing down, each endpoint and each check.
    assert_eq!(verdicts[0].tried, 1003);
}

#[test]
fn ten_thousand_names_are_drilled_one_by_one() {
    let found = drill(&zone(10_000, 1, ""), &Options::default(), &mut |_, _| true);
    assert_eq!((found.questions, found.unconfirmed.len(), found.bounded.len()), (10_000, 0, 0));
}

#[test]
fn a_domain_that_names_an_endpoint_twice_is_that_endpoint() {
    let subject = zone(1, 2, "[domains]\nrack = [\"10.0.1.1\", \"10.0.0.1\", \"10.0.1.1\", \"10.0.0.1\"]\n");
    assert_eq!(subject.endpoints.domains[0].endpoints, [0, 1]);
}

#[test]
fn broken_files_are_told_in_one_line_with_their_place() {
    for (text, said) in [
        ("[domains", "line 1, column 9: unclosed table"),
        ("[domains]\na = 3", "line 2, column 5: invalid type: integer `3`"),
        ("[clients]\nEU = nan", "`EU`: traffic is a number"),
        ("[clients]\nEU = 1e308", "`EU`: traffic is a number"),
    ] {
        let error = Facts::parse(text).unwrap_err();
        assert!(error.contains(said) && !error.contains('\n'), "{error}");
    }
    let error = Invariants::parse("[[invariant]]\nname = 1").unwrap_err();
    assert!(error.starts_with("line 2, column 8") && !error.contains('\n'), "{error}");
}
