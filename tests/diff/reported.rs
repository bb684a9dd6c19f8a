//! Changes that went wrong for somebody, or that `diff` once did not see.

use anyhow::{Context as _, Result, ensure};
use pointsman_core::parse::parse;
use pointsman_core::validate::{Options, apply, apply_json};
use pointsman_verify::diff::{Change, Diff, NAME_GOES_DARK, Walk, diff, walk};
use pointsman_verify::subject::Subject;
use serde_json::{Value, json};

use super::subject;

fn plain(name: &str, kind: &str, value: &str) -> Value {
    json!({"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]})
}

fn member(id: &str, value: &str, part: Value) -> Value {
    let mut set = plain("www.example.com.", "A", value);
    set["SetIdentifier"] = id.into();
    for (field, value) in part.as_object().into_iter().flatten() {
        set[field] = value.clone();
    }
    set
}

fn zone(sets: Vec<Value>) -> Value {
    json!({"HostedZone": {"Id": "Z1", "Name": "example.com."}, "ResourceRecordSets": sets})
}

fn compare(old: &Value, new: &Value) -> Result<Diff> {
    Ok(diff(&subject(old).context("old")?, &subject(new).context("new")?))
}

/// A zone and what batches make of it, one after the other.
fn walked(old: &Value, batches: &[Value]) -> Result<Walk> {
    let mut texts = vec![old.to_string()];
    for batch in batches {
        let text = texts.last().context("a zone")?;
        let (documents, batch) = ([parse(0, text)], batch.to_string());
        let applied = apply(&documents, &parse(1, &batch), &Options::default());
        ensure!(applied.zone.is_some(), "{:?}", applied.diagnostics);
        texts.push(apply_json(&documents, &[text], &batch, &applied));
    }
    let zones: Vec<Value> = texts.iter().map(|text| serde_json::from_str(text)).collect::<Result<_, _>>()?;
    Ok(walk(&zones.iter().map(subject).collect::<Option<Vec<Subject>>>().context("a version")?))
}

fn batch(changes: &[(&str, Value)]) -> Value {
    let changes: Vec<Value> =
        changes.iter().map(|(action, set)| json!({"Action": action, "ResourceRecordSet": set})).collect();
    json!({ "Changes": changes })
}

fn questions(found: &Diff) -> Vec<String> {
    found.changes.iter().map(Change::question).collect()
}

#[test]
fn a_block_that_moves_to_another_location_is_told() -> Result<()> {
    let version = |location: &str| {
        let collection = "c8c02a84-aaaa-bbbb-cccc-000000000001";
        let part = |name: &str| json!({"CidrRoutingConfig": {"CollectionId": collection, "LocationName": name}});
        let mut zone = zone(vec![member("east", "192.0.2.1", part("east")), member("west", "192.0.2.2", part("west"))]);
        zone["CidrCollections"] = json!([{"Id": collection, "Name": "isp", "CidrBlocks": [
            {"CidrBlock": "10.0.0.0/16", "LocationName": "east"}, {"CidrBlock": "10.2.0.0/16", "LocationName": "west"},
            {"CidrBlock": "10.5.0.0/16", "LocationName": location}]}]);
        zone
    };
    let found = compare(&version("east"), &version("west"))?;
    ensure!(questions(&found) == ["www.example.com. A"], "{found:?}");
    let case = found.changes.first().and_then(|change| change.cases.first()).context("a case")?;
    ensure!(case.clients == "clients in 10.5.0.0/16" && case.client == ["--ecs", "10.5.0.0/16"], "{case:?}");
    ensure!(found.claim.exact(), "{}", found.claim);
    Ok(())
}

#[test]
fn a_row_of_the_latency_table_that_turns_round_is_told() -> Result<()> {
    let version = |east: u32| {
        let mut zone = zone(vec![
            member("east", "192.0.2.1", json!({"Region": "us-east-1"})),
            member("west", "192.0.2.2", json!({"Region": "us-west-2"})),
        ]);
        let row = |east: u32| json!({"us-east-1": east, "us-west-2": 50});
        zone["LatencyTable"] = json!({"Default": row(10),
            "Networks": {"198.51.100.0/24": row(20), "203.0.113.0/24": row(east)}});
        zone
    };
    let found = compare(&version(20), &version(90))?;
    let case = found.changes.first().and_then(|change| change.cases.first()).context("a case")?;
    ensure!(case.clients == "clients in 203.0.113.0/24", "{case:?}");
    ensure!(!found.claim.exact() && found.claim.assumed.len() == 1, "{}", found.claim);
    Ok(())
}

#[test]
fn a_bias_moves_a_share_of_the_earth() -> Result<()> {
    let version = |bias: i8| {
        zone(vec![
            member("us", "192.0.2.1", json!({"GeoProximityLocation": {"AWSRegion": "us-east-1", "Bias": bias}})),
            member("eu", "192.0.2.2", json!({"GeoProximityLocation": {"AWSRegion": "eu-west-1"}})),
        ])
    };
    let found = compare(&version(10), &version(15))?;
    let case = found.changes.first().and_then(|change| change.cases.first()).context("a case")?;
    // About four per cent of the Earth.
    let share = case.earth.context("a share")?;
    ensure!((0.035..0.045).contains(&share), "{share}");
    ensure!(case.before.line().starts_with("192.0.2.2") && case.after.line().starts_with("192.0.2.1"), "{case:?}");
    ensure!(!found.claim.exact() && !found.claim.sampled.is_empty(), "{}", found.claim);
    ensure!(compare(&version(10), &version(10))?.claim.exact(), "nothing was sampled");
    Ok(())
}

#[test]
fn nine_regions_are_compared_by_every_order_that_matters() -> Result<()> {
    let regions = [
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "ap-south-1",
        "sa-east-1",
    ];
    let version = |last: &str| {
        let sets = regions.iter().enumerate().map(|(at, region)| {
            let value = if at == 8 { last.to_owned() } else { format!("192.0.2.{at}") };
            member(region, &value, json!({"Region": region}))
        });
        zone(sets.collect())
    };
    let found = compare(&version("198.51.100.1"), &version("198.51.100.2"))?;
    ensure!(questions(&found) == ["www.example.com. A"] && found.claim.exact(), "{found:?}");
    Ok(())
}

/// A TXT record set for a certificate below a wildcard: the name above it exists from now on, and the wildcard stands for
/// it no longer.
#[test]
fn a_name_takes_from_a_wildcard_what_is_above_it() -> Result<()> {
    let old = zone(vec![plain("*.ingress.example.com.", "A", "192.0.2.1")]);
    let challenge = plain("_acme-challenge.shop.ingress.example.com.", "TXT", "\"token\"");
    let walk = walked(&old, &[batch(&[("CREATE", challenge)])])?;
    let step = walk.steps.first().context("a step")?;
    let lost = step.changes.iter().find(|change| change.question() == "shop.ingress.example.com. A").context("lost")?;
    ensure!(lost.cases.first().is_some_and(|case| case.after.line() == "no data"), "{lost:?}");
    ensure!(step.findings.iter().any(|finding| finding.name == "shop.ingress.example.com."), "{step:?}");
    ensure!(!walk.is_safe());
    // And whatever else is asked below, as deep as it may be, told once.
    let below: Vec<&Change> = step.changes.iter().filter(|change| !change.scope.below.is_empty()).collect();
    ensure!(below.len() == 1, "{:?}", questions(step));
    Ok(())
}

#[test]
fn a_delegation_takes_everything_below_it() -> Result<()> {
    let old = zone(vec![plain("*.ingress.example.com.", "A", "192.0.2.1")]);
    let cut = plain("team.ingress.example.com.", "NS", "ns.example.org.");
    let found = walked(&old, &[batch(&[("CREATE", cut)])])?;
    let step = found.steps.first().context("a step")?;
    let asked = questions(step).join("\n");
    ensure!(asked.contains("team.ingress.example.com. A") && asked.contains("names below team.ingress"), "{asked}");
    ensure!(step.claim.not_asked == ["what the name servers of team.ingress.example.com. answer"], "{}", step.claim);
    Ok(())
}

#[test]
fn a_wildcard_that_is_new_is_told_with_the_names_it_stands_for() -> Result<()> {
    let old = zone(vec![plain("www.example.com.", "A", "192.0.2.1")]);
    let found = walked(&old, &[batch(&[("CREATE", plain("*.example.com.", "A", "192.0.2.2"))])])?;
    let asked = questions(found.steps.first().context("a step")?).join("\n");
    // The wildcard's own group stands for the names that it matches.
    ensure!(asked.contains("*.example.com. A"), "{asked}");
    ensure!(!asked.contains("www"), "{asked}");
    Ok(())
}

#[test]
fn a_name_without_its_only_record_set_goes_dark() -> Result<()> {
    let only = plain("www.example.com.", "A", "192.0.2.1");
    let walk = walked(&zone(vec![only.clone()]), &[batch(&[("DELETE", only)])])?;
    let finding = walk.steps.first().and_then(|step| step.findings.first()).context("a finding")?;
    ensure!(finding.code == NAME_GOES_DARK && finding.message.contains("had an answer and has none"), "{finding:?}");
    ensure!(!walk.is_safe());
    Ok(())
}

/// Clients in Germany, whom only the first version tells apart, get an address for a moment that they never get else.
#[test]
fn a_moment_is_seen_by_clients_that_only_the_first_version_knows() -> Result<()> {
    let (germany, rest) = (
        member("de", "192.0.2.1", json!({"GeoLocation": {"CountryCode": "DE"}})),
        member("any", "192.0.2.2", json!({"GeoLocation": {"CountryCode": "*"}})),
    );
    let end = plain("www.example.com.", "A", "192.0.2.1");
    let batches = [batch(&[("DELETE", germany.clone())]), batch(&[("DELETE", rest.clone()), ("CREATE", end)])];
    let walk = walked(&zone(vec![germany, rest]), &batches)?;
    let hazard = walk.hazards.first().context("a hazard")?;
    ensure!(
        hazard.after == 1 && hazard.clients == "clients in DE" && hazard.message.contains("192.0.2.2"),
        "{hazard:?}"
    );
    ensure!(!walk.is_safe());
    Ok(())
}

#[test]
fn a_new_name_that_is_wrong_for_a_moment_is_told() -> Result<()> {
    let (wrong, right) = (plain("new.example.com.", "A", "192.0.2.9"), plain("new.example.com.", "A", "192.0.2.1"));
    let walk = walked(&zone(Vec::new()), &[batch(&[("CREATE", wrong)]), batch(&[("UPSERT", right)])])?;
    let hazard = walk.hazards.first().context("a hazard")?;
    ensure!(hazard.question.0 == "new.example.com." && hazard.message.contains("answers 192.0.2.9"), "{hazard:?}");
    Ok(())
}

#[test]
fn a_change_in_good_order_is_safe() -> Result<()> {
    let (one, other) = (member("1", "192.0.2.1", json!({"Weight": 1})), member("2", "192.0.2.2", json!({"Weight": 1})));
    let batches = [batch(&[("CREATE", other)]), batch(&[("DELETE", one.clone())])];
    let walk = walked(&zone(vec![one]), &batches)?;
    ensure!(walk.is_safe() && walk.claim.exact(), "{walk:?}");
    Ok(())
}

/// What an alarm without data counts as shows only while it lacks data.
#[test]
fn an_alarm_that_takes_a_lack_of_data_otherwise_is_told() -> Result<()> {
    let version = |lack: &str| {
        let mut zone = zone(vec![
            member("1", "192.0.2.1", json!({"Failover": "PRIMARY", "HealthCheckId": "hc-1"})),
            member("2", "192.0.2.2", json!({"Failover": "SECONDARY"})),
        ]);
        zone["HealthChecks"] = json!([{"Id": "hc-1", "CallerReference": "1", "HealthCheckVersion": 1, "HealthCheckConfig":
            {"Type": "CLOUDWATCH_METRIC", "InsufficientDataHealthStatus": lack,
             "AlarmIdentifier": {"Region": "us-east-1", "Name": "alarm"}}}]);
        zone
    };
    let found = compare(&version("Healthy"), &version("Unhealthy"))?;
    let case = found.changes.first().and_then(|change| change.cases.first()).context("a case")?;
    ensure!(case.down.is_empty() && case.insufficient == ["hc-1 without enough data"], "{case:?}");
    ensure!(case.when().starts_with("hc-1 without enough data"), "{}", case.when());
    Ok(())
}

/// Who is known by a row of a LatencyTable, and goes where a tie rule sends those who are not, hides behind nobody.
#[test]
fn a_value_that_changes_for_clients_of_a_latency_table_is_told() -> Result<()> {
    let version = |value: &str, first: &str, table: Value| {
        let sets = vec![
            member(first, value, json!({"Region": "eu-west-1"})),
            member("b", "192.0.2.2", json!({"Region": "us-east-2"})),
        ];
        let mut zone = zone(sets);
        zone["LatencyTable"] = table;
        zone
    };
    let row = json!({"eu-west-1": 10, "us-east-2": 100});
    // Nobody at all is known, one network or one continent is, and everybody.
    for table in [
        json!({"Countries": {}}),
        json!({"Networks": {"11.72.0.0/13": row}}),
        json!({"Continents": {"EU": row}}),
        json!({"Countries": {"US": {"eu-west-1": 100, "us-east-2": 10}}}),
        json!({"Countries": {"US": {"us-east-2": 10}}}),
        json!({"Default": row}),
    ] {
        let found = compare(&version("192.0.2.1", "z", table.clone()), &version("192.0.2.9", "z", table.clone()))?;
        ensure!(questions(&found) == ["www.example.com. A"], "{table}: {found:?}");
        let renamed = compare(&version("192.0.2.1", "z", table.clone()), &version("192.0.2.1", "a", table.clone()))?;
        ensure!(renamed.is_empty(), "{table}: {renamed:?}");
    }
    Ok(())
}
