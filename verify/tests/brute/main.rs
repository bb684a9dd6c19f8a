//! Drill, promises and recovery times against every world and every client of small random zones, worked out from
//! docs/verify.md and docs/semantics.md alone. `BRUTE_ZONES` sets how many zones; the comparison is of all of them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod oracle;
mod zone;

use std::collections::{BTreeMap, BTreeSet};

use pointsman_core::model::{Country, Latencies, RecordType, Region};
use pointsman_core::query::{Client as CoreClient, Query};
use pointsman_core::resolve::Scratch;
use pointsman_verify::class::{Classes, arguments};
use pointsman_verify::drill::{Drill, Options, Severity, drill};
use pointsman_verify::facts::Facts;
use pointsman_verify::invariant::Invariants;
use pointsman_verify::rto::{Options as RtoOptions, recovery};
use pointsman_verify::subject::Subject;
use pointsman_verify::world::World;

use oracle::{Client, Oracle, State};
use zone::{Dice, Part, REGIONS, Zone};

fn zones() -> u64 {
    std::env::var("BRUTE_ZONES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_500)
}

/// The client as core knows it.
fn core_client(client: &Client) -> CoreClient {
    let mut latencies = Latencies::UNKNOWN;
    for (at, region) in client.order.iter().enumerate() {
        let region = Region::parse(REGIONS[*region]).unwrap();
        assert!(latencies.set_milliseconds(region, 20.0 * (at + 1) as f64));
    }
    CoreClient { country: Country::parse(client.place), latency: Some(latencies), ..CoreClient::default() }
}

/// Subsets of the bits of a mask.
fn subsets(mask: u32) -> impl Iterator<Item = u32> {
    let mut next = Some(0_u32);
    std::iter::from_fn(move || {
        let now = next?;
        next = (now != mask).then(|| (now.wrapping_sub(mask)) & mask);
        Some(now)
    })
}

/// What is true of one question and client.
#[derive(Debug, Default)]
struct Truth {
    /// The fewest failures for each kind of finding.
    least: BTreeMap<&'static str, u32>,
    /// Members of the question's own group that some state chooses.
    used: BTreeSet<usize>,
    /// Whether the README's first promise is broken.
    breaks_promise: bool,
}

struct Brute<'z> {
    oracle: Oracle<'z>,
    subject: Subject,
    /// By endpoint of the oracle: its number in the subject.
    numbers: Vec<Option<usize>>,
    /// Failure domains as bits of endpoints.
    domains: Vec<u32>,
    pairs: u64,
}

impl<'z> Brute<'z> {
    fn new(zone: &'z Zone, facts: &str) -> Option<Self> {
        let oracle = Oracle::new(zone);
        let subject = Subject::new(zone.hosted()?, Facts::parse(facts).unwrap());
        let numbers: Vec<Option<usize>> = (0..oracle.endpoints())
            .map(|endpoint| subject.endpoints.list.iter().position(|one| one.label == oracle.label(endpoint)))
            .collect();
        let bit = |number: &usize| numbers.iter().position(|known| known == &Some(*number)).map_or(0, |bit| 1 << bit);
        let domains = subject.endpoints.domains.iter().map(|domain| domain.endpoints.iter().map(bit).sum()).collect();
        Some(Self { oracle, subject, numbers, domains, pairs: 0 })
    }

    fn size(&self, state: State) -> u32 {
        let is_domain = state.dead != 0 && state.passing == 0 && self.domains.contains(&state.dead);
        if is_domain { 1 } else { state.dead.count_ones() }
    }

