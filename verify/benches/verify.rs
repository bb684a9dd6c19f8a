//! How fast analyses are: `cargo bench --package pointsman-verify --bench verify [-- --json]`.
//!
//! Prints a line for each figure, with `--json` as JSON, and with the target that it is held against. Everything runs
//! on one core.
#![expect(clippy::unwrap_used, reason = "a bench that cannot run must stop")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use pointsman_core::parse::parse;
use pointsman_core::validate::{Options as Validate, validate};
use pointsman_verify::algebra::{Lanes, Statuses};
use pointsman_verify::class::Classes;
use pointsman_verify::diff::diff;
use pointsman_verify::drill::{Options, drill};
use pointsman_verify::facts::Facts;
use pointsman_verify::subject::Subject;
use pointsman_verify::tree::evaluate;

/// A zone of names that fail over between two Regions, each with weighted members, and of geolocation names; health
/// checks are shared by position, as many as there are.
fn zone(names: usize, checks: usize, stable_weight: impl Fn(usize) -> u8) -> Subject {
    let mut sets = String::new();
    let mut records = 0_usize;
    let mut add = |text: String| {
        let separator = if records == 0 { "" } else { ",\n" };
        records += 1;
        write!(sets, "{separator}{text}").unwrap();
    };
    for name in 0..names {
        // Two checks a name: its own pair among all.
        let check = |side: usize| format!("hc-{}", (name * 2 + side) % checks);
        let address =
            |side: usize, member: usize| format!("10.{}.{}.{}", name / 200, name % 200, side * 100 + member + 1);
        if name % 4 == 3 {
            for (place, side) in
                [("\"CountryCode\": \"DE\"", 0), ("\"ContinentCode\": \"EU\"", 1), ("\"CountryCode\": \"*\"", 0)]
            {
                add(format!(
                    "{{\"Name\": \"n{name}.example.com.\", \"Type\": \"A\", \"SetIdentifier\": {place_id}, \"GeoLocation\": {{{place}}}, \
                     \"TTL\": 60, \"ResourceRecords\": [{{\"Value\": \"{}\"}}], \"HealthCheckId\": \"{}\"}}",
                    address(side, 0),
                    check(side),
                    place_id = place.rsplit(": ").next().unwrap()
                ));
            }
            continue;
        }
        for (side, role) in [(0, "PRIMARY"), (1, "SECONDARY")] {
            add(format!(
                "{{\"Name\": \"n{name}.example.com.\", \"Type\": \"A\", \"SetIdentifier\": \"{role}\", \"Failover\": \"{role}\", \
                 \"AliasTarget\": {{\"HostedZoneId\": \"Z1\", \"DNSName\": \"s{side}.n{name}.example.com.\", \"EvaluateTargetHealth\": true}}}}"
            ));
            for member in 0..2 {
                add(format!(
                    "{{\"Name\": \"s{side}.n{name}.example.com.\", \"Type\": \"A\", \"SetIdentifier\": \"m{member}\", \"Weight\": {}, \
                     \"TTL\": 60, \"ResourceRecords\": [{{\"Value\": \"{}\"}}], \"HealthCheckId\": \"{}\"}}",
                    if member == 0 { stable_weight(name) } else { 10 },
                    address(side, member),
                    check(side)
                ));
            }
        }
    }
    let list: Vec<String> = (0..checks)
        .map(|check| {
            format!(
                "{{\"Id\": \"hc-{check}\", \"HealthCheckConfig\": {{\"Type\": \"TCP\", \"IPAddress\": \"198.18.{}.{}\", \"Port\": 443}}}}",
                check / 200,
                check % 200 + 1
            )
        })
        .collect();
    let text = format!(
        "{{\"HostedZone\": {{\"Id\": \"Z1\", \"Name\": \"example.com.\"}}, \"ResourceRecordSets\": [{sets}], \"HealthChecks\": [{}]}}",
        list.join(",")
    );
    Subject::new(validate(&[parse(0, &text)], &Validate::default()).zone.unwrap(), Facts::default())
}

/// One name over 200 health checks: failover over latency in five Regions, each with 20 weighted members, and a standby
/// of 100 multivalue members. Without a LatencyTable each order of the Regions is a class.
fn one_tree() -> Subject {
    let regions = ["us-east-1", "us-west-2", "eu-west-1", "ap-southeast-1", "sa-east-1"];
    let alias = |name: &str, id: &str, policy: &str, target: &str| {
        format!(
            "{{\"Name\": \"{name}.example.com.\", \"Type\": \"A\", \"SetIdentifier\": \"{id}\", {policy}, \"AliasTarget\": \
             {{\"HostedZoneId\": \"Z1\", \"DNSName\": \"{target}.example.com.\", \"EvaluateTargetHealth\": true}}}}"
        )
    };
    let leaf = |name: &str, policy: &str, number: usize| {
        format!(
            "{{\"Name\": \"{name}.example.com.\", \"Type\": \"A\", \"SetIdentifier\": \"m{number}\", {policy}, \"TTL\": 60, \
             \"ResourceRecords\": [{{\"Value\": \"10.1.{}.{}\"}}], \"HealthCheckId\": \"hc-{number}\"}}",
            number / 100,
            number % 100 + 1
        )
    };
    let mut sets = vec![
        alias("t", "a", "\"Failover\": \"PRIMARY\"", "active"),
        alias("t", "b", "\"Failover\": \"SECONDARY\"", "standby"),
    ];
    for (at, region) in regions.iter().enumerate() {
        sets.push(alias("active", region, &format!("\"Region\": \"{region}\""), region));
        sets.extend((0..20).map(|member| leaf(region, "\"Weight\": 10", at * 20 + member)));
    }
    sets.extend((100..200).map(|member| leaf("standby", "\"MultiValueAnswer\": true", member)));
    let check = |check: usize| {
        format!(
            "{{\"Id\": \"hc-{check}\", \"HealthCheckConfig\": {{\"Type\": \"TCP\", \"IPAddress\": \"198.18.0.{check}\", \"Port\": 443}}}}"
        )
    };
    let text = format!(
        "{{\"HostedZone\": {{\"Id\": \"Z1\", \"Name\": \"example.com.\"}}, \"ResourceRecordSets\": [{}], \"HealthChecks\": [{}]}}",
        sets.join(","),
        (0..200).map(check).collect::<Vec<_>>().join(",")
    );
    Subject::new(validate(&[parse(0, &text)], &Validate::default()).zone.unwrap(), Facts::default())
}

