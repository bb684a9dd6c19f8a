//! Requests through a whole policy, without a host: what is set, what is listed, what is counted.

#![expect(clippy::unwrap_used, reason = "what does not load stops the test")]

use std::collections::HashMap;

use pointsman_core::health::Usable;
use pointsman_envoy::config::read;
use pointsman_envoy::facts::Request;
use pointsman_envoy::load::{load, views_under};
use pointsman_envoy::policy::Policy;
use serde_json::{Value, json};

#[derive(Default)]
struct Headers(HashMap<&'static str, Vec<u8>>);

impl Headers {
    fn of<const N: usize>(pairs: [(&'static str, &str); N]) -> Self {
        Self(pairs.map(|(name, value)| (name, value.as_bytes().to_vec())).into())
    }
}

impl Request for Headers {
    fn header(&self, name: &str) -> Option<Vec<u8>> {
        self.0.get(name).cloned()
    }

    fn downstream_address(&self) -> Option<Vec<u8>> {
        Some(b"203.0.113.9:40000".to_vec())
    }
}

fn value(name: &str, set: &str, policy: Value, addresses: &[&str], check: Option<&str>) -> Value {
    let records: Vec<Value> = addresses.iter().map(|address| json!({"Value": address})).collect();
    let mut record = json!({"Name": name, "Type": "A", "SetIdentifier": set, "TTL": 60, "ResourceRecords": records});
    merge(&mut record, policy);
    check.iter().for_each(|check| record["HealthCheckId"] = json!(check));
    record
}

fn alias(name: &str, set: &str, policy: Value, target: &str, evaluate: bool) -> Value {
    let target = json!({"HostedZoneId": "Z1", "DNSName": target, "EvaluateTargetHealth": evaluate});
    let mut record = json!({"Name": name, "Type": "A", "SetIdentifier": set, "AliasTarget": target});
    merge(&mut record, policy);
    record
}

fn merge(into: &mut Value, from: Value) {
    if let (Some(into), Value::Object(from)) = (into.as_object_mut(), from) {
        into.extend(from);
    }
}

fn policy(records: &[Value], more: Value) -> Policy {
    let mut config = json!({
        "zones": [{"documents": [{"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": records}]}],
        "question": {"name": {"fixed": "a.example.com"}},
        "answer": {"header": {}},
    });
    merge(&mut config, more);
    let text = config.to_string();
    let config = read(text.as_bytes()).unwrap();
    let loaded = load(&config).unwrap();
    Policy::new(config, loaded, 1).unwrap()
}

fn hosts(choices: u8) -> Value {
    json!({"answer": {"host": {"port": 80, "choices": choices}}, "filter_state": null})
}

fn report(policy: &mut Policy, text: &str) {
    let read = views_under(policy.blank(), text).unwrap();
    policy.swap(read.views);
}

#[test]
fn hosts_are_the_answers_that_would_follow() {
    let pair = [
        value("a.example.com.", "one", json!({"Failover": "PRIMARY"}), &["192.0.2.1"], Some("hc-1")),
        value("a.example.com.", "two", json!({"Failover": "SECONDARY"}), &["192.0.2.2"], Some("hc-2")),
    ];
    let mut policy = policy(&pair, hosts(8));
    assert_eq!(policy.decide(&Headers::default()).value, Some("192.0.2.1:80,192.0.2.2:80"));
    report(&mut policy, r#"{"HealthChecks": {"hc-1": "unhealthy"}}"#);
    // The next choice after the secondary is what Route 53 would fail open to.
    assert_eq!(policy.decide(&Headers::default()).value, Some("192.0.2.2:80,192.0.2.1:80"));
    policy.set_usable(Usable::NoData);
    assert_eq!(policy.decide(&Headers::default()).value, Some("192.0.2.1:80,192.0.2.2:80"));
    policy.set_usable(Usable::NotReady);
    let steer = policy.decide(&Headers::default());
    assert_eq!((steer.header, steer.value, steer.state), ("x-pointsman-host", None, None));
}

#[test]
fn as_many_choices_are_listed_as_were_asked_for() {
    let records: Vec<Value> = (1..=5)
        .map(|n| {
            value("a.example.com.", &format!("s{n}"), json!({"Weight": 1}), &[&format!("192.0.2.{n}")], Some("hc"))
        })
        .collect();
    let mut policy = policy(&records, hosts(3));
    for _ in 0..50 {
        let steer = policy.decide(&Headers::default());
        let mut listed: Vec<&str> = steer.value.unwrap().split(',').collect();
        assert_eq!(listed.len(), 3);
        listed.sort_unstable();
        listed.dedup();
        assert_eq!(listed.len(), 3, "no host twice");
    }
}

#[test]
fn several_values_are_one_choice_and_rotate() {
    let records = [
        value(
            "a.example.com.",
            "many",
            json!({"Failover": "PRIMARY"}),
            &["192.0.2.1", "192.0.2.2", "192.0.2.3"],
            Some("hc-1"),
        ),
        value("a.example.com.", "rest", json!({"Failover": "SECONDARY"}), &["192.0.2.9", "192.0.2.1"], None),
    ];
    let mut policy = policy(&records, hosts(2));
    let mut first = HashMap::<String, u32>::new();
    for _ in 0..300 {
        let list = policy.decide(&Headers::default()).value.unwrap().to_owned();
        let (start, rest) = list.split_at(3 * "192.0.2.1:80".len() + 2);
        assert_eq!(rest, ",192.0.2.9:80", "the second choice, without what stands before it");
        *first.entry(start[..12].to_owned()).or_default() += 1;
    }
    assert_eq!(first.len(), 3);
    assert!(first.values().all(|count| *count > 60), "{first:?}");
}

#[test]
fn lists_climb_past_aliases_that_do_not_look_down() {
    let records = [
        alias("a.example.com.", "left", json!({"Failover": "PRIMARY"}), "b.example.com.", false),
        alias("a.example.com.", "right", json!({"Failover": "SECONDARY"}), "c.example.com.", false),
        value("b.example.com.", "x", json!({"Weight": 1}), &["192.0.2.1"], Some("hc-1")),
        value("c.example.com.", "y", json!({"Weight": 1}), &["192.0.2.2"], Some("hc-2")),
    ];
    // The primary's alias has to have a check of its own here (8.3.8), which changes nothing for lists.
    let mut policy = policy(&records, hosts(4));
    assert_eq!(policy.decide(&Headers::default()).value, Some("192.0.2.1:80,192.0.2.2:80"));
}

#[test]
fn addresses_of_aws_resources_are_hosts() {
    let mut records = vec![value("b.example.com.", "x", json!({"Weight": 1}), &["192.0.2.9"], None)];
    for (set, role, name) in [("l", "PRIMARY", "left"), ("r", "SECONDARY", "right")] {
        let target = json!({"HostedZoneId": "ZELB", "DNSName": format!("{name}.us-east-1.elb.amazonaws.com."), "EvaluateTargetHealth": true});
        records.push(json!({"Name": "a.example.com.", "Type": "A", "SetIdentifier": set, "Failover": role, "AliasTarget": target}));
    }
    let addresses = json!({"AliasTargets": {
        "left.us-east-1.elb.amazonaws.com": {"A": ["198.51.100.1", "198.51.100.2"], "TTL": 60},
        "right.us-east-1.elb.amazonaws.com": {"A": ["198.51.100.3"], "TTL": 60}}});
    let documents =
        [json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": records}), addresses];
    let mut more = hosts(2);
    merge(&mut more, json!({"zones": [{"documents": documents}]}));
    let mut policy = policy(&[], more);
    let list = policy.decide(&Headers::default()).value.unwrap().to_owned();
    assert!(list.ends_with(",198.51.100.3:80"), "{list}");
    assert_eq!(list.split(',').count(), 3);
    report(&mut policy, r#"{"AliasTargets": {"left.us-east-1.elb.amazonaws.com": "unhealthy"}}"#);
    assert!(policy.decide(&Headers::default()).value.unwrap().starts_with("198.51.100.3:80,"));
}

#[test]
fn names_that_are_none_are_not_asked() {
    let records = [value("a.example.com.", "one", json!({"Weight": 1}), &["192.0.2.1"], None)];
    let more = json!({"question": {"name": {"header": ":authority"}}});
    let mut policy = policy(&records, more);
    for (host, begins) in [
        ("a.example.com", "rcode=NOERROR, type=A, ttl=60, answer=(\"192.0.2.1\"), path=(\"one\")"),
        ("A.Example.COM:8443", "rcode=NOERROR, type=A, ttl=60"),
        ("b.example.com", "rcode=NXDOMAIN, type=A, ttl=900, answer=()"),
        ("example.org", "rcode=REFUSED, type=A, ttl=0, answer=(), path=(), fail-open=?0"),
        ("a..example.com", "no-answer=no-name"),
        ("", "no-answer=no-name"),
        ("[2001:db8::1]", "rcode=REFUSED"),
    ] {
        let said = policy.decide(&Headers::of([(":authority", host)])).value.unwrap().to_owned();
        assert!(said.starts_with(begins), "{host}: {said}");
    }
    let long = "x".repeat(65_536);
    assert_eq!(policy.decide(&Headers::of([(":authority", &long)])).value, Some("no-answer=no-name"));
    assert_eq!(
        policy.decide(&Headers(HashMap::from([(":authority", vec![0xff; 10])]))).value,
        Some("no-answer=no-name")
    );
}

#[test]
fn the_longest_zone_answers() {
    let zone = |name: &str, address: &str| {
        let record =
            json!({"Name": "a.eu.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": address}]});
        json!({"documents": [{"HostedZone": {"Id": "Z1", "Name": name}, "ResourceRecordSets": [record]}]})
    };
    let more = json!({"zones": [zone("example.com.", "192.0.2.1"), zone("eu.example.com.", "192.0.2.2")],
                      "question": {"name": {"fixed": "a.eu.example.com"}}});
    assert!(policy(&[], more).decide(&Headers::default()).value.unwrap().contains("192.0.2.2"));
}

#[test]
fn sticky_draws_follow_the_value_and_random_ones_do_not() {
    let records: Vec<Value> = ["one", "two"]
        .iter()
        .map(|set| value("a.example.com.", set, json!({"Weight": 1}), &["192.0.2.1"], None))
        .collect();
    let mut sticky = policy(&records, json!({"draw": {"header": "x-user"}}));
    let mut paths = HashMap::<String, u32>::new();
    for user in ["ada", "bo", "cy", "di", "eve", "fay", "gus", "hal", "ivo", "joy"] {
        let first = sticky.decide(&Headers::of([("x-user", user)])).value.unwrap().to_owned();
        for _ in 0..5 {
            assert_eq!(sticky.decide(&Headers::of([("x-user", user)])).value, Some(first.as_str()));
        }
        *paths.entry(first).or_default() += 1;
    }
    assert_eq!(paths.len(), 2, "{paths:?}");
    let mut random = HashMap::<String, u32>::new();
    for _ in 0..100 {
        *random.entry(sticky.decide(&Headers::default()).value.unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(random.len(), 2, "without the header, draws are random");
}

#[test]
fn what_happened_is_counted() {
    let records = [
        value("a.example.com.", "on.e", json!({"Failover": "PRIMARY"}), &["192.0.2.1"], Some("hc-1")),
        value("a.example.com.", "two", json!({"Failover": "SECONDARY"}), &["192.0.2.2"], Some("hc-1")),
    ];
    let mut policy = policy(&records, json!({"client": {"country_header": "x-country", "address": "downstream"}}));
    for country in ["DE", "de", "DE"] {
        policy.decide(&Headers::of([("x-country", country)]));
    }
    report(&mut policy, r#"{"HealthChecks": {"hc-1": "unhealthy"}}"#);
    policy.decide(&Headers::default());
    let mut counts = Vec::new();
    policy.counters.flush(|count| {
        counts.push((count.name.clone(), count.count));
        true
    });
    counts.sort();
    let wanted = [("answers.example_com.on_e", 4), ("bad_fact", 1), ("fail_open", 1)];
    assert_eq!(counts, wanted.map(|(name, count)| (name.to_owned(), count)));
}
