//! A history that is written here, played over zones whose answers are known.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use pointsman_core::parse::parse;
use pointsman_core::validate::{Options, validate};
use pointsman_verify::facts::Facts;
use pointsman_verify::replay::{History, Replay, Seconds, replay};
use pointsman_verify::subject::Subject;
use serde_json::{Value, json};

fn subject(sets: &Value, checks: &[(&str, &str)]) -> Subject {
    let check =
        |(id, ip): &(&str, &str)| json!({"Id": id, "HealthCheckConfig": {"Type": "TCP", "IPAddress": ip, "Port": 443}});
    let zone = json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": sets,
        "HealthChecks": checks.iter().map(check).collect::<Value>()});
    Subject::new(validate(&[parse(0, &zone.to_string())], &Options::default()).zone.unwrap(), Facts::default())
}

fn weighted(identifier: &str, weight: u8, value: &str, check: Option<&str>) -> Value {
    let mut set = json!({"Name": "www.example.com.", "Type": "A", "SetIdentifier": identifier, "Weight": weight,
        "TTL": 60, "ResourceRecords": [{"Value": value}]});
    if let Some(check) = check {
        set["HealthCheckId"] = check.into();
    }
    set
}

/// Events that change these checks, each ten seconds after the one before it.
fn history(changes: &[&[(&str, &str)]]) -> History {
    let mut text = String::new();
    for (number, change) in changes.iter().enumerate() {
        let checks: serde_json::Map<String, Value> =
            change.iter().map(|(id, status)| ((*id).to_owned(), (*status).into())).collect();
        let event = if number == 0 { "report" } else { "change" };
        let data = json!({"Time": format!("2026-03-01T09:{:02}:{:02}Z", number / 6, number % 6 * 10),
            "Watch": {"Id": "w", "Run": "r", "Sequence": number, "Zone": "example.com."}, "HealthChecks": checks});
        text.push_str(&format!("event: {event}\ndata: {data}\n\n"));
    }
    History::parse(&text).unwrap()
}

fn seconds(replay: &Replay, name: &str) -> (Seconds, Option<Seconds>) {
    let row = replay.rows.iter().find(|row| row.name == name).unwrap();
    (row.was.seconds, row.against.as_ref().map(|against| against.seconds))
}

#[test]
fn shares_of_answers_are_shares_of_the_time() {
    let sets = json!([weighted("a", 3, "192.0.2.1", Some("one")), weighted("b", 1, "192.0.2.2", Some("two")),]);
    let zone = subject(&sets, &[("one", "192.0.2.1"), ("two", "192.0.2.2")]);
    // The same without a check on the second.
    let other = subject(
        &json!([weighted("a", 3, "192.0.2.1", Some("one")), weighted("b", 1, "192.0.2.2", None)]),
        &[("one", "192.0.2.1")],
    );
    let (up, down) = ("healthy", "unhealthy");
    let history = history(&[
        &[("one", up), ("two", up)],
        // b is dead for ten seconds: the other version sends a quarter there.
        &[("two", down)],
        // Both are: the zone fails open, and so does everybody with the dead.
        &[("one", down)],
        &[("one", up), ("two", up)],
        &[],
    ]);
    let replay = replay(&zone, Some(&other), &history);
    let (was, against) = seconds(&replay, "www.example.com.");
    let against = against.unwrap();
    let close = |one: f64, two: f64| (one - two).abs() < 1e-6;
    assert!(close(was.dead, 10.0), "{was:?}: fail open for ten seconds");
    assert!(close(was.elsewhere, 2.5), "{was:?}: a quarter goes to the first while the second is dead");
    // Ten seconds with a quarter, then ten in which the first is dead and all go to the second, which is dead as well.
    assert!(close(against.dead, 12.5), "{against:?}");
    assert!(close(against.elsewhere, 7.5), "{against:?}");
    assert_eq!((was.none, against.none), (0.0, 0.0));
    assert_eq!(replay.unrecorded, 0.0);
    let row = &replay.rows[0];
    assert_eq!(row.was.steps.len(), 4, "{row:?}");
    assert_eq!(row.was.steps.last().unwrap().to.ms_since(row.was.steps[0].from), 40_000);
    assert!(!replay.claim.exact(), "what is dead is taken from statuses");
}

#[test]
fn a_name_that_the_other_version_lacks_has_no_answer_and_new_checks_notice_at_once() {
    let simple =
        json!([{"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}]);
    // The check hangs on nothing, and still says that the address is dead.
    let zone = subject(&simple, &[("one", "192.0.2.1")]);
    let (up, down) = ("healthy", "unhealthy");
    let history = history(&[&[("one", up)], &[("one", down)], &[("one", up)], &[]]);
    let failover = |identifier: &str, value: &str, check: Option<&str>| {
        let mut set = weighted(identifier, 0, value, check);
        set.as_object_mut().unwrap().remove("Weight");
        set["Failover"] = identifier.into();
        set
    };
    let sets = json!([failover("PRIMARY", "192.0.2.1", Some("new")), failover("SECONDARY", "192.0.2.9", None)]);
    let mended = subject(&sets, &[("new", "192.0.2.1")]);
    let (was, against) = seconds(&replay(&zone, Some(&mended), &history), "www.example.com.");
    assert_eq!((was.dead, against.unwrap().dead, against.unwrap().elsewhere), (10.0, 0.0, 10.0));

    let gone = subject(&json!([]), &[]);
    let (was, against) = seconds(&replay(&zone, Some(&gone), &history), "www.example.com.");
    assert_eq!((was.none, against.unwrap().none), (0.0, 30.0));
}