    fn truth(&mut self, group: usize, client: &Client) -> Truth {
        let zone = self.oracle.zone;
        let mut truth = Truth::default();
        let mut least = |code: &'static str, size: u32| {
            let known = truth.least.entry(code).or_insert(size);
            *known = size.min(*known);
        };
        let sets = &zone.groups[group].sets;
        let (checks, endpoints) = self.oracle.bears_on(group);
        let reported = (0..zone.checks.len()).filter(|one| checks >> one & 1 == 1 && self.oracle.is_reported(*one));
        let failing: u32 = reported.clone().map(|one| 1 << one).sum();
        let may = self.oracle.may_be_unhealthy_while_alive();
        let deaths = || {
            subsets(endpoints)
                .flat_map(|dead| subsets(dead & may).map(move |passing| State { dead, failing: 0, passing }))
        };
        let full = || deaths().flat_map(|state| subsets(failing).map(move |failing| State { failing, ..state }));
        let secondary = |at: &usize| sets[*at].part == Part::Secondary;
        // SECONDARYs and leaves that no state makes unhealthy.
        let mut never_unhealthy: BTreeSet<usize> = (0..sets.len()).filter(secondary).collect();
        let mut never_unhealthy_leaves: BTreeSet<(usize, usize)> = self.oracle.reach(group, client);
        let mut passed_to = BTreeSet::new();
        for state in full() {
            self.pairs += 1;
            let healthy = self.oracle.checks(state);
            never_unhealthy.retain(|at| self.oracle.is_healthy(&sets[*at], client, state, healthy));
            never_unhealthy_leaves
                .retain(|(group, at)| self.oracle.is_healthy(&zone.groups[*group].sets[*at], client, state, healthy));
            let answers = self.oracle.answers(group, client, state, &[]);
            truth.used.extend(answers.chosen.iter().filter(|(chosen, _)| *chosen == group).map(|(_, at)| *at));
            if answers.no_data {
                least("no-answer", self.size(state) + state.failing.count_ones());
            }
            // What a SECONDARY of the question's own group leads to.
            for (_, standby) in answers.chosen.iter().filter(|(chosen, at)| *chosen == group && secondary(at)) {
                let others: Vec<usize> = (0..sets.len()).filter(|at| at != standby).collect();
                let below = self.oracle.answers(group, client, state, &others);
                // In use, and dead.
                let is_dead = |(group, at, _): &&(usize, usize, bool)| {
                    let own = self.oracle.own(&zone.groups[*group].sets[*at]);
                    own & state.dead == own
                };
                passed_to.extend(below.leaves.iter().filter(is_dead).map(|(group, at, _)| (*standby, *group, *at)));
            }
        }
        let skip: Vec<usize> = never_unhealthy.iter().copied().collect();
        for (standby, leaf_group, leaf) in passed_to {
            if never_unhealthy.contains(&standby) && never_unhealthy_leaves.contains(&(leaf_group, leaf)) {
                least("unwatched-standby", 0);
            }
        }
        let reach = self.oracle.reach(group, client);
        let in_service =
            || reach.iter().map(|(group, at)| &zone.groups[*group].sets[*at]).filter(|set| !self.oracle.is_off(set));
        let in_reach = in_service().fold(0, |all, set| all | self.oracle.own(set));
        let mut breaks_promise = false;
        let mut dead_states: Vec<State> = deaths().collect();
        let only_deaths = dead_states.len();
        dead_states.extend(reported.clone().map(|one| State { dead: 0, failing: 1 << one, passing: 0 }));
        for (number, state) in dead_states.iter().copied().enumerate() {
            self.pairs += 1;
            let some_alive = in_reach & !state.dead != 0;
            for (skip, is_drill) in [(skip.as_slice(), true), (&[], false)] {
                let answers = self.oracle.answers(group, client, state, skip);
                for (leaf_group, at, healthy) in &answers.leaves {
                    let own = self.oracle.own(&zone.groups[*leaf_group].sets[*at]);
                    let is_dead = own & state.dead == own;
                    match is_drill {
                        true if number >= only_deaths => {}
                        true if is_dead && some_alive => least("dead-endpoint", self.size(state)),
                        true if *healthy && own & state.dead != 0 && !is_dead => least("part-dead", self.size(state)),
                        true => {}
                        false => breaks_promise |= is_dead && some_alive,
                    }
                }
            }
        }
        let singles = (0..self.oracle.endpoints()).filter(|one| endpoints >> one & 1 == 1);
        let singles = singles
            .flat_map(|one| subsets(may & 1 << one).map(move |passing| State { dead: 1 << one, failing: 0, passing }));
        let singles = singles.chain(reported.map(|one| State { dead: 0, failing: 1 << one, passing: 0 }));
        let domains = self.domains.iter().filter(|domain| (**domain & endpoints).count_ones() > 1);
        for state in singles.chain(domains.map(|dead| State { dead: *dead, failing: 0, passing: 0 })) {
            self.pairs += 1;
            let answers = self.oracle.answers(group, client, state, &[]);
            let is_several = |group: &usize| {
                let candidates = self.oracle.candidates(*group, client);
                candidates.iter().filter(|at| !self.oracle.is_off(&zone.groups[*group].sets[**at])).count() > 1
            };
            if in_reach.count_ones() > 1 && in_reach & !state.dead != 0 && answers.open.iter().any(is_several) {
                least("fails-open", 1);
            }
        }
        truth.breaks_promise = breaks_promise;
        truth
    }
}

