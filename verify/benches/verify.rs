//! How fast analyses are: `cargo bench --package pointsman-verify --bench verify -- [--smoke] [--json FILE]`.
//!
//! Prints a line for each figure, with the budget that it is held against; with `--json` they are written to a file too,
//! a JSON object a line, as `cargo xtask bench` keeps them. Everything runs on one core. `--smoke` only shows that it
//! works, on small zones.
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

/// What is measured, and the figures so far.
struct Report {
    smoke: bool,
    lines: String,
}

/// What a figure may be.
enum Budget {
    AtMost(f64),
    AtLeast(f64),
}

impl Report {
    fn figure(&mut self, id: &str, what: &str, figure: f64, unit: &str, budget: &Budget) {
        let (word, sign, number) = match budget {
            Budget::AtMost(number) => ("at_most", "at most", number),
            Budget::AtLeast(number) => ("at_least", "at least", number),
        };
        println!("{what:<64} {figure:>10.3} {unit:<17} {sign} {number}");
        writeln!(
            self.lines,
            "{{\"id\":\"{id}\",\"what\":\"{what}\",\"figure\":{},\"unit\":\"{unit}\",\"budget\":{{\"{word}\":{number:?}}}}}",
            four_digits(figure)
        )
        .unwrap();
    }

    /// A zone's size; a small part of it where nothing is kept.
    fn size(&self, whole: usize) -> usize {
        if self.smoke { whole.div_ceil(20).max(8) } else { whole }
    }
}

/// The rest is noise.
fn four_digits(figure: f64) -> f64 {
    format!("{figure:.3e}").parse().unwrap()
}

/// Answers a second: every question and class of the zone, over many states, 64 at a time.
fn answers(report: &mut Report) {
    let subject = zone(110, 40, |_| 90);
    let classes: Vec<Classes> = subject.questions().map(|(number, _)| Classes::of(&subject, number)).collect();
    let trees: Vec<_> = classes.iter().flat_map(|classes| &classes.list).map(|class| &class.tree).collect();
    let mut word = 0x9E37_79B9_7F4A_7C15_u64;
    let start = Instant::now();
    let (mut answers, mut sum) = (0_u64, 0_u64);
    while start.elapsed().as_secs_f64() < if report.smoke { 0.1 } else { 2.0 } {
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
    report.figure(
        "answers/lanes",
        "every question and class, 64 states a machine word",
        rate,
        "million a second",
        &Budget::AtLeast(5.0),
    );
}

fn drills(report: &mut Report) {
    for (id, names, checks, what, most) in [
        ("drill/500", 95, 40, "500 record sets, 40 health checks", 10.0),
        ("drill/1000", 190, 200, "1,000 record sets, 200 health checks", 10.0),
        ("drill/10000", 1900, 200, "10,000 record sets, 200 health checks", 10.0),
    ] {
        let names = report.size(names);
        let subject = zone(names, checks, |_| 90);
        let start = Instant::now();
        let drill = drill(&subject, &Options::default(), &mut |_, _| true);
        let took = start.elapsed().as_secs_f64();
        assert!(drill.bounded.is_empty() && drill.unconfirmed.is_empty());
        assert!(subject.zone.record_sets.len() >= names * 5);
        report.figure(id, what, took, "s", &Budget::AtMost(most));
    }
    let subject = one_tree();
    let start = Instant::now();
    let drill = drill(&subject, &Options::default(), &mut |_, _| true);
    let took = start.elapsed().as_secs_f64();
    assert!(drill.bounded.is_empty() && drill.unconfirmed.is_empty() && drill.classes > 120);
    report.figure(
        "drill/name",
        "one name over 200 health checks, more than 120 classes",
        took,
        "s",
        &Budget::AtMost(10.0),
    );
}

fn diffs(report: &mut Report) {
    let names = report.size(1000);
    let (old, new) = (zone(names, 200, |_| 90), zone(names, 200, |name| if name % 2 == 0 { 90 } else { 80 }));
    let mut timed = |id: &str, what: &str, new: &Subject, is_right: &dyn Fn(usize) -> bool| {
        let start = Instant::now();
        let found = diff(&old, new);
        let took = start.elapsed().as_secs_f64();
        assert!(is_right(found.changes.len()) && found.claim.bounded.is_empty(), "{}", found.changes.len());
        report.figure(id, what, took, "s", &Budget::AtMost(5.0));
    };
    timed("diff/changed", "1,000 names, a third changed", &new, &|changes| changes > names / 2);
    timed("diff/same", "1,000 names, none changed", &old, &|changes| changes == 0);
}

/// The most memory that this process had, where the system tells.
fn memory(report: &mut Report) {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next()?.parse::<f64>().ok());
    if let Some(kilobytes) = peak {
        let what = "peak of the process that did all of these";
        report.figure("memory/peak", what, kilobytes / 1024.0, "MiB", &Budget::AtMost(1024.0));
    }
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let mut report = Report { smoke: words.iter().any(|word| word == "--smoke"), lines: String::new() };
    answers(&mut report);
    drills(&mut report);
    diffs(&mut report);
    memory(&mut report);
    if let Some(file) = words.iter().skip_while(|word| *word != "--json").nth(1) {
        std::fs::write(file, report.lines).unwrap();
    }
}
