//! Laws of the drill over the same zones: facts lose no danger, and what is found is seen.

use std::collections::BTreeMap;

use pointsman_core::query::Query;
use pointsman_core::resolve::Scratch;
use pointsman_verify::class::{Classes, arguments};
use pointsman_verify::drill::{Options, drill};

use super::zone::{Dice, Zone};
use super::{Brute, seeds, told, zones};

/// More facts lose no danger.
#[test]
fn facts_lose_no_danger() {
    let (mut compared, mut with_dangers) = (0, 0);
    for seed in seeds(zones() / 3) {
        let zone = Zone::random(seed);
        let Some(plain) = Brute::new(&zone, "") else { continue };
        let mut dice = Dice::new(seed ^ 0xFAC7);
        let labels: Vec<String> = plain.subject.endpoints.list.iter().map(|one| one.label.clone()).collect();
        let mut items: Vec<String> = labels.iter().filter(|_| dice.below(2) == 0).cloned().collect();
        items.extend((0..zone.checks.len()).filter(|_| dice.below(2) == 0).map(|check| format!("hc-{check}")));
        let quoted: Vec<String> = items.iter().map(|item| format!("{item:?}")).collect();
        let facts = format!(
            "[domains]\nrack = [{}]\n[regions]\n{}[clients]\nEU = 3\nUS = 1\n",
            quoted.join(", "),
            labels.first().map(|label| format!("{label:?} = \"eu-west-1\"\n")).unwrap_or_default()
        );
        let known = Brute::new(&zone, &facts).unwrap();
        let drills =
            [&plain.subject, &known.subject].map(|subject| drill(subject, &Options::default(), &mut |_, _| true));
        assert_eq!(drills[1].unconfirmed, [""; 0], "zone {seed}");
        for code in ["dead-endpoint", "no-answer", "part-dead"] {
            let [before, after] = [0, 1].map(|at| told(&drills[at], code));
            let lost: Vec<_> = before.difference(&after).collect();
            assert!(lost.is_empty(), "zone {seed}, {code}: {lost:?} lost by\n{facts}\n{zone:#?}");
            with_dangers += usize::from(!before.is_empty());
        }
        compared += 1;
    }
    assert!(compared > 20 && with_dangers > 20, "{compared} {with_dangers}");
}

/// A finding's world, asked of core with its draw, shows it.
#[test]
fn a_finding_is_seen_with_its_draw() {
    let mut seen = BTreeMap::<&str, u32>::new();
    for seed in seeds(zones() / 3) {
        let zone = Zone::random(seed);
        let Some(brute) = Brute::new(&zone, "") else { continue };
        let found = drill(&brute.subject, &Options::default(), &mut |_, _| true);
        for finding in &found.findings {
            let Some(how) = finding.reproduce.as_ref().filter(|how| how.command == "explain") else { continue };
            let wanted: Vec<&str> = match finding.code {
                "dead-endpoint" if finding.message.starts_with("clients are sent to ") => {
                    let words = finding.message.trim_start_matches("clients are sent to ");
                    vec![words.split([',', ' ']).next().unwrap()]
                }
                "dead-endpoint" | "part-dead" => vec![finding.message.split([',', ' ']).next().unwrap()],
                "fails-open" | "no-answer" => Vec::new(),
                _ => continue,
            };
            let group = brute.subject.groups.iter().find(|group| {
                group.name.to_string() == how.question[0] && group.record_type.as_str() == how.question[1]
            });
            let group = group.unwrap();
            // The client that is spelled like this.
            let clients = brute.subject.questions().flat_map(|(number, _)| Classes::of(&brute.subject, number).list);
            let clients = clients.flat_map(|class| class.clients().cloned().collect::<Vec<_>>());
            let client = { clients }.find(|client| arguments(client) == how.client).unwrap();
            let mut query = Query::new(&group.name.to_string(), group.record_type).unwrap();
            (query.client, query.draw) = (client, how.draw);
            let mut report = pointsman_core::parse::HealthReport::default();
            for id in &how.down {
                let place = || pointsman_core::diagnostic::Place::new(0, pointsman_core::diagnostic::Path::root());
                match id.starts_with("hc-") {
                    true => report.health_checks.push((
                        id.as_str().into(),
                        pointsman_core::parse::RawStatus::Unhealthy,
                        place(),
                    )),
                    false => report.alias_targets.push((
                        id.as_str().into(),
                        pointsman_core::parse::AliasStatus::Unhealthy,
                        place(),
                    )),
                }
            }
            let (view, _) = brute.subject.view.updated(&report);
            let mut scratch = Scratch::new(view.zone());
            let answer = view.resolve(&query, &mut scratch);
            let mut values: Vec<String> = answer.values().map(str::to_owned).collect();
            values.extend(answer.alias_target().map(|name| name.to_string()));
            let is_seen = match finding.code {
                "fails-open" => answer.fail_open(),
                "no-answer" => values.is_empty(),
                _ => wanted.iter().all(|label| values.iter().any(|value| value == label)),
            };
            assert!(is_seen, "zone {seed}: {} is not seen: {values:?}\n{finding:#?}\n{zone:#?}", finding.message);
            *seen.entry(finding.code).or_default() += 1;
        }
    }
    assert!(seen.len() == 4 && seen.values().all(|count| *count > 10), "{seen:?}");
}
