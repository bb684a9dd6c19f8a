//! Every kind of finding has a zone that shows it and a near twin that does not. Four of the zones are incidents that
//! happened to somebody.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use pointsman_core::parse::parse;
use pointsman_core::validate::{Options as Validate, validate};
use pointsman_verify::drill::{Options, Severity, drill};
use pointsman_verify::facts::Facts;
use pointsman_verify::subject::Subject;
use serde_json::{Value, json};

use support::{faults, one, run, set};

/// An incident: legacy record sets were left at weight 0, and got live traffic when the primary's check failed.
#[test]
fn zero_weight_legacy_goes_live() {
    let weighted = |id: &str, weight: u8, check: &str| {
        let mut fields = json!({"Weight": weight, "value": format!("192.0.2.{weight}")});
        if !check.is_empty() {
            fields["check"] = check.into();
        }
        set("api", id, fields)
    };
    let broken = run(&[weighted("current", 100, "hc-current"), weighted("legacy", 0, "")], &[], "");
    let finding = one(&broken, "zero-weight-goes-live");
    assert_eq!(finding.failures, ["192.0.2.100"]);
    assert_eq!(finding.message, "when 192.0.2.100 is down, 192.0.2.0 gets live traffic");
    assert_eq!(finding.reproduce.as_ref().unwrap().down, ["hc-current"]);
    // Switched off for good, it waits for nothing.
    let off = json!({"Id": "hc-off", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "198.18.0.1", "Port": 1,
        "Disabled": true, "Inverted": true}});
    let twin = run(&[weighted("current", 100, "hc-current"), weighted("legacy", 0, "hc-off")], &[off], "");
    assert!(!faults(&twin).contains(&"zero-weight-goes-live"), "{:#?}", twin.findings);
}

/// An incident: a latency tree did not fail over, because one leaf had no check.
#[test]
fn latency_leaf_without_check_never_fails_over() {
    let tree = |check: bool| {
        let mut leaf = json!({"Weight": 1, "value": "192.0.2.1"});
        if check {
            leaf["check"] = "hc-1".into();
        }
        run(
            &[
                set("www", "us-east-1", json!({"Region": "us-east-1", "to": "us.www"})),
                set("www", "eu-west-1", json!({"Region": "eu-west-1", "to": "eu.www"})),
                set("us.www", "one", leaf),
                set("eu.www", "one", json!({"Weight": 1, "value": "192.0.2.2", "check": "hc-2"})),
            ],
            &[],
            "",
        )
    };
    let broken = tree(false);
    let finding = one(&broken, "dead-endpoint");
    assert_eq!((finding.failures.as_slice(), finding.size), (["192.0.2.1".to_owned()].as_slice(), 1));
    assert_eq!(finding.message, "clients are sent to 192.0.2.1, which is dead, while 192.0.2.2 is alive");
    assert!(finding.why.contains("`one` of `us.www.example.com.` A has no health check"), "{}", finding.why);
    assert_eq!(finding.questions[0].question, "www.example.com. A");
    assert_eq!(finding.reproduce.as_ref().unwrap().unnoticed, ["192.0.2.1"]);
    assert_eq!(faults(&tree(true)), [""; 0]);
}

/// An incident: EvaluateTargetHealth false in the middle of a tree; below it everything was unhealthy.
#[test]
fn evaluate_target_health_false_in_the_middle() {
    let tree = |health: bool| {
        run(
            &[
                set("www", "us-east-1", json!({"Region": "us-east-1", "to": "us.www", "health": health})),
                set("www", "eu-west-1", json!({"Region": "eu-west-1", "to": "eu.www"})),
                set("us.www", "one", json!({"Weight": 1, "value": "192.0.2.1", "check": "hc-1"})),
                set("us.www", "two", json!({"Weight": 1, "value": "192.0.2.2", "check": "hc-2"})),
                set("eu.www", "one", json!({"Weight": 1, "value": "192.0.2.3", "check": "hc-3"})),
            ],
            &[],
            "",
        )
    };
    let broken = tree(false);
    let dead: Vec<_> = broken.findings.iter().filter(|finding| finding.code == "dead-endpoint").collect();
    assert_eq!(dead.len(), 2, "{dead:#?}");
    for finding in dead {
        assert!(finding.why.starts_with("EvaluateTargetHealth is false on `us-east-1` of `www.example.com.` A"));
        // The Region is one failure, and it is the smallest.
        assert_eq!(
            (finding.failures.as_slice(), finding.size),
            (["failure domain us-east-1".to_owned()].as_slice(), 1)
        );
    }
    assert_eq!(faults(&tree(true)), [""; 0]);
}

