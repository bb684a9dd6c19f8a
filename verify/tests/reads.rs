//! What health checks read, what is assumed of them, and what is said of it; each with a near twin.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use serde_json::{Value, json};

use support::{faults, one, run, set};

fn check(id: &str, config: Value) -> Value {
    json!({"Id": id, "HealthCheckConfig": config})
}

fn tcp(address: &str) -> Value {
    json!({"Type": "TCP", "IPAddress": address, "Port": 443})
}

fn https(host: &str) -> Value {
    json!({"Type": "HTTPS", "FullyQualifiedDomainName": host, "ResourcePath": "/"})
}

/// A primary with a check of that kind, and a standby that is watched.
fn pair(config: Value, facts: &str) -> pointsman_verify::drill::Drill {
    run(
        &[
            set("app", "a", json!({"Failover": "PRIMARY", "value": "203.0.113.1", "check": "hc-a"})),
            set("app", "b", json!({"Failover": "SECONDARY", "value": "198.51.100.1", "check": "hc-b"})),
        ],
        &[check("hc-a", config), check("hc-b", tcp("198.51.100.1"))],
        facts,
    )
}

#[test]
fn a_check_of_another_address_sees_nothing() {
    let elsewhere = pair(tcp("203.0.113.99"), "");
    assert_eq!(faults(&elsewhere), ["dead-endpoint", "check-reads-elsewhere"]);
    assert!(one(&elsewhere, "dead-endpoint").why.contains("reads 203.0.113.99, not this endpoint"));
    assert!(one(&elsewhere, "dead-endpoint").needs_change);
    let right = pair(tcp("203.0.113.1"), "");
    assert_eq!(faults(&right), [""; 0]);
    assert!(right.claim.exact(), "{}", right.claim);
    // The user knows better: it is the same host.
    let told = pair(tcp("203.0.113.99"), "[reads]\nhc-a = [\"203.0.113.1\"]\n");
    assert_eq!(faults(&told), [""; 0]);
}

#[test]
fn an_unknown_host_is_an_assumption_that_is_said() {
    let assumed = pair(https("probe.example.org"), "");
    assert_eq!(faults(&assumed), [""; 0]);
    assert_eq!(assumed.claim.assumed, ["health check `hc-a` (probe.example.org) sees 203.0.113.1"]);
    assert!(!assumed.claim.exact());
    let blind = pair(https("probe.example.org"), "[reads]\nhc-a = []\n");
    assert!(faults(&blind).contains(&"dead-endpoint"), "{:#?}", blind.findings);
}

#[test]
fn a_check_of_the_name_that_it_routes() {
    let own = pair(https("app.example.com"), "");
    assert!(faults(&own).contains(&"check-reads-its-own-name"), "{:#?}", own.findings);
    assert!(faults(&own).contains(&"dead-endpoint"));
}

#[test]
fn a_child_that_watches_something_else() {
    let zone = |threshold: u8| {
        run(
            &[
                set("app", "a", json!({"Failover": "PRIMARY", "value": "203.0.113.1", "check": "all-of-it"})),
                set("app", "b", json!({"Failover": "SECONDARY", "value": "198.51.100.1", "check": "hc-b"})),
            ],
            &[
                check(
                    "all-of-it",
                    json!({"Type": "CALCULATED", "HealthThreshold": threshold, "ChildHealthChecks": ["web", "idp"]}),
                ),
                check("web", tcp("203.0.113.1")),
                check("idp", https("login.example.org")),
                check("hc-b", tcp("198.51.100.1")),
            ],
            "",
        )
    };
    assert!(faults(&zone(1)).contains(&"dead-endpoint"));
    assert!(!faults(&zone(2)).contains(&"dead-endpoint"));
}