/// The classes that findings of a code name, by question, each by its first client.
fn told(found: &Drill, code: &str) -> BTreeSet<(String, String)> {
    let findings = found.findings.iter().filter(|finding| finding.code == code);
    let asked = findings.flat_map(|finding| finding.questions.iter().chain(&finding.also));
    asked.flat_map(|asked| asked.clients.iter().map(|client| (asked.question.clone(), client.clone()))).collect()
}

const PROMISE: &str = "[[invariant]]\nname = \"nobody is sent to a dead endpoint while a live one is in reach\"\n\
                       holds = \"answers.all(a, a.alive || size(a.values) == 0) || !endpoints.exists(e, e.alive)\"\n";

#[test]
fn every_world_and_every_client() {
    let (mut tried, mut pairs, mut shown) = (0, 0, BTreeMap::<&str, u32>::new());
    for seed in 0..zones() {
        let zone = Zone::random(seed);
        let Some(mut brute) = Brute::new(&zone, "") else { continue };
        tried += 1;
        let found = drill(&brute.subject, &Options::default(), &mut |_, _| true);
        assert!(found.unconfirmed.is_empty() && found.bounded.is_empty(), "zone {seed}: {:?}", found.unconfirmed);
        let verdicts = Invariants::parse(PROMISE).unwrap().check(&brute.subject).unwrap();
        let clients = brute.oracle.clients();
        let (mut never_used, mut breaks_promise) = (BTreeSet::new(), false);
        for group in 0..zone.groups.len() {
            let kind = if zone.groups[group].cname { RecordType::Cname } else { RecordType::A };
            let question = format!("{} {kind}", Zone::name(group));
            let number = brute.subject.questions().find(|(_, known)| known.name.to_string() == Zone::name(group));
            let number =
                number.unwrap_or_else(|| panic!("zone {seed}: no {question}: {:?}", brute.subject.zone.quarantined)).0;
            let classes = Classes::of(&brute.subject, number);
            let mut used: BTreeSet<usize> = BTreeSet::new();
            let mut smallest: BTreeMap<&str, u32> = BTreeMap::new();
            for client in &clients {
                let truth = brute.truth(group, client);
                used.extend(&truth.used);
                breaks_promise |= truth.breaks_promise;
                let class = classes.classify(&brute.subject, number, &core_client(client));
                let class = &classes.list[class.unwrap_or_else(|| panic!("zone {seed}: {client:?} is in no class"))];
                let class = arguments(&class.client).join(" ");
                for code in ["dead-endpoint", "part-dead", "no-answer", "fails-open", "unwatched-standby"] {
                    let expected = truth.least.get(code);
                    let is_told = told(&found, code).contains(&(question.clone(), class.clone()));
                    assert_eq!(is_told, expected.is_some(), "zone {seed}, {question}, {code}, {client:?}\n{zone:#?}");
                    if let Some(size) = expected {
                        *shown.entry(code).or_default() += 1;
                        let known = smallest.entry(code).or_insert(*size);
                        *known = (*known).min(*size);
                    }
                }
            }
            for code in ["dead-endpoint", "part-dead", "no-answer"] {
                let sizes = found.findings.iter().filter(|finding| {
                    finding.code == code && finding.questions.iter().any(|asked| asked.question == question)
                });
                let least = sizes.map(|finding| finding.size as u32).min();
                // Where a smaller world is another name's, this one is reported beside it.
                if let (Some(least), Some(expected)) = (least, smallest.get(code)) {
                    assert_eq!(least, *expected, "zone {seed}, {question}, {code}: fewest failures");
                }
            }
            if zone.groups[group].sets.len() > 1 {
                let members = (0..zone.groups[group].sets.len()).filter(|at| !used.contains(at));
                never_used.extend(members.map(|at| format!("{}/{kind}/m{at}", Zone::name(group))));
            }
        }
        let said: BTreeSet<String> =
            found.findings.iter().filter(|finding| finding.code == "never-used").map(|one| one.about.clone()).collect();
        assert_eq!(said, never_used, "zone {seed}: never used\n{zone:#?}");
        assert_eq!(
            verdicts[0].broken.is_some(),
            breaks_promise,
            "zone {seed}: the promise\n{:?}\n{zone:#?}",
            verdicts[0]
        );
        // A danger is a broken promise, whatever else is.
        if found.findings.iter().any(|finding| finding.code == "dead-endpoint" && finding.severity == Severity::Danger)
        {
            assert!(breaks_promise, "zone {seed}: a danger, and the promise holds");
        }
        recoveries(seed, &brute, &clients);
        pairs += brute.pairs;
    }
    println!("{tried} zones, {pairs} pairs of worlds and clients, {shown:?}");
    assert!(pairs > 200 * zones() && shown.len() == 5 && shown.values().all(|count| *count > 20), "{pairs} {shown:?}");
}