/// An incident: the primary failed, and the secondary, which nobody checked, had been dead for weeks.
#[test]
fn secondary_that_nobody_checked() {
    let pair = |check: bool| {
        let mut secondary = json!({"Failover": "SECONDARY", "value": "192.0.2.2"});
        if check {
            secondary["check"] = "hc-2".into();
        }
        run(
            &[
                set("pay", "a", json!({"Failover": "PRIMARY", "value": "192.0.2.1", "check": "hc-1"})),
                set("pay", "b", secondary),
            ],
            &[],
            "",
        )
    };
    let broken = pair(false);
    let finding = one(&broken, "unwatched-standby");
    assert_eq!(finding.failures, ["192.0.2.1", "192.0.2.2"]);
    assert_eq!(faults(&broken), ["unwatched-standby"]);
    assert_eq!(faults(&pair(true)), [""; 0]);
    // A static site of last resort is not expected to die.
    let site = run(
        &[
            set("pay", "a", json!({"Failover": "PRIMARY", "value": "192.0.2.1", "check": "hc-1"})),
            json!({"Name": "pay.example.com.", "Type": "A", "SetIdentifier": "b", "Failover": "SECONDARY", "AliasTarget":
                {"HostedZoneId": "Z2FDTNDATAQYW2", "DNSName": "d111.cloudfront.net.", "EvaluateTargetHealth": false}}),
        ],
        &[],
        "",
    );
    assert_eq!(faults(&site), [""; 0]);
}

#[test]
fn one_check_for_two_record_sets() {
    let pair = |second: &str| {
        run(
            &[
                set("app", "a", json!({"Failover": "PRIMARY", "value": "192.0.2.1", "check": "hc-1"})),
                set("app", "b", json!({"Failover": "SECONDARY", "value": "192.0.2.2", "check": second})),
            ],
            &[],
            "",
        )
    };
    let broken = pair("hc-1");
    assert_eq!(faults(&broken), ["dead-endpoint", "idle-check", "never-used", "fails-open"]);
    assert!(one(&broken, "dead-endpoint").why.contains("its health check `hc-1` fails as well"));
    assert!(one(&broken, "never-used").why.starts_with("it shares its health check"));
    assert_eq!(faults(&pair("hc-2")), [""; 0]);
}

#[test]
fn places_without_an_answer() {
    let places = |default: bool| {
        let mut sets = vec![set("shop", "eu", json!({"GeoLocation": {"ContinentCode": "EU"}, "value": "192.0.2.1"}))];
        if default {
            sets.push(set("shop", "rest", json!({"GeoLocation": {"CountryCode": "*"}, "value": "192.0.2.1"})));
        }
        run(&sets, &[], "")
    };
    let broken = places(false);
    let finding = one(&broken, "no-answer");
    assert!(finding.failures.is_empty());
    assert!(finding.questions[0].words.contains("every other place") || finding.questions[0].words.contains("Africa"));
    assert!(!finding.questions[0].words.contains("Europe"), "{:?}", finding.questions);
    assert_eq!(faults(&places(true)), [""; 0]);
}

#[test]
fn out_of_the_continent() {
    let pair = |standby: &str| {
        run(
            &[
                set("app", "a", json!({"Failover": "PRIMARY", "to": "dualstack.a.eu-west-1.elb.amazonaws.com"})),
                set(
                    "app",
                    "b",
                    json!({"Failover": "SECONDARY", "to": format!("dualstack.b.{standby}.elb.amazonaws.com")}),
                ),
            ],
            &[],
            "",
        )
    };
    let finding = pair("us-east-1");
    assert_eq!(
        one(&finding, "leaves-continent").message,
        "when dualstack.a.eu-west-1.elb.amazonaws.com. is down, clients that were answered from Europe are answered from \
         us-east-1 in North America"
    );
    assert_eq!(faults(&finding), [""; 0]); // it was built to do that
    assert_eq!(pair("eu-central-1").findings, []);
}