#[test]
fn cnames_within_the_zone_are_followed() {
    let cname = |name: &str, fields: Value, to: &str| {
        let mut set = json!({"Name": format!("{name}.example.com."), "Type": "CNAME", "TTL": 60,
            "ResourceRecords": [{"Value": format!("{to}.example.com.")}]});
        for (key, value) in fields.as_object().unwrap() {
            set[key] = value.clone();
        }
        set
    };
    let zone = run(
        &[
            cname("www", json!({}), "pool"),
            cname("pool", json!({"SetIdentifier": "1", "Weight": 1}), "c1"),
            cname("pool", json!({"SetIdentifier": "2", "Weight": 1}), "c2"),
            set("c1", "x", json!({"Weight": 1, "value": "203.0.113.1", "check": "hc-1"})),
            set("c2", "x", json!({"Weight": 1, "value": "198.51.100.1", "check": "hc-2"})),
        ],
        &[check("hc-1", tcp("203.0.113.1")), check("hc-2", tcp("198.51.100.1"))],
        "",
    );
    let dead: Vec<_> = zone.findings.iter().filter(|finding| finding.code == "dead-endpoint").collect();
    assert_eq!(dead.len(), 2, "{dead:#?}");
    assert_eq!(dead[0].message, "clients are sent to 198.51.100.1, which is dead, while 203.0.113.1 is alive");
    assert!(dead[0].why.contains("is a CNAME, whose health does not follow"), "{}", dead[0].why);
    // It is seen at the end of the chain.
    assert_eq!(dead[0].reproduce.as_ref().unwrap().question, ["c2.example.com.", "A"]);
    let questions: Vec<&str> = dead[0].questions.iter().map(|asked| asked.question.as_str()).collect();
    assert!(questions.contains(&"www.example.com. CNAME") && questions.contains(&"pool.example.com. CNAME"));
    // A chain that comes back is cut, and nothing runs for ever.
    let looping = run(&[cname("a", json!({}), "b"), cname("b", json!({}), "a")], &[], "");
    assert_eq!(looping.questions, 3);
}

#[test]
fn one_family_of_addresses_stays_behind() {
    let zone = |both: bool| {
        let mut v6 = json!({"Name": "app.example.com.", "Type": "AAAA", "TTL": 60, "ResourceRecords": [{"Value": "2001:db8::1"}]});
        let mut sets = vec![
            set("app", "a", json!({"Failover": "PRIMARY", "value": "203.0.113.1", "check": "hc-a"})),
            set("app", "b", json!({"Failover": "SECONDARY", "value": "198.51.100.1", "check": "hc-b"})),
        ];
        if both {
            v6["SetIdentifier"] = "a".into();
            v6["Failover"] = "PRIMARY".into();
            v6["HealthCheckId"] = "hc-6".into();
            let mut standby = v6.clone();
            standby["SetIdentifier"] = "b".into();
            standby["Failover"] = "SECONDARY".into();
            standby["HealthCheckId"] = "hc-7".into();
            standby["ResourceRecords"] = json!([{"Value": "2001:db8::2"}]);
            sets.push(standby);
        }
        sets.push(v6);
        let checks = [
            check("hc-a", tcp("203.0.113.1")),
            check("hc-b", tcp("198.51.100.1")),
            check("hc-6", tcp("2001:db8::1")),
            check("hc-7", tcp("2001:db8::2")),
        ];
        run(&sets, if both { &checks } else { &checks[..2] }, "")
    };
    assert_eq!(faults(&zone(false)), ["family-falls-behind"]);
    assert_eq!(faults(&zone(true)), [""; 0]);
}

#[test]
fn one_of_two_addresses_is_dead() {
    let zone = |values: Value| {
        run(&[json!({"Name": "app.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": values})], &[], "")
    };
    let both = zone(json!([{"Value": "203.0.113.1"}, {"Value": "203.0.113.2"}]));
    assert_eq!(faults(&both), ["part-dead"]);
    assert_eq!(faults(&zone(json!([{"Value": "203.0.113.1"}]))), [""; 0]);
}