/// Who is hit, and who stays where all is dead, as a recovery has it.
fn recoveries(seed: u64, brute: &Brute<'_>, clients: &[Client]) {
    if clients.len() > 1 {
        return;
    }
    for (number, group) in brute.subject.questions() {
        let Some(at) = (0..brute.oracle.zone.groups.len()).find(|at| Zone::name(*at) == group.name.to_string()) else {
            continue;
        };
        for endpoint in (0..brute.oracle.endpoints()).filter(|one| brute.oracle.below(at) >> one & 1 == 1) {
            let world = World { dead: vec![brute.numbers[endpoint].unwrap()], ..World::default() };
            let found = recovery(&brute.subject, number, &world, &RtoOptions { samples: 100, ..RtoOptions::default() });
            let sent = |state: State| {
                let answers = brute.oracle.answers(at, &clients[0], state, &[]);
                answers.leaves.iter().any(|(group, at, _)| {
                    brute.oracle.own(&brute.oracle.zone.groups[*group].sets[*at]) >> endpoint & 1 == 1
                })
            };
            let (calm, after) = (
                sent(State { dead: 0, failing: 0, passing: 0 }),
                sent(State { dead: 1 << endpoint, failing: 0, passing: 0 }),
            );
            let case = format!("zone {seed}, {} when {} dies", group.name, brute.oracle.label(endpoint));
            assert_eq!(found.is_some(), calm, "{case}: hit");
            if let Some(found) = found {
                assert_eq!(found.stuck > 0.0, after, "{case}: stuck");
                assert!(!after || !found.meets(1e9, 0.99), "{case}: met, and stuck");
            }
        }
    }
}

/// More facts lose no danger.
#[test]
fn facts_lose_no_danger() {
    let (mut compared, mut with_dangers) = (0, 0);
    for seed in 0..zones() / 3 {
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
    for seed in 0..zones() / 3 {
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