#[test]
fn out_of_the_continent_past_a_live_endpoint() {
    let nearest = |second: &str| {
        let latency = |region: &str, value: &str, check: &str| {
            set("app", region, json!({"Region": region, "value": value, "check": check}))
        };
        let sets = [
            latency("eu-west-1", "192.0.2.1", "hc-1"),
            latency("eu-central-1", "192.0.2.2", "hc-2"),
            latency("us-east-1", "192.0.2.3", "hc-3"),
        ];
        let order = if second == "us-east-1" { [10, 90, 50] } else { [10, 50, 90] };
        let zone =
            json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": sets, "LatencyTable":
            {"Default": {"eu-west-1": 90, "eu-central-1": 95, "us-east-1": 10}, "Continents":
            {"EU": {"eu-west-1": order[0], "eu-central-1": order[1], "us-east-1": order[2]}}}})
            .to_string();
        let zone = validate(&[parse(0, &zone)], &Validate::default()).zone.unwrap();
        drill(&Subject::new(zone, Facts::default()), &Options::default(), &mut |_, _| true)
    };
    let broken = nearest("us-east-1");
    let finding = broken.findings.iter().find(|finding| finding.severity == Severity::Warning).unwrap();
    assert_eq!(
        (finding.code, finding.why.as_str()),
        ("leaves-continent", "192.0.2.2 is alive and in Europe, and is not preferred")
    );
    assert_eq!(faults(&nearest("eu-central-1")), [""; 0]);
}

#[test]
fn load_on_what_is_left() {
    let sets = |weights: [u8; 3]| {
        let member = |number: usize| {
            set(
                "app",
                &format!("m{number}"),
                json!({"Weight": weights[number], "value": format!("192.0.2.{}", number + 1), "check": format!("hc-{number}")}),
            )
        };
        run(&[member(0), member(1), member(2)], &[], "")
    };
    let broken = sets([110, 100, 0]);
    let finding = broken.findings.iter().find(|f| f.code == "load-shift" && f.failures == ["192.0.2.1"]).unwrap();
    assert_eq!(finding.message, "when 192.0.2.1 is down, 192.0.2.2 gets 2.1 times its load");
    assert!(sets([80, 80, 80]).findings.iter().all(|finding| finding.message.contains("1.5 times")));
    // By clients' traffic, where the answer depends on the client.
    let places = [
        set("shop", "eu", json!({"GeoLocation": {"ContinentCode": "EU"}, "value": "192.0.2.1", "check": "hc-1"})),
        set("shop", "rest", json!({"GeoLocation": {"CountryCode": "*"}, "value": "192.0.2.2", "check": "hc-2"})),
    ];
    let weighted = run(&places, &[], "[clients]\nEU = 75\nUS = 25\n");
    assert_eq!(one(&weighted, "load-shift").message, "when 192.0.2.1 is down, 192.0.2.2 gets 4 times its load");
    assert_eq!(run(&places, &[], "").findings.iter().filter(|finding| finding.code == "load-shift").count(), 0);
}

#[test]
fn standbys_that_no_state_uses_and_checks_that_decide_nothing() {
    let pair = |health: bool| {
        run(
            &[
                set(
                    "app",
                    "a",
                    json!({"Failover": "PRIMARY", "to": "pool", "health": health, "check": if health { "hc-a" } else { "hc-off" }}),
                ),
                set("app", "b", json!({"Failover": "SECONDARY", "value": "192.0.2.2", "check": "hc-b"})),
                set("pool", "only", json!({"Weight": 1, "value": "192.0.2.1", "check": "hc-only"})),
            ],
            &[
                json!({"Id": "hc-off", "HealthCheckConfig": {"Type": "TCP", "IPAddress": "198.18.0.1", "Port": 1, "Disabled": true}}),
            ],
            "",
        )
    };
    let broken = pair(false);
    assert_eq!(one(&broken, "never-used").message, "`b` of `app.example.com.` A answers nobody in any state");
    let idle: Vec<&str> = broken
        .findings
        .iter()
        .filter(|f| f.code == "idle-check")
        .map(|f| f.message.split('`').nth(1).unwrap())
        .collect();
    assert_eq!(idle, ["hc-b", "hc-only"]);
    let twin = pair(true);
    assert!(!faults(&twin).contains(&"never-used") && !faults(&twin).contains(&"idle-check"), "{:#?}", twin.findings);
}

