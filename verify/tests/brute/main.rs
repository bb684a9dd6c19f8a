//! Drill, promises and recovery times against every world and every client of small random zones, worked out from
//! docs/verify.md and docs/semantics.md alone. `POINTSMAN_FUZZ_CASES` compares so many zones, `POINTSMAN_FUZZ_SEED` starts
//! elsewhere.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod laws;
mod oracle;
mod zone;

use std::collections::{BTreeMap, BTreeSet};

use pointsman_core::model::{Country, Latencies, RecordType, Region};
use pointsman_core::query::Client as CoreClient;
use pointsman_verify::class::{Classes, arguments};
use pointsman_verify::drill::{Asked, Drill, Finding, Options, Severity, drill};
use pointsman_verify::facts::Facts;
use pointsman_verify::invariant::Invariants;
use pointsman_verify::rto::{Options as RtoOptions, recovery};
use pointsman_verify::subject::Subject;
use pointsman_verify::world::World;

use oracle::{Client, Oracle, State};
use zone::{Part, REGIONS, Zone};

/// Zones that are compared when nobody says how many.
const ZONES: u64 = 1_500;

/// A number from the environment.
fn number_of(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

fn zones() -> u64 {
    number_of("POINTSMAN_FUZZ_CASES", ZONES)
}

/// The seeds of the first so many zones.
fn seeds(zones: u64) -> impl Iterator<Item = u64> {
    let first = number_of("POINTSMAN_FUZZ_SEED", 0);
    (0..zones).map(move |number| first.wrapping_add(number))
}

/// What was compared.
#[derive(Debug, Default)]
struct Compared {
    zones: u64,
    /// Worlds times classes of clients, of each name.
    pairs: u64,
    /// Worlds times names of which a recovery was compared.
    recoveries: u64,
    /// Findings, by code: of how many names and clients.
    shown: BTreeMap<&'static str, u64>,
    /// Zones that break a promise, by its number.
    broken: [u64; 2],
}

impl Compared {
    fn add(&mut self, other: &Self) {
        self.zones += other.zones;
        self.pairs += other.pairs;
        self.recoveries += other.recoveries;
        other.shown.iter().for_each(|(code, count)| *self.shown.entry(code).or_default() += count);
        self.broken.iter_mut().zip(other.broken).for_each(|(sum, one)| *sum += one);
    }
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
    /// How many worlds there are.
    worlds: u64,
    /// Members of the question's own group that some state chooses.
    used: BTreeSet<usize>,
    /// Whether the README's first promise is broken, and that there is an answer with at most one failure.
    breaks: [bool; 2],
}

struct Brute<'z> {
    oracle: Oracle<'z>,
    subject: Subject,
    /// By endpoint of the oracle: its number in the subject.
    numbers: Vec<Option<usize>>,
    /// Failure domains as bits of endpoints.
    domains: Vec<u32>,
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
        Some(Self { oracle, subject, numbers, domains })
    }

    fn size(&self, state: State) -> u32 {
        let is_domain = state.dead != 0 && state.passing == 0 && self.domains.contains(&state.dead);
        if is_domain { 1 } else { state.dead.count_ones() }
    }

    fn truth(&self, group: usize, client: &Client) -> Truth {
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
            truth.worlds += 1;
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
        let mut breaks = [false; 2];
        let mut dead_states: Vec<State> = deaths().collect();
        let only_deaths = dead_states.len();
        dead_states.extend(reported.clone().map(|one| State { dead: 0, failing: 1 << one, passing: 0 }));
        for (number, state) in dead_states.iter().copied().enumerate() {
            let some_alive = in_reach & !state.dead != 0;
            for (skip, is_drill) in [(skip.as_slice(), true), (&[], false)] {
                let answers = self.oracle.answers(group, client, state, skip);
                breaks[1] |= !is_drill && answers.no_data && state.dead.count_ones() + state.failing.count_ones() < 2;
                for (leaf_group, at, healthy) in &answers.leaves {
                    let own = self.oracle.own(&zone.groups[*leaf_group].sets[*at]);
                    let is_dead = own & state.dead == own;
                    match is_drill {
                        true if number >= only_deaths => {}
                        true if is_dead && some_alive => least("dead-endpoint", self.size(state)),
                        true if *healthy && own & state.dead != 0 && !is_dead => least("part-dead", self.size(state)),
                        true => {}
                        false => breaks[0] |= is_dead && some_alive,
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
            let answers = self.oracle.answers(group, client, state, &[]);
            let is_several = |group: &usize| {
                let candidates = self.oracle.candidates(*group, client);
                candidates.iter().filter(|at| !self.oracle.is_off(&zone.groups[*group].sets[**at])).count() > 1
            };
            if in_reach.count_ones() > 1 && in_reach & !state.dead != 0 && answers.open.iter().any(is_several) {
                least("fails-open", 1);
            }
        }
        truth.breaks = breaks;
        truth
    }
}

/// The classes that findings of a code name, by question, each by its first client.
fn told(found: &Drill, code: &str) -> BTreeSet<(String, String)> {
    let findings = found.findings.iter().filter(|finding| finding.code == code);
    let asked = findings.flat_map(|finding| finding.questions.iter().chain(&finding.also));
    asked.flat_map(|asked| asked.clients.iter().map(|client| (asked.question.clone(), client.clone()))).collect()
}

const PROMISES: &str = "[[invariant]]\nname = \"nobody is sent to a dead endpoint while a live one is in reach\"\n\
                        holds = \"answers.all(a, a.alive || size(a.values) == 0) || !endpoints.exists(e, e.alive)\"\n\
                        [[invariant]]\nname = \"one failure leaves nobody without an answer\"\nfailures = 1\n\
                        holds = \"answers.all(a, size(a.values) > 0)\"\n";

#[test]
fn every_world_and_every_client() {
    let all: Vec<u64> = seeds(zones()).collect();
    let (one, other) = all.split_at(all.len() / 2);
    let part = |seeds: &[u64]| {
        let mut sum = Compared::default();
        seeds.iter().for_each(|seed| sum.add(&compare(*seed)));
        sum
    };
    let mut sum = std::thread::scope(|scope| {
        let half = scope.spawn(|| part(one));
        let mut sum = part(other);
        sum.add(&half.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        sum
    });
    println!(
        "{} zones: {} pairs of a world and a class agree with drill and promises, {} recoveries with rto; {:?}, promises broken {:?}",
        sum.zones, sum.pairs, sum.recoveries, sum.shown, sum.broken
    );
    assert!(sum.pairs > 40 * sum.zones && sum.recoveries > sum.zones && sum.zones > zones() / 2, "{sum:?}");
    sum.shown.retain(|_, count| *count * 75 > sum.zones);
    assert!(sum.shown.len() == 5 && sum.broken.iter().all(|count| *count * 50 > sum.zones), "{sum:?}");
}

/// Everything that is said of one zone; nothing of one that Route 53 refuses.
fn compare(seed: u64) -> Compared {
    let zone = Zone::random(seed);
    let Some(brute) = Brute::new(&zone, "") else { return Compared::default() };
    let mut sum = Compared { zones: 1, ..Compared::default() };
    let found = drill(&brute.subject, &Options::default(), &mut |_, _| true);
    assert!(found.unconfirmed.is_empty() && found.bounded.is_empty(), "zone {seed}: {:?}", found.unconfirmed);
    let verdicts = Invariants::parse(PROMISES).unwrap().check(&brute.subject).unwrap();
    let clients = brute.oracle.clients();
    let (mut never_used, mut breaks) = (BTreeSet::new(), [false; 2]);
    for group in 0..zone.groups.len() {
        let kind = if zone.groups[group].cname { RecordType::Cname } else { RecordType::A };
        let question = format!("{} {kind}", Zone::name(group));
        let number = brute.subject.questions().find(|(_, known)| known.name.to_string() == Zone::name(group));
        let number =
            number.unwrap_or_else(|| panic!("zone {seed}: no {question}: {:?}", brute.subject.zone.quarantined)).0;
        let classes = Classes::of(&brute.subject, number);
        let (mut used, mut seen): (BTreeSet<usize>, BTreeSet<usize>) = (BTreeSet::new(), BTreeSet::new());
        let mut smallest: BTreeMap<&str, u32> = BTreeMap::new();
        for client in &clients {
            let truth = brute.truth(group, client);
            used.extend(&truth.used);
            breaks.iter_mut().zip(truth.breaks).for_each(|(any, one)| *any |= one);
            let class = classes.classify(&brute.subject, number, &core_client(client));
            let class = class.unwrap_or_else(|| panic!("zone {seed}: {client:?} is in no class"));
            // Clients of one class count once.
            sum.pairs += if seen.insert(class) { truth.worlds } else { 0 };
            let class = arguments(&classes.list[class].client).join(" ");
            for code in ["dead-endpoint", "part-dead", "no-answer", "fails-open", "unwatched-standby"] {
                let expected = truth.least.get(code);
                let is_told = told(&found, code).contains(&(question.clone(), class.clone()));
                assert_eq!(is_told, expected.is_some(), "zone {seed}, {question}, {code}, {client:?}\n{zone:#?}");
                if let Some(size) = expected {
                    *sum.shown.entry(code).or_default() += 1;
                    let known = smallest.entry(code).or_insert(*size);
                    *known = (*known).min(*size);
                }
            }
        }
        for code in ["dead-endpoint", "part-dead", "no-answer"] {
            let of = |finding: &&Finding| finding.code == code;
            let asks = |list: &[Asked]| list.iter().any(|asked| asked.question == question);
            let sizes = found.findings.iter().filter(of).filter(|finding| asks(&finding.questions));
            let least = sizes.map(|finding| finding.size as u32).min();
            // Where less fails for another name, this one stands beside that, without a number.
            let is_beside = found.findings.iter().filter(of).any(|finding| asks(&finding.also));
            if let (Some(least), Some(expected)) = (least, smallest.get(code)) {
                let is_right = least == *expected || (is_beside && least > *expected);
                assert!(is_right, "zone {seed}, {question}, {code}: {least} failures, and not {expected}\n{zone:#?}");
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
    for (number, verdict) in verdicts.iter().enumerate() {
        assert_eq!(verdict.broken.is_some(), breaks[number], "zone {seed}: the promise\n{verdict:?}\n{zone:#?}");
        sum.broken[number] += u64::from(breaks[number]);
    }
    // A danger is a broken promise, whatever else is.
    if found.findings.iter().any(|finding| finding.code == "dead-endpoint" && finding.severity == Severity::Danger) {
        assert!(breaks[0], "zone {seed}: a danger, and the promise holds");
    }
    sum.recoveries = recoveries(seed, &brute, &clients);
    sum
}

/// Who is hit, and who stays where all is dead, as a recovery has it; how many were compared.
fn recoveries(seed: u64, brute: &Brute<'_>, clients: &[Client]) -> u64 {
    let mut compared = 0;
    for (number, group) in brute.subject.questions() {
        let Some(at) = (0..brute.oracle.zone.groups.len()).find(|at| Zone::name(*at) == group.name.to_string()) else {
            continue;
        };
        for dead in subsets(brute.oracle.below(at)).filter(|dead| (1..3).contains(&dead.count_ones())) {
            let here = (0..brute.oracle.endpoints()).filter(|one| dead >> one & 1 == 1);
            let mut numbers: Vec<usize> = here.clone().map(|one| brute.numbers[one].unwrap()).collect();
            numbers.sort_unstable();
            let world = World { dead: numbers, ..World::default() };
            let options = RtoOptions { samples: 100, ..RtoOptions::default() };
            let found = recovery(&brute.subject, number, &world, &options);
            let sent = |client: &Client, state: State| {
                let answers = brute.oracle.answers(at, client, state, &[]);
                let sets = answers.leaves.iter().map(|(group, at, _)| &brute.oracle.zone.groups[*group].sets[*at]);
                { sets }.any(|set| brute.oracle.own(set) & dead != 0)
            };
            let calm = |client: &&Client| sent(client, State { dead: 0, failing: 0, passing: 0 });
            let after = |client: &Client| sent(client, State { dead, failing: 0, passing: 0 });
            let labels: Vec<String> = here.map(|one| brute.oracle.label(one)).collect();
            let case =
                || format!("zone {seed}, {} when {labels:?} die\n{found:?}\n{:#?}", group.name, brute.oracle.zone);
            let hit: Vec<&Client> = clients.iter().filter(calm).collect();
            compared += 1;
            assert_eq!(found.is_some(), !hit.is_empty(), "hit: {}", case());
            let Some(one) = &found else { continue };
            // Of several classes the one that is hit most is looked at.
            let stuck = hit.iter().filter(|client| after(client)).count();
            assert!(stuck == 0 || stuck < hit.len() || one.stuck > 0.0, "stuck: {}", case());
            assert!(stuck > 0 || one.stuck <= 0.0, "stuck: {}", case());
            assert!(one.stuck <= 0.0 || !one.meets(1e9, 0.99), "met, and stuck: {}", case());
        }
    }
    compared
}