struct Report {
    json: bool,
}

impl Report {
    fn figure(&self, name: &str, value: f64, unit: &str, target: &str) {
        match self.json {
            true => println!(
                "{{\"bench\":\"verify\",\"name\":\"{name}\",\"value\":{value:.3},\"unit\":\"{unit}\",\"target\":\"{target}\"}}"
            ),
            false => println!("{name:<44} {value:>12.3} {unit:<22} target: {target}"),
        }
    }
}

/// Answers a second: every question and class of the zone, over many states, 64 at a time.
fn answers(report: &Report) {
    let subject = zone(110, 40, |_| 90);
    let classes: Vec<Classes> = subject.questions().map(|(number, _)| Classes::of(&subject, number)).collect();
    let trees: Vec<_> = classes.iter().flat_map(|classes| &classes.list).map(|class| &class.tree).collect();
    let mut word = 0x9E37_79B9_7F4A_7C15_u64;
    let start = Instant::now();
    let (mut answers, mut sum) = (0_u64, 0_u64);
    while start.elapsed().as_secs_f64() < 2.0 {
        let mut lanes = |length: usize| {
            let next = || {
                word = word.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                word & word.rotate_left(17)
            };
            std::iter::repeat_with(next).take(length).collect::<Vec<u64>>()
        };
        let dead = lanes(subject.endpoints.list.len());
        let failing = lanes(subject.zone.health_checks.len());
        let statuses = Statuses::new(&subject, &mut Lanes, dead, &failing);
        for tree in &trees {
            let state = evaluate(&subject, tree, &mut Lanes, &statuses, |_| false);
            sum = state.picked.iter().fold(sum, |sum, picked| sum ^ picked);
            answers += 64;
        }
    }
    black_box(sum);
    let rate = answers as f64 / start.elapsed().as_secs_f64() / 1e6;
    report.figure("answers", rate, "million a second", "5 or more");
}

fn drills(report: &Report) {
    for (name, names, checks, target) in [
        ("drill of 500 record sets, 40 checks", 95, 40, "under 10 s"),
        ("drill of 1,000 record sets, 200 checks", 190, 200, "seconds"),
        ("drill of 10,000 record sets, 200 checks", 1900, 200, "seconds"),
    ] {
        let subject = zone(names, checks, |_| 90);
        let start = Instant::now();
        let drill = drill(&subject, Options::default(), &mut |_, _| {});
        assert!(drill.bounded.is_empty() && drill.unconfirmed.is_empty());
        assert!(subject.zone.record_sets.len() >= names * 5);
        report.figure(name, start.elapsed().as_secs_f64(), "s, every state", target);
    }
    let subject = one_tree();
    let start = Instant::now();
    let drill = drill(&subject, Options::default(), &mut |_, _| {});
    assert!(drill.bounded.is_empty() && drill.unconfirmed.is_empty() && drill.classes > 120);
    report.figure("drill of one name over 200 checks", start.elapsed().as_secs_f64(), "s, every state", "seconds");
}

fn diffs(report: &Report) {
    let (old, new) = (zone(1000, 200, |_| 90), zone(1000, 200, |name| if name % 2 == 0 { 90 } else { 80 }));
    let start = Instant::now();
    let found = diff(&old, &new);
    assert!(found.changes.len() > 500 && found.bounded.is_empty(), "{}", found.changes.len());
    report.figure("diff of 1,000 names, a third changed", start.elapsed().as_secs_f64(), "s", "under 5 s");
    let start = Instant::now();
    assert!(diff(&old, &old).changes.is_empty());
    report.figure("diff of 1,000 names, none changed", start.elapsed().as_secs_f64(), "s", "under 5 s");
}

/// The most memory that this process had, where the system tells.
fn memory(report: &Report) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<f64>().ok());
    if let Some(kilobytes) = peak {
        report.figure("memory of all of these at their peak", kilobytes / 1024.0, "MiB", "under 1024 MiB");
    }
}

fn main() {
    let report = Report { json: std::env::args().any(|word| word == "--json") };
    answers(&report);
    drills(&report);
    diffs(&report);
    memory(&report);
}