#[test]
fn a_dead_member_stays_in_a_multivalue_answer() {
    let members = |check: bool| {
        let mut second = json!({"MultiValueAnswer": true, "value": "192.0.2.2"});
        if check {
            second["check"] = "hc-2".into();
        }
        let first = json!({"MultiValueAnswer": true, "value": "192.0.2.1", "check": "hc-1"});
        run(&[set("www", "a", first), set("www", "b", second)], &[], "")
    };
    let broken = members(false);
    assert_eq!(one(&broken, "dead-endpoint").message, "192.0.2.2 stays in the answer although it is dead");
    assert_eq!(faults(&members(true)), [""; 0]);
}

/// A dead endpoint that a health check does not turn: each reason is reported by its name.
#[test]
fn checks_that_do_not_notice() {
    let pair = |check: Value| {
        let id = check["Id"].as_str().unwrap().to_owned();
        let child =
            |id: &str| json!({"Id": id, "HealthCheckConfig": {"Type": "TCP", "IPAddress": "192.0.2.2", "Port": 443}});
        run(
            &[
                set("app", "a", json!({"Weight": 1, "value": "192.0.2.1", "check": id})),
                set("app", "b", json!({"Weight": 1, "value": "192.0.2.2", "check": "hc-b"})),
            ],
            &[check, child("other-1"), child("other-2")],
            "",
        )
    };
    let check = |config: Value| json!({"Id": "hc-a", "HealthCheckConfig": config});
    for (config, why) in [
        (json!({"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 443, "Disabled": true}), "is Disabled"),
        (json!({"Type": "TCP", "IPAddress": "192.0.2.2", "Port": 443}), "reads 192.0.2.2, not this endpoint"),
        (
            json!({"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": ["other-1", "other-2"]}),
            "is content with 1 of its 2 children",
        ),
    ] {
        let broken = pair(check(config));
        let finding = broken.findings.iter().find(|finding| finding.code == "dead-endpoint").unwrap();
        assert!(finding.why.contains(why), "{}", finding.why);
        assert_eq!(finding.failures, ["192.0.2.1"]);
    }
    let twin = pair(check(json!({"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 443})));
    assert!(twin.findings.iter().all(|finding| finding.code != "dead-endpoint"), "{:#?}", twin.findings);
}

#[test]
fn standby_in_the_same_domain() {
    let pair = |facts: &str| {
        run(
            &[
                set("app", "a", json!({"Failover": "PRIMARY", "value": "192.0.2.1", "check": "hc-1"})),
                set("app", "b", json!({"Failover": "SECONDARY", "value": "192.0.2.2", "check": "hc-2"})),
            ],
            &[],
            facts,
        )
    };
    let broken = pair("[domains]\nrack-7 = [\"192.0.2.1\", \"192.0.2.2\"]\n");
    assert_eq!(one(&broken, "standby-in-same-domain").failures, ["failure domain rack-7"]);
    assert_eq!(faults(&pair("[domains]\nrack-7 = [\"192.0.2.1\"]\nrack-8 = [\"192.0.2.2\"]\n")), [""; 0]);
}

/// What OctoDNS compiles, and the articles' zones, get no finding that their authors would wave away.
#[test]
fn good_zones_hear_nothing() {
    for (name, text) in [
        ("octodns", include_str!("../../core/tests/octodns.json")),
        ("active-passive", include_str!("../../host-examples/zones/active-passive.json")),
        ("active-active", include_str!("../../host-examples/zones/active-active.json")),
        ("canary", include_str!("../../host-examples/zones/canary.json")),
        ("weighted", include_str!("../../host-examples/zones/weighted.json")),
        ("hybrid", include_str!("../../host-examples/zones/hybrid.json")),
    ] {
        let zone = validate(&[parse(0, text)], &Validate::default()).zone.unwrap();
        let drill = drill(&Subject::new(zone, Facts::default()), &Options::default(), &mut |_, _| true);
        assert_eq!(faults(&drill), [""; 0], "{name}: {:#?}", drill.findings);
        assert!(drill.unconfirmed.is_empty(), "{name}: {:?}", drill.unconfirmed);
    }
}
