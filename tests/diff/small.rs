//! Families of small zones, every pair of them, every client and name: nothing is left to chance.

use anyhow::{Context as _, Result, ensure};
use pointsman_core::model::RecordType;
use pointsman_verify::diff::diff;
use pointsman_verify::subject::Subject;
use serde_json::{Value, json};

use super::{brute, subject};

/// Compares every pair of a family in every combination of questions, or in those of one name; gives how many answers were
/// compared.
fn every_pair(family: &[Value], clients: &[Value], reports: &[Value], only: Option<&str>) -> Result<u64> {
    let zones: Vec<(&Value, Subject)> = family.iter().filter_map(|zone| Some((zone, subject(zone)?))).collect();
    let mut asked = 0;
    for (old, before) in &zones {
        for (new, after) in &zones {
            let found = diff(before, after);
            let mut questions = brute::Questions::of(old, new, clients.to_vec(), reports.to_vec(), None);
            if let Some(only) = only {
                questions.names.retain(|name| name.to_string() == only);
                questions.types.retain(|kind| *kind == RecordType::A);
            }
            asked += brute::hold(before, after, &found, &questions).with_context(|| format!("old {old}\nnew {new}"))?;
        }
    }
    ensure!(zones.len() > 10, "only {} zones", zones.len());
    println!("{} zones, {asked} pairs of answers", zones.len());
    Ok(asked)
}

fn zone(sets: Vec<Value>, mut beside: Value) -> Value {
    beside["HostedZone"] = json!({"Id": "Z1", "Name": "example.com."});
    beside["ResourceRecordSets"] = sets.into();
    beside
}

fn a(name: &str, value: usize) -> Value {
    json!({"Name": name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": format!("192.0.2.{value}")}]})
}

/// Every subset of a list, by the bits of a number.
fn subset(list: &[Value], bits: usize) -> Vec<Value> {
    list.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, one)| one.clone()).collect()
}

