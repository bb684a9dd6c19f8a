//! Laws of one policy, on zones of one group.

use anyhow::{Context as _, Result, ensure};
use pointsman_tests::generate::{Rng, view};
use serde_json::{Map, Value, json};

use crate::answer;

/// A zone of one group, whose members have these routings and a check each, called as the member is.
fn zone(routings: &[(&str, Value)]) -> Value {
    let mut sets = Vec::new();
    let mut checks = Vec::new();
    for (number, (field, value)) in routings.iter().enumerate() {
        let id = format!("m{number}");
        sets.push(json!({"Name": "www.example.com.", "Type": "A", "SetIdentifier": id, "HealthCheckId": id, "TTL": 60,
            "ResourceRecords": [{"Value": format!("192.0.2.{number}")}], *field: value}));
        let config = json!({"Type": "HTTP", "FullyQualifiedDomainName": "www.example.net"});
        checks.push(json!({"Id": id, "HealthCheckConfig": config}));
    }
    json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": sets, "HealthChecks": checks})
}

/// A report in which these members are down.
fn down(members: &[usize]) -> Value {
    let statuses = members.iter().map(|member| (format!("m{member}"), json!("unhealthy")));
    json!({"HealthChecks": statuses.collect::<Map<_, _>>()})
}

fn chosen(answer: &Value) -> Result<usize> {
    let identifier = answer["set_identifiers"][0].as_str().with_context(|| answer.to_string())?;
    identifier.trim_start_matches('m').parse().context("an identifier of ours")
}

/// Only the clients of a weighted member that died move, as long as some member has a weight (10.37).
#[test]
fn when_a_weighted_member_dies_only_its_own_clients_move() -> Result<()> {
    let mut rng = Rng::new(1);
    for _ in 0..200 {
        let weights: Vec<(&str, Value)> =
            (0..rng.between(2, 6)).map(|_| ("Weight", json!(*rng.one_of(&[0, 1, 2, 100, 255])))).collect();
        if weights.iter().all(|(_, weight)| weight == 0) {
            continue;
        }
        let zone = [zone(&weights).to_string()];
        let dead = rng.below(weights.len());
        let (before, after) = (view(&zone, &json!({}))?, view(&zone, &down(&[dead]))?);
        for _ in 0..100 {
            let query = json!({"name": "www.example.com", "type": "A", "draw": rng.number().to_string()});
            let (before, after) = (chosen(&answer(&before, &query)?)?, chosen(&answer(&after, &query)?)?);
            ensure!(after != dead, "{weights:?}, {dead} is dead: {query}");
            ensure!(
                before == dead || before == after,
                "{weights:?}, {dead} is dead: {query} moved {before} -> {after}"
            );
        }
    }
    Ok(())
}

/// The narrowest healthy place answers, and the narrowest of all when none is healthy (4.5.2, 4.5.3).
#[test]
fn widening_never_skips_a_healthy_narrower_place() -> Result<()> {
    let ladder = [
        json!({"CountryCode": "US", "SubdivisionCode": "WA"}),
        json!({"CountryCode": "US"}),
        json!({"ContinentCode": "NA"}),
        json!({"CountryCode": "*"}),
    ];
    let clients = [
        (0, json!({"subdivision": "US-WA"})),
        (1, json!({"country": "US"})),
        (1, json!({"subdivision": "US-OR"})),
        (2, json!({"country": "CA"})),
        (2, json!({"continent": "NA"})),
        (3, json!({"country": "FR"})),
        (3, json!({})),
    ];
    for members in 1_u32..16 {
        let rungs: Vec<usize> = (0..4).filter(|rung| members >> rung & 1 == 1).collect();
        let zone =
            [zone(&rungs.iter().map(|rung| ("GeoLocation", ladder[*rung].clone())).collect::<Vec<_>>()).to_string()];
        for sick in 0_u32..1 << rungs.len() {
            let is_sick = |member: usize| sick >> member & 1 == 1;
            let view = view(&zone, &down(&(0..rungs.len()).filter(|member| is_sick(*member)).collect::<Vec<_>>()))?;
            for (narrowest, client) in &clients {
                let answer = answer(&view, &json!({"name": "www.example.com", "type": "A", "client": client}))?;
                let matching: Vec<usize> = (0..rungs.len()).filter(|member| rungs[*member] >= *narrowest).collect();
                let healthy = matching.iter().find(|member| !is_sick(**member));
                match healthy.or(matching.first()) {
                    Some(expected) => ensure!(chosen(&answer)? == *expected, "{rungs:?}, {sick:b}, {client}: {answer}"),
                    None => ensure!(answer["values"] == json!([]), "{rungs:?}, {client}: {answer}"),
                }
                ensure!(
                    answer["fail_open"] == (healthy.is_none() && !matching.is_empty()),
                    "{rungs:?}, {sick:b}: {answer}"
                );
            }
        }
    }
    Ok(())
}
