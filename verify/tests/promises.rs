//! Promises that are asked of whom they speak of, and of nobody else without saying so.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use pointsman_core::parse::parse;
use pointsman_core::validate::{Options, validate};
use pointsman_verify::facts::Facts;
use pointsman_verify::invariant::{Invariants, Verdict};
use pointsman_verify::subject::Subject;
use serde_json::json;

/// Two addresses by weight, one in each of two Regions; nothing depends on who asks.
fn zone() -> Subject {
    let member = |id: &str, value: &str| {
        json!({"Name": "www.example.com.", "Type": "A", "SetIdentifier": id, "Weight": 1, "TTL": 60,
            "ResourceRecords": [{"Value": value}]})
    };
    let zone = json!({"HostedZone": {"Id": "Z1", "Name": "example.com."},
        "ResourceRecordSets": [member("us", "192.0.2.1"), member("eu", "198.51.100.1")]});
    let facts = Facts::parse("[regions]\n\"192.0.2.1\" = \"us-east-1\"\n\"198.51.100.1\" = \"eu-west-1\"\n").unwrap();
    Subject::new(validate(&[parse(0, &zone.to_string())], &Options::default()).zone.unwrap(), facts)
}

fn rules(fields: &[(&str, &str)], head: &str) -> Result<Invariants, String> {
    let fields: Vec<String> = fields.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
    Invariants::parse(&format!("{head}[[invariant]]\nname = \"x\"\n{}", fields.concat()))
}

fn checked(fields: &[(&str, &str)]) -> Verdict {
    rules(fields, "").unwrap().check(&zone()).unwrap().remove(0)
}

#[test]
fn places_are_asked_whatever_the_name_consults() {
    for place in ["client.continent == 'EU'", "client.country == 'FR'", "client.state == 'US-WA'"] {
        let clients = format!("\"{place}\"");
        let verdict = checked(&[("clients", &clients), ("holds", "\"answers.all(a, a.continent != 'NA')\"")]);
        let broken = verdict.broken.unwrap_or_else(|| panic!("{place} was not asked"));
        assert!(broken.clients.contains("Europe") || broken.clients.contains("FR") || broken.clients.contains("US-WA"));
    }
}

#[test]
fn what_was_not_asked_is_said() {
    let nobody =
        checked(&[("clients", "\"client.continent == 'EU' && client.continent == 'AS'\""), ("holds", "\"false\"")]);
    assert_eq!((nobody.tried, nobody.broken), (0, None));
    assert_eq!(nobody.not_asked.unwrap(), "no client of these names is one that it speaks of");
    let elsewhere = [("ask", "[\"wwww.example.com A\"]"), ("holds", "\"true\"")];
    let error = rules(&elsewhere, "").unwrap().check(&zone()).unwrap_err();
    assert!(error.contains("the zone has no wwww.example.com. A"), "{error}");
    let shared = rules(&elsewhere, "shared = true\n").unwrap().check(&zone()).unwrap().remove(0);
    assert_eq!(shared.not_asked.unwrap(), "the zone has no wwww.example.com. A");
}

#[test]
fn names_that_there_are_not_are_errors_before_anything_runs() {
    for (holds, said) in [
        ("anwers.all(a, a.alive)", "there is no variable `anwers`"),
        ("answers.all(a, a.alife)", "an answer has no field `alife`"),
        ("endpoints.exists(e, e.values == [])", "an endpoint has no field `values`"),
        ("client.city == 'Berlin'", "a client has no field `city`"),
        ("answers.alive", "this is a list"),
        ("answers.all(a, a.continent != 'EUROPE')", "`EUROPE` is not a continent"),
        ("client.country in ['DE', 'ZZ']", "`ZZ` is not a country"),
        ("endpoints.all(e, 'eu-west-9' == e.region)", "`eu-west-9` is not a Region"),
    ] {
        let error = rules(&[("holds", &format!("\"{holds}\""))], "").unwrap_err();
        assert!(error.contains(said), "{holds}: {error}");
    }
    for holds in [
        "answers.filter(a, a.alive).all(b, b.alive)",
        "client.continent == '' || size(down) < 9",
        "moved + moved_total >= 0.0",
    ] {
        assert!(rules(&[("holds", &format!("\"{holds}\""))], "").is_ok(), "{holds}");
    }
}

#[test]
fn a_rule_that_errs_is_one_broken_rule() {
    let verdict = checked(&[("holds", "\"1 / size(down) > 0\"")]);
    let broken = verdict.broken.unwrap();
    assert_eq!((broken.question.as_str(), broken.size), ("www.example.com. A", 0));
    assert!(broken.error.is_some());
}

#[test]
fn a_record_set_of_two_values_is_dead_when_both_are() {
    let zone = json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": [
        {"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}, {"Value": "192.0.2.2"}]}]});
    let zone = validate(&[parse(0, &zone.to_string())], &Options::default()).zone.unwrap();
    let subject = Subject::new(zone, Facts::default());
    let of = |holds: &str| rules(&[("holds", &format!("\"{holds}\""))], "").unwrap().check(&subject).unwrap().remove(0);
    assert_eq!(of("answers.all(a, a.alive) || !endpoints.exists(e, e.alive)").broken, None);
    assert_eq!(of("answers.all(a, a.alive)").broken.unwrap().size, 2);
    assert_eq!(of("answers.all(a, size(a.dead) == 0)").broken.unwrap().size, 1);
}

#[test]
fn expressions_have_bounds() {
    let sum = vec!["1"; 5_000].join("+");
    let long = rules(&[("holds", &format!("\"{sum} == 5000\""))], "").unwrap_err();
    assert!(long.contains("holds: 10007 bytes are more than 4096"), "{long}");
    let sum = vec!["1"; 1_000].join("+");
    let deep = rules(&[("holds", &format!("\"{sum} == 1000\""))], "").unwrap_err();
    assert!(deep.contains("more than 200 levels deep"), "{deep}");
    let shallow = vec!["1"; 150].join("+");
    assert_eq!(checked(&[("holds", &format!("\"{shallow} == 150\""))]).broken, None);
    for (open, close) in [("(", ")"), ("[", "]")] {
        let nested = format!("\"{}1{} == 1\"", open.repeat(1_500), close.repeat(1_500));
        rules(&[("holds", &nested)], "").unwrap_err();
    }
    // Signs in a row may count as levels or cancel each other out; they end nothing but the rule.
    for sign in ["!", "-"] {
        let _ = rules(&[("holds", &format!("\"{}1 == 1\"", sign.repeat(3_001)))], "");
    }
    for start in ["[[1]]", "['a']", "answers.map(a, [1])"] {
        let doubled = ".map(b, b + b + b + b + b + b + b + b + b + b)".repeat(8);
        let holds = format!("\"{start}{doubled}.size() > 0\"");
        let large = rules(&[("holds", &holds)], "").unwrap().check(&zone()).unwrap_err();
        assert!(large.contains("could make a value of") && large.contains("more than 1e6"), "{start}: {large}");
    }
}