/// Wildcards, delegations, empty non-terminals and a CNAME, all subsets.
#[test]
fn every_small_name_space() -> Result<()> {
    let other = |name: &str, kind: &str, value: &str| json!({"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]});
    let sets = [
        a("*.example.com.", 1),
        other("*.w.example.com.", "TXT", "\"w\""),
        a("x.y.w.example.com.", 3),
        other("d.w.example.com.", "NS", "ns.example.org."),
        other("w.example.com.", "CNAME", "example.org."),
        a("*.d.w.example.com.", 4),
    ];
    let family: Vec<Value> = (0..1 << sets.len()).map(|bits| zone(subset(&sets, bits), json!({}))).collect();
    let asked = every_pair(&family, &[json!({})], &[json!({})], None)?;
    ensure!(asked > 200_000, "only {asked}");
    Ok(())
}

/// Three blocks, nested ones, each in one of two locations or in none.
#[test]
fn every_move_of_a_block() -> Result<()> {
    let blocks = ["10.0.0.0/8", "10.2.0.0/16", "10.2.3.0/24", "2001:db8::/32"];
    let member = |location: &str, value: usize| {
        let mut set = a("www.example.com.", value);
        set["SetIdentifier"] = location.into();
        set["CidrRoutingConfig"] =
            json!({"CollectionId": "c8c02a84-aaaa-bbbb-cccc-000000000001", "LocationName": location});
        set
    };
    let mut family = Vec::new();
    for code in 0..3_usize.pow(blocks.len() as u32) {
        let place = |at: usize| [None, Some("east"), Some("west")][code / 3_usize.pow(at as u32) % 3];
        // Locations that a record set names exist.
        let rest = [("198.51.100.0/24", "east"), ("203.0.113.0/24", "west")];
        let list: Vec<Value> = blocks
            .iter()
            .enumerate()
            .filter_map(|(at, block)| Some((*block, place(at)?)))
            .chain(rest)
            .map(|(block, location)| json!({"CidrBlock": block, "LocationName": location}))
            .collect();
        let collection = json!({"Id": "c8c02a84-aaaa-bbbb-cccc-000000000001", "Name": "isp", "CidrBlocks": list});
        let sets = vec![member("east", 1), member("west", 2)];
        family.push(zone(sets, json!({"CidrCollections": [collection]})));
    }
    let networks = [
        "10.0.0.0/8",
        "10.2.0.0/16",
        "10.2.3.0/24",
        "10.2.3.4",
        "10.2.9.9",
        "10.9.0.0/16",
        "11.0.0.0/8",
        "2001:db8:7::/48",
        "2001:db9::1",
        "198.51.100.7",
    ];
    let clients: Vec<Value> = networks.iter().map(|network| json!({"ecs": network})).chain([json!({})]).collect();
    every_pair(&family, &clients, &[json!({})], Some("www.example.com."))?;
    Ok(())
}

/// Places on a ladder, all subsets, with a check on one of them.
#[test]
fn every_ladder_of_places() -> Result<()> {
    let places = [
        json!({"CountryCode": "US", "SubdivisionCode": "WA"}),
        json!({"CountryCode": "US"}),
        json!({"ContinentCode": "NA"}),
        json!({"CountryCode": "DE"}),
        json!({"CountryCode": "*"}),
    ];
    let sets: Vec<Value> = places
        .iter()
        .enumerate()
        .map(|(at, place)| {
            let mut set = a("www.example.com.", at + 1);
            set["SetIdentifier"] = at.to_string().into();
            set["GeoLocation"] = place.clone();
            if at == 1 {
                set["HealthCheckId"] = "hc-1".into();
            }
            set
        })
        .collect();
    let check = json!({"Id": "hc-1", "CallerReference": "1", "HealthCheckVersion": 1,
        "HealthCheckConfig": {"Type": "TCP", "IPAddress": "198.18.0.1", "Port": 443}});
    let family: Vec<Value> = (0..32).map(|bits| zone(subset(&sets, bits), json!({"HealthChecks": [check]}))).collect();
    let mut clients: Vec<Value> =
        ["US", "DE", "CA", "FR", "SG", "BV"].iter().map(|country| json!({"country": country})).collect();
    clients.extend(["US-WA", "US-CA"].iter().map(|part| json!({"subdivision": part})));
    clients.extend([json!({}), json!({"continent": "NA"}), json!({"continent": "EU"})]);
    let reports = [json!({}), json!({"HealthChecks": {"hc-1": "unhealthy"}})];
    every_pair(&family, &clients, &reports, Some("www.example.com."))?;
    Ok(())
}

/// Six Regions, of which each version has five or six, some without a check: every order of them, every state.
#[test]
fn every_order_of_six_regions() -> Result<()> {
    let regions = ["us-east-1", "us-west-2", "eu-west-1", "ap-southeast-1", "sa-east-1", "af-south-1"];
    let version = |left_out: usize, unchecked: usize| {
        let mut sets = Vec::new();
        for (at, region) in regions.iter().enumerate().filter(|(at, _)| *at != left_out) {
            let mut set = a("www.example.com.", at + 1);
            set["SetIdentifier"] = (*region).into();
            set["Region"] = (*region).into();
            if at % 3 != unchecked {
                set["HealthCheckId"] = format!("hc-{}", at % 2).into();
            }
            sets.push(set);
        }
        let check = |number: usize| {
            json!({"Id": format!("hc-{number}"), "CallerReference": "1", "HealthCheckVersion": 1,
            "HealthCheckConfig": {"Type": "TCP", "IPAddress": "198.18.0.1", "Port": 443}})
        };
        zone(sets, json!({"HealthChecks": [check(0), check(1)]}))
    };
    let family: Vec<Value> =
        (0..7).flat_map(|left_out| (0..2).map(move |unchecked| version(left_out, unchecked))).collect();
    // A third of all 720 orders; each Region comes first, second and last in some of them.
    let mut clients = Vec::new();
    for code in (0..720_usize).step_by(3) {
        let (mut left, mut rest, mut row) = (regions.to_vec(), code, serde_json::Map::new());
        for place in 0..6 {
            let region = left.remove(rest % left.len());
            rest /= 6 - place;
            row.insert(region.into(), json!(10 * (place + 1)));
        }
        clients.push(json!({"latency_ms": row}));
    }
    let states = ["healthy", "unhealthy"];
    let reports: Vec<Value> =
        (0..4).map(|bits| json!({"HealthChecks": {"hc-0": states[bits & 1], "hc-1": states[bits >> 1]}})).collect();
    every_pair(&family, &clients, &reports, Some("www.example.com."))?;
    Ok(())
}
